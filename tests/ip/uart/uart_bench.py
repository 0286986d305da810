# SPDX-License-Identifier: Apache-2.0
"""A host link, finn:ip:uart, between cocotbext-uart on its line, a RAM behind AXI4-Lite and the two streams.

The driver's own end of the link (`finn_driver.link`) talks to it; faults can be put on the line both ways.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiLiteBus, AxiLiteRam, AxiResp, AxiStreamBus, AxiStreamSink, AxiStreamSource
from cocotbext.uart import UartSink, UartSource

from finn_driver import link
from finn_sim.system.line import Faults
from finn_verif import plan, seed

PLAN = plan.load()
PERIOD_NS = 10
BIT_NS = PLAN.divisor * PERIOD_NS
BYTE_NS = 10 * BIT_NS
PATIENCE = (link.WINDOW * (PLAN.params.frame_bytes + 20) + 400) * BYTE_NS * 1e-9
"""Seconds; more than the frames of an image each that may be under way take, and a question with its answer."""


class Bench:
    """See above. What the accelerator would have got lies in `passed`, with the places of TLAST in `ends`."""

    def __init__(self, dut, name: str) -> None:
        self.dut, self.rng = dut, seed.rng(name)
        baud = 1e9 / BIT_NS
        self.line_in, self.line_out = UartSource(dut.rxd, baud=baud), UartSink(dut.txd, baud=baud)
        self.ram = AxiLiteRam(
            AxiLiteBus.from_prefix(dut, "m_axil"), dut.aclk, dut.aresetn, reset_active_level=False,
            size=1 << PLAN.address_width,
        )  # fmt: skip
        reset = {"reset": dut.core_aresetn, "reset_active_level": False}
        self.into = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, **reset)
        self.out_of = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, **reset)
        for model in (self.line_in, self.line_out, self.into, self.out_of, self.ram.read_if, self.ram.write_if):
            model.log.setLevel("ERROR")
        self.passed, self.ends = bytearray(), []
        self.to_device, self.to_host = Faults(Random(self.rng.random())), Faults(Random(self.rng.random()))
        self.heard: list[link.Heard] = []
        self._decoder = link.Decoder()

    async def start(self) -> Bench:
        """Clock and reset."""
        dut = self.dut
        dut.aresetn.value = dut.core_aresetn.value = 0
        Clock(dut.aclk, PERIOD_NS, unit="ns").start()
        # Before the first edge the line is unknown, which may have begun a byte: it ends while the reset lasts.
        await Timer(11 * BIT_NS, "ns")
        self.line_out.clear()
        await ClockCycles(dut.aclk, 4)
        dut.aresetn.value = dut.core_aresetn.value = 1
        await ClockCycles(dut.aclk, 2)
        cocotb.start_soon(self._note())
        return self

    async def _note(self) -> None:
        """A byte a cycle is not possible, so that TVALID rises for each."""
        dut, edge = self.dut, RisingEdge(self.dut.aclk)
        while True:
            if not dut.m_axis_tvalid.value:
                await RisingEdge(dut.m_axis_tvalid)
            await edge
            if dut.m_axis_tvalid.value and dut.m_axis_tready.value and dut.core_aresetn.value:
                self.passed.append(int(dut.m_axis_tdata.value))
                if dut.m_axis_tlast.value:
                    self.ends.append(len(self.passed))

    def now(self) -> float:
        """Seconds of the simulation."""
        return get_sim_time("ns") * 1e-9

    def pause(self, channel, rate: float) -> None:
        """Hold a channel up in a share of the cycles."""
        pauses = Random(self.rng.random())
        channel.set_pause_generator((pauses.random() < rate for _ in itertools.count()) if rate else None)
        channel.pause = False

    # ------------------------------------------------------------------ frame by frame
    async def say(self, *frames: bytes) -> None:
        """Put bytes on the line, and wait until they have passed and were answered."""
        await self.line_in.write(b"".join(frames))
        await self.line_in.wait()
        await Timer(40 * BYTE_NS, "ns")

    def listen(self) -> list[link.Heard]:
        """The frames that have come since; all are in `heard`."""
        new = self._decoder.feed(bytes(self.line_out.read_nowait()) if not self.line_out.empty() else b"")
        self.heard += new
        return new

    async def open(self, sequence: int = 3) -> link.Heard:
        """Open the link; its answer."""
        await self.say(link.FLUSH, link.frame(link.OPEN, sequence, 0))
        answer = self.listen()[-1]
        assert {answer.sequence, answer.echo, answer.done, answer.received} == {sequence} and not answer.payload
        return answer

    # ------------------------------------------------------------------ with the driver's end
    async def run(self, host: link.Link, until: Callable[[], bool], most_ns: float) -> None:
        """Let the driver's end of the link talk until something is true."""
        end = get_sim_time("ns") + most_ns
        while not until():
            assert get_sim_time("ns") < end, f"not done in time: {host.statistics}"
            if self.line_in.idle():
                out = host.output(self.now())
                if out:
                    self.line_in.write_nowait(self.to_device.on(out))
            if not self.line_out.empty():
                host.input(self.to_host.on(bytes(self.line_out.read_nowait())), self.now())
            await Timer(BYTE_NS / 4, "ns")

    def answering(self, send: Callable, field: str, pick: Callable[[], AxiResp]) -> Callable:
        """A channel of the RAM's answers, with responses that are drawn."""

        async def answer(word) -> None:
            setattr(word, field, pick())
            await send(word)

        return answer
