# SPDX-License-Identifier: Apache-2.0
"""Test bench of the control core, finn:ip:ctrl: every access and every output is held against a model of the core.

Whatever a test does, `ctrl_model.Checker` watches.
"""

from __future__ import annotations

import itertools
from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp
from cocotbext.axi.axil_channels import AxiLiteARTransaction, AxiLiteAWTransaction, AxiLiteWTransaction

from finn_gen.ip.ctrl import registers as ctrl
from finn_verif import seed
from tests.ip.ctrl.ctrl_model import (
    ALL,
    AT,
    CLEAR,
    COUNT,
    LOW,
    MAP,
    NAMED,
    PLAN,
    SOFT_RESET,
    WRITABLE,
    Checker,
    Inputs,
    Window,
)


class Traffic:
    """Draws the inputs of each cycle. `rates` are those of valid, ready, a frame's ends, errors, quiet."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.valid, self.ready, self.frame, self.error, self.dma, self.quiet = 0.6, 0.6, 0.2, 0.02, 0.02, 0.05
        self.fixed: dict[str, int] = {}
        self._dma = 0

    def _bits(self, rate: float) -> int:
        return sum((self.rng.random() < rate) << bit for bit in range(PLAN.boundaries))

    def _bit(self, rate: float) -> int:
        return int(self.rng.random() < rate)

    def draw(self) -> Inputs:
        self._dma ^= self._bit(self.dma)
        drawn = {
            "valid": self._bits(self.valid), "ready": self._bits(self.ready),
            "frames": (self._bit(self.frame), self._bit(self.frame)),
            "short": self._bit(self.error), "long": self._bit(self.error),
            "dma": self._dma, "quiet": self._bit(self.quiet),
        }  # fmt: skip
        return Inputs(**drawn | self.fixed)


class Bench:
    """The core between an AXI4-Lite master, RAMs behind its windows, and random inputs."""

    def __init__(self, dut, name: str) -> None:
        self.dut, self.rng = dut, seed.rng(name)
        self.master = AxiLiteMaster(
            AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, reset_active_level=False
        )
        write, read = self.master.write_if, self.master.read_if
        self.aw, self.w, self.b = write.aw_channel, write.w_channel, write.b_channel
        self.ar, self.r = read.ar_channel, read.r_channel
        self.windows: list[Window] = []
        self.checker = Checker(dut, self.windows)
        self.traffic = Traffic(self.rng)
        self._inputs = Inputs()

    @property
    def channels(self) -> list:
        own = [self.aw, self.w, self.b, self.ar, self.r]
        return own + [channel for window in self.windows for channel in window.channels]

    async def start(self, cleared: bool = True) -> Bench:
        """Clock and reset; wait until the counters are cleared, unless told not to."""
        self._aresetn = 0
        self._drive()
        Clock(self.dut.aclk, 10, unit="ns").start()
        cocotb.start_soon(self._run())
        await self.cycles(3)
        # Only now their reset, an output of the core, is known.
        self.windows += [Window(self.dut, window, self.rng) for window in PLAN.windows]
        self._aresetn = 1
        await self.cycles(PLAN.places + 3 if cleared else 2)
        return self

    async def _run(self) -> None:
        edge = RisingEdge(self.dut.aclk)
        while True:
            await edge
            self.checker.step(self._inputs)
            self._drive()

    def _drive(self) -> None:
        inputs = self.traffic.draw()
        inputs.aresetn = self._aresetn
        old, self._inputs = self._inputs, inputs
        dut = self.dut
        for handle, was, value in (
            (dut.aresetn, old.aresetn, inputs.aresetn), (dut.boundary_valid, old.valid, inputs.valid),
            (dut.boundary_ready, old.ready, inputs.ready), (dut.frame_in, old.frames[0], inputs.frames[0]),
            (dut.frame_out, old.frames[1], inputs.frames[1]), (dut.short_frame, old.short, inputs.short),
            (dut.long_frame, old.long, inputs.long), (dut.dma_interrupt, old.dma, inputs.dma),
            (dut.quiet, old.quiet, inputs.quiet),
        ):  # fmt: skip
            if value != was or not self.checker.cycle:
                handle.value = value

    async def cycles(self, number: int) -> None:
        await ClockCycles(self.dut.aclk, number)

    def pause(self, *rates: float) -> None:
        """Hold every channel of every port up in a share of the cycles, each at one of the rates."""
        for channel in self.channels:
            pauses, rate = Random(self.rng.random()), self.rng.choice(rates)
            channel.set_pause_generator(
                (pauses.random() < rate for _ in itertools.count()) if rate else itertools.repeat(False)
            )

    async def write(self, address: int, data: int, strobe: int = ALL) -> AxiResp:
        """One write; what it must come to is the checker's business."""
        await self.aw.send(AxiLiteAWTransaction(awaddr=address))
        await self.w.send(AxiLiteWTransaction(wdata=data, wstrb=strobe))
        return AxiResp(int((await self.b.recv()).bresp))

    async def read(self, address: int) -> int:
        """One read, likewise."""
        await self.ar.send(AxiLiteARTransaction(araddr=address))
        return int((await self.r.recv()).rdata)

    async def read_all(self) -> dict[str, int]:
        """Read every register but the upper words of the counters in order; those follow each its lower word."""
        return {f"{name} {index}": await self.read(offset) for offset, (name, index) in sorted(NAMED.items())}

    def hole(self) -> int:
        """An address where nothing lies."""
        while True:
            address = self.rng.randrange(0, 1 << PLAN.address_width, 4)
            if self.rng.random() < 0.5:
                address %= MAP.size
            in_window = any(w.base <= address < w.base + w.size for w in self.windows)
            if address not in NAMED and not in_window:
                return address

    def anywhere(self) -> int:
        """The address of a register, in a window, or of nothing."""
        kind = self.rng.randrange(8)
        if kind < 4:
            return self.rng.choice(list(NAMED))
        if kind < 7:
            window = self.rng.choice(self.windows)
            return window.base + self.rng.choice([0, window.size - 4, self.rng.randrange(0, window.size, 4)])
        return self.hole()

    def done(self) -> None:
        """At the end of a test: nothing has reached a window that nobody asked for."""
        assert not any(window.seen for window in self.windows)
        assert self.checker.taken, "no access was checked"


