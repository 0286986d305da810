# SPDX-License-Identifier: Apache-2.0
"""Max pooling: windows, strides, odd sizes and widths on Icarus, one point on Verilator, bad input."""

import random

import pytest

from finn_gen import ip
from finn_gen.base.digest import plan_json
from finn_gen.base.errors import InputError
from finn_verif import seed
from tests.lib.random_stages import grouped_pooling

POINTS = {
    "2x2": {"ifm_h": 4, "ifm_w": 6},
    "2x2, floor": {"ifm_h": 5, "ifm_w": 7, "tlast": 1},
    "2x2, words": {"ifm_h": 5, "ifm_w": 4, "pe": 2, "bits": 2, "tlast": 1},
    "pe 1": {"ifm_h": 4, "ifm_w": 5, "ifm_ch": 3, "pe": 1, "bits": 3, "signed": 1},
    "3x3 by 3, signed": {"ifm_h": 7, "ifm_w": 8, "k": 3, "stride": 3, "bits": 8, "signed": 1, "ifm_ch": 2, "pe": 2},
    "3x3 by 2": {"ifm_h": 7, "ifm_w": 8, "k": 3, "ifm_ch": 2, "pe": 2, "bits": 4, "tlast": 1},
    "3x3 by 1": {"ifm_h": 5, "ifm_w": 6, "k": 3, "stride": 1, "ifm_ch": 2, "pe": 1, "bits": 2, "signed": 1},
    "2x2 by 3": {"ifm_h": 6, "ifm_w": 9, "stride": 3},
    "more bits than a register drives": {"ifm_h": 7, "ifm_w": 7, "k": 3, "ifm_ch": 16, "pe": 16, "bits": 8},
    "5x5 by 2": {"ifm_h": 8, "ifm_w": 9, "k": 5, "ifm_ch": 3, "pe": 3, "bits": 3},
    "1x1 by 1": {"ifm_h": 3, "ifm_w": 4, "k": 1, "stride": 1, "bits": 2, "tlast": 1},
    "1x1 by 2": {"ifm_h": 3, "ifm_w": 4, "k": 1, "ifm_ch": 3, "pe": 1},
    "2x1 by 2x1": {"ifm_h": 5, "ifm_w": 4, "k_w": 1, "stride_w": 1, "tlast": 1},
    "1x2 by 1x2": {
        "ifm_h": 3,
        "ifm_w": 7,
        "k": 1,
        "stride": 1,
        "k_w": 2,
        "stride_w": 2,
        "bits": 2,
        "ifm_ch": 2,
        "pe": 2,
    },
    "1x3 by 2x1, words": {"ifm_h": 5, "ifm_w": 6, "k": 1, "k_w": 3, "stride_w": 1, "ifm_ch": 2, "pe": 1, "tlast": 1},
    "3x1 by 1x2": {
        "ifm_h": 5,
        "ifm_w": 6,
        "k": 3,
        "k_w": 1,
        "stride": 1,
        "stride_w": 2,
        "ifm_ch": 2,
        "pe": 2,
        "bits": 3,
    },
    "3x2 by 1x2, words": {"ifm_h": 6, "ifm_w": 5, "k": 3, "k_w": 2, "stride": 1, "stride_w": 2, "ifm_ch": 4, "pe": 2},
    "2x3 by 3x1, signed": {
        "ifm_h": 7,
        "ifm_w": 5,
        "k_w": 3,
        "stride": 3,
        "stride_w": 1,
        "bits": 3,
        "signed": 1,
        "pe": 4,
    },
    "a row": {"ifm_h": 1, "ifm_w": 9, "k": 1, "k_w": 2, "stride": 1, "stride_w": 3, "ifm_ch": 3, "pe": 3},
    "a column": {"ifm_h": 9, "ifm_w": 1, "k": 3, "k_w": 1, "stride": 2, "stride_w": 1, "ifm_ch": 3, "pe": 1},
    "a column, a pixel a word": {
        "ifm_h": 7,
        "ifm_w": 1,
        "k": 3,
        "k_w": 1,
        "stride": 1,
        "ifm_ch": 2,
        "pe": 2,
        "bits": 3,
    },
    "a column, windows apart": {"ifm_h": 7, "ifm_w": 1, "k": 2, "k_w": 1, "ifm_ch": 2, "pe": 2, "tlast": 1},
    "k = image": {"ifm_h": 4, "ifm_w": 4, "k": 4, "stride": 1, "tlast": 1},
    "one pixel": {"ifm_h": 1, "ifm_w": 1, "k": 1, "stride": 1, "ifm_ch": 1, "pe": 1, "tlast": 1},
    "1x1 by 2, the last pixel counts": {"ifm_ch": 2, "pe": 2, "ifm_h": 3, "ifm_w": 3, "k": 1},
}
# Several pixels a word.
GROUPED = {
    "2x2, 4": {"ifm_h": 4, "ifm_w": 8, "pixels": 4, "tlast": 1},
    "2x2, 4, half a word behind": {"ifm_h": 4, "ifm_w": 6, "pixels": 4, "tlast": 1},
    "2x2, 2": {"ifm_h": 5, "ifm_w": 6, "pixels": 2, "bits": 3, "signed": 1, "tlast": 1},
    "2x2, 4, a pixel behind": {"ifm_h": 4, "ifm_w": 9, "pixels": 4, "ifm_ch": 2, "pe": 2, "tlast": 1},
    "2x2, 8, rows of a word": {"ifm_h": 6, "ifm_w": 5, "pixels": 8, "ifm_ch": 2, "pe": 2, "tlast": 1},
    "3x4 by 2x4, 8": {"ifm_h": 7, "ifm_w": 21, "k": 3, "k_w": 4, "stride_w": 4, "pixels": 8, "bits": 2},
    "2x1, 4": {"ifm_h": 4, "ifm_w": 7, "k_w": 1, "stride_w": 1, "pixels": 4, "ifm_ch": 2, "pe": 2},
    "1x2, 4": {"ifm_h": 2, "ifm_w": 10, "k": 1, "k_w": 2, "stride": 1, "stride_w": 2, "pixels": 4, "tlast": 1},
    "8x8, 8": {"ifm_h": 8, "ifm_w": 8, "k": 8, "stride": 8, "pixels": 8, "bits": 4, "ifm_ch": 1, "pe": 1, "tlast": 1},
}


