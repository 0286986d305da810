# SPDX-License-Identifier: Apache-2.0
"""What a compressor tree is: cells, pipeline registers and the nets between them, each net a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

CUT = 2
"""Levels of cells between two pipeline registers: no path crosses more than two carry chains."""

MAX_ADDRESS_BITS = 3
"""Three inputs and this many address bits make the six of a LUT."""

ZERO, ONE = 0, 1
"""The nets that are constant."""


class Kind(StrEnum):
    """What a cell is.

    LUT       one function of up to 6 inputs; `tables[0]` bit i is its value where input j is bit j of i
    LUT_PAIR  two functions of the same up to 5 inputs
    COUNTER   seven bits to three: `inputs` are six bits and the carry-in, `invert` says which of the six come
              inverted (never the sixth)
    MIXED     five bits and one of the next column to three: `inputs` are four bits, one of the next column, a one,
              and the carry-in
    AND_ADD   two products of bits and a bit to two bits: `inputs` are the factors of the one, of the other, and the
              carry-in
    """

    LUT = "lut"
    LUT_PAIR = "lut_pair"
    COUNTER = "counter"
    MIXED = "mixed"
    AND_ADD = "and_add"


LUTS = {Kind.LUT: 1, Kind.LUT_PAIR: 1, Kind.COUNTER: 2, Kind.MIXED: 2, Kind.AND_ADD: 1}
"""LUTs of a 7-series device that a cell of each kind takes."""


@dataclass(frozen=True)
class Cell:
    """One cell of a tree: nets in, nets out, what it computes; `level` counts cells on the way from the inputs."""

    kind: Kind
    level: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    tables: tuple[int, ...]
    invert: int = 0

    @property
    def stage(self) -> int:
        """The pipeline stage that it lies in."""
        return self.level // CUT


@dataclass(frozen=True)
class Register:
    """A pipeline register: the net `output` is `source` one clock later, in `stage`."""

    output: int
    source: int
    stage: int


@dataclass(frozen=True)
class Product:
    """A bit of weight 2^column that each lane adds.

    It is a function of bits of the input, `planes`, and of the weight, `bits`: `table`, whose first inputs are the
    planes. `text` says it in Verilog, with {x0}, {x1} for planes and {w0}, {w1} for bits of the weight.
    """

    column: int
    planes: tuple[int, ...]
    bits: tuple[int, ...]
    table: int
    text: str

    def value(self, element: int, weight: int) -> int:
        """The bit for an input and a weight, both as unsigned numbers."""
        inputs = [element >> plane & 1 for plane in self.planes] + [weight >> bit & 1 for bit in self.bits]
        return self.table >> sum(bit << place for place, bit in enumerate(inputs)) & 1


@dataclass(frozen=True)
class Shape:
    """What a tree adds: products of `simd` inputs in planes of weight 2^b, plane b's inverted where `flips[b]`.

    `width` is the width of the sum, columns above it are not needed. `stages` is the number of pipeline stages that
    the tree should not exceed. With weights of several bits, `weight_bits`, each lane adds `products` and no XNORs.
    """

    simd: int
    flips: tuple[bool, ...]
    width: int
    stages: int
    weight_bits: int = field(default=1, metadata={"later": True})
    products: tuple[Product, ...] = field(default=(), metadata={"later": True})

    @property
    def planes(self) -> int:
        """Bits of an input."""
        return len(self.flips)

    @property
    def bits(self) -> int:
        """Bits of an input word: bit `plane * simd + lane` is a lane's."""
        return self.planes * self.simd

    @property
    def levels(self) -> int:
        """Levels of cells in those stages."""
        return CUT * self.stages


@dataclass(frozen=True)
class Sum:
    """The last two addends of one PE: column c has `first[c]` and `second[c]`, and `carry` in column 0."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    carry: int


@dataclass(frozen=True)
class Tree:
    """A planned compressor tree of one PE (weights from a memory) or of all PEs (constants).

    Nets are numbered: the constants ZERO and ONE, the `shared` inputs (the input word, then parities of it), the
    weight word or the address of the weights, the outputs of cells, those of registers.

    `parities`      groups of bits of the input word whose parity is a shared input
    `shared`        number of shared inputs
    `weight_bits`   width of the weight word `w` (0 where weights are constants)
    `address_bits`  width of the address `k` that selects the weights (0: none)
    `cells`         by level
    `unused`        outputs of cells that nothing reads, above the last column
    `sums`          one a PE
    `stages`        pipeline registers between the inputs and the addends of `sums`
    `luts`          LUT6 of a 7-series device taken by the cells
    `offsets`       what the sums are too large by, modulo 2^width, one a PE; none where they are right
    """

    shape: Shape
    parities: tuple[tuple[int, ...], ...]
    shared: int
    weight_bits: int
    address_bits: int
    cells: tuple[Cell, ...]
    unused: tuple[int, ...]
    registers: tuple[Register, ...]
    sums: tuple[Sum, ...]
    stages: int
    luts: int
    offsets: tuple[int, ...] = field(default=(), metadata={"later": True})

    @property
    def parity_terms(self) -> tuple[tuple[int, ...], ...]:
        """The shared inputs whose parity each of the parities is: its bits, or three parities that come before it."""
        known: dict[tuple[int, ...], int] = {}
        found = []
        for place, group in enumerate(self.parities):
            third = len(group) // 3
            thirds = [known.get(group[i * third : (i + 1) * third]) for i in range(3)]
            found.append(group if None in thirds or 3 * third != len(group) else tuple(thirds))
            known[group] = self.shape.bits + place
        return tuple(found)

    @property
    def waits(self) -> dict[int, int]:
        """For each register, by its output, how many there are one behind the other up to it."""
        found: dict[int, int] = {}
        for register in self.registers:
            found[register.output] = 1 + found.get(register.source, 0)
        return found

    @property
    def first_select(self) -> int:
        """The net of the lowest bit of the weight word or of the address."""
        return ONE + 1 + self.shared

    @property
    def first_cell(self) -> int:
        """The first net that is a cell's output."""
        return self.first_select + self.weight_bits + self.address_bits
