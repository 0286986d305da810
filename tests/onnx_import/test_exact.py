# SPDX-License-Identifier: Apache-2.0
"""The exact functions of a channel against the same maps, applied one number after the other."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qonnx.custom_op.general.intquant import resolve_rounding_mode

from finn_gen.formats.onnx.exact import ROUNDING, Channel, common, levels, root

numbers = st.fractions(-4, 4, max_denominator=8)
maps = st.one_of(
    st.tuples(st.just("affine"), numbers, numbers),
    st.tuples(st.just("clip"), st.none() | numbers, st.none() | numbers),
    st.tuples(st.just("round"), st.sampled_from(ROUNDING), st.integers(1, 3)),
)
LOW, HIGH = -12, 12


def rounded(value: Fraction, mode: str, limit: int) -> Fraction:
    """As qonnx rounds; eighths are exact in double precision."""
    return Fraction(float(resolve_rounding_mode(mode)(np.clip(float(value), -limit, limit))))


def applied(chain: list[tuple], value: Fraction) -> Fraction:
    """What the maps make of a number, one by one."""
    for kind, first, second in chain:
        if kind == "affine":
            value = first * value + second
        elif kind == "clip":
            value = value if first is None else max(value, first)
            value = value if second is None else min(value, second)
        else:
            value = rounded(value, first, second)
    return value


def channel_of(chain: list[tuple]) -> Channel:
    """The same maps as a channel."""
    channel = Channel()
    for kind, first, second in chain:
        if kind == "affine":
            channel.affine(first, second)
        elif kind == "clip":
            channel.clip(first, second)
        else:
            channel.steps(levels(-second, second, first), [Fraction(n) for n in range(-second, second + 1)])
    return channel


@settings(max_examples=200, deadline=None)
@given(st.lists(maps, max_size=5), st.sampled_from(ROUNDING), st.lists(maps, max_size=3))
def test_a_staircase_is_what_the_maps_make_of_every_number(before, mode, after):
    chain = [*before, ("round", mode, 3), *after]
    # In double precision an eighth of an eighth is exact, a third is not.
    chain = [(kind, *rest) for kind, *rest in chain if kind != "affine" or rest[0].denominator in (1, 2, 4, 8)]
    if any(isinstance(x, Fraction) and x.denominator not in (1, 2, 4, 8) for each in chain for x in each):
        return
    channel = channel_of(chain)
    wanted = {u: applied(chain, Fraction(u)) for u in range(LOW, HIGH + 1)}
    assert {u: channel.of(Fraction(u)) for u in wanted} == wanted
    sign = -1 if channel.falls else 1
    low, high = (LOW, HIGH) if sign > 0 else (-HIGH, -LOW)
    thresholds, values = channel.staircase(low, high)
    assert len(values) == len(thresholds) + 1
    assert thresholds == sorted(set(thresholds))
    assert all(a != b for a, b in itertools.pairwise(values))
    assert {u: values[sum(t <= sign * u for t in thresholds)] for u in wanted} == wanted
    assert list(values) == sorted(values) or len(values) == 1


@pytest.mark.parametrize("mode", ROUNDING)
def test_rounding_is_that_of_qonnx_on_every_quarter(mode):
    function = resolve_rounding_mode(mode)
    bounds = levels(-4, 4, mode)
    for quarter in range(-16, 17):
        value = Fraction(quarter, 4)
        step = sum(value > at or (value == at and not strict) for at, strict in bounds)
        assert -4 + step == float(function(np.float64(value))), quarter


@given(st.lists(st.fractions(-9, 9, max_denominator=64), min_size=1, max_size=5))
def test_the_common_step_divides_all_and_none_larger_does(values):
    step = common(values)
    if not any(values):
        assert step == 0
        return
    multiples = [value / step for value in values]
    assert all(multiple.denominator == 1 for multiple in multiples)
    assert np.gcd.reduce([int(multiple) for multiple in multiples]) == 1


@given(st.fractions(Fraction(1, 10**9), 10**9))
def test_a_root_is_exact_or_right_to_many_bits(number):
    found, exact = root(number)
    assert found * found == number if exact else 0 < number - found * found < number / 2**240


def test_a_threshold_beside_a_whole_number_is_that_number_where_a_root_is_irrational():
    deviation, exact = root(Fraction(2))
    assert not exact
    channel = Channel(rough=True)
    channel.affine(1 / deviation, -3 / deviation)
    channel.affine(deviation, Fraction(0))  # x - 3 but for the last bits
    channel.steps([(Fraction(0), False)], [Fraction(-1), Fraction(1)])
    assert channel.staircase(-10, 10)[0] == [3]
