# SPDX-License-Identifier: Apache-2.0
"""The numbers that a word of the hardware has to hold, and the bits that it therefore has.

Every width that follows from data (accumulators, thresholds, scores, pixels) is asked for here, so that there is one
rule: a word holds the whole range, ends included, unsigned where nothing in it is negative.
"""

from __future__ import annotations

from dataclasses import dataclass


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


def of_sums(columns: int, bits: int, signed: bool) -> Range:
    """What sums of `columns` elements, each taken plus or minus, may be.

    Elements of one bit are -1 and +1; their sum counts the products that are +1.
    """
    if bits == 1:
        return Range(0, columns)
    element = of_elements(bits, signed)
    largest = max(-element.low, element.high)
    return Range(-columns * largest, columns * largest)
