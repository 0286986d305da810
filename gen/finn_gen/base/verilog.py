# SPDX-License-Identifier: Apache-2.0
"""Phrases of Verilog that templates print: ranges, conditions, counters."""

from collections.abc import Iterable, Mapping, Sequence

from finn_gen.base.counters import Counter, Due
from finn_gen.base.limits import LINE, LITERAL_BITS

TRUE, FALSE = "1'b1", "1'b0"
DRIVEN = 60
"""Pins of the bits of a word that one of the copies of a register drives; with its own logic it has at most 64."""


def vector(width: int, column: int = 0) -> str:
    """The range of a vector of `width` bits, padded to `column` characters."""
    return f"[{width - 1}:0]".ljust(column)


def number(width: int, value: int) -> str:
    """A sized literal in decimal; negative values in two's complement. Zeros above what a literal holds are copies."""
    if width > LITERAL_BITS:
        copies, rest = divmod(width, LITERAL_BITS)
        zeros = repeated(copies if rest else copies - 1, f"{LITERAL_BITS}'d0")
        return f"{{{zeros}, {number(rest or LITERAL_BITS, value)}}}"
    return f"{width}'d{value % (1 << width)}"


def signed(width: int, value: int) -> str:
    """A sized literal in decimal with its sign."""
    return f"{'-' if value < 0 else ''}{width}'d{abs(value)}"


def span(low: int, end: int) -> str:
    """The bits from `low` to one below `end` of a vector."""
    return f"[{end - 1}:{low}]"


def part(index: int, width: int) -> str:
    """The bits of part `index` of a vector of parts of `width` bits."""
    return span(index * width, (index + 1) * width)


def top(width: int, bits: int = 0) -> str:
    """The upper `bits` bits of a vector of `width` bits; without a number of them the uppermost one by itself."""
    return span(width - bits, width) if bits else f"[{width - 1}]"


def padded(net: str, width: int, total: int) -> str:
    """A net of `width` bits with zeros above it up to `total` bits."""
    return f"{{{total - width}'d0, {net}}}" if total > width else net


def arm(index: int, last: int, width: int) -> str:
    """The label of a case's arm for `index`; that of `last` takes all others too."""
    return number(width, index) if index < last else "default"


def constant(width: int, word: str, lane: int, indent: int) -> str:
    """The hexadecimal `word` of `width` bits: a literal, or where that is too long one for each lane of `lane` bits.

    Those are joined in one expression, on lines of their own behind `indent` characters; as assignments to parts of a
    net Icarus takes 450 times as long for 256 lanes of 1,024 bits.
    """
    if width <= LITERAL_BITS:
        return f"{width}'h{word}"
    value, mask, digits = int(word, 16), (1 << lane) - 1, -(-lane // 4)
    parts = [f"{lane}'h{value >> low & mask:0{digits}x}" for low in reversed(range(0, width, lane))]
    space = " " * indent
    return f"{{\n{space}    " + f",\n{space}    ".join(parts) + f"\n{space}}}"


def unused(nets: Sequence[str]) -> list[str]:
    """Declarations that use nets which nothing else does: one, or several where its line would be too long."""
    whole = f"wire unused = &{{1'b0, {', '.join(nets)}}};"
    if len(whole) < LINE // 2:
        return [whole]
    groups = [nets[low : low + 500] for low in range(0, len(nets), 500)]
    return [f"wire unused_{index} = &{{1'b0, {', '.join(group)}}};" for index, group in enumerate(groups)]


def any_of(net: str, bits: Iterable[int]) -> str:
    """True if one of the `bits` of `net` is."""
    return " || ".join(f"{net}[{bit}]" for bit in bits) or FALSE


def all_of(terms: Iterable[str]) -> str:
    """True if all `terms` are; those that always are do not appear."""
    return " && ".join(term for term in terms if term and term != TRUE) or TRUE


def either(term: str) -> str:
    """A term as an operand of an or."""
    return f"({term})" if " && " in term else term


def negated(term: str) -> str:
    """True if `term`, a net or what `all_of` gives, is not."""
    return f"!({term})" if " " in term else f"!{term}"


def repeated(count: int, net: str) -> str:
    """`count` copies of a net, or of what `all_of` gives, side by side."""
    if count > 1:
        return f"{{{count}{{{net}}}}}"
    return f"({net})" if " " in net else net


def lanes(width: int, pins: int = 1) -> list[range]:
    """The bits of a word of `width` bits in lanes, each of which a copy of a register selects or addresses.

    A bit takes up to `pins` of those that it drives. Copies have to be registers of their own: of a vector whose bits
    become the same Yosys leaves one.
    """
    most = DRIVEN // pins
    return [range(low, min(low + most, width)) for low in range(0, width, most)]


def count_down(due: Due, net: str, ends: str, last: str) -> str:
    """The next value of the counter `net`, of which `ends` says that it is zero and `last` that its axis ends."""
    if due.first != due.again:
        return f"{last} ? {number(due.width, due.first)} : {_reload(due, net, ends)}"
    # The first position of an axis is like one behind an end of a window, which its last position may always be.
    return _reload(due, net, ends if due.whole else f"{either(last)} || {ends}")


def _reload(due: Due, net: str, when: str) -> str:
    return f"{when} ? {number(due.width, due.again)} : {net} - 1'b1"


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
