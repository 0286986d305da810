# SPDX-License-Identifier: Apache-2.0
"""Heaps of bits, and the cells that compress them to two bits a column.

While a tree is built its nets are numbered as they come up: the constants, the input word, the weight word or the
address, then parities and outputs of cells. `finish` numbers them as `Tree` says.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from finn_gen.ip.mvtu.tree.cells import CUT, LUTS, ONE, ZERO, Cell, Kind, Register, Shape, Sum, Tree
from finn_gen.ip.mvtu.tree.schedule import Moves, schedule


class Bit(NamedTuple):
    """A bit in the heap: a net, its sense and the level from which it can be used."""

    net: int
    inverted: bool
    level: int


Heap = list[list[Bit]]
"""The bits of each column of a sum."""


AND = 0b1000
"""The truth table of a product of two bits."""


def truth_table(function: Callable[..., bool | int], inputs: int) -> int:
    """Truth table of `function` as an integer of 2**inputs bits."""
    return sum(bool(function(*(i >> j & 1 for j in range(inputs)))) << i for i in range(1 << inputs))


def reduced(nets: Sequence[int], table: int) -> tuple[tuple[int, ...], int]:
    """The function `table` of nets, by those nets alone that it depends on."""
    left = list(nets)
    for place in range(len(left) - 1, -1, -1):
        rest = range(1 << len(left) - 1)
        halves = [
            sum((table >> ((i >> place << place + 1) | value << place | (i & (1 << place) - 1)) & 1) << i for i in rest)
            for value in (0, 1)
        ]
        if halves[0] == halves[1]:
            del left[place]
            table = halves[0]
    return tuple(left), table


@dataclass
class Builder:
    """Collects the cells of a tree of a `shape` with so many lines that select the weights.

    A LUT asked for twice is built once.
    """

    shape: Shape
    weight_bits: int = 0
    address_bits: int = 0
    cells: list[Cell] = field(default_factory=list)
    parities: dict[tuple[int, ...], int] = field(default_factory=dict)
    nets: int = field(init=False)
    _luts: dict[tuple, int] = field(default_factory=dict)
    _pending: list[Cell] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nets = self.select(self.weight_bits + self.address_bits)

    def net(self) -> int:
        """A new net."""
        self.nets += 1
        return self.nets - 1

    def select(self, index: int) -> int:
        """A bit of the weight word or of the address."""
        return ONE + 1 + self.shape.bits + index

    def shared(self, bits: tuple[int, ...]) -> int:
        """The parity of bits of the input word."""
        if len(bits) == 1:
            return ONE + 1 + bits[0]
        if bits not in self.parities:
            self.parities[bits] = self.net()
        return self.parities[bits]

    def lut(self, inputs: Sequence[int], table: int, level: int, positive: bool = False) -> Bit:
        """A bit that is `table` of `inputs`, usable from `level` + 1, perhaps as its inverse."""
        full = (1 << (1 << len(inputs))) - 1
        invert = bool(table & 1) and not positive
        stored = table ^ full if invert else table
        key = (tuple(inputs), stored, level)
        if key not in self._luts:
            self._luts[key] = self.net()
            self._pending.append(Cell(Kind.LUT, level, key[0], (self._luts[key],), (stored,)))
        return Bit(self._luts[key], invert, level + 1)

    def function(self, inputs: Sequence[int], table: int, level: int) -> Bit:
        """A bit that is `table` of `inputs`, all of which it depends on: no LUT for a net, its inverse or a one."""
        if not inputs:
            return Bit(ONE, False, level)
        if len(inputs) == 1:
            return Bit(inputs[0], table == 0b01, level)
        return self.lut(inputs, table, level)

    def add(self, heap: Heap, column: int, factors: tuple[int, ...], bit: Bit) -> Bit:
        """Add two products of bits and an upright bit: the carry goes on a heap, the sum is returned."""
        cell = Cell(Kind.AND_ADD, bit.level, (*factors, bit.net), (self.net(), self.net()), ())
        self.cells.append(cell)
        total, carry = (Bit(net, False, bit.level + 1) for net in cell.outputs)
        for place in heap[column + 1 : column + 2]:
            place.append(carry)
        return total

    def upright(self, bit: Bit, level: int) -> Bit:
        """`bit` not inverted, in the same level: one LUT more on its path, no carry chain more."""
        if not bit.inverted:
            return bit
        return Bit(self.lut((bit.net,), 0b01, level, positive=True).net, False, level)

    def pack(self) -> None:
        """Put LUTs of one level that together read at most five nets into pairs."""
        by_level: dict[int, list[Cell]] = {}
        for cell in self._pending:
            by_level.setdefault(cell.level, []).append(cell)
        self._pending = []
        for cells in by_level.values():
            self._pack(cells)

    def _pack(self, cells: Sequence[Cell]) -> None:
        same: dict[frozenset[int], Cell] = {}
        for cell in cells:
            key = frozenset(cell.inputs)
            if len(key) <= 5 and key in same:
                self.cells.append(_pair(same.pop(key), cell))
            elif len(key) <= 5:
                same[key] = cell
            else:
                self.cells.append(cell)
        alone = list(same.values())
        while alone:
            one = alone.pop(0)
            two = next((c for c in alone[:64] if len({*one.inputs, *c.inputs}) <= 5), None)
            if two is None:
                self.cells.append(one)
            else:
                alone.remove(two)
                self.cells.append(_pair(one, two))


@functools.cache
def _widened(table: int, places: tuple[int, ...], inputs: int) -> int:
    """A truth table as one of more inputs, of which it depends on those at `places`."""
    return truth_table(lambda *v: table >> sum(v[p] << j for j, p in enumerate(places)) & 1, inputs)


def _pair(one: Cell, two: Cell) -> Cell:
    """Both functions in one LUT6_2."""
    inputs = tuple(dict.fromkeys((*one.inputs, *two.inputs)))

    def widen(cell: Cell) -> int:
        return _widened(cell.tables[0], tuple(inputs.index(net) for net in cell.inputs), len(inputs))

    return Cell(Kind.LUT_PAIR, one.level, inputs, (*one.outputs, *two.outputs), (widen(one), widen(two)))


# --------------------------------------------------------------------------- compressing


def _compressed(builder: Builder, heap: Heap) -> Heap:
    """A heap reduced to two bits a column (three in column 0); bits above the width vanish."""
    last = max((b.level for column in heap for b in column), default=0)
    arrivals = tuple(tuple(sum(b.level == t for b in column) for column in heap) for t in range(last + 1))
    return applied(builder, heap, schedule(arrivals, builder.shape.levels))


def applied(builder: Builder, heap: Heap, levels: Sequence[Sequence[Moves]]) -> Heap:
    """What levels of moves leave of a heap."""
    state: Heap = [_ordered(column) for column in heap]
    for level, moves in enumerate(levels):
        if not any(m.cost for m in moves):
            continue
        fresh: Heap = [[] for _ in heap]
        ready: Heap = [[b for b in column if b.level <= level] for column in state]
        late: Heap = [[b for b in column if b.level > level] for column in state]
        for column, m in enumerate(moves):
            _apply(builder, column, m, ready=ready, fresh=fresh, level=level)
        state = [_ordered(ready[c] + late[c] + fresh[c]) for c in range(len(heap))]
    return state


def _ordered(column: list[Bit]) -> list[Bit]:
    return sorted(column, key=lambda bit: (not bit.inverted, bit.level))


def _take(builder: Builder, column: list[Bit], count: int, upright: int, level: int) -> list[Bit]:
    """Remove `count` bits of a column, inverted ones first, but the last `upright` of them upright."""
    inverted = [b for b in column if b.inverted]
    others = [b for b in column if not b.inverted]
    last = others[len(others) - min(upright, len(others), count) :]
    taken = (inverted + others[: len(others) - len(last)])[: count - len(last)]
    gone = {b.net for b in (*taken, *last)}
    column[:] = [b for b in column if b.net not in gone]
    missing = min(upright, count) - len(last)
    taken[len(taken) - missing :] = [builder.upright(b, level) for b in taken[len(taken) - missing :]]
    return taken + last


def _apply(builder: Builder, c: int, m: Moves, *, ready: Heap, fresh: Heap, level: int) -> None:
    """Build the cells of `m` in column `c`; what they put above the last column vanishes."""
    cells = [_adder(builder, _take(builder, ready[c], 3, 0, level), level) for _ in range(m.adders)]
    for size in [7] * m.full + [6] * m.short:
        *bits, carry = _take(builder, ready[c], min(size, len(ready[c])), 2, level)
        cells.append(_counter(builder, Kind.COUNTER, bits, carry, level))
    for _ in range(m.mixed):
        *bits, carry = _take(builder, ready[c], min(5, len(ready[c])), 1, level)
        bits += [_take(builder, ready[c + 1], 1, 0, level)[0], Bit(ONE, False, 0)]
        cells.append(_counter(builder, Kind.MIXED, bits, carry, level))
    for cell in cells:
        builder.cells.append(cell)
        for column, net in zip(fresh[c:], cell.outputs, strict=False):
            column.append(Bit(net, False, level + 1))


def _adder(builder: Builder, bits: Sequence[Bit], level: int) -> Cell:
    """Three bits to two."""
    flips = [b.inverted for b in bits]
    total = [sum((i >> j & 1) ^ flips[j] for j in range(3)) for i in range(8)]
    tables = tuple(sum((t >> k & 1) << i for i, t in enumerate(total)) for k in (0, 1))
    return Cell(Kind.LUT_PAIR, level, tuple(b.net for b in bits), (builder.net(), builder.net()), tables)


def _counter(builder: Builder, kind: Kind, bits: list[Bit], carry: Bit, level: int) -> Cell:
    """Up to six bits and a carry to three."""
    bits += [Bit(ZERO, False, 0)] * (6 - len(bits))
    outputs = (builder.net(), builder.net(), builder.net())
    invert = sum(b.inverted << i for i, b in enumerate(bits))
    return Cell(kind, level, (*(b.net for b in bits), carry.net), outputs, (), invert)


# --------------------------------------------------------------------------- finishing


class _Pipeline:
    """Registers that bring nets to later stages."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.made = {net: cell.stage for cell in cells for net in cell.outputs}
        self.found: dict[tuple[int, int], tuple[int, int]] = {}

    def at(self, net: int, stage: int) -> tuple[int, int]:
        """A net in `stage`, as the net and its registers on the way there."""
        source, made = (net, 0), self.made.get(net, 0)
        if made >= stage or net in (ZERO, ONE):
            return source
        for reached in range(made + 1, stage + 1):
            self.found[net, reached] = source
            source = (net, reached)
        return source


