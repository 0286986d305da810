# SPDX-License-Identifier: Apache-2.0
"""Whether a chain with FIFOs takes an image every so many cycles, asked of as few of its stages as can tell.

A timetable says in which cycle every word of an image passes every boundary, an image every interval. If one exists
that all stages can keep, the chain keeps the interval: times only grow with the times they depend on (see
`fifo_sizing`). So, when the room between two stages is changed:

- If the stages around it, fed by the timetable of a chain that keeps up, take and give all their words by it, nothing
  changes for the others, and the chain keeps up. What moves between these stages makes the new timetable.
- If the same stages by themselves, between a source and a sink that never stall, take longer for an image, so does
  the chain.
- If neither is so, more stages are asked, on the side where a word was late; in the end all of them.

Timetables are of a single image: where images take turns, the whole chain is asked each time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from finn_gen.ip.fifo import plan as fifo
from finn_gen.timing import engine, storage
from finn_gen.timing.actor import Actor
from finn_gen.timing.chain import Run, first_verdict, settled_interval

UNBOUNDED = 1 << 40
"""Words of a FIFO that never fills up."""
_MOST_IMAGES = 16
"""After so many images a part of the chain that has not shown what it does is left for a larger one."""


class _Part(NamedTuple):
    """Stages `low` + 1 to `high` with the FIFOs beside and between them; -1 and the last stage: the whole chain."""

    low: int
    high: int

    def around(self, index: int, last: int, below: bool = True, above: bool = True) -> _Part:
        """The part that reaches twice as far from boundary `index`, below or above it or both."""
        low = max(-1, 2 * self.low - index) if below else self.low
        return _Part(low, min(last, 2 * self.high - index) if above else self.high)


class KeepingUp:
    """A chain of `stages` with a FIFO at any inner boundary, whose source offers an image every `interval` cycles.

    words     of an image at the boundaries, one before each stage and one behind the last
    careful   whether a chain has to keep up with a source that never waits as well: see `holds`
    """

    def __init__(self, stages: Sequence[Actor], words: Sequence[int], interval: int) -> None:
        self.stages, self.words, self.interval = stages, words, interval
        self.careful = False
        self._patience = 1
        self._meters: list[np.ndarray] = []
        # What passes each inner boundary: when it leaves the stage before, and when it enters that behind.
        self._made: list[np.ndarray] = []
        self._used: list[np.ndarray] = []
        self._whole = _Part(-1, len(stages) - 1)
        # The parts that told about a boundary: by keeping the timetable, by being too slow.
        self._kept: dict[int, _Part] = {}
        self._slow: dict[int, _Part] = {}

    @property
    def steps(self) -> int:
        """How often a stage was taken on, in all runs so far: what the answers cost."""
        return sum(int(meter[0]) for meter in self._meters)

    def high_water(self) -> list[int]:
        """The most words that wait at every inner boundary if there is room for all of them.

        The timetable is that of this chain.
        """
        depths = [UNBOUNDED] * (len(self.stages) - 1)
        running = self._run(depths, timed=True)
        self._settled(running)
        self._patience = running.entered
        self._take_timetable(running, depths)
        return [int(held) for held in running.high_water[1::2]]

    def holds(self, depths: Sequence[int]) -> bool:
        """Whether the chain keeps the interval with a source that never waits.

        That follows from `keeps` but for the rule of matrix-vector units.
        """
        runs = [self._run(depths, every=0) for _ in range(2)]
        return settled_interval(*runs) <= self.interval

    def keeps(self, depths: Sequence[int], index: int) -> bool:
        """Whether the chain with these depths keeps the interval, where that of boundary `index` is the doubtful one.

        All others are those with which the chain kept the interval when it was last asked, or larger.
        """
        verdict = self._by_parts(depths, index) if self._made else self._by_all(depths, index)
        return verdict and not (self.careful and not self.holds(depths))

    def _by_parts(self, depths: Sequence[int], index: int) -> bool:
        """The verdict of growing parts of the chain: one may keep the timetable, one may be too slow."""
        last = len(self.stages) - 1
        start = _Part(index - 1, index + 1)
        fit, slow = self._kept.get(index, start), self._slow.get(index, start)
        asked = None
        for attempt in itertools.count():
            if fit == self._whole:
                break
            keeps, late = self._by_timetable(depths, fit)
            if keeps:
                self._kept[index] = fit
                return True
            # Whether a part is too slow takes longer to see than whether one is late.
            if slow != asked and attempt % 2 == 0:
                if self._is_slow(depths, index, slow):
                    self._slow[index] = slow
                    return False
                asked, slow = slow, slow.around(index, last)
            fit = fit.around(index, last, late != engine.LATE_OUT, late != engine.LATE_IN or fit.low < 0)
        verdict = self._by_all(depths, index)
        if verdict:
            running = self._run(depths, timed=True)
            self._settled(running)
            self._take_timetable(running, depths)
        return verdict

    def _by_timetable(self, depths: Sequence[int], part: _Part) -> tuple[bool, int]:
        """Whether a part takes and gives its words by the timetable, and if not what came late.

        If so the timetable becomes that of the part, whose FIFOs have other depths now.
        """
        ends = {}
        if part.low >= 0:
            ends["offers"] = self._made[part.low]
        if part.high < len(self.stages) - 1:
            ends["takes"] = self._used[part.high]
        running = self._run(depths, part, timed=True, **ends)
        running.run(entered=1)
        for image in range(2, _MOST_IMAGES + 1):
            before = running.passed, running.all_times().copy()
            running.run(entered=image)
            if running.late:
                return False, running.late
            # The source of the chain may be late, if always by the same.
            if self._same(running, *before):
                self._note(running, depths, part)
                return True, 0
        return False, 0

    def _is_slow(self, depths: Sequence[int], index: int, part: _Part) -> bool:
        """Whether a part by itself, full at first before the doubtful boundary, shows that it is too slow."""
        running = self._run(depths, part, every=0)
        for verdict in itertools.islice(self._from_full(running, self._behind(depths, part, index)), _MOST_IMAGES):
            if verdict is not None:
                return not verdict
        return False

    def _by_all(self, depths: Sequence[int], index: int) -> bool:
        """The verdict of the whole chain.

        Two runs take turns. A chain that keeps up settles soon after it was empty. One that does not may fill up for
        hundreds of images before that shows at the source; there one settles soon whose stages before the doubtful
        boundary are full from the beginning.
        """
        full = self._from_full(self._run(depths, every=0), self._behind(depths, self._whole, index))
        slow = (None if verdict else verdict for verdict in full)
        return first_verdict([self._from_empty(self._run(depths)), slow], self._patience)

    def _from_empty(self, running: Run) -> Iterator[bool | None]:
        """Whether images come to enter at the interval at which they are offered; None an image until that shows."""
        seen: dict[bytes, tuple[int, int]] = {}
        punctual = 0
        for image, cycle, state in running.entries():
            late = cycle - image * self.interval
            if not late:
                punctual = image
            before, then = seen.get(state, (image, late))
            seen[state] = image, late
            if before == image:
                yield None
            elif late == then:
                yield True
                return
            elif punctual < before:
                # The source never waited, and will not from here on: this repeats for ever, later every time.
                yield False
                return

    def _settled(self, running: Run) -> bool:
        """Whether images come to enter at the interval; the run goes on until that shows."""
        return next(verdict for verdict in self._from_empty(running) if verdict is not None)

    def _from_full(self, running: Run, before: int) -> Iterator[bool | None]:
        """Whether the chain is fast enough, with the stages before boundary `before` full at first.

        None an image until that shows.
        """
        running.fill(before)
        seen: dict[bytes, tuple[int, int]] = {}
        for image, cycle, state in running.entries():
            known, then = seen.setdefault(state, (image, cycle))
            yield None if known == image else cycle - then <= self.interval * (image - known)

    def _take_timetable(self, running: Run, depths: Sequence[int]) -> None:
        """Keep the timetable of the whole chain in its steady state, if every image has the same."""
        before = running.passed, running.all_times().copy()
        running.run(entered=running.entered + 1)
        self._made, self._used = [], []
        if self._same(running, *before):
            self._made, self._used = ([np.zeros(0, np.int64)] * len(depths) for _ in range(2))
            self._note(running, depths, self._whole)

    @staticmethod
    def _same(running: Run, passed: np.ndarray, times: np.ndarray) -> bool:
        """Whether an image has passed every boundary since, at the times of the image before it."""
        whole = all(passed >= running.words) and all(running.passed == passed + running.words)
        return whole and np.array_equal(running.all_times(), times)

    def _note(self, running: Run, depths: Sequence[int], part: _Part) -> None:
        """Keep the times of a part: the boundaries between its stages, and its own side of those beside them."""
        boundary, (low, high) = 0, part
        for index in range(low, high + 1):
            if not 0 <= index < len(depths):
                boundary += index < 0
                continue
            if index > low:
                self._made[index] = running.times(boundary).copy()
            if depths[index]:
                boundary += 1
            if index < high:
                self._used[index] = running.times(boundary).copy()
            boundary += 1

    def _run(
        self,
        depths: Sequence[int],
        part: _Part | None = None,
        *,
        every: int | None = None,
        timed: bool = False,
        **ends: np.ndarray,
    ) -> Run:
        """A run of a part, or of the whole chain, whose source offers an image every `every` cycles."""
        every = self.interval if every is None else every
        running = Run(*self._inserted(depths, part or self._whole), every=every, timed=timed, **ends)
        self._meters.append(running.meter)
        return running

    def _behind(self, depths: Sequence[int], part: _Part, index: int) -> int:
        """The boundary behind the FIFO `index` in a part."""
        return index - part.low + sum(1 for depth in depths[max(part.low, 0) : index + 1] if depth)

    def _inserted(self, depths: Sequence[int], part: _Part) -> tuple[list[Actor], list[int]]:
        """The stages of a part with its FIFOs, and the words of an image at their boundaries."""
        stages, words = [], [self.words[part.low + 1]]
        for index in range(part.low, part.high + 1):
            if index > part.low:
                stages.append(self.stages[index])
                words.append(self.words[index + 1])
            if 0 <= index < len(depths) and depths[index]:
                registers = depths[index] < fifo.MIN_MEMORY_DEPTH
                stages.append(storage.fifo("fifo", 2 if registers else depths[index], registers))
                words.append(self.words[index + 1])
        return stages, words
