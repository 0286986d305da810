# SPDX-License-Identifier: Apache-2.0
"""What a unit takes at least, against what it takes."""

import os
from random import Random

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.ip import mvtu
from finn_gen.ip.mvtu.least import BITS, least, likely
from finn_gen.ip.mvtu.tree import Shape, plan_memory_tree
from finn_gen.network.lanes import divisors

SEED = int(os.environ.get("SEED", "1"))


def drawn(rng: Random) -> dict[str, object]:
    """Random parameters of a unit."""
    several = rng.random() < 0.3
    bits = rng.choice((1, 1, 1, 2, 4, 8))
    values = {
        "mw": rng.choice((16, 27, 60, 64, 96, 128)),
        "mh": rng.choice((4, 8, 10, 24, 64)),
        "in_bits": bits,
        "in_signed": bits > 1 and rng.random() < 0.5,
        "out_bits": rng.choice((0, 1, 1, 1, 2)),
        "w_bits": rng.choice((2, 3, 4)) if several else 1,
        "storage": rng.choice(("lut", "block", "constant")),
        "reload": rng.random() < 0.2,
        "family": rng.choice(("xc7", "xc7", "ecp5")),
        "seed": rng.randrange(1 << 20),
    }
    return values | {"pe": rng.choice(divisors(values["mh"])), "simd": rng.choice(divisors(values["mw"]))}


@pytest.mark.parametrize("seed", range(SEED, SEED + 2))
def test_no_unit_of_random_weights_takes_less(seed):
    rng, tried, shares = Random(seed), 0, []
    while tried < 40:
        values = drawn(rng)
        try:
            params = mvtu.IP.check(values)
            planned = mvtu.IP.plan(params)
        except InputError:
            continue
        tried += 1
        found, bound = ip.estimate(planned, inside=True), least(params, planned.accumulator.width)
        # It was fitted to 7-series. LUTs alone may be a few more in small units.
        spare = 1.1 if params.family == "ecp5" else 1
        assert 2 * bound.lut + bound.ff <= spare * (2 * found.lut + found.ff), (seed, values)
        assert bound.lut <= 1.1 * spare * found.lut + 4, (seed, values)
        assert bound.ff <= found.ff, (seed, values)
        assert bound.bram18 == found.bram18, (seed, values)
        shares.append(bound.lut / found.lut)
    # A bound that is far below would have most units planned.
    assert sum(shares) / tried > 0.6


@pytest.mark.parametrize(
    "values",
    [
        {"mw": 576, "mh": 64, "pe": 8, "simd": 576},
        {"mw": 256, "mh": 128, "pe": 64, "simd": 64},
        {"mw": 256, "mh": 32, "pe": 32, "simd": 128},
        {"mw": 64, "mh": 64, "pe": 64, "simd": 64},
        {"mw": 64, "mh": 64, "pe": 16, "simd": 64, "w_bits": 2, "w_narrow": True, "in_bits": 2},
        {"mw": 64, "mh": 32, "pe": 8, "simd": 64, "w_bits": 3, "in_bits": 2},
    ],
    ids=str,
)
def test_constants_take_about_what_is_likely(values):
    params = mvtu.IP.check({**values, "storage": "constant"})
    plan = mvtu.IP.plan(params)
    guess, found = likely(params, plan.accumulator.width), ip.estimate(plan, inside=True)
    assert abs(guess.lut - found.lut) < 0.1 * found.lut
    assert abs(guess.ff - found.ff) < 0.15 * found.ff


def test_trees_of_bits_are_those_that_are_planned():
    for products, bound in BITS.items():
        found = [
            (tree.luts, len(tree.registers))
            for stages in (3, 4, 5)
            for tree in [plan_memory_tree(Shape(products, (False,), products.bit_length() + 2, stages))]
            if products <= 64 or stages == 4
        ]
        assert all(luts <= tree[0] and ff <= tree[1] for tree in found for luts, ff in [bound])
        assert min(luts for luts, _ in found) <= 1.05 * bound[0] + 1
