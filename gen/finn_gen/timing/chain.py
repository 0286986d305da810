# SPDX-License-Identifier: Apache-2.0
"""The exact cycle-accurate model of a chain of streaming stages.

Its stages are plans of IPs, and every number is that of the RTL, to the cycle. Boundary 0 is before stage 0,
boundary i behind stage i - 1, so that n stages have n + 1 boundaries. A cycle in which both `tvalid` and `tready` are
high moves a word. Cycle 0 is that of the first input word.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.timing import engine, kernel
from finn_gen.timing.actor import Actor, actor, image_words

__all__ = (
    "ALWAYS",
    "Run",
    "Steady",
    "Trace",
    "actors",
    "chain_interval",
    "first_verdict",
    "settled_interval",
    "steady",
    "trace",
)

ALWAYS = (1,)
"""The pattern of a source that always offers a word, and of a sink that always takes one."""
_NO_TIMETABLE = np.zeros(0, np.int64)
_NEVER = 1 << 62
_REST = 1024
"""Cycles without a transfer after which a chain is looked at."""
_PATIENCE = 4
"""Images after which another run is tried, for a start."""


@dataclass(frozen=True)
class Trace:
    """When the words of images moved. Times in cycles, 0 is the first input word's.

    `words` of an image pass each boundary; `first` and `last` [boundary, image] are when the first and the last of
    them do. `high_water` is the most words that each stage held that is a FIFO, None for the others.
    """

    words: tuple[int, ...]
    first: np.ndarray
    last: np.ndarray
    high_water: tuple[int | None, ...]


@dataclass(frozen=True)
class Steady:
    """The steady state of a chain between a source and a sink that never stall.

    `interval` is the exact number of cycles from an image to the next one: a fraction where images repeat in groups.
    `latency` is the number of cycles from the transfer of the first input word into the empty chain to the transfer
    of the last output word of the same image.
    """

    interval: Fraction
    latency: int


class Run:
    """A chain in the middle of a run.

    stages   in order, each with its name
    words    of an image at every boundary
    source   pattern: a word is offered in a cycle with a 1, and stays so until it is taken
    sink     pattern: a word is taken in a cycle with a 1
    every    least cycles from the first offer of an image to that of the next one
    images   whose times are kept, the last ones if there are more
    offers   timetable: the cycle in which each word of the first image is offered, those of the next one `every` later
    takes    the same for the cycles in which the sink takes words
    timed    whether the cycles of all words are kept, see `times`

    Patterns repeat, and begin with the first cycle after reset.
    """

    def __init__(
        self,
        stages: Sequence[Actor],
        words: Sequence[int],
        source: Sequence[int] = ALWAYS,
        sink: Sequence[int] = ALWAYS,
        *,
        every: int = 0,
        images: int = 1,
        offers: np.ndarray | None = None,
        takes: np.ndarray | None = None,
        timed: bool = False,
    ) -> None:
        self.stages = stages
        count, columns = len(stages), _rows([each.parameters for each in stages])
        self.words = np.array(words, np.int64)
        rows, boundaries = np.zeros((count, engine.STAGE), np.int64), np.zeros((count + 1, engine.BOUNDARY), np.int64)
        rows[:, engine.KIND] = [engine.index(each.kernel) for each in stages]
        rows[:, engine.COUNTED] = [each.counted for each in stages]
        # After reset every stage takes a word and none offers one; what goes on by itself shows in the first cycle.
        rows[:, engine.FLAGS] = kernel.RESET
        boundaries[:, engine.WORDS] = words
        boundaries[1:, engine.START] = np.cumsum(self.words)[:-1]
        self._rows = engine.Rows(
            stages=rows,
            boundaries=boundaries,
            parameters=columns,
            states=_rows([each.state for each in stages]),
            first=np.zeros((count + 1, images), np.int64),
            last=np.zeros((count + 1, images), np.int64),
            times=np.zeros(self.words.sum() if timed else 0, np.int64),
            source=_pattern("source", source),
            sink=_pattern("sink", sink),
            offers=_NO_TIMETABLE if offers is None else offers,
            takes=_NO_TIMETABLE if takes is None else takes,
            run=np.zeros(engine.RUN, np.int64),
            stop=np.zeros(engine.STOP, np.int64),
            masks=engine.masks(count),
        )
        self._rows.run[engine.EVERY] = every

    @property
    def high_water(self) -> np.ndarray:
        """The most words that each stage held whose words are counted."""
        return self._rows.stages[:, engine.HIGH]

    @property
    def images(self) -> np.ndarray:
        """Images that have passed each boundary."""
        return self._rows.boundaries[:, engine.IMAGE]

    @property
    def _position(self) -> np.ndarray:
        """Words of the next image that have."""
        return self._rows.boundaries[:, engine.POSITION]

    @property
    def first(self) -> np.ndarray:
        """The cycles in which the first words of images passed: see `engine.Rows`."""
        return self._rows.first

    @property
    def last(self) -> np.ndarray:
        """The same of their last words."""
        return self._rows.last

    @property
    def late(self) -> int:
        """What was late for a timetable: `engine.LATE_IN`, `engine.LATE_OUT`, or 0."""
        return int(self._rows.run[engine.LATE])

    def times(self, boundary: int) -> np.ndarray:
        """The cycle in which each word of the last image passed the boundary, as if that were the first image."""
        start = int(self._rows.boundaries[boundary, engine.START])
        return self._rows.times[start : start + int(self.words[boundary])]

    def all_times(self) -> np.ndarray:
        """The `times` of all boundaries, one after the other."""
        return self._rows.times

    @property
    def meter(self) -> np.ndarray:
        """How often a stage was taken on: a single number that goes up with the run."""
        return self._rows.run[engine.STEPS : engine.STEPS + 1]

    @property
    def passed(self) -> np.ndarray:
        """Words that have passed each boundary."""
        return self.images * self.words + self._position

    @property
    def entered(self) -> int:
        """Images that have begun to enter."""
        return int(self.images[0]) + int(self._position[0] > 0)

    def entered_at(self, image: int) -> int:
        """The cycle in which an image, one of the last, began to enter."""
        return int(self.first[0, image % self.first.shape[1]])

    def run(self, images: int = _NEVER, entered: int = _NEVER, left: int = _NEVER) -> None:
        """Go on until that many images have begun to enter or have left; offer no more than `images`.

        Raises InputError if the chain is stuck for ever; it names the stage that waits.
        """
        rest = b""
        while not self._advance(self._rows, images, entered, left):
            # No word has moved for a while. If the state stays the same, none ever will, unless the sink takes one.
            before, rest = rest, self.images.tobytes() + self.state()
            if rest == before and not kernel.offers(self._rows.stages[-1, engine.FLAGS]):
                raise InputError(self._stuck())

    def never_stall(self) -> None:
        """From here on the ends do what they do with `ALWAYS`."""
        self._rows = self._rows._replace(source=np.ones(1, np.int64), sink=np.ones(1, np.int64))
        self._rows.run[[engine.SOURCE_AT, engine.SINK_AT]] = 0

    def fill(self, boundary: int) -> None:
        """Let nothing pass the boundary until everything before it is full and no word moves any more there."""
        self._advance(self._rows._replace(sink=np.zeros(1, np.int64)), stages=boundary)

    def _advance(
        self,
        rows: engine.Rows,
        images: int = _NEVER,
        entered: int = _NEVER,
        left: int = _NEVER,
        stages: int | None = None,
    ) -> bool:
        """Run all stages on, or the first ones."""
        rows.stop[:] = images, entered, left, _REST
        rows.run[engine.COUNT] = len(self.stages) if stages is None else stages
        return engine.advance(rows)

    def entries(self) -> Iterator[tuple[int, int, bytes]]:
        """Every further image, the cycle in which it begins to enter, and the state then."""
        for image in itertools.count(self.entered):
            self.run(entered=image + 1)
            yield image, self.entered_at(image), self.state()

    def settle(self) -> Iterator[Fraction | None]:
        """Cycles an image, once the whole state repeats as an image enters, and None an image until then.

        The ends must not stall.
        """
        seen: dict[bytes, tuple[int, int]] = {}
        for image, cycle, state in self.entries():
            before, then = seen.setdefault(state, (image, cycle))
            yield Fraction(cycle - then, image - before) if before < image else None

    def state(self) -> bytes:
        """Everything that the future depends on, except for the patterns and `every`."""
        return b"".join(each.tobytes() for each in (self._rows.states, self._position, self.images[0] - self.images))

    def _stuck(self) -> str:
        """Which stage waits for ever: the last one that has not given all that it makes of the words it took."""
        passed = [int(p + i * w) for p, i, w in zip(self._position, self.images, self.words, strict=True)]
        held = [
            index
            for index in range(len(self.stages))
            if passed[index] * self.words[index + 1] > passed[index + 1] * self.words[index]
        ]
        index = held[-1] if held else 0
        return (
            f"{self.stages[index].name}: stage {index} waits for ever, after {passed[index]} words in and "
            f"{passed[index + 1]} out in {int(self._rows.run[engine.CYCLE])} cycles"
        )


def _rows(numbers: Sequence[Sequence[int]]) -> np.ndarray:
    """Numbers of stages side by side, filled up with zeros."""
    found = np.zeros((len(numbers), max(map(len, numbers))), np.int64)
    for row, each in zip(found, numbers, strict=True):
        row[: len(each)] = each
    return found


def _pattern(name: str, pattern: Sequence[int]) -> np.ndarray:
    if not len(pattern) or any(bit not in (0, 1) for bit in pattern) or not any(pattern):
        raise InputError(f"{name}={list(pattern)}: a pattern is a list of 0 and 1, with a 1 at least")
    return np.array(pattern, np.int64)


def actors(plans: Sequence[Any], words: int | None = None) -> tuple[list[Actor], tuple[int, ...]]:
    """The stages of `plans`, and the words of an image at every boundary (see `image_words`)."""
    if not plans:
        raise InputError("a chain needs a stage at least")
    found = image_words(plans, words)
    return [actor(plan, *found[index : index + 2]) for index, plan in enumerate(plans)], found


def trace(
    plans: Sequence[Any],
    images: int,
    source: Sequence[int] = ALWAYS,
    sink: Sequence[int] = ALWAYS,
    *,
    every: int = 0,
    words: int | None = None,
) -> Trace:
    """Run `images` images through the chain of `plans`, from reset until they have passed every boundary.

    `source`, `sink` and `every` are those of `Run`, `words` that of `image_words`.
    """
    if images < 1:
        raise InputError(f"images={images}: it must be at least 1")
    stages, found = actors(plans, words)
    running = Run(stages, found, source, sink, every=every, images=images)
    running.run(images=images, left=images)
    origin = running.first[0, 0]
    return Trace(
        words=found,
        first=running.first - origin,
        last=running.last - origin,
        high_water=tuple(
            int(held) if each.counted else None for each, held in zip(stages, running.high_water, strict=True)
        ),
    )


def first_verdict(runs: Sequence[Iterator[Any]], patience: int) -> Any:
    """What one of `runs` yields first that is not None; they take turns, the first ones of `patience` steps."""
    while True:
        for run in runs:
            for verdict in itertools.islice(run, patience):
                if verdict is not None:
                    return verdict
        patience *= 2


def chain_interval(stages: Sequence[Actor], words: Sequence[int]) -> Fraction:
    """Cycles an image of a chain in its steady state.

    It may take the empty chain thousands of images to fill up, if the stages at its beginning are hardly faster than
    one at its end. Then a chain that is full at first settles sooner, with the same interval: see
    `finn_gen.plan.fifo_sizing` why that does not depend on the beginning.
    """
    return settled_interval(Run(stages, words), Run(stages, words))


def settled_interval(empty: Run, full: Run) -> Fraction:
    """Cycles an image of a chain in its steady state, from two new runs of it, whichever shows it first."""

    def from_full() -> Iterator[Fraction | None]:
        full.fill(len(full.stages))
        yield from full.settle()

    return first_verdict((empty.settle(), from_full()), _PATIENCE)


def steady(plans: Sequence[Any], words: int | None = None) -> Steady:
    """The steady state of the chain of `plans`. `words` is that of `image_words`."""
    stages, found = actors(plans, words)
    running = Run(stages, found)
    running.run(images=1, left=1)
    return Steady(chain_interval(stages, found), int(running.last[-1, 0] - running.first[0, 0]))
