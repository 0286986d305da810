# SPDX-License-Identifier: Apache-2.0
"""The loop that runs a chain of stages, exact to the cycle, compiled by numba for the kernels of all IPs.

In a cycle only stages are taken on that a word enters or leaves, or that go on by themselves; the others wait for a
neighbour, or sleep as long as what they do does not show (`Kernel.silent`). Cycles in which all of them do are left
out, so that a run takes as long as it has words.

Which words may move is known of 64 boundaries at once: a bit each for those where the stage before offers a word, and
for those where the stage behind is ready.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from finn_gen.base import compiled
from finn_gen.base.compiled import jitted, part
from finn_gen.timing import storage
from finn_gen.timing.kernel import ACTIVE, READY, VALID, Kernel, Row

COUNT, CYCLE, EVERY, OFFERED, SOURCE_AT, SINK_AT, LATE, STEPS, RUN = range(9)
"""The scalars of a run: the stages, the cycle, the least cycles from an image's first offer to the next one's, whether
the source has offered a word that was not taken yet, the positions in the two patterns, what was late for a timetable,
and how often a stage was taken on."""
LATE_IN, LATE_OUT = 1, 2
"""A word was not taken, or not there, in the cycle of `Ends.offers` or `Ends.takes`."""

OFFER, ENTERED, LEFT, REST, STOP = range(5)
"""When a run stops: images to offer; as soon as that many images have begun to enter, or have passed all boundaries; or
after that many cycles in which no word moved although the source offered one or is through, or when none ever will.
A run with a timetable stops as soon as something is late."""

KIND, FLAGS, COUNTED, HIGH, SINCE, ALARM, STAGE = range(7)
"""A row a stage: the index of its kernel, what that said last, whether the words that it holds are counted, and the
most that it held. For the loop alone: to which cycle its state belongs, and the cycle in which it wakes up."""

WORDS, POSITION, IMAGE, START, BOUNDARY = range(5)
"""A row a boundary, n + 1 of n stages, 0 before the first one: words of an image, those of the current one that have
passed, images that have passed, and where its cycles begin in `Rows.times`."""


class Rows(NamedTuple):
    """What a run works on: 64-bit numbers.

    stages, boundaries  rows, see `STAGE` and `BOUNDARY`
    parameters, states  of the stages' kernels, rows
    first, last         [boundary, image] the cycles in which an image's first and last word pass; once all columns are
                        taken the oldest is overwritten
    times               cycles in which the words of the last image passed, boundary after boundary, less EVERY cycles
                        for each image before it. Empty if they are not kept
    source, sink        patterns: a 1 for every cycle in which a new word is offered or one taken
    offers, takes       timetables: the cycle in which each word of the first image is offered, and taken, at the
                        earliest, those of the next image EVERY cycles later; empty if there is none
    run, stop           scalars, see `RUN` and `REST`
    masks               for the loop: a bit a boundary where a word is offered, where there is room, where one moves; a
                        bit a stage that is taken on in this cycle, that goes on by itself in the next one, that sleeps
    """

    stages: Row
    boundaries: Row
    parameters: Row
    states: Row
    first: Row
    last: Row
    times: Row
    source: Row
    sink: Row
    offers: Row
    takes: Row
    run: Row
    stop: Row
    masks: Row


_MASKS = 6
_BITS = 64
_FOR_EVER = 1 << 62


def masks(stages: int) -> Row:
    """`Rows.masks` of so many stages."""
    return np.zeros((_MASKS, stages // _BITS + 1), np.int64)


@functools.cache
def kernels() -> tuple[Kernel, ...]:
    """The kernels of all IPs, each once."""
    from finn_gen import ip

    found = dict.fromkeys((storage.SLICE, storage.FIFO))
    for each in ip.every():
        found |= dict.fromkeys(each.timing.kernels if each.timing else ())
    return tuple(found)


@functools.cache
def index(kernel: Kernel) -> int:
    """The number that stands for a kernel in the rows of stages."""
    return kernels().index(kernel)


def advance(rows: Rows) -> bool:
    """Run a chain on; return whether it came to a stop, and not to rest."""
    sizes = [size for row in rows for size in row.shape]
    return bool(_native().call(np.array(sizes, np.int64).ctypes.data, *(row.ctypes.data for row in rows)))


@functools.cache
def _native() -> compiled.Native:
    """The loop for the kernels that there are. Its first call on a machine compiles for some seconds."""
    files = {Path(inspect.getfile(each.step)) for each in kernels()}
    files |= {Path(__file__), Path(__file__).with_name("kernel.py")}
    return compiled.load("model", sorted(files), _entry, "i" * (1 + len(Rows._fields)))


def _entry() -> Callable:
    """The loop for the kernels that there are, as a function of pointers: to the sizes of `Rows`, and to each of it."""
    array = compiled.array()
    step = _ladder(_step_of, [each.step for each in kernels()])
    silent = _ladder(_silent_of, [each.silent for each in kernels()])
    skip = _ladder(_skip_of, [each.skip for each in kernels()])
    loop = jitted(_loop_of(step, silent, skip, _lowest()))

    def entry(  # noqa: PLR0917 - a function of C
        n, stages, boundaries, parameters, states, first, last, times, source, sink, offers, takes, run, stop, masks
    ):
        return loop(
            Rows(
                array(stages, (n[0], n[1])),
                array(boundaries, (n[2], n[3])),
                array(parameters, (n[4], n[5])),
                array(states, (n[6], n[7])),
                array(first, (n[8], n[9])),
                array(last, (n[10], n[11])),
                array(times, (n[12],)),
                array(source, (n[13],)),
                array(sink, (n[14],)),
                array(offers, (n[15],)),
                array(takes, (n[16],)),
                array(run, (n[17],)),
                array(stop, (n[18],)),
                array(masks, (n[19], n[20])),
            )
        )

    return entry


def _ladder(rung: Callable, functions: Sequence[Callable]) -> Callable:
    """One function for all kinds, a rung each."""
    found = None
    for kind in reversed(range(len(functions))):
        found = jitted(rung(kind, jitted(functions[kind]), found))
    return found


def _step_of(kind: int, step: Callable, rest: Callable | None) -> Callable:
    """A function that takes on a stage of `kind` by `step`, any other one by `rest`."""
    if rest is None:
        return lambda found, p, s, take, give: step(p, s, take, give)

    def update(found: int, p: Row, s: Row, take: int, give: int) -> int:
        if found == kind:
            return step(p, s, take, give)
        return rest(found, p, s, take, give)

    return update


def _silent_of(kind: int, silent: Callable, rest: Callable | None) -> Callable:
    """A function that asks a stage of `kind` by `silent`, any other one by `rest`."""
    if rest is None:
        return lambda found, p, s: silent(p, s)

    def ask(found: int, p: Row, s: Row) -> int:
        if found == kind:
            return silent(p, s)
        return rest(found, p, s)

    return ask


def _skip_of(kind: int, skip: Callable, rest: Callable | None) -> Callable:
    """A function that takes on a stage of `kind` by `skip`, any other one by `rest`."""
    if rest is None:
        return lambda found, p, s, cycles: skip(p, s, cycles)

    def jump(found: int, p: Row, s: Row, cycles: int) -> None:
        if found == kind:
            skip(p, s, cycles)
        else:
            rest(found, p, s, cycles)

    return jump


def _lowest() -> Callable:
    """The place of the lowest 1 in a number that is not 0."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def lowest(typing: object, bits: object) -> tuple:
        def build(context: object, builder: ir.IRBuilder, signature: object, arguments: list) -> ir.Value:
            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), build

    return lowest


