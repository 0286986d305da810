# SPDX-License-Identifier: Apache-2.0
"""Words of other numbers of pixels: row ends of every length on Icarus, both ways on Verilator, bad input."""

import random

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_verif import seed
from tests.lib.random_stages import regrouping

POINTS = {
    "8 to 1": {"in_pixels": 8, "out_pixels": 1, "ifm_w": 13, "ifm_h": 2, "ifm_ch": 3, "tlast": 1},
    "4 to 2, a lone word behind": {"in_pixels": 4, "out_pixels": 2, "ifm_w": 9, "ifm_ch": 2, "bits": 3, "tlast": 1},
    "4 to 1, rows of less than a word": {"in_pixels": 4, "out_pixels": 1, "ifm_w": 3, "ifm_ch": 2, "tlast": 1},
    "8 to 4, half a word": {"in_pixels": 8, "out_pixels": 4, "ifm_w": 4, "ifm_h": 3, "ifm_ch": 1},
    "1 to 8": {"in_pixels": 1, "out_pixels": 8, "ifm_w": 13, "ifm_h": 2, "ifm_ch": 3, "tlast": 1},
    "2 to 4, a lone word behind": {"in_pixels": 2, "out_pixels": 4, "ifm_w": 5, "ifm_ch": 2, "bits": 3, "tlast": 1},
    "1 to 4, rows of less than a word": {"in_pixels": 1, "out_pixels": 4, "ifm_w": 3, "ifm_ch": 2, "tlast": 1},
    "one pixel, narrower": {"in_pixels": 8, "out_pixels": 2, "ifm_w": 1, "ifm_h": 1, "ifm_ch": 3, "tlast": 1},
    "rows of one pixel, wider": {"in_pixels": 1, "out_pixels": 4, "ifm_w": 1, "ifm_h": 3, "ifm_ch": 3, "tlast": 1},
}


@pytest.mark.parametrize("name", POINTS)
def test_every_row_is_regrouped(simulate_ip, name: str) -> None:
    simulate_ip("regroup", "icarus", **POINTS[name])


def test_random_rows_are_regrouped(simulate_ip) -> None:
    rng = random.Random(f"{seed.choose()} regroup")
    for _ in range(3):
        simulate_ip("regroup", "icarus", **regrouping(rng))


@pytest.mark.parametrize("name", ["8 to 1", "2 to 4, a lone word behind"])
def test_rows_are_regrouped_on_verilator(simulate_ip, name: str) -> None:
    simulate_ip("regroup", "verilator", **POINTS[name])


BAD = {
    "no such word": ({"in_pixels": 3}, "in_pixels=3", "1, 2, 4, 8"),
    "no such word out": ({"out_pixels": 6}, "out_pixels=6", "1, 2, 4, 8"),
    "the same word": ({"in_pixels": 4, "out_pixels": 4}, "out_pixels=4", "finn:ip:dwc"),
    "rows without an end of their own": ({"in_pixels": 4, "out_pixels": 2, "ifm_w": 7}, "ifm_w=7", "finn:ip:dwc"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_what_would_be_legal(name: str) -> None:
    values, *words = BAD[name]
    with pytest.raises(InputError) as error:
        ip.get("regroup").build(values)
    assert all(word in str(error.value) for word in words), str(error.value)
