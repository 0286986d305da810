# SPDX-License-Identifier: Apache-2.0
"""How long many pieces take on many workers: the schedule, simulated from the times of pieces and overheads.

One dispatcher gives the pieces out one by one, in their order, to workers as they come free; a worker is there when
its process has started, and has what a machine makes once (a built simulation) when its machine has made it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Overhead:
    """Seconds that are not work.

    dispatch  of the dispatcher, for each piece: sending it, and taking its result
    start     of every worker, before its first piece
    prepare   of every machine, before the first piece of its workers
    """

    dispatch: float
    start: float
    prepare: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """What a run takes: seconds, the share of the workers' time that is work, and which bound it comes closest to."""

    seconds: float
    efficiency: float
    bound: str


def simulate(pieces: Sequence[float], workers: int, overhead: Overhead) -> Schedule:
    """The schedule of pieces of so many seconds each. ValueError without a piece or a worker."""
    if not pieces or workers < 1:
        raise ValueError("a schedule needs a piece and a worker")
    ready = overhead.start + overhead.prepare
    free = [ready] * min(workers, len(pieces))
    dispatched, end = 0.0, 0.0
    for seconds in pieces:
        begin = max(dispatched, heapq.heappop(free)) + overhead.dispatch
        dispatched = begin
        end = max(end, begin + seconds)
        heapq.heappush(free, begin + seconds)
    bounds = {
        "work over workers": sum(pieces) / workers,
        "longest piece": max(pieces),
        "dispatch": overhead.dispatch * len(pieces),
        "start": ready,
    }
    return Schedule(end, sum(pieces) / (workers * end), max(bounds, key=bounds.get))
