# SPDX-License-Identifier: Apache-2.0
"""The tree of all PEs where weights are constants."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from operator import xor

import numpy as np

from finn_gen.ip.mvtu.tree.build import Bit, Builder, Draft, Heap, draft, finish, reduced, truth_table
from finn_gen.ip.mvtu.tree.cells import MAX_ADDRESS_BITS, Product, Shape, Tree
from finn_gen.ip.mvtu.tree.clusters import clustered


def plan_constant_tree(weights: Sequence[Sequence[int]], shape: Shape) -> Tree:
    """Tree of all PEs with constant weights, chosen by an address.

    `weights[p][k]` is the word of PE p at address k, of at most three bits; it has SIMD bits or, with weights of
    several bits, as many planes of them. Functions that several PEs want of the same inputs are built once: with one
    address there are only four carries of every three inputs, up to their sense, however many PEs there are. With one
    address rows may share sums instead (`clusters`), and then are too large by the tree's offsets.
    """
    if shape.products:
        return _of_several(weights, shape)
    drafts = []
    if len(weights) > 1 == len(weights[0]):
        drafts.append(clustered(_bits(weights, shape.simd)[:, 0], shape))
    # Carries are half as many as products, and a counter removes two bits a LUT.
    alone = len(weights) * (shape.bits / 2 - shape.width) / 2
    if not drafts or drafts[0].stages > shape.stages or drafts[0].luts > alone:
        merges = _merges(shape.simd)
        drafts += [
            _Constants(weights, shape).draft(depth) for depth in sorted({merges, max(merges - 2, min(merges, 3))})
        ]
    return min(drafts, key=lambda t: (max(shape.stages, t.stages), t.luts, t.stages)).finish()


def _of_several(weights: Sequence[Sequence[int]], shape: Shape) -> Tree:
    """`plan_constant_tree` for weights of several bits; bit k of a lane's weight is bit k * SIMD + lane of a word."""
    addresses, simd = len(weights[0]), shape.simd
    builder = Builder(shape, address_bits=max(addresses - 1, 0).bit_length())
    address = tuple(builder.select(i) for i in range(builder.address_bits))
    codes = [
        [
            [sum((word >> (bit * simd + lane) & 1) << bit for bit in range(shape.weight_bits)) for word in row]
            for lane in range(simd)
        ]
        for row in weights
    ]
    heaps: list[Heap] = [[[] for _ in range(shape.width)] for _ in weights]
    for heap, lanes in zip(heaps, codes, strict=True):
        for lane, of in enumerate(lanes):
            every = tuple(of[min(k, addresses - 1)] for k in range(1 << builder.address_bits))
            for product in shape.products:
                xs = tuple(builder.shared((plane * simd + lane,)) for plane in product.planes)
                nets, table = reduced((*xs, *address), _at_addresses(product, every))
                if product.column < shape.width and table:
                    heap[product.column].append(builder.function(nets, table, 0))
    return finish(builder, heaps)


@functools.cache
def _at_addresses(product: Product, codes: tuple[int, ...]) -> int:
    """The table of a product by the planes of its input and the address, which selects one of the weights `codes`."""
    count = len(product.planes)
    table = 0
    for place, code in enumerate(codes):
        for inputs in range(1 << count):
            element = sum((inputs >> i & 1) << plane for i, plane in enumerate(product.planes))
            table |= product.value(element, code) << (place << count | inputs)
    return table


def _merges(count: int) -> int:
    """Levels of full and half adders from `count` products to one."""
    levels = 0
    while count > 1:
        count = count // 3 + count % 3 if count > 2 else 1
        levels += 1
    return levels


@functools.cache
def _products(weights: tuple[int, ...], flip: bool, carry: bool) -> int:
    """Truth table of what the products with `weights` add up to: whether that is odd, or the carry of a full adder."""

    def value(*inputs: int) -> bool:
        ones = sum(x ^ w ^ 1 ^ flip for x, w in zip(inputs, weights, strict=True))
        return ones >= 2 if carry else bool(ones & 1)

    return truth_table(value, len(weights))


