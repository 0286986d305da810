# SPDX-License-Identifier: Apache-2.0
"""Image padder: sides, sizes and values on Icarus, one point on Verilator, bad input."""

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError

NONE = {"top": 0, "bottom": 0, "left": 0, "right": 0}
POINTS = {
    "one pixel all round": {"ifm_h": 3, "ifm_w": 4},
    "words": {"ifm_h": 2, "ifm_w": 3, "simd": 2, "bits": 2, "tlast": 1},
    "simd 1": {"ifm_h": 2, "ifm_w": 2, "ifm_ch": 3, "simd": 1, "bits": 5, "value": "-16"},
    "sides differ": {"ifm_h": 3, "ifm_w": 2, "top": 2, "bottom": 0, "left": 0, "right": 3, "tlast": 1, "value": "1"},
    "below only": NONE | {"ifm_h": 3, "ifm_w": 3, "bottom": 2, "bits": 8, "value": "255"},
    "left only": NONE | {"ifm_h": 3, "ifm_w": 3, "left": 1, "tlast": 1},
    "nothing": NONE | {"ifm_h": 3, "ifm_w": 3, "tlast": 1},
    "one pixel": {"ifm_h": 1, "ifm_w": 1, "ifm_ch": 1, "simd": 1},
    "one word, nothing": NONE | {"ifm_h": 1, "ifm_w": 1, "ifm_ch": 3, "simd": 3, "bits": 3, "tlast": 1},
}


@pytest.mark.parametrize("name", POINTS)
def test_every_side_and_value_pads(simulate_ip, name: str) -> None:
    simulate_ip("pad", "icarus", **POINTS[name])


def test_sides_pad_on_verilator(simulate_ip) -> None:
    simulate_ip("pad", "verilator", **POINTS["sides differ"])


BAD = {
    "simd that does not divide": ({"ifm_ch": 6, "simd": 4}, "simd=4", "divide the channels"),
    "a zero among bits": ({"value": "0"}, "value=0 with bits=1", "-1 (bit 0) or 1 (bit 1)"),
    "a value too large": ({"bits": 4, "value": "16"}, "value=16 with bits=4", "from -8 to 15"),
    "no number": ({"bits": 4, "value": "zero"}, "value='zero'", "auto or a whole number"),
    "a side too large": ({"left": 257}, "left=257", "from 0 to 256"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_what_would_be_legal(name: str) -> None:
    values, *words = BAD[name]
    with pytest.raises(InputError) as error:
        ip.get("pad").build(values)
    assert all(word in str(error.value) for word in words), str(error.value)
