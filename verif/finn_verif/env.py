# SPDX-License-Identifier: Apache-2.0
"""StreamEnv: the environment of a core with any number of input and output streams.

Expects in the ConfigDB: DUT (cocotb handle), INPUTS and OUTPUTS (dict name -> Stream), RNG (random.Random),
HANG_LIMIT (cycles), CLOCK and RESET (names of the ports), and ON_CYCLE: None, or a function that is
called after every edge without reset, for checks of ports that are no streams; it gets the environment, and
whether the edge before was the last one with reset.
"""

from collections.abc import Callable

from cocotb.clock import Clock
from cocotb.triggers import Event, RisingEdge
from pyuvm import uvm_env

from finn_verif.axis import AxisSinkAgent, AxisSourceAgent, Frame, FrameSequence
from finn_verif.coverage import StreamsCoverage
from finn_verif.scoreboard import Scoreboard
from finn_verif.watchdog import Watchdog

CLOCK_PERIOD_NS = 10


class StreamEnv(uvm_env):
    """Agents, scoreboard, hang detector and coverage around a core, and the loop that steps them.

    clock   handle of the clock
    cycle   rising edges since the test began
    start   first edge at which the core could see a word of the run that `send` began
    first   edge at which it took the first input word of that run, None before
    stalls  edges of that run at which a throttle held the core up, see timing.check_bound
    """

    def build_phase(self) -> None:
        self.dut = self.cdb_get("DUT")
        inputs, outputs = self.cdb_get("INPUTS"), self.cdb_get("OUTPUTS")
        self.cdb_set("STREAMS", {**inputs, **outputs})
        self.sources = {name: AxisSourceAgent(name, self) for name in inputs}
        self.sinks = {name: AxisSinkAgent(name, self) for name in outputs}
        self.scoreboard = Scoreboard("scoreboard", self)
        self.coverage = StreamsCoverage("coverage", self)
        self.clock = getattr(self.dut, self.cdb_get("CLOCK"))
        self._aresetn = getattr(self.dut, self.cdb_get("RESET"))
        self._on_cycle: Callable[[StreamEnv, bool], None] | None = self.cdb_get("ON_CYCLE")
        self._watchdog = Watchdog(self.cdb_get("HANG_LIMIT"), self.describe)
        self._waiting: tuple[Callable[[], bool], Event] | None = None
        self._resetting = False
        self._reset_seen = False
        self.cycle = self.start = self.stalls = 0
        self.first: int | None = None

    def connect_phase(self) -> None:
        for name, agent in (*self.sources.items(), *self.sinks.items()):
            agent.monitor.ap.connect(self.coverage.streams[name].analysis_export)
        for name, sink in self.sinks.items():
            sink.monitor.ap.connect(self.scoreboard.checkers[name].analysis_export)

    async def run_phase(self) -> None:
        edge = RisingEdge(self.clock)
        while True:
            await edge
            self.cycle += 1
            self._step()

    async def reset(self, cycles: int) -> None:
        """Reset the core for `cycles` edges; words under way are forgotten on both sides.

        At the first of these edges the sources may still offer a word, as a neighbour does that gets its
        reset at the same edge.
        """
        self._aresetn.value = 0
        if not self.cycle:
            for source in self.sources.values():
                source.driver.reset()
            Clock(self.clock, CLOCK_PERIOD_NS, unit="ns", impl="gpi").start(start_high=False)
        self._resetting = True
        self._expect({name: [] for name in self.sources}, {name: [] for name in self.sinks})
        await self.wait_cycles(cycles)
        self._aresetn.value = 1
        self._resetting = False

    async def send(self, frames: dict[str, list[Frame]], expected: dict[str, list[Frame]]) -> None:
        """Start a run: hand the inputs' frames to the sources, expect the outputs' frames. Call it at an edge."""
        self._expect(frames, expected)
        for name, source in self.sources.items():
            await FrameSequence(frames[name]).start(source.sequencer)
            source.driver.step(False)
        self.start = self.cycle + 1

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return at the first edge after which the condition holds."""
        if self._waiting is not None:
            raise RuntimeError("StreamEnv.wait_until: one coroutine waits already")
        event = Event()
        self._waiting = (condition, event)
        await event.wait()

    async def wait_cycles(self, cycles: int) -> None:
        """Return after that many edges."""
        end = self.cycle + cycles
        await self.wait_until(lambda: self.cycle >= end)

    async def wait_done(self) -> None:
        """Return when all words are sent and all expected words have come."""
        await self.wait_until(lambda: not self.busy)

    @property
    def busy(self) -> bool:
        """Whether words are still to be sent or to come."""
        return self.scoreboard.missing > 0 or any(source.driver.pending for source in self.sources.values())

    def describe(self) -> str:
        """Say where every stream stands."""
        parts = [f"{name} has {_words(source.driver.left)} to send" for name, source in self.sources.items()]
        parts += [f"{name} lacks {_words(checker.missing)}" for name, checker in self.scoreboard.checkers.items()]
        return ", ".join(parts)

    def _expect(self, frames: dict[str, list[Frame]], expected: dict[str, list[Frame]]) -> None:
        self.scoreboard.expect(expected)
        self.coverage.expect({**frames, **expected})
        self.stalls = 0
        self.first = None

    def _step(self) -> None:
        after_reset, self._reset_seen = self._reset_seen, self._resetting
        if self._resetting:
            for agent in (*self.sources.values(), *self.sinks.values()):
                agent.in_reset(self.cycle, after_reset)
        else:
            self._run(after_reset)
            if self._on_cycle is not None:
                self._on_cycle(self, after_reset)
        if self._waiting is not None and self._waiting[0]():
            event, self._waiting = self._waiting[1], None
            event.set()

    def _run(self, after_reset: bool) -> None:
        moved = stalled = False
        for agent in (*self.sources.values(), *self.sinks.values()):
            agent.step(self.cycle, after_reset)
            if agent.passed:
                moved = True
            elif agent.stalled:
                stalled = True
                self.coverage.streams[agent.stream.name].stalled()
        for source in self.sources.values():
            if source.blocked:
                self.coverage.streams[source.stream.name].blocked()
            if source.passed and self.first is None:
                self.first = self.cycle
        if stalled:
            self.stalls += 1
        self._watchdog.step(self.cycle, moved or stalled or not self.busy)


def _words(count: int) -> str:
    return f"{count} word{'s' * (count != 1)}"