@functools.cache
def _table(words: tuple[int, ...], addresses: int, flip: bool, carry: bool) -> int:
    """Truth table of `_products` at every address; bit k of a word is the weight at address k."""
    size = 1 << len(words)
    return sum(_products(tuple(word >> k & 1 for word in words), flip, carry) << (k * size) for k in range(addresses))


def _bits(weights: Sequence[Sequence[int]], simd: int) -> np.ndarray:
    """The bits of words, [PE, address, SIMD]."""
    size = -(-simd // 8)
    data = b"".join(word.to_bytes(size, "little") for words in weights for word in words)
    packed = np.frombuffer(data, np.uint8).reshape(len(weights), len(weights[0]), size)
    return np.unpackbits(packed, axis=2, count=simd, bitorder="little")


class _Constants:
    """A tree in the making. `columns[p][lane]` has the weight at address k in bit k."""

    def __init__(self, weights: Sequence[Sequence[int]], shape: Shape) -> None:
        addresses = len(weights[0])
        self.address_bits = max(addresses - 1, 0).bit_length()
        assert self.address_bits <= MAX_ADDRESS_BITS
        self.addresses = 1 << self.address_bits
        self.shape = shape
        self.builder = Builder(shape, address_bits=self.address_bits)
        self.address = tuple(self.builder.select(i) for i in range(self.address_bits))
        self.heaps: list[Heap] = [[[] for _ in range(shape.width)] for _ in weights]
        every = np.arange(1 << self.address_bits)
        bits = _bits(weights, shape.simd)[:, np.minimum(every, addresses - 1)].astype(np.int64)
        self.columns: list[list[int]] = (bits << every[:, None]).sum(axis=1).tolist()

    def draft(self, depth: int) -> Draft:
        """A tree with `depth` levels of carries whose sums stay split in X and W."""
        for plane in range(self.shape.planes):
            self._add_plane(plane, depth)
        return draft(self.builder, self.heaps)

    def _add_plane(self, plane: int, depth: int) -> None:
        """Put what the products of a plane add up to on the heaps, one a PE."""
        flip, simd = self.shape.flips[plane], self.shape.simd
        row = [self.builder.shared((plane * simd + lane,)) for lane in range(simd)]
        words = [list(column) for column in self.columns]
        level = 0
        while level < depth and len(row) > 1:
            row, words = self._merge(plane, row, words, level)
            level += 1
        for heap, own in zip(self.heaps, words, strict=True):
            for x, word in zip(row, own, strict=True):
                self._put(heap[plane], (x,), level, True, _table((word,), self.addresses, flip, False))

    def _merge(
        self, plane: int, row: list[int], words: list[list[int]], level: int
    ) -> tuple[list[int], list[list[int]]]:
        """Add groups of three (or the last two) products: carries go to the heaps, sums stay split in X and W."""
        flip, step = self.shape.flips[plane], min(3, len(row))
        starts = range(0, step * (len(row) // step), step)
        for g in starts:
            for p, heap in enumerate(self.heaps if plane + 1 < self.shape.width else []):
                # With one address PEs share functions up to their sense; some must be upright for carry-ins.
                upright = self.address_bits > 0 or g % 5 == 0
                table = _table(tuple(words[p][g : g + step]), self.addresses, flip, True)
                self._put(heap[plane + 1], row[g : g + step], level, upright, table)
        parity = truth_table(lambda *v: sum(v) & 1, step)
        sums = [self.builder.lut(tuple(row[g : g + step]), parity, level).net for g in starts]
        # Three XNORs add up to XNOR of X and W, but two to XOR; XORs always to XOR.
        turn = (1 << (1 << self.address_bits)) - 1 if step == 2 and not flip else 0
        rest = step * len(starts)
        merged = [[functools.reduce(xor, w[g : g + step]) ^ turn for g in starts] + w[rest:] for w in words]
        return sums + row[rest:], merged

    def _put(self, column: list[Bit], xs: Sequence[int], level: int, upright: bool, table: int) -> None:
        column.append(self.builder.lut((*xs, *self.address), table, level, upright))
