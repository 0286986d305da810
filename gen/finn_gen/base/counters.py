# SPDX-License-Identifier: Apache-2.0
"""Nested counters, the innermost first, as every walk over an image needs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Counter:
    """One of them: `name` counts to `last` in `width` bits when all the inner ones are at their last value."""

    name: str
    doc: str
    last: int
    width: int

    @property
    def flagged(self) -> bool:
        """Whether a register says that it is at its last value, so that no path begins with a comparison."""
        return self.width > 1


def counter_width(last: int) -> int:
    """Bits of a counter that reaches `last`."""
    return max(1, last.bit_length())


def counters(loops: Iterable[tuple[str, str, int]]) -> tuple[Counter, ...]:
    """Counters for `loops` of (name, what it counts, passes); those with a single pass need none."""
    return tuple(Counter(name, doc, count - 1, counter_width(count - 1)) for name, doc, count in loops if count > 1)


@dataclass(frozen=True)
class Due:
    """A counter of `width` bits along an axis that is zero where windows end.

    It counts down, from `first` at the first position and from `again` behind one that ends windows. `whole` is whether
    the last position ends windows.
    """

    first: int
    again: int
    width: int
    whole: bool


def due(ends: range) -> Due | None:
    """The counter for an axis of which `ends` are the positions that end windows; None where each of them does.

    The axis has `ends.stop` positions.
    """
    if len(ends) == ends.stop:
        return None
    first, again = ends[0], ends.step - 1
    return Due(first, again, counter_width(max(first, again)), ends[-1] == ends.stop - 1)
