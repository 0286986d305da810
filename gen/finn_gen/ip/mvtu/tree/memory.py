# SPDX-License-Identifier: Apache-2.0
"""The tree of one PE whose weights come from a memory, and how the memory encodes them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from finn_gen.ip.mvtu.tree.build import AND, Builder, Heap, finish, truth_table
from finn_gen.ip.mvtu.tree.cells import Shape, Tree


def triples(count: int) -> int:
    """Number of groups of three lanes in a word of `count` lanes; group g has g, n+g and 2n+g."""
    return count // 3


def encode(bits: np.ndarray) -> np.ndarray:
    """Weights as the memory holds them: the third lane of a group becomes the group's parity.

    `bits` are booleans, [..., SIMD], column s in place s. Its own inverse.
    """
    n = triples(bits.shape[-1])
    found = bits.copy()
    found[..., 2 * n : 3 * n] ^= bits[..., :n] ^ bits[..., n : 2 * n]
    return found


@functools.lru_cache(maxsize=64)
def plan_memory_tree(shape: Shape) -> Tree:
    """Tree of one PE whose weights come from a memory, those of one bit encoded by `encode`."""
    if shape.products:
        return _of_several(shape)
    trees = [_tree(shape, depth) for depth in (1, 2)]
    return min(trees, key=lambda t: (max(shape.stages, t.stages), t.luts, t.stages))


def _of_several(shape: Shape) -> Tree:
    """`plan_memory_tree` for weights of several bits: bit k of a lane's weight is bit k * SIMD + lane of the word."""
    trees = [_products(shape, links) for links in range(3)]
    return min(trees, key=lambda t: (max(shape.stages, t.stages), t.luts, t.stages))


def _products(shape: Shape, links: int) -> Tree:
    """`_of_several` where products of bits are added in chains of `links` cells, each of which takes two products and
    adds the sum of the cell before it, the first one a third product."""
    builder = Builder(shape, weight_bits=shape.simd * shape.weight_bits)
    heap: Heap = [[] for _ in range(shape.width)]
    for product in shape.products:
        if product.column >= shape.width:
            continue
        nets = [
            (
                *(builder.shared((plane * shape.simd + lane,)) for plane in product.planes),
                *(builder.select(bit * shape.simd + lane) for bit in product.bits),
            )
            for lane in range(shape.simd)
        ]
        longest = 1 + 2 * links if (len(nets[0]), product.table) == (2, AND) else 1
        while nets:
            first, *pairs = nets[: longest if len(nets) >= longest else len(nets) - 1 | 1]
            nets = nets[1 + len(pairs) :]
            bit = builder.lut(first, product.table, 0, positive=True)
            for one, two in zip(pairs[::2], pairs[1::2], strict=True):
                bit = builder.add(heap, product.column, (*one, *two), bit)
            heap[product.column].append(bit)
    return finish(builder, [heap])


def _tree(shape: Shape, depth: int) -> Tree:
    """`plan_memory_tree` with `depth` levels of carries whose sums stay split in X and W."""
    builder = Builder(shape, weight_bits=shape.simd)
    heap: Heap = [[] for _ in range(shape.width)]
    for plane, flip in enumerate(shape.flips):
        _Plane(builder, heap, plane, flip).add(depth)
    return finish(builder, [heap])


Product = tuple[tuple[int, ...], int]
"""A product whose sum is split: the bits of the input word whose parity is X, and the net of W."""


def _majority(a: int, b: int, c: int) -> bool:
    return a + b + c >= 2


@functools.cache
def _carry(flip: bool) -> int:
    """The carry of three products, of their X and then of their W."""
    return truth_table(
        lambda a, b, c, u, v, w: _majority(a ^ u ^ 1 ^ flip, b ^ v ^ 1 ^ flip, c ^ w ^ 1 ^ flip),
        6,
    )


@functools.cache
def _encoded_carry(flip: bool) -> int:
    """`_carry` where the third W is the parity of all three."""
    return truth_table(
        lambda a, b, c, u, v, parity: _majority(a ^ u ^ 1 ^ flip, b ^ v ^ 1 ^ flip, c ^ u ^ v ^ parity ^ 1 ^ flip),
        6,
    )


@functools.cache
def _parity(flip: bool) -> int:
    """The sum of three products, of the parity of their X and then of their W."""
    return truth_table(lambda a, *w: a ^ sum(w) & 1 ^ 1 ^ flip, 4)


def _nets(builder: Builder, products: Sequence[Product]) -> tuple[int, ...]:
    """The X of `products`, then their W."""
    return (*(builder.shared(x) for x, _ in products), *(w for _, w in products))


class _Plane:
    """The products of a plane of the input word, which go to the heap's columns `plane` and above."""

    def __init__(self, builder: Builder, heap: Heap, plane: int, flip: bool) -> None:
        self.builder, self.heap, self.plane, self.flip = builder, heap, plane, flip

    def add(self, depth: int) -> None:
        """Put what the products add up to on the heap."""
        products = self._triples()
        if depth == 2:
            n = triples(len(products))
            groups, products = [products[3 * g : 3 * g + 3] for g in range(n)], products[3 * n :]
            for group in groups:
                self._add_triple(group)
        if len(products) == 2:
            self._add_pair(products)
        else:
            for product in products:
                self._put(0, [product], lambda a, u: a ^ u ^ 1 ^ self.flip)

    def _put(self, column: int, products: Sequence[Product], function: Callable[..., int]) -> None:
        """A bit that is a function of the X of `products`, then of their W."""
        nets = _nets(self.builder, products)
        self._lut(column, nets, truth_table(function, len(nets)))

    def _lut(self, column: int, nets: Sequence[int], table: int) -> None:
        if self.plane + column < self.builder.shape.width:
            self.heap[self.plane + column].append(self.builder.lut(nets, table, 0, positive=True))

    def _triples(self) -> list[Product]:
        """Put the carries of groups of three products on the heap; returns their sums and what is in no group.

        The memory holds the parity of a group's weights in the place of the third one.
        """
        simd = self.builder.shape.simd
        lanes = [((self.plane * simd + lane,), self.builder.select(lane)) for lane in range(simd)]
        n = triples(simd)
        sums = []
        for g in range(n):
            group = (lanes[g], lanes[n + g], lanes[2 * n + g])
            self._lut(1, _nets(self.builder, group), _encoded_carry(self.flip))
            sums.append((tuple(bit for x, _ in group for bit in x), group[2][1]))
        return sums + lanes[3 * n :]

    def _add_triple(self, group: Sequence[Product]) -> None:
        """Three products that are added as a full adder adds them."""
        self._lut(1, _nets(self.builder, group), _carry(self.flip))
        x = tuple(bit for bits, _ in group for bit in bits)
        self._lut(0, (self.builder.shared(x), *(w for _, w in group)), _parity(self.flip))

    def _add_pair(self, products: Sequence[Product]) -> None:
        """Two products that are added as a half adder adds them."""
        flip = self.flip
        self._put(1, products, lambda a, b, u, v: (a ^ u ^ 1 ^ flip) & (b ^ v ^ 1 ^ flip))
        self._put(0, products, lambda a, b, u, v: a ^ b ^ u ^ v)
