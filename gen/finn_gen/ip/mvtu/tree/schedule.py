# SPDX-License-Identifier: Apache-2.0
"""The cheapest levels of counters and adders that compress a heap, found by the heights of its columns alone."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finn_gen.ip.mvtu.tree import level

Heights = tuple[int, ...]


@dataclass(frozen=True)
class Moves:
    """What happens to one column in one level: full counters, counters of 5 or 6 bits, with one of
    the next column, full adders."""

    full: int = 0
    short: int = 0
    mixed: int = 0
    adders: int = 0

    @property
    def cost(self) -> int:
        """LUTs that it takes."""
        return 2 * (self.full + self.short + self.mixed) + self.adders


def _done(m: Moves, here: int) -> tuple[int, ...]:
    """What `m` does to a column of `here` bits, as `level.CHOICE`."""
    left = here - 7 * m.full - min(6, here - 7 * m.full - 3 * m.adders) * m.short
    left -= 5 * m.mixed + 3 * m.adders
    counters = m.full + m.short + m.mixed
    return m.cost, left + counters + m.adders, counters + m.adders, counters, m.mixed


@functools.cache
def _column_moves(here: int, above: bool) -> list[Moves]:
    """Sensible choices for a column of `here` bits, perhaps with bits in the one above."""
    moves = []
    for full in {here // 7, max(0, here // 7 - 1)}:
        rest = here - 7 * full
        moves.append(Moves(full))
        moves += [Moves(full, adders=k) for k in (1, 2) if 3 * k <= rest <= 8]
        if rest >= 5:
            moves.append(Moves(full, short=1))
            if above:
                moves.append(Moves(full, mixed=1))
        if rest >= 8:
            moves += [Moves(full, short=1, adders=1)] + ([Moves(full, mixed=1, adders=1)] if above else [])
    return moves


@functools.lru_cache(maxsize=4)
def _choices(heights: int) -> np.ndarray:
    """What all choices do for columns of less than so many bits: see `level.Levels.ways`."""
    found = np.full((heights, 2, level.MOST, level.CHOICE), -1, np.int64)
    for here, above in itertools.product(range(heights), range(2)):
        for place, moves in enumerate(_column_moves(here, bool(above))):
            found[here, above, place] = _done(moves, here)
    return found


@functools.lru_cache(maxsize=16)
def _weights(heights: int, haste: float) -> np.ndarray:
    """Half a LUT for each bit of a column, and `haste` for each above the second, for bringing it to its place."""
    bits = np.arange(heights)
    return 0.5 * bits + haste * np.maximum(0, bits - 2)


@functools.lru_cache(maxsize=256)
def schedule(arrivals: tuple[Heights, ...], levels: int) -> tuple[tuple[Moves, ...], ...]:
    """Cheapest levels of moves that leave at most two bits in every column (three in column 0).

    `arrivals[t]` are the bits that become available at level t. Up to `levels` levels are free; beyond, fewer are
    better than cheaper: searches that care less and less for the cost are tried until one is short enough.
    """
    found = []
    for haste in _HASTES:
        path = _search(arrivals, levels, haste)
        if path is not None:
            found.append(path)
            if len(path) <= levels:
                break
    assert found, "in the most hasty search every level makes the highest columns lower"
    return min(found, key=len)


_HASTES = (0.35, 0.8, 1.5, 6.0, 40.0)


def _search(arrivals: tuple[Heights, ...], levels: int, haste: float) -> tuple[tuple[Moves, ...], ...] | None:
    """What `schedule` gives, by a beam search; None if it does not end."""
    columns = len(arrivals[0])
    # A column never has more bits than all of them.
    most = 1 << sum(map(sum, arrivals)).bit_length()
    step, choices, weights = level.Levels(columns), _choices(most), _weights(most, haste)
    outlooks = weights.tolist()

    def outlook(found: tuple[Heights, tuple[int, tuple]]) -> float:
        return found[1][0] + sum(map(outlooks.__getitem__, found[0]))

    def done(h: Heights) -> bool:
        return h[0] <= 3 and all(v <= 2 for v in h[1:])

    front: dict[Heights, tuple[int, tuple]] = {(0,) * columns: (0, ())}
    best: tuple[int, tuple] | None = None
    for depth in range(len(arrivals) + 12):
        arrived = arrivals[depth] if depth < len(arrivals) else (0,) * columns
        following: dict[Heights, tuple[int, tuple]] = {}
        for before, (cost, path) in front.items():
            now = tuple(a + b for a, b in zip(before, arrived, strict=True))
            if depth >= len(arrivals) - 1 and done(now):
                if best is None or (depth <= levels and cost < best[0]):
                    best = (cost, path)
                continue
            for extra, heights, chosen in step.ways(now, choices, weights):
                new, total = tuple(heights), cost + extra
                if not extra and depth >= len(arrivals) - 1:
                    continue
                if (best is None or total < best[0]) and (new not in following or following[new][0] > total):
                    following[new] = (total, (*path, chosen))
        front = dict(sorted(following.items(), key=outlook)[: level.BEAM])
        if not front or (best is not None and depth >= levels):
            break
    return tuple(map(_moves_of, best[1])) if best else None


SHARED_LEVELS = 6
"""Levels in which the bits that several rows share are compressed."""


@functools.lru_cache(maxsize=1024)
def shared_schedule(heights: Heights, rows: int) -> tuple[tuple[Moves, ...], ...]:
    """Levels of moves for a heap, there from the beginning, whose bits `rows` rows then add each on its own.

    They take the fewest LUTs, with half a LUT for every row and bit that is left.
    """
    columns, most = len(heights), 1 << sum(heights).bit_length()
    step, choices, left = level.Levels(columns), _choices(most), 0.5 * rows
    best: tuple[float, tuple] = (left * sum(heights), ())
    for weight in (0.5, 0.7, 1.0):
        weights = weight * np.arange(most, dtype=float)
        front: dict[Heights, tuple[int, tuple]] = {heights: (0, ())}
        for _ in range(SHARED_LEVELS):
            following: dict[Heights, tuple[int, tuple]] = {}
            for before, (cost, path) in front.items():
                for extra, new, chosen in step.ways(before, choices, weights):
                    found, total = tuple(new), cost + extra
                    if extra and (found not in following or following[found][0] > total):
                        following[found] = (total, (*path, chosen))
            outlook = {found: total + weight * sum(found) for found, (total, _) in following.items()}
            front = {found: following[found] for found in sorted(following, key=outlook.__getitem__)[: level.BEAM]}
            for found, (total, path) in front.items():
                # Of two that cost the same, the one of fewer levels.
                if total + left * sum(found) < best[0]:
                    best = total + left * sum(found), path
    return tuple(map(_moves_of, best[1]))


def _moves_of(chosen: Sequence[int]) -> tuple[Moves, ...]:
    """The moves of each column."""
    return tuple(_column_moves(each >> 5, bool(each >> 4 & 1))[each & 15] for each in chosen)
