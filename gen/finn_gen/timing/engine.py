# SPDX-License-Identifier: Apache-2.0
"""The loop that runs a chain of stages, exact to the cycle, compiled by numba for the kernels of all IPs.

In a cycle only stages are taken on that a word enters or leaves, or that go on by themselves; the others wait for a
neighbour, or sleep as long as what they do does not show (`Kernel.silent`). Cycles in which all of them do are left
out, so that a run takes as long as it has words.
"""

import functools
import hashlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from numba import njit

from finn_gen.timing import storage
from finn_gen.timing.kernel import ACTIVE, READY, VALID, Kernel, Row, part

CYCLE, EVERY, OFFERED, SOURCE_AT, SINK_AT, LATE, STEPS, RUN = range(8)
"""The scalars of a run: the cycle, the least cycles from an image's first offer to the next one's, whether the source
has offered a word that was not taken yet, the positions in the two patterns, what was late for a timetable, and how
often a stage was taken on."""
LATE_IN, LATE_OUT = 1, 2
"""A word was not taken, or not there, in the cycle of `Ends.offers` or `Ends.takes`."""

OFFER, ENTERED, LEFT, REST = range(4)
"""When a run stops: images to offer; as soon as that many images have begun to enter, or have passed all boundaries; or
after that many cycles in which no word moved although the source offered one or is through, or when none ever will.
A run with a timetable stops as soon as something is late."""


SCRATCH = ("since", "take", "give", "changed", "todo", "marked", "due")
"""The fields of `Stages` that the loop alone uses."""


class Stages(NamedTuple):
    """A row a stage.

    kinds, parameters, states  indices of kernels, and what these take
    flags                      what a kernel said last
    counted, high              whether the words that a stage holds are counted, and the most that it held

    Besides, for the loop: to which cycle a stage's state belongs, `since`; whether a word enters it now, `take`, or
    leaves it, `give`; the stages taken on in the cycle before, `changed`, and in this one, `todo`; the last cycle in
    which a stage was, `marked`; whether it goes on by itself in the next one, `due`. `wake` is a tree: behind its first
    numbers, each the least of two behind it, follow the cycles in which stages that sleep wake up.
    """

    kinds: Row
    parameters: Row
    states: Row
    flags: Row
    counted: Row
    high: Row
    since: Row
    take: Row
    give: Row
    changed: Row
    todo: Row
    marked: Row
    due: Row
    wake: Row


class Boundaries(NamedTuple):
    """A row a boundary, n + 1 of n stages, 0 before the first one.

    words, position, image  words of an image, those of the current one that have passed, images that have passed
    first, last             [boundary, image] the cycles in which an image's first and last word pass; once all
                            columns are taken the oldest is overwritten
    times, start            cycles in which the words of the last image passed, less EVERY cycles for each image before
                            it; where a boundary's begin in `times`. Empty if they are not kept

    Besides, for the loop: the boundaries that a word may pass in this cycle, `looked`, and the last cycle in which a
    boundary was one of them, `seen`.
    """

    words: Row
    position: Row
    image: Row
    first: Row
    last: Row
    looked: Row
    seen: Row
    times: Row
    start: Row


class Ends(NamedTuple):
    """What the source and the sink do.

    source, sink   patterns: a 1 for every cycle in which a new word is offered or one taken
    offers, takes  timetables: the cycle in which each word of the first image is offered, and taken, at the earliest,
                   those of the next image EVERY cycles later; empty if there is none
    """

    source: Row
    sink: Row
    offers: Row
    takes: Row


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
    """The number that stands for a kernel in `Stages.kinds`."""
    return kernels().index(kernel)


def advance(stages: Stages, boundaries: Boundaries, ends: Ends, run: Row, stop: Row) -> bool:
    """Run a chain on; return whether it came to a stop, and not to rest.

    run   scalars, see `RUN`
    stop  when to stop, see `REST`
    """
    return _compiled()(stages, boundaries, ends, run, stop)


def _update_of(kind: int, step: Callable, rest: Callable | None) -> Callable:
    """A part that takes on a stage of `kind` by `step`, any other one by `rest`."""
    if rest is None:
        return part(lambda found, p, s, take, give: step(p, s, take, give))

    @part
    def update(found: int, p: Row, s: Row, take: int, give: int) -> int:
        if found == kind:
            return step(p, s, take, give)
        return rest(found, p, s, take, give)

    return update


def _silent_of(kind: int, silent: Callable, rest: Callable | None) -> Callable:
    """A part that asks a stage of `kind` by `silent`, any other one by `rest`."""
    if rest is None:
        return part(lambda found, p, s: silent(p, s))

    @part
    def ask(found: int, p: Row, s: Row) -> int:
        if found == kind:
            return silent(p, s)
        return rest(found, p, s)

    return ask


