# SPDX-License-Identifier: Apache-2.0
"""One level of counters and adders, tried column after column; compiled, since a tree takes hundreds of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from finn_gen.base import compiled

BEAM = 40
"""Ways that are followed at once."""
MOST = 14
"""Choices of moves that a column has at most."""
LUTS, STAYS, UP, BEYOND, TAKEN, CHOICE = range(6)
"""What a choice takes; the bits that it leaves in the column, puts into the next two, and takes from the next."""

_COLUMNS, _HEIGHTS = range(2)
_HERE, _FIRST, _SECOND, _COST, _PLACE, WAY = range(6)
_KEY, _PARENT, _CHOSEN, _TOTAL, _CANDIDATE = range(5)
_SLOTS = 2048


class Levels:
    """Levels for heaps of so many columns."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._size = np.array([columns, 0], np.int64)
        self._heights = np.zeros(columns, np.int64)
        self._ways = np.zeros((2, BEAM, WAY), np.int64)
        self._new, self._choices = np.zeros((2, 2, BEAM, columns), np.int64)
        self._found = np.zeros((BEAM * MOST, _CANDIDATE), np.int64)
        self._slots, self._order = np.zeros(_SLOTS, np.int64), np.zeros(BEAM, np.int64)
        self._sums, self._outlooks = np.zeros((BEAM, 2)), np.zeros(BEAM * MOST)
        arrays = (self._ways, self._new, self._choices, self._found, self._slots, self._order)
        self._own = [each.ctypes.data for each in (*arrays, self._sums, self._outlooks)]
        self._taken = [each.ctypes.data for each in (self._size, self._heights)]

    def ways(
        self, heights: tuple[int, ...], moves: np.ndarray, weights: np.ndarray
    ) -> list[tuple[int, list[int], list[int]]]:
        """Ways to apply a level to `heights`, the most promising first: LUTs, new heights, choices of each column.

        moves    [height, whether there are bits above, choice]: what the choices for a column do, as `CHOICE`; those
                 that there are not have TAKEN -1
        weights  [height]: what bits of a column are expected to cost later
        """
        self._size[_HEIGHTS] = len(moves)
        self._heights[:] = heights
        count = _native().call(*self._taken, moves.ctypes.data, weights.ctypes.data, *self._own)
        last = self.columns & 1
        costs = self._ways[last, :count, _COST].tolist()
        return list(zip(costs, self._new[last, :count].tolist(), self._choices[last, :count].tolist(), strict=True))


@functools.cache
def _native() -> compiled.Native:
    return compiled.load("level", [Path(__file__)], _entry, "iiifiiiiiiff")


def _entry() -> Callable:
    """The level as a function of pointers: to what `Levels.ways` gives it."""
    array = compiled.array()

    def entry(size, heights, moves, weights, ways, new, choices, found, slots, order, sums, outlooks):  # noqa: PLR0917 - C
        columns, most = size[_COLUMNS], BEAM * MOST
        return level(
            array(heights, (columns,)),
            array(moves, (size[_HEIGHTS], 2, MOST, CHOICE)),
            array(weights, (size[_HEIGHTS],)),
            array(ways, (2, BEAM, WAY)),
            array(new, (2, BEAM, columns)),
            array(choices, (2, BEAM, columns)),
            array(found, (most, _CANDIDATE)),
            array(slots, (_SLOTS,)),
            array(order, (BEAM,)),
            array(sums, (BEAM, 2)),
            array(outlooks, (most,)),
        )

    level = compiled.jitted(_level)
    return entry


def _level(heights, moves, weights, ways, new, choices, found, slots, order, sums, outlooks):  # noqa: PLR0912, PLR0915, PLR0917 - written out, as C would be
    columns = len(heights)
    count = 1
    ways[0, 0, _HERE], ways[0, 0, _FIRST], ways[0, 0, _SECOND], ways[0, 0, _COST] = heights[0], 0, 0, 0
    for c in range(columns):
        now, then = c & 1, (c & 1) ^ 1
        above = heights[c + 1] if c + 1 < columns else 0
        slots[:] = -1
        candidates = 0
        for way in range(count):
            # Ways with the same new heights so far have the same place, and the same sum of what follows from them.
            place = way
            for other in range(way):
                same = True
                for column in range(c):
                    if new[now, other, column] != new[now, way, column]:
                        same = False
                        break
                if same:
                    place = other
                    break
            ways[now, way, _PLACE] = place
            if place == way:
                for taken in range(2 if above > 0 else 1):
                    # In this order, as the rest of the sum below: what is left, then the new heights.
                    total = weights[above - taken]
                    for column in range(c + 2, columns):
                        total += weights[heights[column]]
                    for column in range(c):
                        total += weights[new[now, way, column]]
                    sums[way, taken] = total
            for choice in range(MOST):
                does = moves[ways[now, way, _HERE], 1 if above > 0 else 0, choice]
                if does[TAKEN] < 0:
                    break
                first = ways[now, way, _SECOND] + does[UP] if c + 1 < columns else 0
                second = does[BEYOND] if c + 2 < columns else 0
                stays = ways[now, way, _FIRST] + does[STAYS]
                key = does[TAKEN] | place << 1 | stays << 8 | first << 24 | second << 40
                cost = ways[now, way, _COST] + does[LUTS]
                slot = (key * 0x9E3779B97F4A7C1 >> 20) & (_SLOTS - 1)
                while slots[slot] >= 0 and found[slots[slot], _KEY] != key:
                    slot = (slot + 1) & (_SLOTS - 1)
                at = slots[slot]
                if at < 0:
                    at = candidates
                    slots[slot] = at
                    found[at, _KEY] = key
                    candidates += 1
                elif found[at, _TOTAL] <= cost:
                    continue
                found[at, _TOTAL], found[at, _PARENT], found[at, _CHOSEN] = cost, way, choice
        # The best ones, of equal ones those that were found first.
        count = 0
        for at in range(candidates):
            key = found[at, _KEY]
            ahead = sums[key >> 1 & 0x7F, key & 1] + weights[key >> 8 & 0xFFFF]
            ahead = ahead + weights[key >> 24 & 0xFFFF] + weights[key >> 40]
            outlooks[at] = found[at, _TOTAL] + ahead
            if count == BEAM and outlooks[order[BEAM - 1]] <= outlooks[at]:
                continue
            place = count if count < BEAM else BEAM - 1
            count = min(count + 1, BEAM)
            while place > 0 and outlooks[order[place - 1]] > outlooks[at]:
                order[place] = order[place - 1]
                place -= 1
            order[place] = at
        for way in range(count):
            at = order[way]
            parent, key = found[at, _PARENT], found[at, _KEY]
            for column in range(c):
                new[then, way, column] = new[now, parent, column]
                choices[then, way, column] = choices[now, parent, column]
            new[then, way, c], choices[then, way, c] = key >> 8 & 0xFFFF, found[at, _CHOSEN]
            # Which choices those are depends on the bits of the column: say that as well.
            choices[then, way, c] |= ways[now, parent, _HERE] << 5 | (1 if above > 0 else 0) << 4
            ways[then, way, _HERE] = above - (key & 1)
            ways[then, way, _FIRST], ways[then, way, _SECOND] = key >> 24 & 0xFFFF, key >> 40
            ways[then, way, _COST] = found[at, _TOTAL]
    return count
