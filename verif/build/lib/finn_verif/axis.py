# SPDX-License-Identifier: Apache-2.0
"""AXI4-Stream: signal bundle, protocol rules, and the pyuvm agents of both ends.

All of it works on whole cycles. The environment's clock loop calls `step` of every agent right after the
rising edge, where the wires still show what the edge saw, and where a new value takes effect at the next
edge. One loop for all agents keeps a cycle at a few microseconds of Python.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from random import Random
from typing import ClassVar, NamedTuple

from cocotb_bus.bus import Bus
from pyuvm import (
    uvm_agent,
    uvm_analysis_port,
    uvm_driver,
    uvm_monitor,
    uvm_sequence,
    uvm_sequence_item,
    uvm_sequencer,
)

from finn_verif.throttle import throttle

Frame = list[int]
"""The payload words of one frame, in order; without TLAST a frame is only a unit of the test."""


class ProtocolError(AssertionError):
    """The core under test broke a rule of AXI4-Stream or of this library's streams."""


@dataclass(frozen=True)
class Stream:
    """One AXI4-Stream port.

    name         prefix of the signals: `s_axis` stands for s_axis_tdata, s_axis_tvalid, ...
    width        payload bits of a word
    tdata_width  bits of the TDATA port; those above the payload are zero on output, ignored on input;
                 0 stands for the payload rounded up to whole bytes
    tlast        whether the port has TLAST
    """

    name: str
    width: int
    tdata_width: int = 0
    tlast: bool = False

    def __post_init__(self) -> None:
        if not self.tdata_width:
            object.__setattr__(self, "tdata_width", -(-self.width // 8) * 8)
        if not 1 <= self.width <= self.tdata_width:
            raise ValueError(f"stream {self.name}: width {self.width} must be from 1 to tdata_width {self.tdata_width}")

    @property
    def padding(self) -> int:
        """Number of unused upper bits of TDATA."""
        return self.tdata_width - self.width


class Transfer(NamedTuple):
    """One word that passed: its cycle, its payload, its TLAST (False without TLAST)."""

    cycle: int
    data: int
    last: bool


class Wires(NamedTuple):
    """A stream's signals at one edge, as strings of 0, 1, X and Z, most significant bit first.

    TDATA is empty while TVALID is low; TLAST is 0 then, and where there is none.
    """

    valid: str
    ready: str
    data: str
    last: str


class AxisBus(Bus):
    """The signals of one stream port; refuses a port whose TDATA has another width than the plan says."""

    def __init__(self, entity, stream: Stream) -> None:
        signals = ["tdata", "tvalid", "tready"] + (["tlast"] if stream.tlast else [])
        super().__init__(entity, stream.name, signals, case_insensitive=False)
        found = len(self.tdata)
        if found != stream.tdata_width:
            raise ProtocolError(f"{stream.name}_tdata has {found} bits, the plan says {stream.tdata_width}")


class AxisProtocol:
    """The rules a stream's sender has to keep, cycle by cycle; knows no simulator.

    - TVALID and TREADY are never X, TDATA and TLAST never while TVALID is high;
    - a word that is offered stays, unchanged, until it is taken;
    - reset drops TVALID;
    - the unused upper bits of TDATA are zero, where the sender is the core under test.
    """

    def __init__(self, stream: Stream, from_core: bool) -> None:
        self._stream = stream
        self._zeros = "0" * stream.padding if from_core else ""
        self._offered: tuple[str, str] | None = None

    def _fail(self, cycle: int, rule: str) -> None:
        raise ProtocolError(f"{self._stream.name}, cycle {cycle}: {rule}")

    def check(self, cycle: int, wires: Wires, reset: bool) -> bool:
        """Check one cycle; `reset` tells that the previous edge saw the reset. Return whether a word passed.

        Raises ProtocolError naming stream, cycle and rule.
        """
        valid, ready, data, last = wires
        if valid not in "01":
            self._fail(cycle, f"TVALID is {valid}")
        if ready not in "01":
            self._fail(cycle, f"TREADY is {ready}")
        if reset:
            self._offered = None
            if valid == "1":
                self._fail(cycle, "TVALID is high in reset")
            return False
        if valid == "0":
            if self._offered is not None:
                self._fail(cycle, "TVALID fell before the word was taken")
            return False
        if self._offered is None:
            self._check_new(cycle, data, last)
        elif self._offered != (data, last):
            self._fail(
                cycle,
                f"the stalled word changed from {'/'.join(self._offered)} to {data}/{last} (TDATA/TLAST)",
            )
        self._offered = None if ready == "1" else (data, last)
        return ready == "1"

    def _check_new(self, cycle: int, data: str, last: str) -> None:
        if data.strip("01"):
            self._fail(cycle, f"TDATA is {data} while TVALID is high")
        if last not in "01":
            self._fail(cycle, f"TLAST is {last} while TVALID is high")
        if not data.startswith(self._zeros):
            self._fail(cycle, f"the upper {self._stream.padding} bits of TDATA are not zero: {data}")


class AxisMonitor(uvm_monitor):
    """Asserts the protocol of one stream and reports every word that passes on its analysis port `ap`."""

    def build_phase(self) -> None:
        self.ap = uvm_analysis_port("ap", self)
        self.stream: Stream = self.cdb_get("STREAM")
        self.bus: AxisBus = self.cdb_get("BUS")
        self._protocol = AxisProtocol(self.stream, from_core=self.cdb_get("FROM_CORE"))

    def sample(self, cycle: int, reset: bool) -> tuple[bool, bool, bool]:
        """Look at the wires as the edge saw them; return (offered, ready, passed).

        `reset` tells that the previous edge saw the reset; the first edge of a reset must not be sampled.
        """
        bus = self.bus
        valid = str(bus.tvalid.value)
        ready = str(bus.tready.value)
        data, last = "", "0"
        if valid == "1":
            data = str(bus.tdata.value)
            if self.stream.tlast:
                last = str(bus.tlast.value)
        passed = self._protocol.check(cycle, Wires(valid, ready, data, last), reset)
        if passed:
            self.ap.write(Transfer(cycle, int(data[self.stream.padding :], 2), last == "1"))
        return valid == "1", ready == "1", passed


class FrameItem(uvm_sequence_item):
    """One frame to send."""

    def __init__(self, frame: Frame) -> None:
        super().__init__("frame")
        self.frame = frame


class FrameSequence(uvm_sequence):
    """Send frames one after the other; ends as soon as the driver holds them all."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        super().__init__("frames")
        self.frames = list(frames)

    async def body(self) -> None:
        for frame in self.frames:
            item = FrameItem(frame)
            await self.start_item(item)
            await self.finish_item(item)


class AxisSourceDriver(uvm_driver):
    """Drives a slave port of the core under test.

    Keeps the protocol, and is as unkind as it allows: while TVALID is low TDATA and TLAST carry garbage, and
    so do the unused bits of TDATA always.
    """

    def build_phase(self) -> None:
        self.stream: Stream = self.cdb_get("STREAM")
        self.bus: AxisBus = self.cdb_get("BUS")
        self.rng: Random = self.cdb_get("RNG")
        self.throttle: Iterator[bool] = repeat(True)
        self.words: deque[tuple[int, bool]] = deque()
        self._valid = False

    async def run_phase(self) -> None:
        while True:
            item = await self.seq_item_port.get_next_item()
            end = len(item.frame) - 1
            self.words.extend((word, i == end) for i, word in enumerate(item.frame))
            self.seq_item_port.item_done()

    def reset(self) -> None:
        """Drop TVALID and forget the words not sent."""
        self.words.clear()
        self._idle()

    def step(self, passed: bool) -> None:
        """Decide what the next edge sees."""
        if self._valid and not passed:
            return
        if self.words and next(self.throttle):
            word, last = self.words.popleft()
            self._drive(word, last)
            if not self._valid:
                self._valid = True
                self.bus.tvalid.value = 1
        elif self._valid:
            self._idle()

    @property
    def pending(self) -> bool:
        """Whether words are left, offered or not."""
        return self._valid or bool(self.words)

    @property
    def left(self) -> int:
        """Number of words not taken yet."""
        return len(self.words) + self._valid

    @property
    def holds_back(self) -> bool:
        """Whether the throttle holds a word back."""
        return not self._valid and bool(self.words)

    def _idle(self) -> None:
        self._valid = False
        self.bus.tvalid.value = 0
        self._drive(self.rng.getrandbits(self.stream.width), bool(self.rng.getrandbits(1)))

    def _drive(self, word: int, last: bool) -> None:
        if word >> self.stream.width:
            raise ValueError(f"{self.stream.name}: word {word:#x} has more than {self.stream.width} bits")
        if self.stream.padding:
            word |= self.rng.getrandbits(self.stream.padding) << self.stream.width
        self.bus.tdata.value = word
        if self.stream.tlast:
            self.bus.tlast.value = int(last)


class AxisSinkDriver(uvm_driver):
    """Drives TREADY of a master port of the core under test, from its throttle alone."""

    def build_phase(self) -> None:
        self.bus: AxisBus = self.cdb_get("BUS")
        self.throttle: Iterator[bool] = repeat(True)
        self._ready: bool | None = None

    def step(self) -> None:
        """Decide what the next edge sees."""
        ready = next(self.throttle)
        if ready is not self._ready:
            self._ready = ready
            self.bus.tready.value = int(ready)


class _AxisAgent(uvm_agent):
    """What both ends share: a monitor on the port, and a throttle chosen by profile.

    offered  whether the last edge saw TVALID
    ready    whether it saw TREADY
    passed   whether it passed a word; in a reset all three are False
    """

    from_core: ClassVar[bool]

    def build_phase(self) -> None:
        super().build_phase()
        stream: Stream = self.cdb_get("STREAMS")[self.get_name()]
        self.stream = stream
        self.cdb_set("STREAM", stream)
        self.cdb_set("FROM_CORE", self.from_core)
        self.cdb_set("BUS", AxisBus(self.cdb_get("DUT"), stream))
        self.rng: Random = self.cdb_get("RNG")
        self.monitor = AxisMonitor("monitor", self)
        self.offered = self.ready = self.passed = False

    def set_throttle(self, profile: str, period: int, hold: int) -> None:
        """Start a profile of :mod:`finn_verif.throttle` afresh."""
        self.driver.throttle = throttle(profile, self.rng, period, hold)

    def sample(self, cycle: int, after_reset: bool) -> None:
        """Look at the edge of this cycle; `after_reset` tells that the edge before saw the reset."""
        self.offered, self.ready, self.passed = self.monitor.sample(cycle, after_reset)


class AxisSourceAgent(_AxisAgent):
    """Sequencer, driver and monitor of one input of the core under test.

    stalled  whether the last edge found the core ready and the source holding a word back
    blocked  whether the last edge found the core refusing a word
    """

    from_core = False

    def build_phase(self) -> None:
        super().build_phase()
        self.sequencer = uvm_sequencer("sequencer", self)
        self.driver = AxisSourceDriver("driver", self)
        self.stalled = self.blocked = False

    def connect_phase(self) -> None:
        self.driver.seq_item_port.connect(self.sequencer.seq_item_export)

    def step(self, cycle: int, after_reset: bool) -> None:
        """Look at an edge without reset, and drive what the next one sees."""
        holds_back = self.driver.holds_back
        self.sample(cycle, after_reset)
        self.stalled = holds_back and self.ready
        self.blocked = self.offered and not self.ready
        self.driver.step(self.passed)

    def in_reset(self, cycle: int, after_reset: bool) -> None:
        """Look at an edge with reset, and drive what the next one sees."""
        if after_reset:
            self.sample(cycle, after_reset)
        self.offered = self.ready = self.passed = self.stalled = self.blocked = False
        self.driver.reset()


class AxisSinkAgent(_AxisAgent):
    """Driver and monitor of one output of the core under test.

    stalled  whether the last edge saw the sink refuse a word
    """

    from_core = True

    def build_phase(self) -> None:
        super().build_phase()
        self.driver = AxisSinkDriver("driver", self)
        self.stalled = False

    def step(self, cycle: int, after_reset: bool) -> None:
        """Look at an edge without reset, and drive what the next one sees."""
        self.sample(cycle, after_reset)
        self.stalled = self.offered and not self.ready
        self.driver.step()

    def in_reset(self, cycle: int, after_reset: bool) -> None:
        """Look at an edge with reset, and drive what the next one sees."""
        if after_reset:
            self.sample(cycle, after_reset)
        self.offered = self.ready = self.passed = self.stalled = False
        self.driver.step()
