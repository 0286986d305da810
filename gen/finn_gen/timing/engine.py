# SPDX-License-Identifier: Apache-2.0
"""The loop that runs a chain of stages cycle by cycle, compiled by numba for the kernels of all IPs."""

import functools
import hashlib
import inspect
from collections.abc import Callable
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


def _either(kind: int, step: Callable, rest: Callable) -> Callable:
    """A part that takes on a stage of `kind` by `step`, any other one by `rest`."""

    @part
    def update(found: int, p: Row, s: Row, take: int, give: int) -> int:
        if found == kind:
            return step(p, s, take, give)
        return rest(found, p, s, take, give)

    return update


def _only(step: Callable) -> Callable:
    @part
    def update(found: int, p: Row, s: Row, take: int, give: int) -> int:
        return step(p, s, take, give)

    return update


def _source_digest() -> str:
    """What the compiled loop depends on: numba looks at this file alone when it asks its cache."""
    files = {Path(inspect.getfile(each.step.py_func)) for each in kernels()}
    files |= {Path(__file__), Path(__file__).with_name("kernel.py")}
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


@functools.cache
def _compiled() -> Callable:
    """The loop for the kernels that there are. Its first call on a machine compiles for some seconds."""
    global _update  # noqa: PLW0603 - numba's cache takes no function in a closure
    steps = [each.step for each in kernels()]
    _update = _only(steps[-1])
    for kind in reversed(range(len(steps) - 1)):
        _update = _either(kind, steps[kind], _update)
    return _loop(_source_digest())


_update: Callable


def _loop(digest: str) -> Callable:
    @njit(cache=True, _nrt=False)
    def loop(stages: Stages, boundaries: Boundaries, ends: Ends, run: Row, stop: Row) -> bool:
        _ = digest  # part of the key in numba's cache, as everything in a closure
        count = len(stages.kinds)
        first, last = boundaries.first, boundaries.last
        words, position, image = boundaries.words, boundaries.position, boundaries.image
        flags, states, high = stages.flags, stages.states, stages.high
        cycle, offered, source_at, sink_at = run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT]
        stopped, quiet = False, 0
        while not stopped and quiet < stop[REST]:
            if not offered and ends.source[source_at] and image[0] < stop[OFFER]:
                offered = 1 if position[0] > 0 or cycle >= image[0] * run[EVERY] else 0
            if offered or image[0] == stop[OFFER]:
                quiet += 1
            take = 0
            for boundary in range(count + 1):
                # The stages beside this boundary are still as they were at the beginning of the cycle.
                valid = flags[boundary - 1] & VALID if boundary else offered
                ready = flags[boundary] & READY if boundary < count else ends.sink[sink_at]
                give = 1 if valid and ready else 0
                if give:
                    quiet = 0
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
