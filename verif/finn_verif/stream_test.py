# SPDX-License-Identifier: Apache-2.0
"""The tests that every stream core gets, ready made from a description of the core.

    CORE = StreamCore.from_plan(plan.load(), ref=..., lengths=..., timing=...)
    globals().update(stream_tests(CORE, __name__))

in a module is a complete test bench: cocotb finds the tests by the module's names.
With FINN_FAIL_FAST=1 in the environment the first failing test is the last one that runs.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace

import cocotb
from cocotb.triggers import RisingEdge, Timer
from pyuvm import ConfigDB, uvm_root, uvm_test

from finn_verif import seed
from finn_verif.axis import Frame, ProtocolError, Stream
from finn_verif.coverage import Coverage, stream_points
from finn_verif.env import CLOCK_PERIOD_NS, StreamEnv
from finn_verif.throttle import MIX, PROFILES
from finn_verif.timing import FrameTiming, check_bound, check_exact

Frames = dict[str, list[Frame]]
Shape = Mapping[str, int]
"""Words of one frame, by input."""

_LAST_STAGE = 1_000  # cocotb runs stages in ascending order; the coverage is judged after all other tests
_MIXES = 3
_RESETS = 3
_PAUSES = (3, 0)
_MOST_SINGLE_BITS = 128


def _any_word(rng: Random, stream: Stream) -> int:
    return rng.getrandbits(stream.width)


@dataclass(frozen=True)
class StreamCore:
    """What the tests have to know about a core.

    inputs, outputs  its stream ports
    ref              reference model: frames of the inputs, the first one after reset or a pause -> frames of the
                     outputs; a core that keeps no frames apart may give all words as one frame
    shapes           frames to send, each a coverage bin
    timing           shapes of a run's frames, the first one after reset or a pause -> when every frame leaves,
                     by output, if nothing stalls
    hang_limit       longest legal pause in cycles without any word moving while nothing stalls
    hold             cycles that the profile `stalled_first` waits; long enough to fill the core and stop its input
    source_period    the profile `slow` of a source offers a word every so many cycles, more than the core needs
    sink_period      the profile `slow` of a sink takes a word every so many cycles, more than the core needs
    frames           frames in a profile run
    word             (rng, stream) -> a random legal input word
    on_cycle         called after every edge without reset with the environment, and whether the edge before was
                     the last with reset: checks of ports that are no streams
    points           bins of the core's own coverage points, hit through `StreamTest.hit`
    registered       whether no output may depend on an input without a register between them
    clock, reset     names of the ports; the reset is synchronous and active low
    """

    inputs: Sequence[Stream]
    outputs: Sequence[Stream]
    ref: Callable[[Frames], Frames]
    shapes: Sequence[Shape]
    timing: Callable[[Sequence[Shape]], Mapping[str, Sequence[FrameTiming]]]
    hang_limit: int
    hold: int
    source_period: int
    sink_period: int
    frames: int = 6
    word: Callable[[Random, Stream], int] = _any_word
    on_cycle: Callable[[StreamEnv, bool], None] | None = None
    points: Mapping[str, Sequence[str]] = field(default_factory=dict)
    registered: bool = True
    clock: str = "aclk"
    reset: str = "aresetn"

    @classmethod
    def from_plan(
        cls,
        plan: SimpleNamespace,
        *,
        ref: Callable[[list[Frame]], list[Frame]],
        lengths: Sequence[int],
        timing: Callable[[Sequence[int]], Sequence[FrameTiming]],
        **others,
    ) -> "StreamCore":
        """Describe a core with one input `s_axis` and one output `m_axis` from its plan.

        The plan gives in_width, in_tdata_width, out_width, out_tdata_width, and tlast (False when absent).
        `ref`, `lengths` and `timing` are as in the class, for the one input and the one output.
        """
        tlast = bool(getattr(plan, "tlast", False))
        return cls(
            inputs=(Stream("s_axis", plan.in_width, plan.in_tdata_width, tlast),),
            outputs=(Stream("m_axis", plan.out_width, plan.out_tdata_width, tlast),),
            ref=lambda frames: {"m_axis": ref(frames["s_axis"])},
            shapes=[{"s_axis": length} for length in lengths],
            timing=lambda shapes: {"m_axis": timing([shape["s_axis"] for shape in shapes])},
            **others,
        )

    def random_frames(self, rng: Random, shapes: Sequence[Shape]) -> Frames:
        """Return one random frame of each shape."""
        return {s.name: [[self.word(rng, s) for _ in range(shape[s.name])] for shape in shapes] for s in self.inputs}

    def shapes_of(self, frames: Frames) -> list[Shape]:
        """Return the shapes of frames given by input."""
        return [dict(zip(frames, map(len, group), strict=True)) for group in zip(*frames.values(), strict=True)]

    @property
    def longest(self) -> Shape:
        """The frame with the most words."""
        return max(self.shapes, key=lambda shape: sum(shape.values()))

    def coverage_points(self) -> dict[str, tuple[str, ...]]:
        """Return the coverage points of the core and their bins."""
        sample = self.random_frames(Random(0), [*self.shapes, *self.shapes])
        by_stream = {**sample, **self.ref(sample)}
        points: dict[str, tuple[str, ...]] = {}
        mid_frame = []
        for stream in (*self.inputs, *self.outputs):
            lengths = [len(frame) for frame in by_stream[stream.name] if frame]
            points |= stream_points(stream, lengths, is_input=stream in self.inputs)
            if len(lengths) > 1:
                points[f"{stream.name}_back_to_back"] = ("yes",)
            if max(lengths) > 1:
                mid_frame.append(f"{stream.name}_mid_frame")
        points["reset"] = (*mid_frame, *(f"{stream.name}_stalled" for stream in self.outputs))
        return points | {name: tuple(bins) for name, bins in self.points.items()}


class StreamTest(uvm_test):
    """A pyuvm test: resets the core, plays the scenario that the ConfigDB holds, lets everything be checked."""

    def build_phase(self) -> None:
        self.core: StreamCore = self.cdb_get("CORE")
        self.rng: Random = self.cdb_get("RNG")
        self._hits: dict[str, set[str]] = {}
        self.cdb_set("INPUTS", {stream.name: stream for stream in self.core.inputs})
        self.cdb_set("OUTPUTS", {stream.name: stream for stream in self.core.outputs})
        self.cdb_set("HANG_LIMIT", self.core.hang_limit)
        self.cdb_set("ON_CYCLE", self.core.on_cycle)
        self.cdb_set("CLOCK", self.core.clock)
        self.cdb_set("RESET", self.core.reset)
        self.env = StreamEnv("env", self)

    async def run_phase(self) -> None:
        self.raise_objection()
        await self.reset(self.rng.randint(1, 3))
        await self.env.wait_cycles(self.rng.randint(1, 4))  # nothing may come out of nothing
        await self.cdb_get("SCENARIO")(self)
        self.drop_objection()

    async def reset(self, cycles: int = 1) -> None:
        """Reset the core, for a single cycle unless told, and let a cycle without any word follow, as AXI wants."""
        await self.env.reset(cycles)
        self.throttle("full", "full")
        await self.env.wait_cycles(1)

    def throttle(self, source: str, sink: str) -> None:
        """Set the profile of all sources and of all sinks."""
        for agent in self.env.sources.values():
            agent.set_throttle(source, self.core.source_period, self.core.hold)
        for agent in self.env.sinks.values():
            agent.set_throttle(sink, self.core.sink_period, self.core.hold)

    def random_frames(self, count: int) -> Frames:
        """Return random frames of random shapes."""
        return self.core.random_frames(self.rng, self.rng.choices(self.core.shapes, k=count))

    async def send(self, frames: Frames, source: str = "full", sink: str = "full") -> None:
        """Start a run and return at once."""
        self.throttle(source, sink)
        await self.env.send(frames, self.core.ref(frames))

    async def finish(self, exact: bool) -> None:
        """Wait until the run is through, check its cycles, and that nothing follows.

        exact  nothing stalled, so that every frame must come at its planned cycle
        """
        env = self.env
        await env.wait_done()
        self._check_cycles(exact)
        self.throttle("full", "full")
        await env.wait_cycles(self.core.hang_limit + 8)

    async def run(self, frames: Frames, source: str = "full", sink: str = "full") -> None:
        """Send frames and wait until everything is checked. A core without frames must be fresh from reset."""
        self._planned = self.core.timing(self.core.shapes_of(frames))
        await self.send(frames, source, sink)
        await self.finish(exact=source == sink == "full")

    def _check_cycles(self, exact: bool) -> None:
        env = self.env
        for name, planned in self._planned.items():
            checker = env.scoreboard.checkers[name]
            if exact:
                check_exact(env.first, checker.first_cycles, checker.last_cycles, planned, name)
            check_bound(env.start, checker.last_cycles[-1], planned[-1].last, env.stalls, name)

    def note_reset(self) -> None:
        """Note for the coverage in what state the reset meets the core."""
        for name, stream in self.env.coverage.streams.items():
            if stream.in_mid_frame:
                self.hit("reset", f"{name}_mid_frame")
        for name, sink in self.env.sinks.items():
            if sink.stalled:
                self.hit("reset", f"{name}_stalled")

    def hit(self, point: str, name: str) -> None:
        """Note a bin of a coverage point. Raises ValueError when there is no such bin."""
        if name not in self.cdb_get("POINTS").get(point, ()):
            raise ValueError(f"coverage point {point!r} has no bin {name!r}")
        self._hits.setdefault(point, set()).add(name)

    @property
    def hits(self) -> dict[str, set[str]]:
        """The bins that this test hit, by point."""
        return self.env.coverage.hits | self._hits


Scenario = Callable[[StreamTest], Awaitable[None]]


class NotRunError(AssertionError):
    """The test has nothing to say because another failed."""


class _Bench:
    """Turns scenarios into cocotb tests of one core and gathers their coverage."""

    def __init__(self, core: StreamCore, module: str) -> None:
        self.core = core
        self.module = module
        self.points = core.coverage_points()
        self.coverage = Coverage(module.rpartition(".")[2], self.points)
        self.fail_fast = os.environ.get("FINN_FAIL_FAST", "") == "1"
        self.failed = ""
        self.unfinished: set[str] = set()

    def test(self, name: str, doc: str, scenario: Scenario, profiles: tuple[str, str] | None = None):
        """Return the cocotb test that plays a scenario."""

        async def play(dut) -> None:
            if self.failed:
                raise NotRunError(f"not run, {self.failed} failed and FINN_FAIL_FAST is set")
            self.failed = name if self.fail_fast else ""
            database = ConfigDB()
            database.clear()
            rng = seed.rng(name)
            given = {"DUT": dut, "CORE": self.core, "POINTS": self.points, "RNG": rng, "SCENARIO": scenario}
            for key, value in given.items():
                database.set(None, "*", key, value)
            await uvm_root().run_test(StreamTest, keep_set={ConfigDB})
            self.coverage.sample(uvm_root().uvm_test_top.hits)
            if profiles is not None:
                self.coverage.sample_profiles(*profiles)
            self.failed = ""
            self.unfinished.remove(name)

        self.unfinished.add(name)
        play.__module__ = self.module
        play.__doc__ = doc
        return cocotb.test(name=name)(play)

    def closing(self):
        """Return the cocotb test that judges the coverage of all others and writes it."""

        async def test_coverage_closes(_dut) -> None:
            """Every bin was hit by a test that passed."""
            self.coverage.write(Path(os.environ.get("FINN_COVERAGE", f"{self.module}.coverage.xml")))
            if self.unfinished:
                raise NotRunError(f"not judged, {len(self.unfinished)} tests failed")
            self.coverage.check_closed()

        test_coverage_closes.__module__ = self.module
        return cocotb.test(name="test_coverage_closes", stage=_LAST_STAGE)(test_coverage_closes)


def stream_tests(core: StreamCore, module: str, own: Mapping[str, Scenario] | None = None) -> dict[str, object]:
    """Return the cocotb tests of a core by name; put them into the globals of the module they belong to.

    module  name of that module
    own     further scenarios of the core, by test name; they share environment and coverage
    """
    bench = _Bench(core, module)
    tests = [
        bench.test(
            f"test_{source}_source_{sink}_sink",
            "Every word arrives, once and in order, in no more cycles than the stalls explain.",
            lambda test, source=source, sink=sink: _profiles(test, source, sink),
            profiles=(source, sink),
        )
        for source in PROFILES
        for sink in PROFILES
    ]
    common: dict[str, Scenario] = {
        "test_three_frames_back_to_back_take_the_planned_cycles": _back_to_back,
        "test_frames_of_every_length_follow_each_other": _every_length,
        "test_all_zero_all_one_and_single_bit_words_pass": _corners,
        "test_reset_in_mid_frame_leaves_no_trace": _reset_mid_frame,
        "test_reset_of_a_stalled_output_leaves_no_trace": _reset_stalled,
    }
    common |= {f"test_random_mix_{i}": _mix for i in range(_MIXES)}
    common |= {f"test_reset_at_a_random_moment_leaves_no_trace_{i}": _reset_anywhere for i in range(_RESETS)}
    if core.registered:
        common["test_no_output_depends_on_an_input_of_the_same_cycle"] = _registered
    for name, scenario in {**common, **(own or {})}.items():
        tests.append(bench.test(name, scenario.__doc__ or "", scenario))
    return {test.name: test for test in (*tests, bench.closing())}


async def _profiles(test: StreamTest, source: str, sink: str) -> None:
    """Random frames under a pair of profiles.

    Three pairs take chosen frames too, so that the coverage of stalls and of refused words closes with every
    seed: where every word is stalled, frames of each length, and while the sink holds, more words than the
    core can keep.
    """
    core, chosen = test.core, []
    if (source, sink) in (("slow", "full"), ("full", "slow")):
        chosen = [*core.shapes] * (2 if len(core.shapes) == 1 else 1)
    elif (source, sink) == ("full", "stalled_first"):
        chosen = [core.longest] * min(core.hold // min(core.longest.values()) + 1, 2 * core.frames)
    more = test.rng.choices(core.shapes, k=max(0, core.frames - len(chosen)))
    await test.run(core.random_frames(test.rng, [*chosen, *more]), source, sink)


async def _back_to_back(test: StreamTest) -> None:
    """Three equal frames of every length, nothing stalls: every frame leaves at its planned cycle."""
    for shape in test.core.shapes:
        await test.reset()
        await test.run(test.core.random_frames(test.rng, [shape] * 3))


async def _every_length(test: StreamTest) -> None:
    """All frame lengths in a random order, then in another, nothing stalls: planned cycles."""
    shapes = [*test.rng.sample(test.core.shapes, len(test.core.shapes)), *test.core.shapes]
    await test.run(test.core.random_frames(test.rng, shapes))


async def _corners(test: StreamTest) -> None:
    """Words of zeros, of ones, of one set bit each."""
    core = test.core
    longest = core.longest
    bits = min(_MOST_SINGLE_BITS, max(stream.width for stream in core.inputs))
    single_bit_frames = -(-bits // min(longest.values()))

    def frames_of(stream: Stream) -> list[Frame]:
        length, ones = longest[stream.name], (1 << stream.width) - 1
        single = [1 << (i % stream.width) for i in range(single_bit_frames * length)]
        return [
            [0] * length,
            [ones] * length,
            *(single[i * length : (i + 1) * length] for i in range(single_bit_frames)),
            [ones * (i & 1) for i in range(length)],
        ]

    await test.run({stream.name: frames_of(stream) for stream in core.inputs})


async def _mix(test: StreamTest) -> None:
    """The profiles change at random while words are under way."""
    await test.run(test.random_frames(2 * test.core.frames), MIX, MIX)


async def _clean_frames(test: StreamTest, pause: int) -> None:
    """Reset now; the frames that follow, after a pause, must come as if nothing had been before."""
    test.note_reset()
    await test.reset()
    if pause:
        await test.env.wait_cycles(pause)
    await test.run(test.random_frames(3))


async def _reset_mid_frame(test: StreamTest) -> None:
    """A reset while frames are half in, half out; then clean frames at their planned cycles."""
    bins = test.cdb_get("POINTS")["reset"]
    longest = test.core.longest
    for name, stream in test.env.coverage.streams.items():
        if f"{name}_mid_frame" not in bins:
            continue
        for pause in _PAUSES:
            await test.reset()
            await test.send(test.core.random_frames(test.rng, [longest] * 3), "bubbles", "bubbles")
            await test.env.wait_until(lambda stream=stream: stream.in_mid_frame)
            await _clean_frames(test, pause)
    await test.reset()
    await test.run(test.random_frames(1))


async def _reset_stalled(test: StreamTest) -> None:
    """A reset while a sink refuses a word and the core is full; then clean frames at their planned cycles."""
    for sink in test.env.sinks.values():
        for pause in _PAUSES:
            await test.reset()
            await test.send(test.random_frames(test.core.frames), "full", "stalled_first")
            await test.env.wait_until(lambda sink=sink: sink.stalled)
            await test.env.wait_cycles(test.core.hold // 2)
            await _clean_frames(test, pause)


async def _reset_anywhere(test: StreamTest) -> None:
    """A reset at a random moment under random stalls; then clean frames at their planned cycles."""
    frames = test.random_frames(test.core.frames)
    planned = test.core.timing(test.core.shapes_of(frames))
    await test.send(frames, MIX, MIX)
    await test.env.wait_cycles(test.rng.randint(1, 2 * max(times[-1].last for times in planned.values())))
    await _clean_frames(test, test.rng.choice(_PAUSES))


async def _registered(test: StreamTest) -> None:
    """Inputs that change between two edges change no output before the next edge."""
    wiggle = cocotb.start_soon(_wiggle(test))
    await test.run(test.random_frames(3), MIX, MIX)
    wiggle.cancel()


async def _wiggle(test: StreamTest) -> None:
    """Turn all inputs round in the middle of every cycle, for a moment, and compare the outputs."""
    sources, sinks = test.env.sources.values(), test.env.sinks.values()
    inputs = [handle for a in sources for handle in _sent(a)] + [a.monitor.bus.tready for a in sinks]
    outputs = [handle for a in sinks for handle in _sent(a)] + [a.monitor.bus.tready for a in sources]
    edge, pause = RisingEdge(test.env.clock), Timer(CLOCK_PERIOD_NS // 5, unit="ns")
    while True:
        await edge
        await pause
        before = [str(handle.value) for handle in outputs]
        driven = [int(handle.value) for handle in inputs]
        for handle, value in zip(inputs, driven, strict=True):
            handle.value = value ^ ((1 << len(handle)) - 1)
        await pause
        after = [str(handle.value) for handle in outputs]
        for handle, value in zip(inputs, driven, strict=True):
            handle.value = value
        for handle, old, new in zip(outputs, before, after, strict=True):
            if old != new:
                raise ProtocolError(
                    f"{handle._name}, cycle {test.env.cycle}: follows an input within the cycle, {old} to {new}; "
                    "put a register between them, or say registered=False if this core is meant to have such a path"
                )


def _sent(agent) -> list:
    """Return the signals that a stream's sender drives."""
    bus = agent.monitor.bus
    return [bus.tvalid, bus.tdata] + ([bus.tlast] if agent.stream.tlast else [])