@cocotb.test()
async def test_every_register_reads_its_value_after_reset(dut) -> None:
    bench = await Bench(dut, "values").start()
    values = await bench.read_all()
    assert values["IDENTITY 0"] == 0x4E4E4946
    assert values["BOUNDARIES 0"] == PLAN.boundaries
    assert f"{values['NAME_DIGEST_HI 0']:08x}{values['NAME_DIGEST_LO 0']:08x}" == PLAN.name_digest
    assert f"{values['PLAN_DIGEST_HI 0']:08x}{values['PLAN_DIGEST_LO 0']:08x}" == PLAN.plan_digest
    bench.done()


@cocotb.test()
async def test_counters_are_zero_when_read_right_after_reset(dut) -> None:
    bench = await Bench(dut, "right after reset").start(cleared=False)
    assert await bench.read(AT["STATUS"]) == 4
    assert await bench.read(AT["BUSY_LO"]) == 0
    bench.done()


@cocotb.test()
async def test_what_cannot_be_written_refuses_and_stays(dut) -> None:
    bench = await Bench(dut, "refuse").start()
    before = await bench.read_all()
    for offset, (name, _) in bench.rng.sample(sorted(NAMED.items()), min(40, len(NAMED))):
        if name not in WRITABLE:
            assert await bench.write(offset, 0xFFFF_FFFF) is AxiResp.SLVERR
    targets = [AT[name] for name in WRITABLE] + [window.base for window in bench.windows]
    for address in targets:
        for strobe in (0, 1, 7, 14, bench.rng.randrange(15)):
            assert await bench.write(address, 0xFFFF_FFFF, strobe) is AxiResp.SLVERR
        for low in (1, 2, 3):
            assert await bench.write(address + low, 0xFFFF_FFFF) is AxiResp.SLVERR
            await bench.read(address + low)
    after = await bench.read_all()
    changing = {"INTERRUPT_STATUS 0"}
    assert {n: v for n, v in after.items() if n not in changing} == {
        n: v for n, v in before.items() if n not in changing
    }
    bench.done()


@cocotb.test()
async def test_addresses_of_nothing_answer_decerr(dut) -> None:
    bench = await Bench(dut, "nothing").start()
    ends = {AT["CLOCK_KHZ"] + 4, AT["LONG_FRAMES"] + 4, ctrl.ARRAY - 4, ctrl.ARRAY + 16 * PLAN.boundaries}
    for address in [*sorted(ends - set(NAMED)), *(bench.hole() for _ in range(40))]:
        if address < MAP.size or address not in ends:
            assert await bench.write(address, bench.rng.getrandbits(32)) is AxiResp.DECERR
            await bench.read(address)
    bench.done()


