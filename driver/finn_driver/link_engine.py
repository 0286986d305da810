# SPDX-License-Identifier: Apache-2.0
"""Runs over a serial line: images and results are bytes of the link, one behind the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finn_driver import packing
from finn_driver.description import Description
from finn_driver.engine import Engine
from finn_driver.errors import AllocationError, DeviceTimeoutError, WrongBitstreamError
from finn_driver.serial_backend import SerialBackend


class LinkEngine(Engine):
    """The link of a backend; arguments as for `Accelerator`."""

    reset_endless = "the accelerator does not answer; load the bitstream anew"

    def __init__(
        self,
        description: Description,
        backend: SerialBackend,
        timeout: float,
        job_images: int,
        stuck: Callable[[str, str], str],
    ) -> None:
        self.description, self.timeout, self.job_images = description, timeout, job_images
        self._backend, self._stuck = backend, stuck

    def check(self) -> None:
        """Raise WrongBitstreamError unless the link is the one described."""
        wanted, (window,) = self.description.link, [each for each in self.description.windows if each.kind == "link"]
        found = self._backend.read(window.base)
        if found != wanted.identity:
            raise WrongBitstreamError(
                f"the link says {found:#010x} of itself, the description {wanted.identity:#010x}: take both from the "
                "same build"
            )

    def run(self, images: np.ndarray) -> np.ndarray:
        image, result = self.description.image, self.description.result
        parts = [images[first : first + self.job_images] for first in range(0, len(images), self.job_images)]
        data = [self._results(packing.pack(packing.fold(part, image), image)) for part in parts]
        return packing.unpack(np.concatenate(data), result)

    def run_packed(self, packed: np.ndarray, report: dict[str, float]) -> tuple[np.ndarray, float]:
        start = self._backend.time()
        data = self._results(packed)
        return data, self._backend.time() - start

    def bandwidths(self, count: int, seconds: float) -> dict[str, float]:
        image, result = self.description.image, self.description.result
        return {
            "link_in_bandwidth[MB/s]": count * image.bytes / seconds / 1e6,
            "link_out_bandwidth[MB/s]": count * result.bytes / seconds / 1e6,
        }

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        raise AllocationError("an accelerator behind a serial line reaches no memory: use classify()")

    def before_reset(self) -> None:
        """What is under way on the line is given up, and a stream that is stuck breaks off."""
        self._backend.open()

    def was_reset(self) -> None:
        self._backend.discard_results()

    def close(self) -> None:
        """It holds nothing."""

    def _results(self, packed: np.ndarray) -> np.ndarray:
        """Send packed images, and wait for their results: uint8 [N, result.bytes]."""
        wanted = len(packed) * self.description.result.bytes
        self._backend.stream(np.ascontiguousarray(packed, np.uint8).tobytes())
        seen, deadline = None, self._backend.time() + self.timeout
        while (came := self._backend.results_held) < wanted:
            self._backend.pump()
            now = self._backend.time()
            if (progress := (came, self._backend.frames_left)) != seen:
                seen, deadline = progress, now + self.timeout
            if now >= deadline:
                size = self.description.result.bytes
                raise DeviceTimeoutError(
                    self._stuck(
                        f"of {len(packed)} images {self._backend.frames_left} frames are still to be taken, and "
                        f"{came // size} results have come",
                        "call soft_reset()",
                    )
                )
        return np.frombuffer(self._backend.take_results(wanted), np.uint8).reshape(len(packed), -1)
