# SPDX-License-Identifier: Apache-2.0
"""Nested counters, the innermost first, as every walk over an image needs them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Counter:
    """One of them: `name` counts to `last` in `width` bits when all the inner ones are at their last value."""

    name: str
    doc: str
    last: int
    width: int


def counter_width(last: int) -> int:
    """Bits of a counter that reaches `last`."""
    return max(1, last.bit_length())


def counters(loops: Iterable[tuple[str, str, int]]) -> tuple[Counter, ...]:
    """Counters for `loops` of (name, what it counts, passes); those with a single pass need none."""
    return tuple(Counter(name, doc, count - 1, counter_width(count - 1)) for name, doc, count in loops if count > 1)
