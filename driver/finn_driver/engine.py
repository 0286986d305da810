# SPDX-License-Identifier: Apache-2.0
"""How images get to an accelerator and results from it: through memory, or over a line."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar

import numpy as np

Result = TypeVar("Result")


class Engine(ABC):
    """Runs images. Errors are DriverError, after which the user resets the accelerator.

    reset_endless  why a soft reset may not end, and what to do
    """

    reset_endless: ClassVar[str]

    @abstractmethod
    def run(self, images: np.ndarray) -> np.ndarray:
        """Numbers int64 [N, K] of images uint8 [N, H, W, C] that were checked. Raises DriverError."""

    @abstractmethod
    def run_packed(self, packed: np.ndarray, report: dict[str, float]) -> tuple[np.ndarray, float]:
        """Packed results of packed images [N, bytes], and the seconds of the run; steps of Python go to the report."""

    @abstractmethod
    def bandwidths(self, count: int, seconds: float) -> dict[str, float]:
        """MB/s both ways of a run of `count` images, by the names that are reported."""

    @abstractmethod
    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An array that the accelerator reaches. Raises AllocationError where there is no such memory."""

    def check(self) -> None:  # noqa: B027 (most need nothing)
        """Raise WrongBitstreamError where the device is not what the engine talks to."""

    def before_reset(self) -> None:  # noqa: B027 (most need nothing)
        """Called before a soft reset is asked for."""

    @abstractmethod
    def was_reset(self) -> None:
        """Called after a soft reset."""

    @abstractmethod
    def close(self) -> None:
        """Give back what the engine holds."""


def timed(report: dict[str, float], key: str, step: Callable[[], Result]) -> Result:
    """What `step` returns; its milliseconds of the host go to the report."""
    start = time.perf_counter()
    done = step()
    report[key] = (time.perf_counter() - start) * 1e3
    return done