@cocotb.test()
async def test_accesses_to_registers_take_five_cycles(dut) -> None:
    bench = await Bench(dut, "five cycles").start()
    for _ in range(6):
        await bench.ar.send(AxiLiteARTransaction(araddr=AT["IDENTITY"]))
    for _ in range(6):
        await bench.r.recv()
    taken = bench.checker.taken
    assert [after - before for before, after in itertools.pairwise(taken)] == [5] * 5
    bench.done()


@cocotb.test()
async def test_reads_and_writes_that_wait_take_turns(dut) -> None:
    bench = await Bench(dut, "turns").start()
    for _ in range(4):
        both = [
            [cocotb.start_soon(bench.write(AT["INTERRUPT_ENABLE"], number)) for number in range(6)],
            [cocotb.start_soon(bench.read(AT["INTERRUPT_ENABLE"])) for _ in range(bench.rng.randrange(3, 9))],
        ]
        bench.rng.shuffle(both)
        for task in itertools.chain(*both):
            await task
        await bench.cycles(bench.rng.randrange(9))
    assert bench.checker.covered["turns"] >= 20
    bench.done()


async def _counting(bench: Bench, cycles: int) -> None:
    """Count for about that many cycles from zero, stop, and read all."""
    await bench.write(AT["CONTROL"], COUNT | CLEAR)
    await bench.cycles(PLAN.places + cycles)
    await bench.write(AT["CONTROL"], 0)
    await bench.read_all()


@cocotb.test()
async def test_counters_are_exact_when_they_have_stopped(dut) -> None:
    bench = await Bench(dut, "exact").start()
    for rate, cycles in ((0.5, 3 * PLAN.places), (0.9, 200), (1.0, 2 * PLAN.places), (0.5, 1)):
        bench.traffic.valid = bench.traffic.ready = bench.traffic.frame = bench.traffic.error = rate
        await _counting(bench, cycles)
    assert bench.checker.covered["nonzero"] and bench.checker.covered["stopped"] >= 4 * PLAN.counters
    bench.done()


@cocotb.test()
async def test_counters_wrap(dut) -> None:
    """Seen where counters are short."""
    bench = await Bench(dut, "wrap").start()
    if PLAN.counter_width > 12:
        return
    bench.traffic.valid, bench.traffic.ready, bench.traffic.frame = 1.0, 0.7, 0.99
    await _counting(bench, int(1.5 * (LOW + 1)))
    assert bench.checker.covered["wrapped"]
    bench.done()


@cocotb.test()
async def test_counting_goes_on_where_it_stopped_and_clear_begins_anew(dut) -> None:
    bench = await Bench(dut, "go on").start()
    for control in (COUNT, 0, COUNT, COUNT, 0, CLEAR, COUNT, COUNT | CLEAR, 0, CLEAR | COUNT, CLEAR | COUNT, 0):
        await bench.write(AT["CONTROL"], control)
        await bench.cycles(bench.rng.randrange(3 * PLAN.places))
        for _ in range(3):
            await bench.read(bench.rng.choice(list(NAMED)))
    await bench.read_all()
    bench.done()


@cocotb.test()
async def test_running_counters_lag_by_a_bounded_number(dut) -> None:
    bench = await Bench(dut, "running").start()
    bench.traffic.valid = 0.95
    await bench.write(AT["CONTROL"], COUNT)
    counters = ("BUSY_LO", "STALLED_LO", "CYCLES_LO", *ctrl.FRAME_COUNTERS)
    for _ in range(60):
        await bench.read(bench.rng.choice([offset for offset, (name, _) in NAMED.items() if name in counters]))
        await bench.cycles(bench.rng.randrange(6))
    assert bench.checker.covered["running"] > 20
    bench.done()


@cocotb.test()
async def test_soft_reset_waits_for_quiet_and_refuses_the_windows(dut) -> None:
    bench = await Bench(dut, "soft reset").start()
    for quiet, rate in ((0, 0.0), (1, 0.0), (None, 0.1), (None, 0.02)):
        bench.traffic.fixed = {} if quiet is None else {"quiet": quiet}
        bench.traffic.quiet = rate
        await bench.write(AT["CONTROL"], SOFT_RESET)
        for _ in range(12):
            window = bench.rng.choice(bench.windows)
            if bench.rng.randrange(2):
                await bench.write(window.base, bench.rng.getrandbits(32))
            else:
                await bench.read(window.base)
            await bench.write(AT["CONTROL"], bench.rng.choice((SOFT_RESET, 0)))
        assert quiet != 0 or int(dut.core_aresetn.value), "reset without quiet"
        bench.traffic.fixed = {"quiet": 1}
        while await bench.read(AT["STATUS"]) & 1:
            pass
        window = bench.rng.choice(bench.windows)
        await bench.write(window.base, bench.rng.getrandbits(32))
    assert all(bench.checker.covered["windows", write, "SLVERR"] for write in (False, True))
    bench.done()


