# SPDX-License-Identifier: Apache-2.0
"""Functional coverage of a stream core: bins that must close over a run of its test module.

Observers note bins cheaply, cycle by cycle, in Python sets; `Coverage.sample` hands them to
cocotb-coverage after each test that passed all its checks, so that a failing test covers nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cocotb_coverage.coverage import CoverCross, CoverPoint, coverage_db
from pyuvm import uvm_component, uvm_subscriber

from finn_verif.axis import Frame, Stream, Transfer
from finn_verif.throttle import PROFILES


class CoverageError(AssertionError):
    """A bin that must close was never hit."""


POSITIONS = ("first", "middle", "last")


def positions(lengths: Sequence[int]) -> tuple[str, ...]:
    """Return which positions a word can have in frames of these lengths (the word of 1-word frames is both)."""
    longest = max(lengths)
    return POSITIONS if longest > 2 else ("first", "last")


def position(index: int, length: int) -> tuple[str, ...]:
    """Return the positions of word `index` of a frame of `length` words."""
    found = [name for name, true in (("first", index == 0), ("last", index == length - 1)) if true]
    return tuple(found) or ("middle",)


def data_kinds(width: int) -> tuple[str, ...]:
    """Return the kinds that a word of this width can have."""
    return {1: ("zeros", "ones"), 2: ("zeros", "ones", "single_bit")}.get(
        width, ("zeros", "ones", "single_bit", "other")
    )


def data_kind(word: int, width: int) -> str:
    """Return the kind of a word."""
    if word == 0:
        return "zeros"
    if word == (1 << width) - 1:
        return "ones"
    return "other" if word & (word - 1) else "single_bit"


class Coverage:
    """The coverage points of one run; lives as long as the simulation.

    name    root of the points in cocotb-coverage's database
    points  bins of every point, beside the cross of source and sink profiles, which is always there
    """

    def __init__(self, name: str, points: Mapping[str, Sequence[str]]) -> None:
        self._name = name
        self._samplers = {}
        for point, bins in {**points, "source": PROFILES, "sink": PROFILES}.items():
            self._samplers[point] = self._point(point, bins)
        self._cross = CoverCross(f"{name}.source_x_sink", items=[f"{name}.source", f"{name}.sink"])(lambda *_: None)
        self._bins = {point: frozenset(bins) for point, bins in points.items()}

    def _point(self, point: str, bins: Sequence[str]):
        return CoverPoint(f"{self._name}.{point}", bins=list(bins), xf=lambda hit: hit, inj=True)(lambda hit: None)

    def sample(self, hits: Mapping[str, set[str]]) -> None:
        """Count the bins that one passed test hit; what is no bin, as an unusual frame length, does not count."""
        for point, bins in hits.items():
            for hit in sorted(bins & self._bins.get(point, frozenset())):
                self._samplers[point](hit)

    def sample_profiles(self, source: str, sink: str) -> None:
        """Count one passed run of a source profile against a sink profile."""
        self._samplers["source"](source)
        self._samplers["sink"](sink)
        self._cross(source, sink)

    def holes(self) -> list[str]:
        """Return the bins never hit, as `point:bin`."""
        found = []
        for name, item in sorted(coverage_db.items()):
            if name.startswith(f"{self._name}.") and isinstance(item, CoverPoint | CoverCross):
                found += [f"{name}:{b}" for b, hits in item.detailed_coverage.items() if not hits]
        return found

    def check_closed(self) -> None:
        """Raise CoverageError naming the bins never hit, if any."""
        holes = self.holes()
        if holes:
            raise CoverageError(f"{len(holes)} bins were never hit: {', '.join(holes)}")

    def write(self, path: Path) -> None:
        """Write the database as cocotb-coverage XML; its `merge_coverage` joins several."""
        path.parent.mkdir(parents=True, exist_ok=True)
        coverage_db.export_to_xml(str(path))


class StreamCoverage(uvm_subscriber):
    """Notes what happens on one stream: where in a frame it stalls, data, lengths, frames back to back.

    `hits` are the bins of the test that runs, by the point's name.
    """

    def build_phase(self) -> None:
        self.stream: Stream = self.cdb_get("STREAMS")[self.get_name()]
        self.is_input = self.get_name() in self.cdb_get("INPUTS")
        self.hits: dict[str, set[str]] = {}
        self.expect([])

    def expect(self, lengths: Sequence[int]) -> None:
        """Tell the lengths of the frames that pass from now on."""
        self._words = [(i, length) for length in lengths for i in range(length)]
        self._next = 0
        self._held = True

    def note(self, point: str, hit: str) -> None:
        """Note a bin of this stream."""
        self.hits.setdefault(f"{self.stream.name}_{point}", set()).add(hit)

    def stalled(self) -> None:
        """Note that the throttle kept the next word waiting."""
        self._held = True
        if self._next < len(self._words):
            for name in position(*self._words[self._next]):
                self.note("stalled", name)

    def blocked(self) -> None:
        """Note that the core refused a word."""
        self.note("blocked", "yes")

    @property
    def in_mid_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._next < len(self._words) and self._words[self._next][0] > 0

    def write(self, transfer: Transfer) -> None:
        if self._next == len(self._words):
            return
        index, length = self._words[self._next]
        if index == 0 and not self._held:
            self.note("back_to_back", "yes")
        self._held = False
        if self.is_input:
            self.note("data", data_kind(transfer.data, self.stream.width))
            if index == length - 1:
                self.note("length", str(length))
        self._next += 1


class StreamsCoverage(uvm_component):
    """The StreamCoverage of every stream of an environment."""

    def build_phase(self) -> None:
        self.streams = {name: StreamCoverage(name, self) for name in self.cdb_get("STREAMS")}

    def expect(self, frames: Mapping[str, Sequence[Frame]]) -> None:
        """Tell the frames that pass from now on, by stream."""
        for name, stream in self.streams.items():
            stream.expect([len(frame) for frame in frames[name]])

    @property
    def hits(self) -> dict[str, set[str]]:
        """The bins hit since the test began, by point."""
        return {point: hits for stream in self.streams.values() for point, hits in stream.hits.items()}


def stream_points(stream: Stream, lengths: Sequence[int], is_input: bool) -> dict[str, tuple[str, ...]]:
    """Return the points of one stream whose frames have these lengths, and their bins."""
    points = {f"{stream.name}_stalled": positions(lengths)}
    if is_input:
        points[f"{stream.name}_blocked"] = ("yes",)
        points[f"{stream.name}_data"] = data_kinds(stream.width)
        points[f"{stream.name}_length"] = tuple(str(length) for length in sorted(set(lengths)))
    return points
