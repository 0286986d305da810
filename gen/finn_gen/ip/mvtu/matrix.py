# SPDX-License-Identifier: Apache-2.0
"""The matrix of a unit: what a weight can be, how words hold it, and what the sums of products are."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import Range, WeightFormat, of_elements, of_scores, of_sums
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.tree import Product, encode, offsets, products


def format_of(params: MvtuParams) -> WeightFormat:
    """What the weights of a unit are."""
    return WeightFormat(params.w_bits, params.w_narrow)


def padding(weights: WeightFormat) -> int:
    """The weight of a column that is there to fill a word; its input is the bit 0, and it adds nothing."""
    return 1 if weights.bits == 1 else 0


@dataclass(frozen=True)
class Excess:
    """What a row's sum of products, as the tree adds them, exceeds the accumulator by.

    A part that is `fixed`, and `per_negative` for each weight of -1 in the row. With weights of several bits, for each
    weight what `per_weight` has at its two's complement.
    """

    fixed: int
    per_negative: int
    per_weight: tuple[int, ...] = field(default=(), metadata={"later": True})

    def of(self, codes: np.ndarray) -> np.ndarray:
        """That of rows [MH] for the bits of weights [MH, MW], as numbers."""
        per_weight = np.array(self.per_weight or (self.per_negative, 0), np.int64)
        return self.fixed + per_weight[codes].sum(axis=1)


@dataclass(frozen=True, eq=False)
class WeightMatrix:
    """A matrix [MH, MW] in bits: `codes` is 0 for -1 and 1 for +1, or two's complement of `bits` bits."""

    codes: np.ndarray
    bits: int

    @classmethod
    def of(cls, owner: str, weights: np.ndarray, params: MvtuParams) -> WeightMatrix:
        """`weights` as numbers, checked; InputError if they are no matrix of that shape and format."""
        mh, mw, legal = params.mh, params.mw, format_of(params)
        if weights.shape != (mh, mw):
            raise InputError(f"{owner}: weights of shape {weights.shape}: it must be (mh, mw) = ({mh}, {mw})")
        wrong = (weights < legal.range.low) | (weights > legal.range.high)
        wrong |= weights == 0 if legal.bits == 1 else weights != np.floor(weights)
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise InputError(f"{owner}: weights[{row}, {column}]={weights[row, column]}: legal are {legal}")
        if legal.bits == 1:
            return cls((weights > 0).astype(np.uint8), 1)
        return cls((weights.astype(np.int64) & ((1 << legal.bits) - 1)).astype(np.uint8), legal.bits)

    def words(self, pe: int, simd: int) -> tuple[str, ...]:
        """A word an address nf*SF + sf, in hexadecimal; row nf*PE + p, column sf*SIMD + s.

        Bit k of that weight is bit (p * bits + k) * SIMD + s of the word.
        """
        return _hexadecimal(self._folded(pe, simd))

    def stored(self, pe: int, simd: int) -> tuple[str, ...]:
        """The words as a memory holds them: of one bit encoded row by row for the tree, else as they are."""
        folded = self._folded(pe, simd)
        return _hexadecimal(encode(folded) if self.bits == 1 else folded)

    def _folded(self, pe: int, simd: int) -> np.ndarray:
        """The bits of each word, [address, PE, bits, SIMD]."""
        mh, mw = self.codes.shape
        folded = self.codes.reshape(mh // pe, pe, mw // simd, simd).transpose(0, 2, 1, 3).reshape(-1, pe, 1, simd)
        return folded >> np.arange(self.bits, dtype=np.uint8)[:, np.newaxis] & 1 > 0

    def reach(self, params: MvtuParams) -> tuple[np.ndarray, np.ndarray]:
        """The least and the largest sum [MH] of each row."""
        mh, mw = self.codes.shape
        if self.bits == 1 and params.in_bits == 1:
            return np.zeros(mh, np.int64), np.full(mh, mw)
        return _reach(self, _element(params))

    def span(self, params: MvtuParams) -> int:
        """The largest difference of two sums of one row."""
        low, high = self.reach(params)
        return int((high - low).max())

    def starts(self, excess: Excess) -> np.ndarray:
        """What the accumulators [MH] must start from, so that they end at the sums of the products."""
        return _starts(self, excess)


@functools.lru_cache(maxsize=32)
def _reach(matrix: WeightMatrix, element: Range) -> tuple[np.ndarray, np.ndarray]:
    """`WeightMatrix.reach`, kept, as whoever compares foldings asks for it again and again."""
    values = np.arange(1 << matrix.bits)
    values = 2 * values - 1 if matrix.bits == 1 else values - (values >> matrix.bits - 1 << matrix.bits)
    ends = np.stack([values * element.low, values * element.high])
    return ends.min(axis=0)[matrix.codes].sum(axis=1), ends.max(axis=0)[matrix.codes].sum(axis=1)


@functools.lru_cache(maxsize=32)
def _starts(matrix: WeightMatrix, excess: Excess) -> np.ndarray:
    """`WeightMatrix.starts`, kept."""
    return -excess.of(matrix.codes)


def drawn(rng: np.random.Generator, params: MvtuParams) -> np.ndarray:
    """Random weights as numbers [MH, MW]."""
    shape, legal = (params.mh, params.mw), format_of(params)
    if legal.bits == 1:
        return rng.choice(np.array((-1, 1), dtype=np.int8), size=shape)
    return rng.integers(legal.range.low, legal.range.high + 1, shape, np.int8)


def sums(params: MvtuParams) -> Range:
    """What a row's sum of products can be."""
    return of_sums(params.mw, params.in_bits, params.in_signed, format_of(params))


def span(params: MvtuParams) -> int:
    """The largest difference of two sums of one row, whatever its weights are."""
    if params.in_bits == 1 and params.w_bits == 1:
        return params.mw
    weights, element = format_of(params).range, _element(params)
    return params.mw * max(-weights.low, weights.high) * (element.high - element.low)


def _element(params: MvtuParams) -> Range:
    """What an input stands for."""
    return Range(-1, 1) if params.in_bits == 1 else of_elements(params.in_bits, params.in_signed)


def scores(params: MvtuParams) -> Range:
    """What a score of a row can be, where there are no thresholds."""
    return of_scores(sums(params), params.fraction, params.bias_bits)


def flips(params: MvtuParams) -> tuple[bool, ...]:
    """A product of bits in a plane of the input is a XNOR; whether it is inverted: in the plane of the sign."""
    return (False,) * (params.in_bits - 1) + (params.in_signed,)


def several(params: MvtuParams) -> tuple[Product, ...]:
    """The bits that a product with a weight of several bits adds, none for weights of one bit."""
    return products(format_of(params), params.in_bits, params.in_signed) if params.w_bits > 1 else ()


def excess(params: MvtuParams) -> Excess:
    """What the tree's sums exceed the accumulator by.

    With weights of one bit, in plane b of a row with n weights of -1 the popcount is the sum of x_b*w plus n or, in
    the plane of the sign, MW - n less that sum. Planes weigh 2^b. Of inputs of one bit the popcount is the accumulator.
    """
    if params.w_bits > 1:
        return Excess(0, 0, offsets(format_of(params), params.in_bits, params.in_signed))
    if params.in_bits == 1:
        return Excess(0, 0)
    top = 1 << (params.in_bits - 1)
    return Excess(top * params.mw, -1) if params.in_signed else Excess(0, 2 * top - 1)


def rows_of(words: Sequence[int], pe: int, width: int) -> list[list[int]]:
    """Words of all rows taken apart: for each row its words of `width` bits."""
    mask = (1 << width) - 1
    return [[word >> (p * width) & mask for word in words] for p in range(pe)]


def _hexadecimal(folded: np.ndarray) -> tuple[str, ...]:
    """Words [address, ...] in hexadecimal, the first column of the first row in bit 0."""
    bits = folded.reshape(len(folded), -1)
    packed = np.packbits(bits, axis=1, bitorder="little")[:, ::-1]
    text, size = packed.tobytes().hex(), 2 * packed.shape[1]
    unused = size - -(-bits.shape[1] // 4)
    if size - unused == 1:
        return tuple(text[unused::size])  # the same, sooner: the longest memories are such
    return tuple(text[at + unused : at + size] for at in range(0, len(text), size))
