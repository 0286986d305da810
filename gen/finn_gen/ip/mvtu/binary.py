# SPDX-License-Identifier: Apache-2.0
"""Weights of -1 and +1: all that the unit knows of what a weight can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import Range, of_sums
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.tree import encode

WEIGHT_BITS = 1
"""Bits of a weight in a word."""
PADDING = 1
"""The weight of a column that is there to fill a word; its input is the bit 0."""
_LEGAL = (-1, 1)


@dataclass(frozen=True)
class Excess:
    """What a row's sum of products, as the tree adds them, exceeds the accumulator by.

    A part that is `fixed`, and `per_negative` for each weight of -1 in the row.
    """

    fixed: int
    per_negative: int


@dataclass(frozen=True, eq=False)
class BinaryWeights:
    """A matrix [MH, MW] as bits: true stands for +1, false for -1."""

    bits: np.ndarray

    @classmethod
    def of(cls, owner: str, weights: np.ndarray, mh: int, mw: int) -> BinaryWeights:
        """`weights` as numbers, checked; InputError if they are no matrix of +1 and -1 of that shape."""
        if weights.shape != (mh, mw):
            raise InputError(f"{owner}: weights of shape {weights.shape}: it must be (mh, mw) = ({mh}, {mw})")
        wrong = ~np.isin(weights, _LEGAL)
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise InputError(f"{owner}: weights[{row}, {column}]={weights[row, column]}: legal are -1 and +1")
        return cls(weights > 0)

    def words(self, pe: int, simd: int) -> tuple[str, ...]:
        """A word an address nf*SF + sf, in hexadecimal; row nf*PE + p, column sf*SIMD + s is bit p*SIMD + s."""
        return _hexadecimal(self._folded(pe, simd))

    def stored(self, pe: int, simd: int) -> tuple[str, ...]:
        """The words as a memory holds them, encoded row by row for the tree."""
        return _hexadecimal(encode(self._folded(pe, simd)))

    def _folded(self, pe: int, simd: int) -> np.ndarray:
        """The bits of each word, [address, PE, SIMD]."""
        mh, mw = self.bits.shape
        return self.bits.reshape(mh // pe, pe, mw // simd, simd).transpose(0, 2, 1, 3).reshape(-1, pe, simd)

    def starts(self, excess: Excess) -> np.ndarray:
        """What the accumulators [MH] must start from, so that they end at the sums of the products."""
        return -excess.fixed - excess.per_negative * (~self.bits).sum(axis=1, dtype=np.int64)


def drawn(rng: np.random.Generator, mh: int, mw: int) -> np.ndarray:
    """Random weights as numbers [MH, MW]."""
    return rng.choice(np.array(_LEGAL, dtype=np.int8), size=(mh, mw))


def sums(params: MvtuParams) -> Range:
    """What a row's sum of products can be."""
    return of_sums(params.mw, params.in_bits, params.in_signed)


def flips(params: MvtuParams) -> tuple[bool, ...]:
    """A product in a plane of the input is a XNOR of two bits; whether it is inverted: in the plane of the sign."""
    return (False,) * (params.in_bits - 1) + (params.in_signed,)


def excess(params: MvtuParams) -> Excess:
    """What the popcounts of the planes exceed the accumulator by.

    In plane b of a row with n weights of -1 the popcount is the sum of x_b*w plus n or, in the plane of the sign,
    MW - n less that sum. Planes weigh 2^b. Of inputs of one bit the popcount is the accumulator.
    """
    if params.in_bits == 1:
        return Excess(0, 0)
    top = 1 << (params.in_bits - 1)
    return Excess(top * params.mw, -1) if params.in_signed else Excess(0, 2 * top - 1)


def rows_of(words: Sequence[int], pe: int, simd: int) -> list[list[int]]:
    """Words of all rows taken apart: for each row its words of SIMD bits."""
    mask = (1 << simd) - 1
    return [[word >> (p * simd) & mask for word in words] for p in range(pe)]


def _hexadecimal(folded: np.ndarray) -> tuple[str, ...]:
    """Words [address, PE, SIMD] in hexadecimal, the first column of the first row in bit 0."""
    bits = folded.reshape(len(folded), -1)
    packed = np.packbits(bits, axis=1, bitorder="little")[:, ::-1]
    text, size = packed.tobytes().hex(), 2 * packed.shape[1]
    unused = size - -(-bits.shape[1] // 4)
    return tuple(text[at + unused : at + size] for at in range(0, len(text), size))
