# SPDX-License-Identifier: Apache-2.0
"""Test bench of the upper bits of the counters of finn:ip:ctrl: they are put where no simulation would count to.

It looks into the core, and so runs on Icarus alone.
"""

from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiLiteBus, AxiLiteMaster

from finn_gen.ip.ctrl import registers as ctrl
from finn_verif import plan, seed

PLAN = plan.load()
MAP = ctrl.register_map(PLAN)
INPUTS = (
    "boundary_valid", "boundary_ready", "frame_in", "frame_out", "short_frame", "long_frame", "dma_interrupt", "quiet"
)  # fmt: skip
PLACES = PLAN.places


async def started(dut) -> AxiLiteMaster:
    """The core after a reset, with its counters cleared."""
    dut.aresetn.value = 0
    for name in INPUTS:
        getattr(dut, name).value = 0
    Clock(dut.aclk, 10, unit="ns").start()
    await ClockCycles(dut.aclk, 3)
    master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, reset_active_level=False)
    dut.aresetn.value = 1
    await ClockCycles(dut.aclk, PLACES + 4)
    return master


async def put(dut, index: int, value: int) -> None:
    """Let counter `index` be about to reach `value`: the half turns before the last, and as many events more."""
    turns = (value // PLACES - 1) % (1 << (PLAN.counter_width - PLAN.index_width))
    while int(dut.u_counters.place_q.value) == index or int(dut.u_counters.index_q.value) == index:
        await ClockCycles(dut.aclk, 1)
    dut.u_counters.memory[index].value = turns & ~1


def wide(low: int, high: int) -> int:
    return (high << 32 | low) & ((1 << PLAN.counter_width) - 1)


@cocotb.test()
async def test_counters_carry_into_the_upper_word_and_wrap(dut) -> None:
    rng: Random = seed.rng("carry")
    master = await started(dut)
    full = 1 << PLAN.counter_width
    wanted = {}
    for boundary in range(PLAN.boundaries):
        for busy in (True, False):
            index = 2 * boundary + (not busy)
            start = rng.choice((1 << 32, full, rng.randrange(1 << 32, full))) - 2 * PLACES
            start -= start % (2 * PLACES)
            await put(dut, index, start + PLACES)
            wanted[boundary, busy] = start
    cycles = full - 50
    dut.cycles_q.value = cycles
    for busy, number in ((True, 3 * PLACES + rng.randrange(PLACES)), (False, 5 * PLACES + rng.randrange(PLACES))):
        await master.write_dword(0x40, 2)
        dut.boundary_ready.value = (1 << PLAN.boundaries) - 1 if busy else 0
        await ClockCycles(dut.aclk, 1)
        dut.boundary_valid.value = (1 << PLAN.boundaries) - 1
        await ClockCycles(dut.aclk, number)
        dut.boundary_valid.value = 0
        await ClockCycles(dut.aclk, 3)
        await master.write_dword(0x40, 0)
        for boundary in range(PLAN.boundaries):
            wanted[boundary, busy] = (wanted[boundary, busy] + number) % full
    before = int(dut.cycles_q.value)
    assert before < 50 + 12 * PLACES, "CYCLES has not wrapped"
    for (boundary, busy), want in wanted.items():
        low = MAP["BUSY_LO" if busy else "STALLED_LO"].offsets[boundary]
        got = wide(await master.read_dword(low), await master.read_dword(low + 4))
        assert got == want, f"boundary {boundary}, busy {busy}: {got:#x}, must be {want:#x}"


@cocotb.test()
async def test_an_upper_word_stays_that_of_the_lower_one_that_was_read(dut) -> None:
    rng: Random = seed.rng("latch")
    master = await started(dut)
    values = {"CYCLES": rng.randrange(1 << PLAN.counter_width)}
    dut.cycles_q.value = values["CYCLES"]
    for name, index in (("BUSY", 0), ("STALLED", 1), ("FRAMES_IN", 2 * PLAN.boundaries)):
        values[name] = rng.randrange(0, 1 << PLAN.counter_width, 2 * PLACES)
        await put(dut, index, values[name] + PLACES)
    high = [f"{name}_HI" for name in ("CYCLES", "BUSY", "STALLED")]
    for _ in range(20):
        name = rng.choice(list(values))
        low = await master.read_dword(MAP[name if name == "FRAMES_IN" else f"{name}_LO"].offset)
        assert low == values[name] & 0xFFFF_FFFF, name
        await master.read_dword(MAP[rng.choice(("STATUS", "CONTROL", "IDENTITY"))].offset)
        for upper in rng.sample(high, 2):
            got = await master.read_dword(MAP[upper].offset)
            assert got == values[name] >> 32, f"{upper} after {name}: {got:#x}, must be {values[name] >> 32:#x}"
