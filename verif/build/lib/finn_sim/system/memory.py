# SPDX-License-Identifier: Apache-2.0
"""Memory behind an AXI4 port: cocotbext-axi's AxiRam with a latency, pauses on every channel, and refused ranges.

AxiRam itself answers at once, a burst after the other. Here a channel that a request comes in by notes when it came,
and the answer is held back until its time: bursts that came meanwhile wait side by side, so that their latencies
overlap as in a memory controller that takes several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import Timer
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiResp
from cocotbext.axi.axi_ram import AxiRamRead, AxiRamWrite
from cocotbext.axi.memory import Memory

OUTSTANDING = 8
"""Bursts of a direction that the memory takes in before it has answered the first."""
SIZE = 1 << 32


@dataclass(frozen=True)
class Fault:
    """Addresses from `first` to `last` that answer with an error instead."""

    first: int
    last: int
    response: AxiResp

    def hits(self, address: int, length: int) -> bool:
        return address <= self.last and address + length > self.first


class RefusedError(Exception):
    """An access hit a fault; AxiRam turns it into a response."""


class _Delayed:
    """A channel of AxiRam, by which items leave so many clock cycles after they came; other uses pass through."""

    def __init__(self, channel: Any, period_ns: float, latency: Callable[[], int]) -> None:
        self._channel, self._period, self._latency = channel, period_ns, latency

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def until_due(self, since: float, latency: int) -> None:
        """Wait until half a cycle before what is sent now is seen `latency` cycles after `since`, an edge."""
        left = since + (latency - 1.5) * self._period - get_sim_time("ns")
        if left > 0:
            await Timer(round(left, 3), "ns")


class _Requests(_Delayed):
    """A sink whose `recv` gives a request when its answer is due."""

    def __init__(self, channel: Any, period_ns: float, latency: Callable[[], int]) -> None:
        super().__init__(channel, period_ns, latency)
        base = channel._transaction_obj

        class Stamped(base):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.came, self.latency = get_sim_time("ns"), latency()

        channel._transaction_obj = Stamped
        channel.queue_occupancy_limit = OUTSTANDING

    async def recv(self) -> Any:
        request = await self._channel.recv()
        await self.until_due(request.came, request.latency)
        return request


class _Answers(_Delayed):
    """A source whose `send` takes an answer at once and sends it when it is due."""

    def __init__(self, channel: Any, period_ns: float, latency: Callable[[], int]) -> None:
        super().__init__(channel, period_ns, latency)
        self._waiting: Queue = Queue(OUTSTANDING)
        cocotb.start_soon(self._forward())

    async def send(self, answer: Any) -> None:
        await self._waiting.put((get_sim_time("ns"), self._latency(), answer))

    def clear(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._channel.clear()

    async def _forward(self) -> None:
        while True:
            came, latency, answer = await self._waiting.get()
            await self.until_due(came, latency)
            await self._channel.send(answer)


class _Marking:
    """A source that puts the response of the fault just hit where AxiRam puts SLVERR."""

    def __init__(self, channel: Any, field: str, port: _Port) -> None:
        self._channel, self._field, self._port = channel, field, port

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def send(self, answer: Any) -> None:
        if self._port.refused is not None:
            setattr(answer, self._field, self._port.refused)
            self._port.refused = None
        await self._channel.send(answer)


class _Port:
    """What both directions share: the faults, and the response of the one just hit."""

    faults: tuple[Fault, ...] = ()
    refused: AxiResp | None = None

    def judge(self, address: int, length: int) -> None:
        """Raise RefusedError if the access hits a fault."""
        for fault in self.faults:
            if fault.hits(address, length):
                self.refused = fault.response
                raise RefusedError


class _Read(_Port, AxiRamRead):
    async def _read(self, address: int, length: int) -> bytes:
        self.judge(address, length)
        return await super()._read(address, length)


class _Write(_Port, AxiRamWrite):
    async def _write(self, address: int, data: bytes) -> None:
        self.judge(address, len(data))
        await super()._write(address, data)


class SystemMemory(Memory):
    """The memory of a system, of 4 GiB.

    clock, reset  signals; the reset is active low
    period_ns     of the clock
    latency       draws for each burst the cycles from the edge at which its address is taken to that at which its
                  first word can be taken; for writes from the last word to the response. At least 2
    """

    def __init__(self, dut: Any, prefix: str, period_ns: float, latency: Callable[[], int]) -> None:
        super().__init__(SIZE)
        bus = AxiBus.from_prefix(dut, prefix)
        self.reads = _Read(bus.read, dut.aclk, dut.aresetn, reset_active_level=False, mem=self.mem)
        self.writes = _Write(bus.write, dut.aclk, dut.aresetn, reset_active_level=False, mem=self.mem)
        for side in (self.reads, self.writes):
            side.log.setLevel("ERROR")
        self._channels = (
            self.reads.ar_channel,
            self.reads.r_channel,
            self.writes.aw_channel,
            self.writes.w_channel,
            self.writes.b_channel,
        )
        self.reads.ar_channel = _Requests(self.reads.ar_channel, period_ns, latency)
        self.reads.r_channel = _Marking(self.reads.r_channel, "rresp", self.reads)
        self.writes.aw_channel.queue_occupancy_limit = OUTSTANDING
        self.writes.b_channel = _Marking(_Answers(self.writes.b_channel, period_ns, latency), "bresp", self.writes)

    def set_faults(self, *faults: Fault) -> None:
        """Refuse these ranges from now on, and no others."""
        self.reads.faults = self.writes.faults = faults

    def set_pauses(self, percent: int, rng: Random) -> None:
        """Let every channel pause in so many of 100 cycles, at random; at 0 none does."""
        for channel in self._channels:
            channel.set_pause_generator(_pauses(percent, Random(rng.random())) if percent else None)
            channel.pause = False

    def set_dead(self, dead: bool) -> None:
        """Let no channel answer any more, or all again."""
        for channel in self._channels:
            channel.set_pause_generator(None)
            channel.pause = dead


def _pauses(percent: int, rng: Random) -> Iterator[bool]:
    while True:
        yield rng.randrange(100) < percent
