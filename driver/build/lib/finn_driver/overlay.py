# SPDX-License-Identifier: Apache-2.0
"""The way in: a bitstream with its description becomes an accelerator."""

from __future__ import annotations

import weakref
from pathlib import Path
from types import TracebackType

import numpy as np

from finn_driver import description
from finn_driver.accelerator import TIMEOUT, Accelerator
from finn_driver.backend import Backend
from finn_driver.errors import AllocationError

_open: weakref.WeakSet[Overlay] = weakref.WeakSet()


class Overlay:
    """A bitstream and the accelerator in it, as `accel`.

    source      the bitstream `<name>.bit`, its description `<name>.json` beside it, or the other way round
    bitfile     the bitstream, where it lies elsewhere or has another name than the description
    backend     what to run on; not given, the board's FPGA through PYNQ, to which the bitstream is loaded
    timeout     seconds that may pass without a finished image
    job_images  images a job of the DMA
    download    False to take what is in the FPGA already

    Raises DescriptionError, DeviceNotFoundError, WrongBitstreamError, DeviceTimeoutError.
    """

    def __init__(
        self,
        source: Path | str,
        *,
        bitfile: Path | str | None = None,
        backend: Backend | None = None,
        timeout: float = TIMEOUT,
        job_images: int | None = None,
        download: bool = True,
    ) -> None:
        source = Path(source)
        self.description = description.load(source.with_suffix(".json") if source.suffix == ".bit" else source)
        if backend is None:
            from finn_driver.pynq_backend import PynqBackend

            backend = PynqBackend(Path(bitfile or source.with_suffix(".bit")), self.description, download)
        self.backend = backend
        self.accel = Accelerator(self.description, backend, timeout, job_images)
        _open.add(self)

    def allocate(self, shape: tuple[int, ...], dtype: object = np.uint8) -> np.ndarray:
        """As the function `allocate`, for this overlay."""
        return self.accel.allocate(shape, dtype)

    def close(self) -> None:
        """Reset the accelerator and give back its memory."""
        _open.discard(self)
        try:
            self.accel.close()
        finally:
            self.backend.close()

    def __enter__(self) -> Overlay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def allocate(shape: tuple[int, ...], dtype: object = np.uint8, target: Overlay | None = None) -> np.ndarray:
    """An array in memory that the accelerator reaches: an np.ndarray with the attributes of `Buffer`.

    target  the overlay; not needed where just one is open
    """
    if target is None:
        if len(_open) != 1:
            raise AllocationError(f"{len(_open)} overlays are open; open one, or say which by target=")
        (target,) = _open
    return target.allocate(shape, dtype)
