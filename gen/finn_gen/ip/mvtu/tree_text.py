# SPDX-License-Identifier: Apache-2.0
"""The names of a tree's nets, and the phrases of the sum that simulates fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from finn_gen.base.verilog import FALSE, TRUE, padded, part, span
from finn_gen.ip.mvtu.tree import ONE, ZERO, Tree, triples


class Nets:
    """Names of the nets of a tree.

    Inputs are bits of `s`, and of the weight word `w` or the address `k`; the outputs of cells are n0, n1, ...; a
    register has the name of what it delays and its stage. `delays` are those that tools would put into shift registers
    of `shortest_srl` stages and more, where that is not wanted, `prompt` the others.
    """

    def __init__(self, tree: Tree, shortest_srl: int) -> None:
        select = "w" if tree.weight_bits else "k"
        outputs = [net for cell in tree.cells for net in cell.outputs]
        self._names = {ZERO: FALSE, ONE: TRUE}
        self._names |= {ONE + 1 + bit: f"s[{bit}]" for bit in range(tree.shared)}
        self._names |= {
            net: f"{select}[{net - tree.first_select}]" for net in range(tree.first_select, tree.first_cell)
        }
        self._names |= {net: f"n{net - tree.first_cell}" for net in outputs}
        roots = {}
        for register in tree.registers:
            roots[register.output] = root = roots.get(register.source, register.source)
            flat = self._names[root].replace("[", "").replace("]", "")
            self._names[register.output] = f"{flat}_{register.stage}"
        self.cells = self.of(outputs)
        self.registers = [(self.name(register.output), self.name(register.source)) for register in tree.registers]
        delays = _delays(tree, shortest_srl) if tree.offsets else set()
        self.delays = [self.name(register.output) for register in tree.registers if register.output in delays]
        self.prompt = [self.name(register.output) for register in tree.registers if register.output not in delays]

    def name(self, net: int) -> str:
        """The name of a net."""
        return self._names[net]

    def of(self, nets: Iterable[int]) -> list[str]:
        """The names of nets."""
        return [self._names[net] for net in nets]

    def padded(self, nets: Sequence[int], count: int) -> str:
        """The parts of a concatenation with the first net lowest, filled with zeros to `count` bits."""
        return ", ".join([FALSE] * (count - len(nets)) + self.of(reversed(nets)))


def _delays(tree: Tree, shortest: int) -> set[int]:
    """The registers of delays of `shortest` stages and more."""
    sources = {register.output: register.source for register in tree.registers}
    found: set[int] = set()
    for output, count in tree.waits.items():
        net = output
        while count >= shortest and net in sources:
            found.add(net)
            net = sources[net]
    return found


@dataclass(frozen=True)
class Ones:
    """A function that counts the ones of a word by halves: bits of the count, the word and its operand in `padded`
    bits, and the shift and mask of each step."""

    width: int
    padded: int
    operand: str
    steps: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, simd: int) -> Ones:
        """That for words of `simd` bits."""
        width = 1 << (simd - 1).bit_length()
        shifts = [1 << step for step in range(width.bit_length() - 1)]
        steps = ((shift, f"{width}'h{_mask(shift, width):x}") for shift in shifts)
        return cls(simd.bit_length(), width, padded("v", simd, width), tuple(steps))


def _mask(shift: int, width: int) -> int:
    """`shift` ones in every other group of `shift` bits."""
    return sum(((1 << shift) - 1) << low for low in range(0, width, 2 * shift))


def plain_weights(simd: int) -> str:
    """The word of a row as it was before the memory's encoding."""
    n = triples(simd)
    if not n:
        return "w"
    rest = f"        w{span(3 * n, simd)},\n" if simd % 3 else ""
    parity = " ^ ".join(f"w{part(third, n)}" for third in (2, 1, 0))
    return f"{{\n{rest}        {parity},\n        w{span(0, 2 * n)}\n    }}"


def planes(tree: Tree) -> list[tuple[int, str]]:
    """The bits that products with a row's weights add, a bit a lane, each with its column: of weights of one bit the
    XNORs with each plane of the input."""
    simd = tree.shape.simd
    if tree.shape.products:
        xs = {f"x{plane}": f"s{part(plane, simd)}" for plane in range(tree.shape.planes)}
        ws = {f"w{bit}": f"row{part(bit, simd)}" for bit in range(tree.shape.weight_bits)}
        return [(product.column, product.text.format(**xs, **ws)) for product in tree.shape.products]
    return [
        (plane, f"{'' if flip else '~'}(s{part(plane, simd)} ^ row)") for plane, flip in enumerate(tree.shape.flips)
    ]


def chain(name: str, first: str, count: int) -> list[tuple[str, str]]:
    """Registers one behind the other: each with what it takes over."""
    names = [f"{name}_{stage}_q" for stage in range(count)]
    return list(zip(names, [first, *names], strict=False))


def values(tree: Tree, shortest_srl: int) -> dict[str, object]:
    """What the template of a tree prints besides the plan."""
    return {
        "nets": Nets(tree, shortest_srl),
        "ones": Ones.of(tree.shape.simd),
        "lanes": triples(tree.shape.simd),
        "plain_weights": "w" if tree.shape.products else plain_weights(tree.shape.simd),
        "planes": planes(tree),
        "sum_stages": chain("stage", "total", tree.stages),
        "unused_shared": span(tree.shape.bits, tree.shared),
        "addends_width": len(tree.sums) * tree.shape.width,
        "offsets_word": f"{sum(each << place * tree.shape.width for place, each in enumerate(tree.offsets)):x}",
    }
