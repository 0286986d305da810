# SPDX-License-Identifier: Apache-2.0
"""A core with one stream in and one out between the AXI-Stream models of cocotbext-axi, which are not ours."""

import itertools
from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

from finn_verif import plan, seed

PLAN = plan.load()
FRAMES = 40


@cocotb.test()
async def test_frames_pass_between_drivers_of_another_vendor(dut):
    """Frames of all lengths, both sides pausing at random: the same bytes, padded to whole words."""
    rng: Random = seed.rng("cocotbext")
    Clock(dut.aclk, 10, unit="ns").start()
    source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, dut.aresetn, reset_active_level=False)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, dut.aresetn, reset_active_level=False)
    dut.aresetn.value = 0
    for _ in range(3):
        await RisingEdge(dut.aclk)
    dut.aresetn.value = 1
    pauses = Random(rng.random())
    source.set_pause_generator(pauses.random() < 0.3 for _ in itertools.count())
    sink.set_pause_generator(pauses.random() < 0.4 for _ in itertools.count())
    in_bytes, out_bytes = PLAN.in_width // 8, PLAN.out_width // 8
    sent = [rng.randbytes(in_bytes * rng.randint(1, 9)) for _ in range(FRAMES)]
    for frame in sent:
        await source.send(AxiStreamFrame(frame))
    for frame in sent:
        received = await with_timeout(sink.recv(), 100, "us")
        padding = -len(frame) % out_bytes
        assert bytes(received.tdata) == frame + bytes(padding)