@part
def _set(mask: Row, place: int, bit: int) -> None:
    """Set or clear a bit of a mask."""
    one = 1 << (place & 63)
    mask[place >> 6] = mask[place >> 6] | one if bit else mask[place >> 6] & ~one


@part
def _bit(mask: Row, place: int) -> int:
    return mask[place >> 6] >> (place & 63) & 1


@part
def _due(rows: Rows, every: int) -> int:
    """The cycle in which the source offers its next word."""
    image, position = rows.boundaries[0, IMAGE], rows.boundaries[0, POSITION]
    if len(rows.offers):
        return image * every + rows.offers[position]
    return image * every if position == 0 else 0


@part
def _taken(rows: Rows, count: int, every: int) -> int:
    """The cycle in which the next word is taken, by the timetable of the sink."""
    return rows.boundaries[count, IMAGE] * every + rows.takes[rows.boundaries[count, POSITION]]


def _loop_of(step: Callable, silent: Callable, skip: Callable, lowest: Callable) -> Callable:  # noqa: PLR0915 - as below
    def loop(rows: Rows) -> int:  # noqa: PLR0912, PLR0915 - written out, since calls would take most of the time
        run, stop, stages, boundaries = rows.run, rows.stop, rows.stages, rows.boundaries
        parameters, states, times = rows.parameters, rows.states, rows.times
        offered_at, room_at, moved, todo, due, asleep = (
            rows.masks[0], rows.masks[1], rows.masks[2], rows.masks[3], rows.masks[4], rows.masks[5],
        )  # fmt: skip
        count, cycle, offered, every = run[COUNT], run[CYCLE], run[OFFERED], run[EVERY]
        source_at, sink_at, late, steps = run[SOURCE_AT], run[SINK_AT], run[LATE], run[STEPS]
        blocks = count // 64 + 1
        patterns = len(rows.source) > 1 or len(rows.sink) > 1
        timed, offers, takes = len(times) > 0, len(rows.offers) > 0, len(rows.takes) > 0
        images = rows.first.shape[1]
        rows.masks[:, :] = 0
        # No stage sleeps at first: each that goes on by itself shows below whether it will.
        next_wake = _FOR_EVER
        for stage in range(count):
            flags = stages[stage, FLAGS]
            _set(offered_at, stage + 1, flags & VALID)
            _set(room_at, stage, flags & READY)
            stages[stage, SINCE], stages[stage, ALARM] = cycle, _FOR_EVER
            if flags & ACTIVE:
                quiet_for = silent(stages[stage, KIND], parameters[stage], states[stage])
                if quiet_for > 0:
                    stages[stage, ALARM] = cycle + quiet_for
                    next_wake = min(next_wake, cycle + quiet_for)
                    _set(asleep, stage, 1)
                elif quiet_for == 0:
                    _set(due, stage, 1)
        stopped, quiet = False, 0
        while not stopped and quiet < stop[REST]:
            if not offered and boundaries[0, IMAGE] < stop[OFFER] and rows.source[source_at]:
                offered = 1 if cycle >= _due(rows, every) else 0
            if offered or boundaries[0, IMAGE] == stop[OFFER]:
                quiet += 1
            ready = rows.sink[sink_at]
            if takes:
                ready = 1 if cycle >= _taken(rows, count, every) else 0
            _set(offered_at, 0, offered)
            _set(room_at, count, ready)
            # Words move between the stages as they are at the beginning of the cycle.
            for block in range(blocks):
                todo[block] = due[block]
                due[block] = 0
            for block in range(blocks):
                moves = offered_at[block] & room_at[block]
                moved[block] = moves
                if moves:
                    quiet = 0
                    todo[block] |= moves | (moves >> 1 & 0x7FFF_FFFF_FFFF_FFFF)
                    if block and moves & 1:
                        _set(todo, 64 * block - 1, 1)
                while moves:
                    boundary = 64 * block + lowest(moves)
                    moves &= moves - 1
                    position, image = boundaries[boundary, POSITION], boundaries[boundary, IMAGE]
                    if position == 0:
                        rows.first[boundary, image % images] = cycle
                    if timed:
                        times[boundaries[boundary, START] + position] = cycle - image * every
                    if boundary == 0:
                        offered = 0
                        if offers and cycle > _due(rows, every):
                            late |= LATE_IN
                    elif boundary == count and takes and cycle > _taken(rows, count, every):
                        late |= LATE_OUT
                    position += 1
                    if position == boundaries[boundary, WORDS]:
                        rows.last[boundary, image % images] = cycle
                        position = 0
                        boundaries[boundary, IMAGE] = image + 1
                    boundaries[boundary, POSITION] = position
            _set(todo, count, 0)
            if next_wake <= cycle:
                next_wake = _FOR_EVER
                for block in range(blocks):
                    sleepers = asleep[block]
                    while sleepers:
                        stage = 64 * block + lowest(sleepers)
                        sleepers &= sleepers - 1
                        if stages[stage, ALARM] <= cycle:
                            _set(todo, stage, 1)
                        else:
                            next_wake = min(next_wake, stages[stage, ALARM])
            changed = 0
            for block in range(blocks):
                left = todo[block]
                while left:
                    stage = 64 * block + lowest(left)
                    left &= left - 1
                    kind, p, s = stages[stage, KIND], parameters[stage], states[stage]
                    if _bit(asleep, stage):
                        _set(asleep, stage, 0)
                        skip(kind, p, s, cycle - stages[stage, SINCE])
                    flags = step(kind, p, s, _bit(moved, stage), _bit(moved, stage + 1))
                    changed += 1
                    stages[stage, FLAGS] = flags
                    _set(offered_at, stage + 1, flags & VALID)
                    _set(room_at, stage, flags & READY)
                    if stages[stage, COUNTED] and s[0] > stages[stage, HIGH]:
                        stages[stage, HIGH] = s[0]
                    if flags & ACTIVE:
                        quiet_for = silent(kind, p, s)
                        if quiet_for > 0:
                            stages[stage, SINCE], stages[stage, ALARM] = cycle + 1, cycle + 1 + quiet_for
                            next_wake = min(next_wake, cycle + 1 + quiet_for)
                            _set(asleep, stage, 1)
                        elif quiet_for == 0:
                            _set(due, stage, 1)
            steps += changed
            cycle += 1
            if patterns:
                source_at = source_at + 1 if source_at + 1 < len(rows.source) else 0
                sink_at = sink_at + 1 if sink_at + 1 < len(rows.sink) else 0
            entered = boundaries[0, IMAGE] + (1 if boundaries[0, POSITION] > 0 else 0)
            stopped = entered >= stop[ENTERED] or late > 0
            if boundaries[count, IMAGE] >= stop[LEFT] and not stopped:
                # What no output needs may still be on its way in.
                stopped = True
                for boundary in range(count):
                    stopped = stopped and boundaries[boundary, IMAGE] >= stop[LEFT]
            if changed == 0 and not stopped and not patterns:
                # Nothing changes until a stage wakes, or an end does something.
                until = next_wake
                if not offered and boundaries[0, IMAGE] < stop[OFFER] and rows.source[0]:
                    until = min(until, _due(rows, every))
                if _bit(offered_at, count) and takes:
                    until = min(until, _taken(rows, count, every))
                if until == _FOR_EVER:
                    break
                cycle = max(cycle, until)
        for stage in range(count):
            if _bit(asleep, stage) and stages[stage, SINCE] < cycle:
                skip(stages[stage, KIND], parameters[stage], states[stage], cycle - stages[stage, SINCE])
        run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT] = cycle, offered, source_at, sink_at
        run[LATE], run[STEPS] = late, steps
        return 1 if stopped else 0

    return loop
