# SPDX-License-Identifier: Apache-2.0
"""Test bench of the control core, finn:ip:ctrl: every access and every output is held against a model of the core.

Whatever a test does, `Checker` watches: it takes a step a cycle, knows what an access must give from its handshake
alone, and counts what the counters must hold.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiLiteRam, AxiResp
from cocotbext.axi.axil_channels import AxiLiteARTransaction, AxiLiteAWTransaction, AxiLiteWTransaction

from finn_gen.ip import ctrl
from finn_verif import plan, seed

PLAN = plan.load()
MAP = ctrl.register_map(PLAN)
AT = {register.name: register.offset for register in MAP.registers}
NAMED = {offset: (register.name, index) for register in MAP.registers for index, offset in enumerate(register.offsets)}
COUNT, CLEAR, SOFT_RESET = 2, 4, 1
ALL = 0xF
WRITABLE = ("CONTROL", "INTERRUPT_STATUS", "INTERRUPT_ENABLE")
PATIENCE = 4 * PLAN.places + 1000
"""Cycles after which an access is lost."""
STEPS = PLAN.places
"""What the value of a running counter is a multiple of, and less behind than the counter when it was asked for."""
LOW = (1 << min(32, PLAN.counter_width)) - 1


class CtrlError(AssertionError):
    """The core does something else than the model."""


@dataclass
class Access:
    """An access that the core has taken; `resp` and `value` are what it must answer, as far as the model knows it."""

    write: bool
    address: int
    data: int = 0
    strobe: int = 0
    resp: AxiResp | None = None
    value: int | None = None
    counter: int | None = None
    floor: int = 0
    window: Window | None = None

    def __str__(self) -> str:
        what = f"write of {self.data:#x} (strobe {self.strobe:04b}) to" if self.write else "read of"
        return f"{what} {self.address:#x}"


class Window:
    """A RAM behind a window, which answers OKAY, SLVERR or DECERR at random and keeps a list of what came."""

    def __init__(self, dut, described, rng: Random) -> None:
        self.name, self.base, self.size = described.name, described.base, described.size
        bus = AxiLiteBus.from_prefix(dut, f"m_axil_{self.name}")
        self.ram = AxiLiteRam(bus, dut.aclk, dut.core_aresetn, reset_active_level=False, size=self.size)
        self.seen: list[tuple[bool, int, int, AxiResp]] = []
        self._rng, self._addresses = rng, {"aw": [], "ar": []}
        write, read = self.ram.write_if, self.ram.read_if
        for channel, name in ((write.aw_channel, "aw"), (read.ar_channel, "ar")):
            channel.recv = self._noting(channel.recv, f"{name}addr", self._addresses[name])
        words: list[int] = []
        write.w_channel.recv = self._noting(write.w_channel.recv, "wdata", words)
        write.b_channel.send = self._answering(write.b_channel.send, "aw", lambda _: words.pop(0))
        read.r_channel.send = self._answering(read.r_channel.send, "ar", lambda word: int(word.rdata))
        self.channels = [write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel]

    @staticmethod
    def _noting(receive: Callable, field: str, notes: list[int]) -> Callable:
        async def noting():
            word = await receive()
            notes.append(int(getattr(word, field)))
            return word

        return noting

    def _answering(self, send: Callable, name: str, value_of: Callable) -> Callable:
        async def answering(word):
            resp = self._rng.choice([AxiResp.OKAY] * 4 + [AxiResp.SLVERR, AxiResp.DECERR])
            setattr(word, "bresp" if name == "aw" else "rresp", resp)
            self.seen.append((name == "aw", self._addresses[name].pop(0), value_of(word), resp))
            await send(word)

        return answering


class Checker:
    """The core as a model that takes a step a cycle."""

    def __init__(self, dut, windows: list[Window]) -> None:
        self.dut, self.windows = dut, windows
        self.covered: Counter = Counter()
        self.taken: list[int] = []  # cycles in which accesses were taken
        self.cycle = 0
        self.known = False  # there was a reset
        self.last_write = False
        self.reset()

    def reset(self) -> None:
        """The state behind a reset."""
        self.count, self.clearing = False, PLAN.places
        self.cycles, self.counts, self.sampled = 0, [0] * PLAN.counters, []
        self.short = self.long = self.interrupt = False
        self.enable = self.high = 0
        self.access: Access | None = None
        self.waiting: Access | None = None
        self.phase, self.held, self.open, self.core = "run", 0, False, False
        self.waited, self.idle = (False, False), 0
        for window in self.windows:
            window.seen.clear()

    @property
    def resetting(self) -> bool:
        return self.phase != "run" or not self.open

    def step(self, inputs: Inputs) -> None:
        """Take the edge that ends a cycle with these inputs."""
        self.cycle += 1
        dut = self.dut
        if not inputs.aresetn:
            self.reset()
            self.known = True
            return
        if not self.known:
            return
        self._outputs()
        request = self._access(inputs)
        self._count(inputs)
        self._sequence(inputs, request)
        self._handshakes(dut)

    def _outputs(self) -> None:
        for name, want in (
            ("interrupt", self.interrupt), ("core_aresetn", self.core), ("quiesce", self.phase != "run")
        ):  # fmt: skip
            got = str(getattr(self.dut, name).value)
            if got != str(int(want)):
                raise CtrlError(f"cycle {self.cycle}: {name} is {got}, must be {int(want)}")

    # ------------------------------------------------------------------ accesses
    def _access(self, inputs: Inputs) -> Access | None:
        """Let the access that was taken in the cycle before have its effect; return it if it was a write."""
        access, self.waiting = self.waiting, None
        if access is None:
            return None
        self._judge(access, inputs)
        return access if access.write and access.resp is AxiResp.OKAY else None

    def _judge(self, access: Access, inputs: Inputs) -> None:
        offset = access.address & ~3
        name, index = NAMED.get(offset, ("", 0)) if access.address < MAP.size else ("", 0)
        window = next((w for w in self.windows if w.base <= access.address < w.base + w.size), None)
        partial = access.write and (access.address & 3 or access.strobe != ALL)
        access.value = 0
        if not name and not window:
            access.resp = AxiResp.DECERR
        elif partial or (window and self.resetting) or (name and access.write and name not in WRITABLE):
            access.resp = AxiResp.SLVERR
        elif window:
            access.window, access.resp, access.value = window, None, None
        else:
            access.resp = AxiResp.OKAY
            if not access.write:
                self._value(access, name, index, inputs)

    def _value(self, access: Access, name: str, index: int, inputs: Inputs) -> None:
        causes = self.long << 2 | self.short << 1 | inputs.dma
        values = {
            "CONTROL": COUNT * self.count,
            "STATUS": self.resetting | (self.count and not self.clearing) << 1 | (self.clearing > 0) << 2,
            "INTERRUPT_STATUS": causes,
            "INTERRUPT_ENABLE": self.enable,
            "CYCLES_LO": self.cycles & LOW,
        }
        if name in values:
            access.value = values[name]
        elif name in ctrl.FRAME_COUNTERS:
            access.counter = ctrl.FRAME_COUNTERS.index(name)
        elif name in ("BUSY_LO", "STALLED_LO"):
            access.counter = len(ctrl.FRAME_COUNTERS) + 2 * index + (name == "STALLED_LO")
        elif name.endswith("_HI") and "DIGEST" not in name:
            access.value = self.high
        else:
            access.value = MAP[name].reset
        if access.counter is not None:
            access.floor = self.counts[access.counter]

    # ------------------------------------------------------------------ state
    def _count(self, inputs: Inputs) -> None:
        if self.count and not self.clearing:
            self.cycles += 1
            for index in self.sampled:
                self.counts[index] += 1
        self.clearing = max(0, self.clearing - 1)
        self.sampled = inputs.events()

    def _sequence(self, inputs: Inputs, written: Access | None) -> None:
        name = NAMED[written.address][0] if written and written.address in NAMED else ""
        data = written.data if written else 0
        causes = self.long << 2 | self.short << 1 | inputs.dma
        self.interrupt = bool(causes & self.enable)
        cleared = data if name == "INTERRUPT_STATUS" else 0
        self.short = bool(inputs.short or (self.short and not cleared & 2))
        self.long = bool(inputs.long or (self.long and not cleared & 4))
        if name == "INTERRUPT_ENABLE":
            self.enable = data & 7
        if name == "CONTROL":
            self.count = bool(data & COUNT)
            if data & CLEAR:
                self.clearing, self.cycles, self.counts = PLAN.places, 0, [0] * PLAN.counters
        core, self.core = self.core, self.phase != "reset"
        if self.phase == "run":
            if name == "CONTROL" and data & SOFT_RESET and self.open:
                self.phase, self.held = "quiesce", 0
        elif self.phase == "quiesce" and self.held >= PLAN.hold - 1:
            if inputs.quiet:
                self.phase, self.held = "reset", 0
        elif self.held == PLAN.hold - 1:
            self.phase = "run"
        else:
            self.held += 1
        self.open = core

    # ------------------------------------------------------------------ handshakes
    def _handshakes(self, dut) -> None:
        awvalid, wvalid, arvalid = (bool(s.value) for s in (dut.s_axil_awvalid, dut.s_axil_wvalid, dut.s_axil_arvalid))
        taken = None
        if awvalid and dut.s_axil_awready.value:
            if not (wvalid and dut.s_axil_wready.value):
                raise CtrlError(f"cycle {self.cycle}: an address of a write is taken without its data")
            taken = Access(True, int(dut.s_axil_awaddr.value), int(dut.s_axil_wdata.value), int(dut.s_axil_wstrb.value))
        elif wvalid and dut.s_axil_wready.value:
            raise CtrlError(f"cycle {self.cycle}: data of a write are taken without their address")
        if arvalid and dut.s_axil_arready.value:
            if taken:
                raise CtrlError(f"cycle {self.cycle}: a read and a write are taken at once")
            taken = Access(False, int(dut.s_axil_araddr.value))
        if dut.s_axil_bvalid.value and dut.s_axil_bready.value:
            self._answered(True)
        if dut.s_axil_rvalid.value and dut.s_axil_rready.value:
            self._answered(False)
        if taken:
            self._took(taken)
        asked = self.access or (awvalid and wvalid) or arvalid
        self.idle = self.idle + 1 if asked and not taken else 0
        if self.idle > PATIENCE:
            raise CtrlError(f"cycle {self.cycle}: no answer to {self.access or 'what waits'}")
        self.waited = (awvalid and wvalid, arvalid)

    def _took(self, taken: Access) -> None:
        if self.access:
            raise CtrlError(f"cycle {self.cycle}: a {taken} is taken during a {self.access}")
        if self.waited[not taken.write] is False:
            raise CtrlError(f"cycle {self.cycle}: a {taken} is taken in its first cycle")
        if all(self.waited) and taken.write == self.last_write:
            raise CtrlError(f"cycle {self.cycle}: a {taken} passes one of the other kind")
        self.covered["turns"] += all(self.waited)
        self.last_write = taken.write
        self.access = self.waiting = taken
        self.taken.append(self.cycle)

    def _answered(self, write: bool) -> None:
        access, self.access = self.access, None
        if access is None or access.write != write or access is self.waiting:
            raise CtrlError(f"cycle {self.cycle}: an answer to a {'write' if write else 'read'} that was not taken")
        where = f"cycle {self.cycle}: {access}"
        resp = AxiResp(int((self.dut.s_axil_bresp if write else self.dut.s_axil_rresp).value))
        value = 0 if write else int(self.dut.s_axil_rdata.value)
        self._windows_saw(access, where)
        if resp != access.resp:
            raise CtrlError(f"{where}: {resp!r}, must be {access.resp!r}")
        if not write:
            if access.counter is not None:
                self._counter_read(access, value, where)
            elif value != access.value:
                raise CtrlError(f"{where}: {value:#x}, must be {access.value:#x}")
        region = access.window.name if access.window else "registers" if access.address < MAP.size else "windows"
        self.covered[region, write, resp.name] += 1

    def _windows_saw(self, access: Access, where: str) -> None:
        """The access has reached its window, unchanged, once, and no other one."""
        for window in self.windows:
            seen, want = list(window.seen), int(window is access.window)
            window.seen.clear()
            if len(seen) != want:
                raise CtrlError(f"{where}: window {window.name} saw {seen}, must see {want} accesses")
            for write, offset, value, resp in seen:
                access.resp = resp
                if (write, offset) != (access.write, access.address - window.base):
                    raise CtrlError(f"{where}: window {window.name} saw {'write' if write else 'read'} of {offset:#x}")
                if write and value != access.data:
                    raise CtrlError(f"{where}: window {window.name} saw the data {value:#x}")
                access.value = value

    def _counter_read(self, access: Access, value: int, where: str) -> None:
        exact = self.counts[access.counter]
        self.covered["running" if self.count else "stopped"] += 1
        if not self.count:
            if value != exact & LOW:
                raise CtrlError(f"{where}: counter {access.counter} reads {value}, must be {exact} (modulo {LOW + 1})")
            self.covered["nonzero"] += exact > 2 * STEPS
            self.covered["wrapped"] += exact > LOW
            return
        lag, most = (exact - value) & LOW, exact - access.floor + STEPS
        if value % STEPS or lag >= most:
            raise CtrlError(
                f"{where}: running counter {access.counter} reads {value}, must be a multiple of {STEPS}, "
                f"from {exact} down to {most - 1} less"
            )


@dataclass
class Inputs:
    """What the core's inputs but AXI4-Lite are in a cycle."""

    aresetn: int = 0
    valid: int = 0
    ready: int = 0
    frames: tuple[int, int] = (0, 0)
    short: int = 0
    long: int = 0
    dma: int = 0
    quiet: int = 0

    def events(self) -> list[int]:
        """Indices of the counters that count this cycle."""
        found = [i for i, bit in enumerate((*self.frames, self.short, self.long)) if bit]
        for boundary in range(PLAN.boundaries):
            if self.valid >> boundary & 1:
                found.append(len(ctrl.FRAME_COUNTERS) + 2 * boundary + (not self.ready >> boundary & 1))
        return found


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
async def test_accesses_to_registers_take_four_cycles(dut) -> None:
    bench = await Bench(dut, "four cycles").start()
    for _ in range(6):
        await bench.ar.send(AxiLiteARTransaction(araddr=AT["IDENTITY"]))
    for _ in range(6):
        await bench.r.recv()
    taken = bench.checker.taken
    assert [after - before for before, after in itertools.pairwise(taken)] == [4] * 5
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
