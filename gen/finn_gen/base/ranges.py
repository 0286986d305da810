# SPDX-License-Identifier: Apache-2.0
"""The numbers that a word of the hardware has to hold, and the bits that it therefore has.

Every width that follows from data (accumulators, thresholds, scores, pixels) is asked for here, so that there is one
rule: a word holds the whole range, ends included, unsigned where nothing in it is negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finn_gen.base.errors import InputError

MAX_WEIGHT_BITS = 4
"""Bits of the widest weights."""


@dataclass(frozen=True)
class Range:
    """All whole numbers from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def signed(self) -> bool:
        """Whether some of them are negative."""
        return self.low < 0

    @property
    def width(self) -> int:
        """Bits that hold each of them: in two's complement if some are negative, else unsigned; at least one."""
        return self.signed_width if self.signed else max(1, self.high.bit_length())

    @property
    def signed_width(self) -> int:
        """Bits that hold each of them in two's complement, whether or not some are negative."""
        return max(self.high.bit_length() if self.high >= 0 else 0, (~self.low).bit_length() if self.low < 0 else 0) + 1

    @property
    def thresholds(self) -> Range:
        """What a threshold t with `t <= number` may be clipped to: `low` always holds, one above `high` never does."""
        return Range(self.low, self.high + 1)

    def less(self, other: Range) -> Range:
        """The differences of one of these numbers and one of `other`."""
        return Range(self.low - other.high, self.high - other.low)


def of_elements(bits: int, signed: bool) -> Range:
    """What an element of a stream of `bits` bits may be."""
    return Range(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else Range(0, (1 << bits) - 1)


@dataclass(frozen=True)
class WeightFormat:
    """What weights are: -1 and +1 where `bits` is 1, else whole numbers in two's complement.

    Those that are `narrow` are symmetric: -(2^(bits-1) - 1) is the least one; of two bits -1, 0 and +1.
    """

    bits: int = 1
    narrow: bool = False

    @property
    def range(self) -> Range:
        """From the least one to the largest one."""
        if self.bits == 1:
            return Range(-1, 1)
        numbers = of_elements(self.bits, signed=True)
        return Range(numbers.low + self.narrow, numbers.high)

    def __str__(self) -> str:
        if self.bits == 1:
            return "-1 and +1"
        return f"{self.range.low} to {self.range.high}"


BINARY = WeightFormat()
"""Weights of one bit."""


def format_of_weights(weights: np.ndarray) -> WeightFormat:
    """The narrowest format that holds all of `weights`, whole numbers. Raises InputError beyond four bits."""
    low, high = int(weights.min()), int(weights.max())
    if low >= -1 and high <= 1 and weights.all():
        return BINARY
    for bits in range(2, MAX_WEIGHT_BITS + 1):
        for narrow in (True, False):
            held = WeightFormat(bits, narrow)
            if held.range.low <= low and high <= held.range.high:
                return held
    most = of_elements(MAX_WEIGHT_BITS, signed=True)
    raise InputError(f"weights from {low} to {high}: legal are {most.low} to {most.high}")


def of_sums(columns: int, bits: int, signed: bool, weights: WeightFormat = BINARY) -> Range:
    """What sums of `columns` products of an element and a weight may be.

    Elements of one bit are -1 and +1; where the weights are so too, a sum counts the products that are +1.
    """
    if bits == 1 and weights.bits == 1:
        return Range(0, columns)
    element = Range(-1, 1) if bits == 1 else of_elements(bits, signed)
    ends = [w * x for w in (weights.range.low, weights.range.high) for x in (element.low, element.high)]
    return Range(columns * min(ends), columns * max(ends))


def of_scores(sums: Range, fraction: int, bias_bits: int) -> Range:
    """What `(sum << fraction) + bias` may be for biases of `bias_bits` bits in two's complement; 0 bits: no biases."""
    bias = of_elements(bias_bits, signed=True) if bias_bits else Range(0, 0)
    return Range((sums.low << fraction) + bias.low, (sums.high << fraction) + bias.high)
