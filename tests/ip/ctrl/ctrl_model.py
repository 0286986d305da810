# SPDX-License-Identifier: Apache-2.0
"""A model of the control core, finn:ip:ctrl, that takes a step a cycle, and RAMs behind its windows.

It knows what an access must give from its handshake alone, and counts what the counters must hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from cocotbext.axi import AxiLiteBus, AxiLiteRam, AxiResp

from finn_gen.ip.ctrl import registers as ctrl
from finn_verif import plan

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
        self._words: list[int] = []
        write, read = self.ram.write_if, self.ram.read_if
        for channel, name in ((write.aw_channel, "aw"), (read.ar_channel, "ar")):
            channel.recv = self._noting(channel.recv, f"{name}addr", self._addresses[name])
        write.w_channel.recv = self._noting(write.w_channel.recv, "wdata", self._words)
        write.b_channel.send = self._answering(write.b_channel.send, "aw", lambda _: self._words.pop(0))
        read.r_channel.send = self._answering(read.r_channel.send, "ar", lambda word: int(word.rdata))
        self.channels = [write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel]

    def reset(self) -> None:
        """Forget what came, also of accesses that a reset cut short: the RAM never answers these."""
        for kept in (self.seen, self._words, *self._addresses.values()):
            kept.clear()

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
        self.waiting: Access | None = None  # the access, in the cycle after it was taken, and in the one after that
        self.judged: Access | None = None
        self.phase, self.held, self.open, self.core = "run", 0, False, False
        self.waited, self.idle = (False, False), 0
        for window in self.windows:
            window.reset()

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
        """Judge the access that was taken in the cycle before, let the one before that act; return it if it writes."""
        taken, self.waiting = self.waiting, None
        access, self.judged = self.judged, taken
        if taken:
            self._judge(taken)
        if access is None or access.resp is not AxiResp.OKAY:
            return None
        if access.write:
            return access
        self._value(access, *NAMED[access.address & ~3], inputs)
        return None

    def _judge(self, access: Access) -> None:
        name = NAMED.get(access.address & ~3, ("", 0))[0] if access.address < MAP.size else ""
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
        if access is None or access.write != write or access in (self.waiting, self.judged):
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