@cocotb.test()
async def test_interrupts_are_raised_by_the_causes_that_are_enabled(dut) -> None:
    bench = await Bench(dut, "interrupts").start()
    bench.traffic.error = bench.traffic.dma = 0.1
    for enable in [*range(8), *range(8)]:
        await bench.write(AT["INTERRUPT_ENABLE"], enable | bench.rng.getrandbits(29) << 3)
        for _ in range(4):
            await bench.write(AT["INTERRUPT_STATUS"], bench.rng.getrandbits(3))
            await bench.read(AT["INTERRUPT_STATUS"])
        await bench.read(AT["INTERRUPT_ENABLE"])
        bench.traffic.error = 0.0 if enable % 2 else 0.15
    bench.traffic.fixed = {"short": 0, "long": 0, "dma": 0}
    await bench.write(AT["INTERRUPT_STATUS"], 7)
    assert await bench.read(AT["INTERRUPT_STATUS"]) == 0
    assert not int(dut.interrupt.value)
    bench.done()


@cocotb.test()
async def test_windows_pass_accesses_and_answers_on(dut) -> None:
    bench = await Bench(dut, "windows").start()
    for rates in ((0.0,), (0.5,), (0.0, 0.3, 0.8)):
        bench.pause(*rates)
        for window in bench.windows:
            places = [0, 4, window.size - 4, *(bench.rng.randrange(0, window.size, 4) for _ in range(4))]
            for offset in places:
                await bench.write(window.base + offset, bench.rng.getrandbits(32))
            for offset in places:
                await bench.read(window.base + offset + bench.rng.randrange(4))
    covered = bench.checker.covered
    for window in bench.windows:
        assert sum(covered[window.name, write, "OKAY"] > 0 for write in (False, True)) == 2
    assert any(covered[window.name, write, "DECERR"] for window in bench.windows for write in (False, True))
    bench.done()


async def _writer(bench: Bench, number: int) -> None:
    """Random writes, most of them legal."""
    for _ in range(number):
        address = AT["CONTROL"] if bench.rng.randrange(4) == 0 else bench.anywhere()
        data = bench.rng.getrandbits(32)
        if address == AT["CONTROL"] and bench.rng.randrange(6):
            data &= ~SOFT_RESET
        odd = bench.rng.randrange(8)
        strobe = bench.rng.randrange(16) if odd == 0 else ALL
        await bench.write(address + (bench.rng.randrange(4) if odd == 1 else 0), data, strobe)
        if bench.rng.randrange(3) == 0:
            await bench.cycles(bench.rng.randrange(30))


async def _reader(bench: Bench, number: int) -> None:
    for _ in range(number):
        await bench.read(bench.anywhere() + (bench.rng.randrange(4) if bench.rng.randrange(8) == 0 else 0))
        if bench.rng.randrange(3) == 0:
            await bench.cycles(bench.rng.randrange(20))


@cocotb.test()
async def test_reads_and_writes_at_once_at_random(dut) -> None:
    bench = await Bench(dut, "at random").start()
    for rates in ((0.0,), (0.0, 0.5, 0.9)):
        bench.pause(*rates)
        both = [cocotb.start_soon(_writer(bench, 70)), cocotb.start_soon(_reader(bench, 90))]
        for task in both:
            await task
    covered = bench.checker.covered
    wanted = itertools.product(["registers"], [False, True], ["OKAY", "DECERR"])
    missing = [key for key in (*wanted, ("registers", True, "SLVERR")) if not covered[key]]
    assert not missing, f"never seen: {missing}"
    bench.done()


@cocotb.test()
async def test_reset_in_mid_access_leaves_nothing_behind(dut) -> None:
    bench = await Bench(dut, "mid access").start()
    for _ in range(8):
        bench.pause(0.0, 0.4)
        tasks = [cocotb.start_soon(_writer(bench, 99)), cocotb.start_soon(_reader(bench, 99))]
        await bench.cycles(30 + bench.rng.randrange(60))
        for task in tasks:
            task.cancel()
        bench._aresetn = 0
        await bench.cycles(2 + bench.rng.randrange(3))
        bench._aresetn = 1
        bench.pause(0.0)
        await bench.cycles(2)
        await bench.write(AT["CONTROL"], COUNT)
        await bench.write(bench.windows[-1].base, 1)
        await bench.cycles(PLAN.places)
        await bench.write(AT["CONTROL"], 0)
        await bench.read_all()
    bench.done()
