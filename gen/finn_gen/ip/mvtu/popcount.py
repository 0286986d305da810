# SPDX-License-Identifier: Apache-2.0
"""Compressor trees for sums of binary products, as data.

A processing element (PE) adds SIMD products of an input bit x and a weight bit w. With
bit 0 = -1 and bit 1 = +1 a product is XNOR, and the sum of n products is a popcount. The
trees planned here use three facts:

1. The parity of products is linear over GF(2): ``a ^ b ^ c = ~(X ^ W)`` where X is the parity of
   the three inputs, which every PE shares, and W the parity of the three weights, which a memory
   can hold in place of the third weight (:func:`encode_weights`) and a constant simply is. So a
   full adder on three products needs no LUT for its sum, only one for its carry.
2. A half slice of 7-series (two LUTs, two positions of the carry chain) counts seven bits:
   two bits removed a LUT, where a full adder removes one (Kumm and Zipf, FPL 2014).
3. A row of LUT6_2 on a carry chain adds three numbers; it takes the last two rows of the tree and
   the accumulator at once, and an initial value that is zero except in the first cycle comes
   along for nothing, so the comparison with a threshold is the sign of the accumulator.

A tree is cells and their signals, nothing else: no text, no file. Weights of products:
``acc = init + sum over planes b of 2^b * popcount(~(x_b ^ w) ^ flip_b)``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import xor

CUT = 2
"""Levels of cells between two pipeline registers: no path crosses more than two carry chains."""

MAX_ADDRESS_BITS = 3
"""Three inputs and this many address bits make the six of a LUT."""

ZERO = "1'b0"
ONE = "1'b1"

LUT = "lut"
LUT_PAIR = "lut_pair"
COUNTER = "counter"
MIXED = "mixed"
LUTS = {LUT: 1, LUT_PAIR: 1, COUNTER: 2, MIXED: 2}
"""LUTs of a 7-series device that a cell of each kind takes."""


@dataclass(frozen=True)
class Cell:
    """One cell of a tree.

    ``lut``        one function of up to 6 inputs; ``tables[0]`` bit i is its value where input j
                   is bit j of i
    ``lut_pair``   two functions of the same up to 5 inputs
    ``counter``    seven bits to three: ``inputs`` are six bits and the carry-in, ``invert`` says which
                   of the six come inverted (never the sixth)
    ``mixed``      five bits and one of the next column to three: ``inputs`` are four bits, one of the
                   next column, a one, and the carry-in

    ``level`` counts cells on the way from the inputs, ``stage`` is the pipeline stage it lies in.
    """

    kind: str
    level: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tables: tuple[int, ...]
    invert: int = 0

    @property
    def stage(self) -> int:
        return self.level // CUT


@dataclass(frozen=True)
class Register:
    """A pipeline register: ``output`` is ``source`` one clock later."""

    output: str
    source: str
    stage: int


@dataclass(frozen=True)
class Shape:
    """What a tree adds: products of ``simd`` inputs in planes of weight 2^b, plane b's inverted where ``flips[b]``.

    ``width`` is the width of the accumulator, columns above it are not needed. ``stages`` is the number of pipeline
    stages that the tree should not exceed.
    """

    simd: int
    flips: tuple[bool, ...]
    width: int
    stages: int

    @property
    def planes(self) -> int:
        return len(self.flips)

    @property
    def levels(self) -> int:
        return CUT * self.stages


@dataclass(frozen=True)
class Sum:
    """The last two addends of one PE: column c has ``first[c]`` and ``second[c]``, and ``carry`` in column 0."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    carry: str


@dataclass(frozen=True)
class Tree:
    """A planned compressor tree of one PE (weights from a memory) or of all PEs (constants).

    ``parities``    groups of input bits whose parity is a shared input of the tree, ``s[k]``
    ``cells``       by level
    ``nets``        outputs of the cells
    ``unused``      those of them that nothing reads, above the last column
    ``sums``        one a PE
    ``stages``      pipeline registers between the inputs and the addends of ``sums``
    ``luts``        LUT6 of a 7-series device taken by the cells
    ``address_bits``  width of the address ``k`` that selects the weights (0: none)
    """

    parities: tuple[tuple[int, ...], ...]
    cells: tuple[Cell, ...]
    nets: tuple[str, ...]
    unused: tuple[str, ...]
    registers: tuple[Register, ...]
    sums: tuple[Sum, ...]
    stages: int
    luts: int
    address_bits: int


