# SPDX-License-Identifier: Apache-2.0
"""The loop that runs a chain of stages cycle by cycle, compiled by numba for the kernels of all IPs."""

import functools
import hashlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from numba import njit

from finn_gen.timing import storage
from finn_gen.timing.kernel import ACTIVE, READY, VALID, Kernel, Row, part

CYCLE, EVERY, OFFERED, SOURCE_AT, SINK_AT, RUN = range(6)
"""The scalars of a run: the cycle, the least cycles from an image's first offer to the next one's, whether the source
has offered a word that was not taken yet, and the positions in the two patterns."""

OFFER, ENTERED, LEFT, REST = range(4)
"""When a run stops: images to offer; as soon as that many images have begun to enter, or have passed all boundaries; or
after that many cycles in which no word moved although the source offered one or is through."""


class Stages(NamedTuple):
    """A row a stage.

    kinds, parameters, states  indices of kernels, and what these take
    flags                      what a kernel said last
    counted, high              whether the words that a stage holds are counted, and the most that it held
    """

    kinds: Row
    parameters: Row
    states: Row
    flags: Row
    counted: Row
    high: Row


class Boundaries(NamedTuple):
    """A row a boundary, n + 1 of n stages, 0 before the first one.

    words, position, image  words of an image, those of the current one that have passed, images that have passed
    first, last             [boundary, image] the cycles in which an image's first and last word pass; once all
                            columns are taken the oldest is overwritten
    """

    words: Row
    position: Row
    image: Row
    first: Row
    last: Row


class Ends(NamedTuple):
    """Patterns of the source and the sink: a 1 for every cycle in which a new word is offered or one taken."""

    source: Row
    sink: Row


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
def _until_offer(boundaries: Boundaries, run: Row, cycle: int) -> int:
    """Cycles until the source offers the next word, if it does not now."""
    return boundaries.image[0] * run[EVERY] - cycle if boundaries.position[0] == 0 else 0


@part
def _sleep(stages: Stages, most: int, offered: int) -> int:
    """Take all stages on by as many cycles as no word can move and nothing shows; return how many.

    At most `most`, or any number if it is -1. `offered` is whether the source offers a word.
    """
    cycles = most if most >= 0 else _FOR_EVER
    stage, valid = 0, offered > 0
    while stage < len(stages.kinds) and cycles > 0:
        if valid and stages.flags[stage] & READY:
            cycles = 0
        valid = stages.flags[stage] & VALID != 0
        if cycles > 0 and stages.flags[stage] & ACTIVE:
            told = _silent(stages.kinds[stage], stages.parameters[stage], stages.states[stage])
            cycles = min(cycles, told)
        stage += 1
    # What the last stage offers the sink may take.
    if cycles == _FOR_EVER or valid:
        return 0
    for stage in range(len(stages.kinds) if cycles > 0 else 0):
        if stages.flags[stage] & ACTIVE:
            _skip(stages.kinds[stage], stages.parameters[stage], stages.states[stage], cycles)
    return max(0, cycles)


def _loop(digest: str) -> Callable:
    @njit(cache=True, _nrt=False)
    def loop(  # noqa: PLR0912 - written out, since calls would take most of the time
        stages: Stages, boundaries: Boundaries, ends: Ends, run: Row, stop: Row
    ) -> bool:
        _ = digest  # part of the key in numba's cache, as everything in a closure
        count = len(stages.kinds)
        first, last = boundaries.first, boundaries.last
        words, position, image = boundaries.words, boundaries.position, boundaries.image
        flags, states, high = stages.flags, stages.states, stages.high
        cycle, offered, source_at, sink_at = run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT]
        stopped, quiet = False, 0
        # Where the ends do the same in every cycle, cycles in which nothing shows are not walked through.
        steady = len(ends.source) == 1 and len(ends.sink) == 1
        while not stopped and quiet < stop[REST]:
            if not offered and ends.source[source_at] and image[0] < stop[OFFER]:
                offered = 1 if position[0] > 0 or cycle >= image[0] * run[EVERY] else 0
            if offered or image[0] == stop[OFFER]:
                quiet += 1
            take, moved = 0, False
            for boundary in range(count + 1):
                # The stages beside this boundary are still as they were at the beginning of the cycle.
                valid = flags[boundary - 1] & VALID if boundary else offered
                ready = flags[boundary] & READY if boundary < count else ends.sink[sink_at]
                give = 1 if valid and ready else 0
                if give:
                    quiet, moved = 0, True
                    if position[boundary] == 0:
                        first[boundary, image[boundary] % first.shape[1]] = cycle
                    position[boundary] += 1
                    if position[boundary] == words[boundary]:
                        last[boundary, image[boundary] % last.shape[1]] = cycle
                        position[boundary] = 0
                        image[boundary] += 1
                if boundary and (take or give or flags[boundary - 1] & ACTIVE):
                    stage = boundary - 1
                    flags[stage] = _update(stages.kinds[stage], stages.parameters[stage], states[stage], take, give)
                    if stages.counted[stage] and states[stage, 0] > high[stage]:
                        high[stage] = states[stage, 0]
                elif not boundary and give:
                    offered = 0
                take = give
            cycle += 1
            if steady and not moved:
                idle = -1 if offered or image[0] >= stop[OFFER] else _until_offer(boundaries, run, cycle)
                silent = _sleep(stages, idle, offered)
                cycle += silent
                quiet += silent if offered or image[0] == stop[OFFER] else 0
            source_at = source_at + 1 if source_at + 1 < len(ends.source) else 0
            sink_at = sink_at + 1 if sink_at + 1 < len(ends.sink) else 0
            stopped = image[0] + (1 if position[0] > 0 else 0) >= stop[ENTERED]
            if image[count] >= stop[LEFT] and not stopped:
                # What no output needs may still be on its way in.
                stopped = True
                for boundary in range(count):
                    stopped = stopped and image[boundary] >= stop[LEFT]
        run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT] = cycle, offered, source_at, sink_at
        return stopped

    return loop
