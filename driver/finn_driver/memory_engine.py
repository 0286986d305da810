# SPDX-License-Identifier: Apache-2.0
"""Runs through memory: jobs of the DMA, of which one runs while another is queued."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from finn_driver import buffers, packing
from finn_driver.backend import Backend
from finn_driver.description import Description
from finn_driver.dma import Channel
from finn_driver.engine import Engine, timed
from finn_driver.errors import DeviceTimeoutError, ImageError
from finn_driver.registers import Registers

MAX_RUN_BYTES = (1 << 32) - 1
"""Bytes that a job of the DMA may have."""
DEPTH = 2
"""Jobs at a time: one runs, one is queued."""


@dataclass
class _Slot:
    """Buffers of a job."""

    inputs: np.ndarray
    outputs: np.ndarray


@dataclass
class _Job:
    """Images `first` to `first + count - 1` in a slot."""

    slot: _Slot
    first: int
    count: int


class MemoryEngine(Engine):
    """The DMA of a backend's accelerator; arguments as for `Accelerator`, `stuck` as for `Engine`."""

    reset_endless = "the memory port does not finish its bursts; load the bitstream anew"

    def __init__(
        self,
        description: Description,
        backend: Backend,
        timeout: float,
        job_images: int,
        stuck: Callable[[str, str], str],
    ) -> None:
        self.description, self.timeout, self.job_images = description, timeout, job_images
        self._backend, self._stuck = backend, stuck
        self._dma = Registers(backend, description.dma)
        self._source, self._sink = Channel(self._dma, "MM2S"), Channel(self._dma, "S2MM")
        self._slots: list[_Slot] = []
        self._buffers = buffers.Known()

    def run(self, images: np.ndarray) -> np.ndarray:
        image, result = self.description.image, self.description.result
        answers = np.empty((len(images), 1 if result.kind == "label" else result.count), np.int64)

        def prepare(job: _Job) -> None:
            part = packing.pack(packing.fold(images[job.first : job.first + job.count], image), image)
            job.slot.inputs[: job.count] = part
            job.slot.inputs.flush()

        def finish(job: _Job) -> None:
            job.slot.outputs.invalidate()
            answers[job.first : job.first + job.count] = packing.unpack(
                np.asarray(job.slot.outputs[: job.count]), result
            )

        self._run(len(images), self._job_slots(), prepare, finish)
        return answers

    def checked_buffers(self, inputs: np.ndarray, outputs: np.ndarray, count: int | None) -> int:
        """How many images to run on buffers; raises ImageError as `Accelerator.execute_on_buffers`."""
        image, result = self.description.image, self.description.result
        if count is None:
            count = len(inputs) if getattr(inputs, "ndim", 0) else 1
        count = buffers.number("count", count)
        source = buffers.check("inputs", inputs, max(1, count), image.bytes, self._buffers)
        sink = buffers.check("outputs", outputs, max(1, count), result.bytes, self._buffers)
        if count < 1 or count * max(image.bytes, result.bytes) > MAX_RUN_BYTES:
            raise ImageError(f"count={count}: it must be at least 1 and all images at most {MAX_RUN_BYTES} bytes")
        if source.meets(sink):
            raise ImageError(
                "inputs and outputs overlap: results would be written over images that are still to be read"
            )
        return count

    def run_on_buffers(self, inputs: np.ndarray, outputs: np.ndarray, count: int) -> None:
        """One job on buffers that were checked."""
        self._run(count, [_Slot(inputs, outputs)], lambda job: None, lambda job: None)

    def run_packed(self, packed: np.ndarray, report: dict[str, float]) -> tuple[np.ndarray, float]:
        inputs = self.allocate(packed.shape, np.dtype(np.uint8))
        outputs = self.allocate((len(packed), self.description.result.bytes), np.dtype(np.uint8))

        def copy_in() -> None:
            inputs[:] = packed
            inputs.flush()

        def copy_out() -> np.ndarray:
            outputs.invalidate()
            return np.array(outputs)

        try:
            timed(report, "copy_input_data_to_device[ms]", copy_in)
            start = self._backend.time()
            self.run_on_buffers(inputs, outputs, self.checked_buffers(inputs, outputs, None))
            seconds = self._backend.time() - start
            return timed(report, "copy_output_data_from_device[ms]", copy_out), seconds
        finally:
            inputs.freebuffer()
            outputs.freebuffer()

    def bandwidths(self, count: int, seconds: float) -> dict[str, float]:
        image, result = self.description.image, self.description.result
        return {
            "DRAM_in_bandwidth[MB/s]": count * image.bytes / seconds / 1e6,
            "DRAM_out_bandwidth[MB/s]": count * result.bytes / seconds / 1e6,
        }

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        return self._buffers.add(self._backend.allocate(shape, dtype))

    def was_reset(self) -> None:
        self._source.forget()
        self._sink.forget()
        enable = self._dma.bits("INTERRUPT_ENABLE", s2mm_done=1, s2mm_error=1, mm2s_error=1)
        self._dma.write("INTERRUPT_ENABLE", enable)

    def close(self) -> None:
        for slot in self._slots:
            slot.inputs.freebuffer()
            slot.outputs.freebuffer()
        self._slots.clear()

    def _job_slots(self) -> list[_Slot]:
        """The driver's own buffers, made when they are first needed."""
        while len(self._slots) < DEPTH:
            self._slots.append(
                _Slot(
                    self._backend.allocate((self.job_images, self.description.image.bytes), np.dtype(np.uint8)),
                    self._backend.allocate((self.job_images, self.description.result.bytes), np.dtype(np.uint8)),
                )
            )
        return self._slots

    def _run(
        self, count: int, slots: list[_Slot], prepare: Callable[[_Job], None], finish: Callable[[_Job], None]
    ) -> None:
        """Let `count` images pass in jobs, of which as many run and wait at a time as there are slots.

        `prepare` fills a job's slot before it is queued, `finish` takes the results.
        """
        free, running, first = deque(slots), deque(), 0
        while first < count or running:
            while free and first < count:
                job = _Job(free.popleft(), first, min(count - first, len(slots[0].inputs)))
                prepare(job)
                self._start(job)
                running.append(job)
                first += job.count
            self._wait(len(running))
            job = running.popleft()
            finish(job)
            free.append(job.slot)

    def _start(self, job: _Job) -> None:
        """Queue a job in both channels, results first, so that they have somewhere to go."""
        self._sink.queue(job.slot.outputs.device_address, self.description.result.bytes, job.count)
        self._source.queue(job.slot.inputs.device_address, self.description.image.bytes, job.count)

    def _wait(self, running: int) -> None:
        """Wait until fewer than `running` jobs are unfinished; raise DmaError or DeviceTimeoutError."""
        seen, deadline = None, self._backend.time() + self.timeout
        while True:
            self._sink.acknowledge()
            sink, source = self._sink.status(), self._source.status()
            for channel, status in ((self._source, source), (self._sink, sink)):
                if status.errors:
                    raise channel.error(status)
            if sink.pending < running:
                return
            now = self._backend.time()
            if (progress := (sink.pending, sink.images)) != seen:
                seen, deadline = progress, now + self.timeout
            if now >= deadline:
                raise DeviceTimeoutError(
                    self._stuck(
                        f"the DMA has sent {source.images} images and stored {sink.images} results of the job",
                        "check that the memory port answers",
                    )
                )
            self._backend.wait(deadline - now)