@dataclass
class Draft:
    """A tree whose cells are chosen, and not numbered yet: `finals` are the nets of a heap's columns, one a PE."""

    builder: Builder
    finals: list[list[list[int]]]
    stages: int
    offsets: tuple[int, ...] = ()

    @property
    def luts(self) -> int:
        """LUTs that the cells take."""
        return sum(LUTS[cell.kind] for cell in self.builder.cells)

    def finish(self) -> Tree:
        """Place the pipeline registers, number the nets."""
        builder = self.builder
        cells = sorted(builder.cells, key=lambda cell: cell.level)
        pipeline = _Pipeline(cells)
        inputs = []
        for cell in cells:
            stage = cell.stage
            inputs.append([pipeline.at(net, stage) for net in cell.inputs])
        columns = [[[pipeline.at(net, self.stages) for net in column] for column in heap] for heap in self.finals]
        number = _numbers(builder, cells, pipeline)
        numbered = tuple(
            Cell(
                cell.kind,
                cell.level,
                tuple([number[net] for net in nets]),
                tuple([number[net, 0] for net in cell.outputs]),
                cell.tables,
                cell.invert,
            )
            for cell, nets in zip(cells, inputs, strict=True)
        )
        registers = tuple(
            Register(number[net, stage], number[source], stage) for (net, stage), source in pipeline.found.items()
        )
        sums = tuple(_sum([[number[net] for net in column] for column in heap]) for heap in columns)
        read = {net for cell in numbered for net in cell.inputs} | {register.source for register in registers}
        read.update(net for total in sums for net in (*total.first, *total.second, total.carry))
        return Tree(
            shape=builder.shape,
            parities=tuple(builder.parities),
            shared=builder.shape.bits + len(builder.parities),
            weight_bits=builder.weight_bits,
            address_bits=builder.address_bits,
            cells=numbered,
            unused=tuple(net for cell in numbered for net in cell.outputs if net not in read),
            registers=registers,
            sums=sums,
            stages=self.stages,
            luts=self.luts,
            offsets=self.offsets,
        )


