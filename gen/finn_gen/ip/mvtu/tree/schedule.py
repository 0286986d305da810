# SPDX-License-Identifier: Apache-2.0
"""The cheapest levels of counters and adders that compress a heap, found by the heights of its columns alone."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

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


@functools.cache
def _column_moves(here: int, above: int) -> list[Moves]:
    """Sensible choices for a column of `here` bits below one of `above` bits."""
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


def _outlook(cost: int, heights: Sequence[Heights], haste: float) -> float:
    """What a partial plan is expected to cost: its LUTs, half a LUT for each bit, and `haste` for each that is
    above the second of its column, for bringing it to its place."""
    weights = _weights_of_columns(haste)
    return cost + sum(map(weights.__getitem__, chain.from_iterable(heights)))


@functools.cache
def _weights_of_columns(haste: float) -> tuple[float, ...]:
    return tuple(0.5 * bits + haste * max(0, bits - 2) for bits in range(1 << 16))


def _step(heights: Heights, beam: int, haste: float) -> list[tuple[int, Heights, tuple[Moves, ...]]]:
    """Ways to apply one level of cells to `heights`: cost, new heights, moves of each column."""
    columns = len(heights)
    states: dict[tuple, tuple[int, tuple[Moves, ...]]] = {(tuple(heights), (0,) * columns): (0, ())}
    for c in range(columns):
        following: dict[tuple, tuple[int, tuple[Moves, ...]]] = {}
        for (old, new), (cost, moves) in states.items():
            for m in _column_moves(old[c], old[c + 1] if c + 1 < columns else 0):
                o, n = list(old), list(new)
                left = o[c] - 7 * m.full - min(6, o[c] - 7 * m.full - 3 * m.adders) * m.short
                left -= 5 * m.mixed + 3 * m.adders
                if m.mixed:
                    o[c + 1] -= 1
                counters = m.full + m.short + m.mixed
                n[c] += left + counters + m.adders
                if c + 1 < columns:
                    n[c + 1] += counters + m.adders
                if c + 2 < columns:
                    n[c + 2] += counters
                o[c] = 0
                key = (tuple(o), tuple(n))
                total = cost + m.cost
                if key not in following or following[key][0] > total:
                    following[key] = (total, (*moves, m))
        ranked = sorted(following.items(), key=lambda kv: _outlook(kv[1][0], kv[0], haste))
        states = dict(ranked[:beam])
    return [(cost, new, moves) for (_, new), (cost, moves) in states.items()]


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


_HASTES = (0.35, 1.5, 6.0, 40.0)


def _search(
    arrivals: tuple[Heights, ...], levels: int, haste: float, beam: int = 40
) -> tuple[tuple[Moves, ...], ...] | None:
    """What `schedule` gives, by a beam search; None if it does not end."""
    columns = len(arrivals[0])

    def done(h: Heights) -> bool:
        return h[0] <= 3 and all(v <= 2 for v in h[1:])

    front: dict[Heights, tuple[int, tuple]] = {(0,) * columns: (0, ())}
    best: tuple[int, tuple] | None = None
    for level in range(len(arrivals) + 12):
        arrived = arrivals[level] if level < len(arrivals) else (0,) * columns
        following: dict[Heights, tuple[int, tuple]] = {}
        for heights, (cost, path) in front.items():
            now = tuple(a + b for a, b in zip(heights, arrived, strict=True))
            if level >= len(arrivals) - 1 and done(now):
                if best is None or (level <= levels and cost < best[0]):
                    best = (cost, path)
                continue
            for extra, new, moves in _step(now, beam, haste):
                total = cost + extra
                if not extra and level >= len(arrivals) - 1:
                    continue
                if (best is None or total < best[0]) and (new not in following or following[new][0] > total):
                    following[new] = (total, (*path, moves))
        front = dict(sorted(following.items(), key=lambda kv: _outlook(kv[1][0], (kv[0],), haste))[:beam])
        if not front or (best is not None and level >= levels):
            break
    return best[1] if best else None
