# SPDX-License-Identifier: Apache-2.0
"""Widths that follow from data: every number of a range fits in, and no bit is there for nothing."""

import numpy as np
import pytest

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import BINARY, Range, WeightFormat, format_of_weights, of_elements, of_scores, of_sums


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


@pytest.mark.parametrize("columns", (1, 3))
@pytest.mark.parametrize(("bits", "signed"), [(1, False), (2, False), (3, True)])
@pytest.mark.parametrize("weights", [WeightFormat(b, n) for b in (2, 3, 4) for n in (False, True)], ids=str)
def test_sums_of_products_reach_both_ends_of_their_range(
    columns: int, bits: int, signed: bool, weights: WeightFormat
) -> None:
    elements = (-1, 1) if bits == 1 else range(of_elements(bits, signed).low, of_elements(bits, signed).high + 1)
    products = [w * x for w in range(weights.range.low, weights.range.high + 1) for x in elements]
    sums = of_sums(columns, bits, signed, weights)
    assert (sums.low, sums.high) == (columns * min(products), columns * max(products))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-1, 1, WeightFormat(2, narrow=True)),
        (0, 0, WeightFormat(2, narrow=True)),
        (-2, 1, WeightFormat(2)),
        (0, 2, WeightFormat(3, narrow=True)),
        (-4, -4, WeightFormat(3)),
        (-7, 4, WeightFormat(4, narrow=True)),
        (-8, 0, WeightFormat(4)),
    ],
)
def test_the_format_of_weights_is_the_narrowest(low: int, high: int, expected: WeightFormat) -> None:
    assert format_of_weights(np.array([[low, high, 0]], np.int8)) == expected


def test_weights_of_one_bit_are_minus_and_plus_one_alone() -> None:
    for row in ([-1, 1], [1, 1], [-1, -1]):
        assert format_of_weights(np.array([row], np.int8)) == BINARY
    with pytest.raises(InputError, match="legal are -8 to 7"):
        format_of_weights(np.array([[8]], np.int8))


@pytest.mark.parametrize("fraction", (0, 3))
@pytest.mark.parametrize("bias_bits", (0, 1, 5))
def test_scores_reach_both_ends_of_their_range(fraction: int, bias_bits: int) -> None:
    biases = range(-(1 << bias_bits - 1), 1 << bias_bits - 1) if bias_bits else (0,)
    scores = [(acc << fraction) + bias for acc in range(-3, 5) for bias in biases]
    found = of_scores(Range(-3, 4), fraction, bias_bits)
    assert (found.low, found.high) == (min(scores), max(scores))


@pytest.mark.parametrize("columns", range(1, 40))
def test_a_threshold_that_is_never_reached_is_in_its_range(columns: int) -> None:
    sums = of_sums(columns, 1, signed=False)
    assert sums.thresholds.high == columns + 1 and fits(columns + 1, sums.thresholds.signed_width, signed=True)
