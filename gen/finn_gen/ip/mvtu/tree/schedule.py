# SPDX-License-Identifier: Apache-2.0
"""The cheapest levels of counters and adders that compress a heap, found by the heights of its columns alone."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from operator import itemgetter

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


_Done = tuple[Moves, int, int, int, int, int]
"""Moves, their LUTs; bits left in the column, put into the next two, taken from the next."""


def _done(m: Moves, here: int) -> _Done:
    """What `m` does to a column of `here` bits."""
    left = here - 7 * m.full - min(6, here - 7 * m.full - 3 * m.adders) * m.short
    left -= 5 * m.mixed + 3 * m.adders
    counters = m.full + m.short + m.mixed
    return m, m.cost, left + counters + m.adders, counters + m.adders, counters, m.mixed


@functools.cache
def _column_moves(here: int, above: int) -> list[_Done]:
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
    return [_done(m, here) for m in moves]


def _outlook(cost: int, heights: Heights, haste: float) -> float:
    """What a partial plan is expected to cost: its LUTs, half a LUT for each bit, and `haste` for each that is
    above the second of its column, for bringing it to its place."""
    weights = _weights_of_columns(haste)
    return cost + sum(map(weights.__getitem__, heights))


@functools.cache
def _weights_of_columns(haste: float) -> tuple[float, ...]:
    return tuple(0.5 * bits + haste * max(0, bits - 2) for bits in range(1 << 16))


_FIRST = itemgetter(0)
Chosen = tuple["Chosen", Moves] | None
"""Moves of the columns up to one: those before it, and its own."""


def _step(heights: Heights, beam: int, haste: float) -> list[tuple[int, Heights, Chosen]]:
    """Ways to apply one level of cells to `heights`: cost, new heights, moves of each column.

    Column after column; a way is known by the bits that wait in the column that is next, the new heights before that,
    of which there is a list, and those so far of that column and the one behind it.
    """
    columns, weight = len(heights), _weights_of_columns(haste)
    # Bits that are left in the column, those before it, what is carried to it and to the one behind it.
    ways: list[tuple[int, Heights, int, int, int, Chosen]] = [(heights[0], (), 0, 0, 0, None)]
    for c in range(columns):
        above, later = heights[c + 1] if c + 1 < columns else 0, heights[c + 2 :]
        keep, carry = c + 1 < columns, c + 2 < columns
        places: dict[Heights, int] = {}
        known: list[Heights] = []
        sums: list[tuple[float, float]] = []
        costs: dict[tuple[int, ...], int] = {}
        chosen: dict[tuple[int, ...], Chosen] = {}
        for here, new, first, second, cost, moves in ways:
            place = places.setdefault(new, len(known))
            if place == len(known):
                known.append(new)
                # As in `_outlook` of all heights, those that are left and the new ones, in the same order.
                sums.append(tuple(sum(map(weight.__getitem__, (left, *later, *new))) for left in (above, above - 1)))
            for m, luts, stays, up, beyond, taken in _column_moves(here, above):
                key = taken, place, first + stays, second + up if keep else 0, beyond if carry else 0
                total = cost + luts
                if costs.get(key, total + 1) > total:
                    costs[key], chosen[key] = total, (moves, m)
        ranked = [
            (cost + (sums[key[1]][key[0]] + weight[key[2]] + weight[key[3]] + weight[key[4]]), key)
            for key, cost in costs.items()
        ]
        ranked.sort(key=_FIRST)
        ways = [
            (above - taken, (*known[place], stays), first, second, costs[key], chosen[key])
            for _, key in ranked[:beam]
            for taken, place, stays, first, second in (key,)
        ]
    return [(cost, new, moves) for _, new, _, _, cost, moves in ways]


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
        front = dict(sorted(following.items(), key=lambda kv: _outlook(kv[1][0], kv[0], haste))[:beam])
        if not front or (best is not None and level >= levels):
            break
    return tuple(map(_moves_of, best[1])) if best else None


def _moves_of(chosen: Chosen) -> tuple[Moves, ...]:
    """The moves of each column."""
    found = []
    while chosen:
        chosen, moves = chosen
        found.append(moves)
    return tuple(reversed(found))