@pytest.mark.parametrize("name", GROUPED)
def test_every_window_of_groups_pools(simulate_ip, name: str) -> None:
    simulate_ip("pool", "icarus", **GROUPED[name])


def test_windows_of_random_groups_pool(simulate_ip) -> None:
    rng = random.Random(f"{seed.choose()} grouped pooling")
    for _ in range(3):
        simulate_ip("pool", "icarus", **grouped_pooling(rng))


@pytest.mark.parametrize("name", POINTS)
def test_every_window_pools(simulate_ip, name: str) -> None:
    simulate_ip("pool", "icarus", **POINTS[name])


@pytest.mark.parametrize("name", ["3x3 by 2", "3x2 by 1x2, words", "2x2, 4, a pixel behind"])
def test_windows_pool_on_verilator(simulate_ip, name: str) -> None:
    simulate_ip("pool", "verilator", **(POINTS | GROUPED)[name])


def test_sides_that_are_named_but_equal_are_a_square() -> None:
    square, named = (ip.get("pool").build({"k": 3, "stride": 2} | sides) for sides in ({}, {"k_w": 3, "stride_w": 2}))
    assert (square.across, square.down) == (named.across, named.down)
    assert (square.images, square.buffer_bits) == (named.images, named.buffer_bits)
    assert ip.estimate(square) == ip.estimate(named)
    assert '"k_w"' not in plan_json(square)


def test_the_buffer_is_one_output_row() -> None:
    plan = ip.get("pool").build({"ifm_ch": 64, "pe": 64, "ifm_h": 28, "ifm_w": 28})
    assert plan.buffer_bits == 14 * 64


BAD = {
    "pe that does not divide": ({"ifm_ch": 6, "pe": 4}, "pe=4", "divide the channels"),
    "a window larger than the image": ({"k": 9}, "k=9 with ifm_h=8", "from 1 to 8"),
    "a window wider than the image": ({"k_w": 9}, "k_w=9 with ifm_w=8", "k_w from 1 to 8"),
    "signed bits": ({"signed": 1}, "signed=1 with bits=1", "signed=0"),
    "no such group": ({"pixels": 3}, "pixels=3", "1, 2, 4, 8"),
    "groups of part of the channels": ({"pixels": 2, "pe": 4}, "pixels=2 with pe=4", "pe=8, or pixels=1"),
    "groups of windows that overlap": ({"pixels": 2, "k": 3}, "3 columns a window and 2", "as many columns as steps"),
    "windows over two groups": ({"pixels": 2, "k": 4, "stride": 4}, "4 columns a window", "divide the pixels"),
    "stride of zero": ({"stride": 0}, "stride=0", "from 1 to 64"),
    "too many bits": ({"bits": 9}, "bits=9", "from 1 to 8"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_what_would_be_legal(name: str) -> None:
    values, *words = BAD[name]
    with pytest.raises(InputError) as error:
        ip.get("pool").build(values)
    assert all(word in str(error.value) for word in words), str(error.value)