def _skip_of(kind: int, skip: Callable, rest: Callable | None) -> Callable:
    """A part that takes on a stage of `kind` by `skip`, any other one by `rest`."""
    if rest is None:
        return part(lambda found, p, s, cycles: skip(p, s, cycles))

    @part
    def jump(found: int, p: Row, s: Row, cycles: int) -> None:
        if found == kind:
            skip(p, s, cycles)
        else:
            rest(found, p, s, cycles)

    return jump


def _ladder(rung: Callable, functions: Sequence[Callable]) -> Callable:
    """One part for all kinds, a rung each."""
    found = None
    for kind in reversed(range(len(functions))):
        found = rung(kind, functions[kind], found)
    return found


def _source_digest() -> str:
    """What the compiled loop depends on: numba looks at this file alone when it asks its cache."""
    files = {Path(inspect.getfile(each.step.py_func)) for each in kernels()}
    files |= {Path(__file__), Path(__file__).with_name("kernel.py")}
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


@functools.cache
def _compiled() -> Callable:
    """The loop for the kernels that there are. Its first call on a machine compiles for some seconds."""
    global _update, _silent, _skip  # noqa: PLW0603 - numba's cache takes no function in a closure
    _update = _ladder(_update_of, [each.step for each in kernels()])
    _silent = _ladder(_silent_of, [each.silent for each in kernels()])
    _skip = _ladder(_skip_of, [each.skip for each in kernels()])
    return _loop(_source_digest())


_update: Callable
_silent: Callable
_skip: Callable
_FOR_EVER = 1 << 62


@part
def _due(boundaries: Boundaries, ends: Ends, every: int) -> int:
    """The cycle in which the source offers its next word."""
    image, position = boundaries.image[0], boundaries.position[0]
    if len(ends.offers):
        return image * every + ends.offers[position]
    return image * every if position == 0 else 0


@part
def _taken(boundaries: Boundaries, ends: Ends, every: int) -> int:
    """The cycle in which the next word is taken, by the timetable of the sink."""
    return boundaries.image[-1] * every + ends.takes[boundaries.position[-1]]


@part
def _set_alarm(wake: Row, leaf: int, cycle: int) -> None:
    """Let a stage wake up in that cycle."""
    wake[leaf >> 2, leaf & 3] = cycle
    node = leaf >> 1
    while node > 0:
        left, right = 2 * node, 2 * node + 1
        least = min(wake[left >> 2, left & 3], wake[right >> 2, right & 3])
        if wake[node >> 2, node & 3] == least:
            break
        wake[node >> 2, node & 3] = least
        node >>= 1


@part
def _listed(stages: Stages, stage: int, cycle: int, stepped: int) -> int:
    """Put a stage on the list of those taken on in this cycle, unless it is there; how many there are then."""
    if stages.marked[stage] == cycle:
        return stepped
    stages.marked[stage] = cycle
    stages.todo[stepped] = stage
    return stepped + 1


