# SPDX-License-Identifier: Apache-2.0
"""Label selection: counts, widths and lanes on Icarus, one point on Verilator, bad input."""

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError

POINTS = {
    "10": {},
    "10, score": {"score": 1, "tlast": 1},
    "10, signed": {"signed": 1, "bits": 9},
    "pe 2": {"pe": 2, "signed": 1, "score": 1},
    "pe 10": {"pe": 10, "bits": 5, "tlast": 1},
    "pe 5 of 15": {"labels": 15, "pe": 5, "bits": 3, "signed": 1},
    "pe 3 of 300": {"labels": 300, "pe": 3, "bits": 8, "score": 1},
    "2 of one bit": {"labels": 2, "bits": 1},
    "1": {"labels": 1, "bits": 4, "score": 1, "tlast": 1},
}


@pytest.mark.parametrize("name", POINTS)
def test_the_first_of_the_largest_scores_wins(simulate_ip, name: str) -> None:
    simulate_ip("label", "icarus", **POINTS[name])


def test_the_largest_score_wins_on_verilator(simulate_ip) -> None:
    simulate_ip("label", "verilator", **POINTS["pe 2"])


BAD = {
    "pe that does not divide": ({"pe": 3}, "pe=3 with labels=10", "1, 2, 5, 10"),
    "no label": ({"labels": 0}, "labels=0", "from 1 to 4096"),
    "wide scores": ({"bits": 65}, "bits=65", "from 1 to 64"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_what_would_be_legal(name: str) -> None:
    values, *words = BAD[name]
    with pytest.raises(InputError) as error:
        ip.get("label").build(values)
    assert all(word in str(error.value) for word in words), str(error.value)
