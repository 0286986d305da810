# SPDX-License-Identifier: Apache-2.0
"""The input stage: every encoding and width on Icarus, the encodings on Verilator, bad input."""

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError

POINTS = {
    "q1.7": {"elements": 24},
    "q1.7, part of a word": {"elements": 21, "word_width": 32},
    "q1.7, a byte a word": {"elements": 5, "word_width": 8},
    "q1.7, a word": {"elements": 3, "word_width": 24},
    "threshold": {"encoding": "threshold", "elements": 20, "word_width": 24},
    "threshold, whole bytes": {"encoding": "threshold", "elements": 24},
    "threshold, packed": {"encoding": "threshold", "packed": 1, "elements": 49, "word_width": 16},
    "uint2": {"encoding": "uint2", "elements": 8, "word_width": 32},
    "uint5": {"encoding": "uint5", "elements": 7, "word_width": 24},
    "uint8": {"encoding": "uint8", "elements": 3, "word_width": 16},
    "int2": {"encoding": "int2", "elements": 5, "word_width": 8},
    "int7": {"encoding": "int7", "elements": 9, "word_width": 24},
    "int8": {"encoding": "int8", "elements": 4, "word_width": 32},
    "bits": {"encoding": "bits", "elements": 12, "word_width": 4},
    "bits, a word": {"encoding": "bits", "elements": 5, "word_width": 8},
    "one bit": {"encoding": "bits", "elements": 1, "word_width": 1},
}


@pytest.mark.parametrize("name", POINTS)
def test_every_frame_leaves_whole_as_elements(simulate_ip, name: str) -> None:
    simulate_ip("input", "icarus", **POINTS[name])


@pytest.mark.parametrize("name", ["q1.7, part of a word", "threshold", "threshold, packed", "int7"])
def test_every_frame_leaves_whole_on_verilator(simulate_ip, name: str) -> None:
    simulate_ip("input", "verilator", **POINTS[name])


@pytest.mark.parametrize(
    ("values", "words", "last_bits", "out_width"),
    [
        ({"elements": 3072}, 384, 64, 64),
        ({"encoding": "threshold", "elements": 784}, 98, 64, 8),
        ({"encoding": "threshold", "packed": 1, "elements": 784}, 13, 16, 64),
        ({"encoding": "bits", "elements": 5, "word_width": 8}, 1, 5, 8),
        ({"encoding": "uint3", "elements": 20}, 3, 32, 24),
    ],
)
def test_an_image_has_the_words_of_its_elements(values: dict, words: int, last_bits: int, out_width: int) -> None:
    plan = ip.get("input").build(values)
    assert (plan.words, plan.last_bits, plan.ports.out_width, plan.cycles) == (words, last_bits, out_width, words)


BAD = {
    "packed numbers": ({"packed": 1}, "packed=1 with encoding=q1.7", "packed=0"),
    "packed numbers of few bits": ({"packed": 1, "encoding": "int4"}, "packed=1 with encoding=int4", "packed=0"),
    "a word that cuts a byte": ({"word_width": 12}, "word_width=12", "multiple of 8"),
    "no element": ({"elements": 0}, "elements=0", "from 1 to"),
    "an unknown encoding": ({"encoding": "grey"}, "encoding='grey'", "bits or threshold or q1.7"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_what_would_be_legal(name: str) -> None:
    values, *words = BAD[name]
    with pytest.raises(InputError) as error:
        ip.get("input").build(values)
    assert all(word in str(error.value) for word in words), str(error.value)
