# SPDX-License-Identifier: Apache-2.0
"""The driver's machine in a simulation: registers through AXI4-Lite, buffers in the simulated memory, simulated time.

The driver runs in a thread of its own, `await bridge(function)()`, and blocks in the methods below while the
simulation goes on.
"""

from __future__ import annotations

import math
from collections.abc import Coroutine
from random import Random
from typing import Any

import cocotb
import numpy as np
from cocotb.task import resume
from cocotb.triggers import First, RisingEdge, SimTimeoutError, Timer, with_timeout
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

from finn_driver import AllocationError, Backend, BusError
from finn_sim.system.memory import SystemMemory

GUARD = 64
"""Bytes before and behind a buffer that must stay as they are."""
FIRST = 1 << 20
POLL_NS = 1000.0
BUS_TIMEOUT_NS = 50_000
PAGE = 4096


class SimulatedBuffer(np.ndarray):
    """The processor's view of a buffer: only `flush` shows it to the accelerator, only `invalidate` the other way."""

    _backend: SimulatorBackend | None = None
    device_address: int | None = None
    _bytes: bytearray | None = None
    _offset = 0

    def __array_finalize__(self, other: object) -> None:
        """As PYNQ does it: what numpy makes of a buffer carries an address that is counted on from the buffer's."""
        if isinstance(other, SimulatedBuffer) and other._backend is not None:
            offset = self.ctypes.data - other.ctypes.data
            self._backend, self._bytes = other._backend, other._bytes
            self.device_address, self._offset = other.device_address + offset, other._offset + offset

    def flush(self) -> None:
        """Copy to the simulated memory as many bytes as these are, from the first on."""
        self._backend.memory.write(self.device_address, bytes(self._bytes[self._offset : self._offset + self.nbytes]))

    def invalidate(self) -> None:
        """Copy as many bytes from the simulated memory."""
        data = self._backend.memory.read(self.device_address, self.nbytes)
        self._bytes[self._offset : self._offset + self.nbytes] = data

    def freebuffer(self) -> None:
        """Give the memory back; raises AssertionError if something wrote just beside it, or if it was given back."""
        self._backend.free(self)


class SimulatorBackend(Backend):
    """An accelerator `dut` with its memory.

    rng         draws addresses of buffers and what lies in and around them; None for whole pages
    interrupt   whether `wait` waits for the interrupt, or looks again and again
    """

    def __init__(
        self, dut: Any, memory: SystemMemory, clock_mhz: float, rng: Random | None = None, interrupt: bool = True
    ) -> None:
        self.memory = memory
        self.buffers: dict[int, int] = {}
        self._dut, self._clock_mhz, self._rng, self._interrupt = dut, clock_mhz, rng, interrupt
        self._next = FIRST
        self._guards: dict[int, tuple[bytes, bytes]] = {}
        self._axil = AxiLiteMaster(
            AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, reset_active_level=False
        )
        for side in (self._axil.read_if, self._axil.write_if):
            side.log.setLevel("ERROR")

    @property
    def clock_mhz(self) -> float:
        return self._clock_mhz

    def read(self, address: int) -> int:
        return resume(self._read)(address)

    def write(self, address: int, value: int) -> None:
        resume(self._write)(address, value)

    async def _read(self, address: int) -> int:
        answer = await self._answer("read of", address, self._axil.read(address, 4))
        return int.from_bytes(answer.data, "little")

    async def _write(self, address: int, value: int) -> None:
        await self._answer("write to", address, self._axil.write(address, value.to_bytes(4, "little")))

    async def _answer(self, access: str, address: int, transfer: Coroutine) -> Any:
        """What a transfer brings. Raises BusError for an error, or if there is no answer."""
        try:
            answer = await with_timeout(cocotb.start_soon(transfer), BUS_TIMEOUT_NS, "ns")
        except SimTimeoutError:
            answer = None
        if answer is None:  # as AxiLiteMaster says that a reset came
            raise BusError(f"the {access} {address:#x} was not answered; on a board the processor hangs")
        if answer.resp != AxiResp.OKAY:
            raise BusError(
                f"the {access} {address:#x} was answered with {answer.resp.name}; on a board that is a SIGBUS"
            )
        return answer

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        size = math.prod(shape) * dtype.itemsize
        start = -(-(self._next + GUARD) // PAGE) * PAGE
        if self._rng:
            start += 8 * self._rng.randrange(PAGE // 8)
        if start + size + GUARD > self.memory.size:
            raise AllocationError(f"the simulated memory has no {size} bytes left; take a smaller job_images=")
        self._next = start + size + GUARD
        noise = self._rng.randbytes(2 * GUARD + size) if self._rng else bytes(2 * GUARD + size)
        self.memory.write(start - GUARD, noise)
        held = bytearray(noise[GUARD : GUARD + size])
        buffer = np.frombuffer(held, dtype).reshape(shape).view(SimulatedBuffer)
        buffer._backend, buffer.device_address, buffer._bytes = self, start, held
        self.buffers[start] = size
        self._guards[start] = noise[:GUARD], noise[GUARD + size :]
        return buffer

    def free(self, buffer: SimulatedBuffer) -> None:
        """Give a buffer back."""
        start = buffer.device_address
        assert start in self.buffers, f"the buffer at {start:#x} is given back twice"
        self.check_guards(start)
        del self.buffers[start], self._guards[start]

    def check_guards(self, start: int) -> None:
        """Raise AssertionError if what lies beside a buffer has changed."""
        end = start + self.buffers[start]
        for address, want in zip((start - GUARD, end), self._guards[start], strict=True):
            found = self.memory.read(address, GUARD)
            assert found == want, f"the accelerator wrote at {address:#x} beside the buffer from {start:#x} to {end:#x}"

    def wait(self, seconds: float) -> None:
        resume(self._wait)(seconds)

    async def _wait(self, seconds: float) -> None:
        timer = Timer(max(1.0, round(seconds * 1e9, 3)) if self._interrupt else POLL_NS, "ns")
        if not self._interrupt:
            await timer
        elif not int(self._dut.interrupt.value):
            await First(RisingEdge(self._dut.interrupt), timer)

    def time(self) -> float:
        return get_sim_time("sec")
