# SPDX-License-Identifier: Apache-2.0
"""What the driver needs of the machine that it runs on: registers, memory, an interrupt, time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np


class Buffer(Protocol):
    """An array in memory that both sides reach, as `pynq.allocate` gives it: an np.ndarray with these besides.

    device_address  of its first byte, as the accelerator sees it
    flush           makes what was written here visible to the accelerator
    invalidate      makes what the accelerator wrote visible here
    freebuffer      gives the memory back
    """

    device_address: int

    def flush(self) -> None: ...

    def invalidate(self) -> None: ...

    def freebuffer(self) -> None: ...


class Backend(ABC):
    """A machine with an accelerator."""

    @property
    @abstractmethod
    def clock_mhz(self) -> float:
        """The accelerator's clock, 0 where it is not known."""

    @abstractmethod
    def read(self, address: int) -> int:
        """The 32 bits of the register at this byte address in the accelerator. Raises BusError if it answers so."""

    @abstractmethod
    def write(self, address: int, value: int) -> None:
        """Write 32 bits. Raises BusError if the register answers with an error."""

    def read_many(self, addresses: list[int]) -> list[int]:
        """The registers at these addresses, in order. Raises BusError."""
        return [self.read(address) for address in addresses]

    def write_many(self, pairs: list[tuple[int, int]]) -> None:
        """Write to addresses, in order. Raises BusError."""
        for address, value in pairs:
            self.write(address, value)

    @abstractmethod
    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An array that is a `Buffer` too, at an address that is a multiple of 8. Raises AllocationError."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Return when the interrupt is high, or something may have happened, at the latest after so long."""

    @abstractmethod
    def time(self) -> float:
        """Seconds since some moment, for time-outs and rates."""

    def close(self) -> None:  # noqa: B027 (most have nothing to give back)
        """Give back what the backend holds."""