def draft(builder: Builder, heaps: Sequence[Heap], offsets: tuple[int, ...] = ()) -> Draft:
    """Compress the heaps, which hold too much by `offsets`, pair LUTs."""
    heaps = [_compressed(builder, heap) for heap in heaps]
    last = max((b.level for heap in heaps for column in heap for b in column), default=0)
    finals = [[[builder.upright(b, max(last - 1, 0)).net for b in c] for c in heap] for heap in heaps]
    builder.pack()
    return Draft(builder, finals, max(1, -(-last // CUT)), offsets)


def finish(builder: Builder, heaps: Sequence[Heap]) -> Tree:
    """Compress the heaps, pair LUTs, place the pipeline registers, number the nets."""
    return draft(builder, heaps).finish()


def _numbers(builder: Builder, cells: Sequence[Cell], pipeline: _Pipeline) -> dict[tuple[int, int], int]:
    """The numbers of nets and of their registers, by the builder's number and the stage."""
    selects = range(builder.select(0), builder.select(builder.weight_bits + builder.address_bits))
    outputs = (net for cell in cells for net in cell.outputs)
    nets = [*range(selects.start), *builder.parities.values(), *selects, *outputs]
    return {key: number for number, key in enumerate([*((net, 0) for net in nets), *pipeline.found])}


def _sum(columns: list[list[int]]) -> Sum:
    """The addends of up to two nets a column, three in column 0."""
    carry = columns[0].pop() if len(columns[0]) == 3 else ZERO
    padded = [column + [ZERO] * (2 - len(column)) for column in columns]
    return Sum(tuple(column[0] for column in padded), tuple(column[1] for column in padded), carry)