def _loop(digest: str) -> Callable:  # noqa: PLR0915 - as below
    @njit(cache=True, _nrt=False)
    def loop(  # noqa: PLR0912, PLR0915 - written out, since calls would take most of the time
        stages: Stages, boundaries: Boundaries, ends: Ends, run: Row, stop: Row
    ) -> bool:
        _ = digest  # part of the key in numba's cache, as everything in a closure
        count = len(stages.kinds)
        first, last, times, start = boundaries.first, boundaries.last, boundaries.times, boundaries.start
        words, position, image = boundaries.words, boundaries.position, boundaries.image
        flags, states, high = stages.flags, stages.states, stages.high
        wake, since, take, give, due = stages.wake, stages.since, stages.take, stages.give, stages.due
        leaves = 1
        while leaves < count:
            leaves *= 2
        cycle, offered, source_at, sink_at = run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT]
        every = run[EVERY]
        patterns = len(ends.source) > 1 or len(ends.sink) > 1
        # Every stage is looked at in the first cycle; which of them sleep shows below.
        changed = count
        for node in range(2 * leaves):
            wake[node >> 2, node & 3] = _FOR_EVER
        for stage in range(count):
            stages.changed[stage], since[stage], due[stage] = stage, cycle, 0
            take[stage], give[stage], stages.marked[stage] = 0, 0, -1
            if flags[stage] & ACTIVE:
                silent = _silent(stages.kinds[stage], stages.parameters[stage], states[stage])
                due[stage] = 1 if silent == 0 else 0
                if silent > 0:
                    _set_alarm(wake, leaves + stage, cycle + silent)
        for boundary in range(count + 1):
            boundaries.seen[boundary] = -1
        stopped, quiet = False, 0
        while not stopped and quiet < stop[REST]:
            if not offered and image[0] < stop[OFFER] and ends.source[source_at]:
                offered = 1 if cycle >= _due(boundaries, ends, every) else 0
            if offered or image[0] == stop[OFFER]:
                quiet += 1
            # Words move between the stages as they are at the beginning of the cycle: at the ends, or beside a stage
            # that was taken on in the cycle before.
            looked, stepped = 0, 0
            for index in range(-1, changed):
                for side in range(2):
                    boundary = side * count if index < 0 else stages.changed[index] + side
                    if boundaries.seen[boundary] != cycle:
                        boundaries.seen[boundary] = cycle
                        boundaries.looked[looked] = boundary
                        looked += 1
            for index in range(looked):
                boundary = boundaries.looked[index]
                valid = flags[boundary - 1] & VALID if boundary else offered
                ready = flags[boundary] & READY if boundary < count else ends.sink[sink_at]
                if boundary == count and len(ends.takes):
                    ready = 1 if cycle >= _taken(boundaries, ends, every) else 0
                if valid and ready:
                    quiet = 0
                    if position[boundary] == 0:
                        first[boundary, image[boundary] % first.shape[1]] = cycle
                    if len(times):
                        times[start[boundary] + position[boundary]] = cycle - image[boundary] * every
                    if boundary == 0:
                        offered = 0
                        if len(ends.offers) and cycle > _due(boundaries, ends, every):
                            run[LATE] |= LATE_IN
                    elif boundary == count and len(ends.takes) and cycle > _taken(boundaries, ends, every):
                        run[LATE] |= LATE_OUT
                    position[boundary] += 1
                    if position[boundary] == words[boundary]:
                        last[boundary, image[boundary] % last.shape[1]] = cycle
                        position[boundary] = 0
                        image[boundary] += 1
                    for side in range(2):
                        stage = boundary - 1 + side
                        if 0 <= stage < count:
                            if side:
                                take[stage] = 1
                            else:
                                give[stage] = 1
                            stepped = _listed(stages, stage, cycle, stepped)
            # What goes on by itself: the stages just taken on tell at once, sleepers are looked for when one wakes.
            for index in range(changed):
                stage = stages.changed[index]
                if due[stage]:
                    stepped = _listed(stages, stage, cycle, stepped)
            while wake[0, 1] <= cycle:
                node = 1
                while node < leaves:
                    node = 2 * node if wake[2 * node >> 2, 2 * node & 3] <= cycle else 2 * node + 1
                stage = node - leaves
                _skip(stages.kinds[stage], stages.parameters[stage], states[stage], cycle - since[stage])
                _set_alarm(wake, node, _FOR_EVER)
                stepped = _listed(stages, stage, cycle, stepped)
            for index in range(stepped):
                stage, leaf = stages.todo[index], leaves + stages.todo[index]
                if wake[leaf >> 2, leaf & 3] != _FOR_EVER:
                    _set_alarm(wake, leaf, _FOR_EVER)
                    _skip(stages.kinds[stage], stages.parameters[stage], states[stage], cycle - since[stage])
                flags[stage] = _update(
                    stages.kinds[stage], stages.parameters[stage], states[stage], take[stage], give[stage]
                )
                take[stage], give[stage], since[stage], due[stage] = 0, 0, cycle + 1, 0
                if stages.counted[stage] and states[stage, 0] > high[stage]:
                    high[stage] = states[stage, 0]
                if flags[stage] & ACTIVE:
                    silent = _silent(stages.kinds[stage], stages.parameters[stage], states[stage])
                    due[stage] = 1 if silent == 0 else 0
                    if silent > 0:
                        _set_alarm(wake, leaf, cycle + 1 + silent)
                stages.changed[index] = stage
            changed = stepped
            run[STEPS] += stepped
            cycle += 1
            source_at = source_at + 1 if source_at + 1 < len(ends.source) else 0
            sink_at = sink_at + 1 if sink_at + 1 < len(ends.sink) else 0
            stopped = image[0] + (1 if position[0] > 0 else 0) >= stop[ENTERED] or run[LATE] > 0
            if image[count] >= stop[LEFT] and not stopped:
                # What no output needs may still be on its way in.
                stopped = True
                for boundary in range(count):
                    stopped = stopped and image[boundary] >= stop[LEFT]
            if changed == 0 and not stopped and not patterns:
                # Nothing changes until a stage wakes, or an end does something.
                until = wake[0, 1]
                if not offered and image[0] < stop[OFFER] and ends.source[0]:
                    until = min(until, _due(boundaries, ends, every))
                if flags[count - 1] & VALID and len(ends.takes):
                    until = min(until, _taken(boundaries, ends, every))
                if until == _FOR_EVER:
                    break
                cycle = max(cycle, until)
        for stage in range(count):
            leaf = leaves + stage
            if wake[leaf >> 2, leaf & 3] != _FOR_EVER and since[stage] < cycle:
                _skip(stages.kinds[stage], stages.parameters[stage], states[stage], cycle - since[stage])
        run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT] = cycle, offered, source_at, sink_at
        return stopped

    return loop