@dataclass(frozen=True)
class _Bit:
    """A bit in the heap: a signal, its sense and the level from which it can be used."""

    name: str
    inverted: bool
    level: int


# --------------------------------------------------------------------------- encoding of weights


def triples(count: int) -> int:
    """Number of groups of three lanes in a word of ``count`` lanes; group g has g, n+g and 2n+g."""
    return count // 3


def encode_weights(words: Sequence[int], simd: int) -> list[int]:
    """Weight words as the memory holds them: the third lane of a group becomes the group's parity.

    ``words`` are SIMD-bit integers, bit s is column s. Its own inverse.
    """
    n = triples(simd)
    mask = (1 << n) - 1
    return [w ^ ((((w >> n) ^ w) & mask) << (2 * n)) for w in words]


# --------------------------------------------------------------------------- heights of the heap

Heights = tuple[int, ...]


@dataclass(frozen=True)
class _Moves:
    """What happens to one column in one level: full counters, counters of 5 or 6 bits, with one of
    the next column, full adders."""

    full: int = 0
    short: int = 0
    mixed: int = 0
    adders: int = 0

    @property
    def cost(self) -> int:
        return 2 * (self.full + self.short + self.mixed) + self.adders


@functools.cache
def _column_moves(here: int, above: int) -> list[_Moves]:
    """Sensible choices for a column of ``here`` bits below one of ``above`` bits."""
    moves = []
    for full in {here // 7, max(0, here // 7 - 1)}:
        rest = here - 7 * full
        moves.append(_Moves(full))
        moves += [_Moves(full, adders=k) for k in (1, 2) if 3 * k <= rest <= 8]
        if rest >= 5:
            moves.append(_Moves(full, short=1))
            if above:
                moves.append(_Moves(full, mixed=1))
        if rest >= 8:
            moves += [_Moves(full, short=1, adders=1)] + ([_Moves(full, mixed=1, adders=1)] if above else [])
    return moves


def _outlook(cost: int, heights: Sequence[Heights], haste: float) -> float:
    """What a partial plan is expected to cost: its LUTs, half a LUT for each bit, and `haste` for each that is
    above the second of its column, for bringing it to its place."""
    weights = _weights_of_columns(haste)
    return cost + sum(map(weights.__getitem__, chain.from_iterable(heights)))


@functools.cache
def _weights_of_columns(haste: float) -> tuple[float, ...]:
    return tuple(0.5 * bits + haste * max(0, bits - 2) for bits in range(1 << 16))


def _step(heights: Heights, beam: int, haste: float) -> list[tuple[int, Heights, tuple[_Moves, ...]]]:
    """Ways to apply one level of cells to ``heights``: cost, new heights, moves of each column."""
    columns = len(heights)
    states: dict[tuple, tuple[int, tuple[_Moves, ...]]] = {(tuple(heights), (0,) * columns): (0, ())}
    for c in range(columns):
        following: dict[tuple, tuple[int, tuple[_Moves, ...]]] = {}
        for (old, new), (cost, moves) in states.items():
            for m in _column_moves(old[c], old[c + 1] if c + 1 < columns else 0):
                o, n = list(old), list(new)
                left = o[c] - 7 * m.full - min(6, o[c] - 7 * m.full - 3 * m.adders) * m.short
                left -= 5 * m.mixed + 3 * m.adders
                if m.mixed:
                    o[c + 1] -= 1
                counters = m.full + m.short + m.mixed
                n[c] += left + counters + m.adders
                if c + 1 < columns:
                    n[c + 1] += counters + m.adders
                if c + 2 < columns:
                    n[c + 2] += counters
                o[c] = 0
                key = (tuple(o), tuple(n))
                total = cost + m.cost
                if key not in following or following[key][0] > total:
                    following[key] = (total, (*moves, m))
        ranked = sorted(following.items(), key=lambda kv: _outlook(kv[1][0], kv[0], haste))
        states = dict(ranked[:beam])
    return [(cost, new, moves) for (_, new), (cost, moves) in states.items()]


@functools.lru_cache(maxsize=256)
def _schedule(arrivals: tuple[Heights, ...], levels: int) -> tuple[tuple[_Moves, ...], ...]:
    """Cheapest levels of moves that leave at most two bits in every column (three in column 0).

    ``arrivals[t]`` are the bits that become available at level t. Up to ``levels`` levels are free; beyond, fewer are
    better than cheaper: searches that care less and less for the cost are tried until one is short enough.
    """
    found = []
    for haste in _HASTES:
        path = _search(arrivals, levels, haste)
        if path is not None:
            found.append(path)
            if len(path) <= levels:
                break
    assert found, "in the most hasty search every level makes the highest columns lower"
    return min(found, key=len)


_HASTES = (0.35, 1.5, 6.0, 40.0)


def _search(
    arrivals: tuple[Heights, ...], levels: int, haste: float, beam: int = 40
) -> tuple[tuple[_Moves, ...], ...] | None:
    """What `_schedule` gives, by a beam search; None if it does not end."""
    columns = len(arrivals[0])

    def done(h: Heights) -> bool:
        return h[0] <= 3 and all(v <= 2 for v in h[1:])

    front: dict[Heights, tuple[int, tuple]] = {(0,) * columns: (0, ())}
    best: tuple[int, tuple] | None = None
    for level in range(len(arrivals) + 12):
        arrived = arrivals[level] if level < len(arrivals) else (0,) * columns
        following: dict[Heights, tuple[int, tuple]] = {}
        for heights, (cost, path) in front.items():
            now = tuple(a + b for a, b in zip(heights, arrived, strict=True))
            if level >= len(arrivals) - 1 and done(now):
                if best is None or (level <= levels and cost < best[0]):
                    best = (cost, path)
                continue
            for extra, new, moves in _step(now, beam, haste):
                total = cost + extra
                if not extra and level >= len(arrivals) - 1:
                    continue
                if (best is None or total < best[0]) and (new not in following or following[new][0] > total):
                    following[new] = (total, (*path, moves))
        front = dict(sorted(following.items(), key=lambda kv: _outlook(kv[1][0], (kv[0],), haste))[:beam])
        if not front or (best is not None and level >= levels):
            break
    return best[1] if best else None


# --------------------------------------------------------------------------- building


def _table(function: Callable[..., bool | int], inputs: int) -> int:
    """Truth table of ``function`` as an integer of 2**inputs bits."""
    return sum(bool(function(*(i >> j & 1 for j in range(inputs)))) << i for i in range(1 << inputs))


def _majority(a: int, b: int, c: int) -> bool:
    return a + b + c >= 2


@dataclass
class _Builder:
    """Collects cells. Signals are numbered ``n0, n1, ..``; a LUT asked for twice is built once."""

    cells: list[Cell] = field(default_factory=list)
    luts: dict[tuple, tuple[str, int]] = field(default_factory=dict)
    pending: list[Cell] = field(default_factory=list)
    count: int = 0

    def name(self) -> str:
        self.count += 1
        return f"n{self.count - 1}"

    def lut(self, inputs: Sequence[str], table: int, level: int, positive: bool = False) -> _Bit:
        """A bit that is ``table`` of ``inputs``, usable from ``level`` + 1, perhaps as its inverse."""
        full = (1 << (1 << len(inputs))) - 1
        invert = bool(table & 1) and not positive
        stored = table ^ full if invert else table
        key = (tuple(inputs), stored, level)
        if key not in self.luts:
            name = self.name()
            self.luts[key] = (name, level)
            self.pending.append(Cell(LUT, level, tuple(inputs), (name,), (stored,)))
        return _Bit(self.luts[key][0], invert, level + 1)

    def pack(self) -> None:
        """Put LUTs of one level that together read at most five signals into pairs."""
        by_level: dict[int, list[Cell]] = {}
        for cell in self.pending:
            by_level.setdefault(cell.level, []).append(cell)
        self.pending = []
        for cells in by_level.values():
            alone: list[Cell] = []
            same: dict[frozenset, Cell] = {}
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


def _pair(one: Cell, two: Cell) -> Cell:
    """Both functions in one LUT6_2."""
    inputs = tuple(dict.fromkeys((*one.inputs, *two.inputs)))

    def widen(cell: Cell) -> int:
        places = [inputs.index(s) for s in cell.inputs]
        return _table(lambda *v: cell.tables[0] >> sum(v[p] << j for j, p in enumerate(places)) & 1, len(inputs))

    return Cell(LUT_PAIR, one.level, inputs, (*one.outputs, *two.outputs), (widen(one), widen(two)))


Heap = list[list[_Bit]]


def _compress(builder: _Builder, heaps: list[Heap], shape: Shape) -> list[Heap]:
    """Reduce every heap to two bits a column (three in column 0); bits above the width vanish."""
    out = []
    for heap in heaps:
        last = max((b.level for column in heap for b in column), default=0)
        arrivals = tuple(tuple(sum(b.level == t for b in column) for column in heap) for t in range(last + 1))
        state: Heap = [sorted(column, key=lambda b: (not b.inverted, b.level)) for column in heap]
        for level, moves in enumerate(_schedule(arrivals, shape.levels)):
            if not any(m.cost for m in moves):
                continue
            fresh: Heap = [[] for _ in heap]
            ready: Heap = [[b for b in column if b.level <= level] for column in state]
            late: Heap = [[b for b in column if b.level > level] for column in state]
            for c, m in enumerate(moves):
                _apply(builder, c, m, ready=ready, fresh=fresh, level=level)
            state = [
                sorted(ready[c] + late[c] + fresh[c], key=lambda b: (not b.inverted, b.level))
                for c in range(shape.width)
            ]
        out.append(state)
    return out


def _take(builder: _Builder, column: list[_Bit], count: int, upright: int, level: int) -> list[_Bit]:
    """Remove ``count`` bits of a column, inverted ones first, but the last ``upright`` of them upright."""
    inverted = [b for b in column if b.inverted]
    others = [b for b in column if not b.inverted]
    last = others[len(others) - min(upright, len(others), count) :]
    taken = (inverted + others[: len(others) - len(last)])[: count - len(last)]
    column[:] = [b for b in column if b not in taken and b not in last]
    missing = min(upright, count) - len(last)
    taken[len(taken) - missing :] = [_upright(builder, b, level) for b in taken[len(taken) - missing :]]
    return taken + last


def _upright(builder: _Builder, bit: _Bit, level: int) -> _Bit:
    """``bit`` not inverted, in the same level: one LUT more on its path, no carry chain more."""
    if not bit.inverted:
        return bit
    return _Bit(builder.lut((bit.name,), 0b01, level, positive=True).name, False, level)


def _apply(builder: _Builder, c: int, m: _Moves, *, ready: Heap, fresh: Heap, level: int) -> None:
    """Build the cells of ``m`` in column ``c``; what they put above the last column vanishes."""

    def put(outputs: tuple[str, ...]) -> None:
        for column, name in zip(fresh[c:], outputs, strict=False):
            column.append(_Bit(name, False, level + 1))

    for _ in range(m.adders):
        bits = _take(builder, ready[c], 3, 0, level)
        flips = [b.inverted for b in bits]
        total = [sum((i >> j & 1) ^ flips[j] for j in range(3)) for i in range(8)]
        tables = tuple(sum((t >> k & 1) << i for i, t in enumerate(total)) for k in (0, 1))
        outputs = (builder.name(), builder.name())
        builder.cells.append(Cell(LUT_PAIR, level, tuple(b.name for b in bits), outputs, tables))
        put(outputs)
    for size in [7] * m.full + [6] * m.short + [5] * m.mixed:
        mixed = size == 5
        *bits, carry = _take(builder, ready[c], min(size, len(ready[c])), 1 if mixed else 2, level)
        if mixed:
            bits += [_take(builder, ready[c + 1], 1, 0, level)[0], _Bit(ONE, False, 0)]
        bits += [_Bit(ZERO, False, 0)] * (6 - len(bits))
        outputs = tuple(builder.name() for _ in range(3))
        names = (*(b.name for b in bits), carry.name)
        builder.cells.append(
            Cell(
                MIXED if mixed else COUNTER, level, names, outputs, (), sum(b.inverted << i for i, b in enumerate(bits))
            )
        )
        put(outputs)


# --------------------------------------------------------------------------- weights from a memory


@functools.lru_cache(maxsize=64)
def plan_memory_tree(shape: Shape) -> Tree:
    """Tree of one PE whose weights come from a memory, encoded by :func:`encode_weights`.

    Inputs: ``s``, the input bits (bit ``plane * simd + lane``) followed by the shared parities, and ``w``, the weight
    word.
    """
    trees = [_memory_tree(shape, depth) for depth in (1, 2)]
    return min(trees, key=lambda t: (max(shape.stages, t.stages), t.luts, t.stages))


def _memory_tree(shape: Shape, depth: int) -> Tree:
    """:func:`plan_memory_tree` with ``depth`` levels of carries whose sums stay split in X and W."""
    simd, width = shape.simd, shape.width
    builder = _Builder()
    heap: Heap = [[] for _ in range(width)]
    parities: list[tuple[int, ...]] = []

    def shared(bits: tuple[int, ...]) -> str:
        if len(bits) == 1:
            return f"s[{bits[0]}]"
        if bits not in parities:
            parities.append(bits)
        return f"s[{simd * shape.planes + parities.index(bits)}]"

    def put(column: int, signals: Sequence[str], function: Callable[..., int]) -> None:
        if column < width:
            heap[column].append(builder.lut(signals, _table(function, len(signals)), 0, positive=True))

    n = triples(simd)
    for b, flip in enumerate(shape.flips):
        lanes = [((b * simd + lane,), lane) for lane in range(simd)]
        pairs: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
        for g in range(n):
            (x0, w0), (x1, w1), (x2, w2) = lanes[g], lanes[n + g], lanes[2 * n + g]

            def carry(*bits: int, f: bool = flip) -> bool:
                a, c, d, u, v, p = bits
                return _majority(a ^ u ^ 1 ^ f, c ^ v ^ 1 ^ f, d ^ u ^ v ^ p ^ 1 ^ f)

            put(b + 1, (shared(x0), shared(x1), shared(x2), f"w[{w0}]", f"w[{w1}]", f"w[{w2}]"), carry)
            pairs.append(((*x0, *x1, *x2), (f"w[{w2}]",)))
        pairs += [(x, (f"w[{lane}]",)) for x, lane in lanes[3 * n :]]
        if depth == 2:
            m = triples(len(pairs))
            groups, pairs = [pairs[3 * g : 3 * g + 3] for g in range(m)], pairs[3 * m :]
            for group in groups:
                signals = (*(shared(x) for x, _ in group), *(w[0] for _, w in group))
                put(
                    b + 1,
                    signals,
                    lambda a, c, d, u, v, p, f=flip: _majority(a ^ u ^ 1 ^ f, c ^ v ^ 1 ^ f, d ^ p ^ 1 ^ f),
                )
                x = tuple(i for bits, _ in group for i in bits)
                put(b, (shared(x), *(w[0] for _, w in group)), lambda a, *w, f=flip: a ^ sum(w) & 1 ^ 1 ^ f)
        if len(pairs) == 2:
            signals = (*(shared(x) for x, _ in pairs), *(w[0] for _, w in pairs))
            put(b + 1, signals, lambda a, c, u, v, f=flip: (a ^ u ^ 1 ^ f) & (c ^ v ^ 1 ^ f))
            put(b, signals, lambda a, c, u, v: a ^ c ^ u ^ v)
        else:
            for x, w in pairs:
                put(b, (shared(x), *w), lambda a, u, f=flip: a ^ u ^ 1 ^ f)
    return _finish(builder, [heap], shape, tuple(parities), 0)


# --------------------------------------------------------------------------- constant weights


def plan_constant_tree(weights: Sequence[Sequence[int]], shape: Shape) -> Tree:
    """Tree of all PEs with constant weights, chosen by an address.

    ``weights[p][k]`` is the SIMD-bit word of PE p at address k. Inputs: ``s``, the input bits (bit
    ``plane * simd + lane``), and ``k``, the address (at most three bits). Functions that several PEs want
    of the same inputs are built once: with one address there are only four carries of every three inputs,
    up to their sense, however many PEs there are.
    """
    merges = _merges(shape.simd)
    depths = sorted({merges, max(merges - 2, min(merges, 3))})
    trees = [_constant_tree(weights, shape, depth) for depth in depths]
    return min(trees, key=lambda t: (max(shape.stages, t.stages), t.luts, t.stages))


def _merges(count: int) -> int:
    """Levels of full and half adders from ``count`` products to one."""
    levels = 0
    while count > 1:
        count = count // 3 + count % 3 if count > 2 else 1
        levels += 1
    return levels


def _constant_tree(weights: Sequence[Sequence[int]], shape: Shape, depth: int) -> Tree:
    """:func:`plan_constant_tree` with ``depth`` levels of carries whose sums stay split in X and W."""
    simd, width = shape.simd, shape.width
    addresses = len(weights[0])
    address_bits = max(addresses - 1, 0).bit_length()
    assert address_bits <= MAX_ADDRESS_BITS
    builder = _Builder()
    address = tuple(f"k[{i}]" for i in range(address_bits))
    heaps: list[Heap] = [[[] for _ in range(width)] for _ in weights]
    columns = [
        [sum((w[min(k, addresses - 1)] >> lane & 1) << k for k in range(1 << address_bits)) for lane in range(simd)]
        for w in weights
    ]
    everywhere = (1 << (1 << address_bits)) - 1

    def ones(v: Sequence[int], words: Sequence[int], flip: bool) -> int:
        """Number of ones among the products of inputs v[:n] and weights, at the address v[n:]."""
        k = sum(a << j for j, a in enumerate(v[len(words) :]))
        return sum(x ^ w >> k & 1 ^ 1 ^ flip for x, w in zip(v, words, strict=False))

    def put(column: list[_Bit], xs: Sequence[str], level: int, upright: bool, function: Callable) -> None:
        table = _table(lambda *v: function(v), len(xs) + address_bits)
        column.append(builder.lut((*xs, *address), table, level, upright))

    for b, flip in enumerate(shape.flips):
        row = [f"s[{b * simd + lane}]" for lane in range(simd)]
        words = [list(c) for c in columns]
        level = 0
        while level < depth and len(row) > 1:
            step = min(3, len(row))
            starts = range(0, step * (len(row) // step), step)
            for g in starts:
                for p, heap in enumerate(heaps if b + 1 < width else []):
                    group = words[p][g : g + step]
                    # With one address PEs share functions up to their sense; some must be upright for carry-ins.
                    upright = address_bits > 0 or g % 5 == 0
                    carry = functools.partial(ones, words=group, flip=flip)
                    put(heap[b + 1], row[g : g + step], level, upright, lambda v, f=carry: f(v) >= 2)
            parity = _table(lambda *v: sum(v) & 1, step)
            sums = [builder.lut(tuple(row[g : g + step]), parity, level).name for g in starts]
            # Three XNORs add up to XNOR of X and W, but two to XOR; XORs always to XOR.
            turn = everywhere if step == 2 and not flip else 0
            words = [
                [functools.reduce(xor, w[g : g + step]) ^ turn for g in starts] + w[step * len(starts) :] for w in words
            ]
            row, level = sums + row[step * len(starts) :], level + 1
        for p, heap in enumerate(heaps):
            for x, word in zip(row, words[p], strict=True):
                put(heap[b], (x,), level, True, functools.partial(ones, words=[word], flip=flip))
    return _finish(builder, heaps, shape, (), address_bits)


# --------------------------------------------------------------------------- finishing


def _finish(
    builder: _Builder, heaps: list[Heap], shape: Shape, parities: tuple[tuple[int, ...], ...], address_bits: int
) -> Tree:
    """Compress the heaps, pair LUTs, place the pipeline registers."""
    heaps = _compress(builder, heaps, shape)
    last = max((b.level for heap in heaps for column in heap for b in column), default=0)
    finals = [[[_upright(builder, b, max(last - 1, 0)) for b in c] for c in heap] for heap in heaps]
    builder.pack()
    stages = max(1, -(-last // CUT))
    made = {name: cell.stage for cell in builder.cells for name in cell.outputs}
    registers: dict[str, Register] = {}

    def delayed(name: str, stage: int) -> str:
        """``name`` as it is called in ``stage``, behind as many registers as that takes."""
        if name in (ZERO, ONE):
            return name
        flat = name.replace("[", "").replace("]", "")
        before = name
        for s in range(made.get(name, 0) + 1, stage + 1):
            output = f"{flat}_{s}"
            registers[output] = Register(output, before, s)
            before = output
        return before

    cells = tuple(
        replace(c, inputs=tuple(delayed(n, c.stage) for n in c.inputs))
        for c in sorted(builder.cells, key=lambda c: c.level)
    )
    sums = []
    for heap in finals:
        names = [[delayed(b.name, stages) for b in column] for column in heap]
        names = [column + [ZERO] * (2 - len(column)) for column in names]
        carry = names[0].pop() if len(names[0]) == 3 else ZERO
        sums.append(Sum(tuple(c[0] for c in names), tuple(c[1] for c in names), carry))
    read = {n for c in cells for n in c.inputs} | {r.source for r in registers.values()}
    read.update(n for s in sums for n in (*s.first, *s.second, s.carry))
    return Tree(
        parities=parities,
        cells=cells,
        nets=tuple(made),
        unused=tuple(n for n in made if n not in read),
        registers=tuple(registers.values()),
        sums=tuple(sums),
        stages=stages,
        luts=sum(LUTS[c.kind] for c in cells),
        address_bits=address_bits,
    )
