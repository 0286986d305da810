# SPDX-License-Identifier: Apache-2.0
"""Phrases of Verilog that templates print: ranges, conditions, counters."""

from collections.abc import Iterable, Mapping, Sequence

from finn_gen.base.counters import Counter

TRUE, FALSE = "1'b1", "1'b0"


def vector(width: int, column: int = 0) -> str:
    """The range of a vector of `width` bits, padded to `column` characters."""
    return f"[{width - 1}:0]".ljust(column)


def number(width: int, value: int) -> str:
    """A sized literal in decimal; negative values in two's complement."""
    return f"{width}'d{value % (1 << width)}"


def lane(index: str | int, width: int) -> str:
    """The part of a vector that is a lane of `width` bits, by its number or the name of it."""
    return f"[{index * width}+:{width}]" if isinstance(index, int) else f"[{index}*{width}+:{width}]"


def zero_extended(net: str, width: int, to: int) -> str:
    """A net of `width` bits as one of `to` bits."""
    return f"{{{number(to - width, 0)}, {net}}}" if to > width else net


def any_of(net: str, bits: Iterable[int]) -> str:
    """True if one of the `bits` of `net` is."""
    return " || ".join(f"{net}[{bit}]" for bit in bits) or FALSE


def all_of(terms: Iterable[str]) -> str:
    """True if all `terms` are; those that always are do not appear."""
    return " && ".join(term for term in terms if term and term != TRUE) or TRUE


class Loops:
    """What a template says of nested counters: each `<name>` is the register `<name>_q` with a wire `<name>_last`."""

    def __init__(self, levels: Sequence[Counter]) -> None:
        self.levels = levels

    def last(self, *names: str) -> str:
        """True if the counters of these names that exist are at their last value; of all of them if none is named."""
        return all_of(f"{level.name}_last" for level in self.levels if not names or level.name in names)

    def within(self, name: str) -> str:
        """True if the counters inside `name` are at their last value."""
        names = [level.name for level in self.levels]
        return all_of(f"{inner}_last" for inner in names[: names.index(name)])

    def at(self, position: Mapping[str, int]) -> str:
        """True if the counters are at a position; 0 where it names none."""
        return all_of(f"{level.name}_q == {number(level.width, position.get(level.name, 0))}" for level in self.levels)
