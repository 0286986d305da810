# SPDX-License-Identifier: Apache-2.0
"""Nested counters, the innermost first, as every walk over an image needs them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Counter:
    """One of them: `<name>_q` of `width` bits counts to `last` when all the `inner` ones are at their last value."""

    name: str
    doc: str
    last: int
    width: int
    inner: str


def counter_width(last: int) -> int:
    """Bits of a counter that reaches `last`."""
    return max(1, last.bit_length())


def all_last(names: Iterable[str]) -> str:
    """Verilog that is true when all the counters `names` are at their last value."""
    return " && ".join(f"{name}_last" for name in names) or "1'b1"


def counters(loops: Iterable[tuple[str, str, int]]) -> tuple[Counter, ...]:
    """Counters for `loops` of (name, what it counts, passes); those with a single pass need none."""
    found: list[Counter] = []
    for name, doc, count in loops:
        if count > 1:
            inner = all_last(counter.name for counter in found) if found else ""
            found.append(Counter(name, doc, count - 1, counter_width(count - 1), inner))
    return tuple(found)
