# SPDX-License-Identifier: Apache-2.0
"""Widths that follow from data: every number of a range fits in, and no bit is there for nothing."""

import pytest

from finn_gen.base.ranges import Range, of_elements, of_sums


def fits(number: int, width: int, signed: bool) -> bool:
    return -(1 << width - 1) <= number < 1 << width - 1 if signed else 0 <= number < 1 << width


@pytest.mark.parametrize("low", range(-20, 21))
def test_a_word_is_as_wide_as_its_range_and_no_wider(low: int) -> None:
    for size in range(24):
        numbers = Range(low, low + size)
        assert numbers.signed == (low < 0)
        for width, signed in ((numbers.width, numbers.signed), (numbers.signed_width, True)):
            assert all(fits(number, width, signed) for number in (numbers.low, numbers.high))
            assert width == 1 or not all(fits(number, width - 1, signed) for number in (numbers.low, numbers.high))


@pytest.mark.parametrize("columns", range(1, 6))
@pytest.mark.parametrize(("bits", "signed"), [(1, False), *((b, s) for b in range(2, 5) for s in (False, True))])
def test_sums_reach_both_ends_of_their_range(columns: int, bits: int, signed: bool) -> None:
    element, sums = of_elements(bits, signed), of_sums(columns, bits, signed)
    if bits == 1:
        assert (sums.low, sums.high) == (0, columns)
        return
    signs = (element.low, element.high, -element.low, -element.high)
    assert (sums.low, sums.high) == (columns * min((*signs, -max(signs))), columns * max(signs))


@pytest.mark.parametrize("columns", range(1, 40))
def test_a_threshold_that_is_never_reached_is_in_its_range(columns: int) -> None:
    sums = of_sums(columns, 1, signed=False)
    assert sums.thresholds.high == columns + 1 and fits(columns + 1, sums.thresholds.signed_width, signed=True)
