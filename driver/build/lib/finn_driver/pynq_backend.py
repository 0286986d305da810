# SPDX-License-Identifier: Apache-2.0
"""The board: the FPGA through PYNQ."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np

from finn_driver.backend import Backend
from finn_driver.description import Description
from finn_driver.errors import AllocationError, DeviceNotFoundError

POLL = 100e-6
"""Seconds between two looks at a register where there is no interrupt."""


class PynqBackend(Backend):
    """Loads a bitstream with `pynq.Overlay` and finds the accelerator in it by its IP's name.

    A register that answers with an error ends the process with SIGBUS, as for any program on this processor.
    Raises DeviceNotFoundError.
    """

    def __init__(self, bitfile: Path, description: Description, download: bool = True) -> None:
        try:
            import pynq
        except ImportError as error:
            raise DeviceNotFoundError(
                f"the package pynq cannot be imported ({error}): run this on the board, under a PYNQ image, or give "
                "another backend="
            ) from None
        if not bitfile.is_file():
            raise DeviceNotFoundError(
                f"{bitfile}: there is no such bitstream; put it, its .hwh and the description into a folder, under the "
                "same name"
            )
        self._pynq = pynq
        try:
            self._overlay = pynq.Overlay(str(bitfile), download=download)
        except Exception as error:  # PYNQ raises RuntimeError, OSError, ValueError and others
            raise DeviceNotFoundError(
                f"{bitfile}: PYNQ does not load it ({type(error).__name__}: {error}); check that this is the board it "
                "was built for, that its .hwh lies beside it, and that you are root"
            ) from error
        name, entry = self._find(bitfile, description)
        if entry["addr_range"] < description.size:
            raise DeviceNotFoundError(
                f"{bitfile}: {name} has {entry['addr_range']} bytes of addresses, {description.path.name} needs "
                f"{description.size}: they belong to different builds"
            )
        self._registers = pynq.MMIO(entry["phys_addr"], description.size).array
        pin = f"{name}/interrupt"
        self._interrupt = pynq.Interrupt(pin) if pin in self._overlay.interrupt_pins else None

    def _find(self, bitfile: Path, description: Description) -> tuple[str, dict]:
        """Name and entry of the accelerator among the IPs of the block design."""
        entries = self._overlay.ip_dict
        for name, entry in entries.items():
            if entry.get("type", "").split(":")[2:3] == [description.module]:
                return name, entry
        raise DeviceNotFoundError(
            f"{bitfile}: no IP {description.module} in it, only {', '.join(sorted(entries)) or 'none'}; give the "
            "bitstream that was built with this description"
        )

    @property
    def clock_mhz(self) -> float:
        """FCLK0, as PYNQ has set it."""
        return float(self._pynq.Clocks.fclk0_mhz)

    def read(self, address: int) -> int:
        return int(self._registers[address >> 2])

    def write(self, address: int, value: int) -> None:
        self._registers[address >> 2] = np.uint32(value)

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        try:
            return self._pynq.allocate(shape, dtype=dtype)
        except Exception as error:  # PYNQ raises RuntimeError or MemoryError
            size = int(np.prod(shape)) * dtype.itemsize
            raise AllocationError(
                f"PYNQ gives no {size} bytes of contiguous memory ({error}): take a smaller job_images= or batch_size= "
                "or free other buffers, or boot with a larger cma="
            ) from error

    def wait(self, seconds: float) -> None:
        """Sleep until the interrupt comes; where there is none, or an event loop runs already, for a moment."""
        if self._interrupt is None or _loop_runs():
            time.sleep(min(seconds, POLL))
            return
        loop = asyncio.get_event_loop()
        try:
            loop.run_until_complete(asyncio.wait_for(self._interrupt.wait(), seconds))
        except asyncio.TimeoutError:  # until Python 3.11 it is not the built-in one
            return

    def time(self) -> float:
        return time.monotonic()


def _loop_runs() -> bool:
    """Whether an event loop runs in this thread, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
