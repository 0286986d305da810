# SPDX-License-Identifier: Apache-2.0
"""Axes of pictures: round numbers to mark, and how numbers are written beside them."""

from __future__ import annotations

import math

UNITS = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def ticks(end: float, most: int = 8) -> list[int]:
    """At most about `most` whole numbers from 0 to `end`, 1, 2 or 5 times a power of ten apart."""
    raw = max(1.0, end / most)
    power = 10 ** math.floor(math.log10(raw))
    step = max(1, round(next(factor for factor in (1, 2, 5, 10) if factor * power >= raw) * power))
    return list(range(0, math.floor(end) + 1, step))


def decades(low: float, high: float) -> list[float]:
    """The powers of ten from the one at or below `low` to the one at or above `high`, two at least."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def place(value: float, ticks: list[float], start: float, end: float) -> float:
    """Where a value lies between `start` and `end` on a logarithmic axis with these ticks."""
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])
    return start + (math.log10(value) - low) / (high - low) * (end - start)


def short(number: float) -> str:
    """A number in three digits or so, with k, M, G, T."""
    for size, unit in UNITS:
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"
