# SPDX-License-Identifier: Apache-2.0
"""Width converter: the sweep on Icarus, one point of every kind on Verilator."""

import random

import pytest

from finn_gen import ip

RATIOS = [
    (1, 1), (8, 8), (13, 13),  # equal
    (2, 1), (8, 1), (64, 8), (12, 4), (40, 8), (21, 7),  # down
    (1, 2), (1, 8), (8, 64), (4, 12), (8, 40), (7, 21), (16, 32),  # up
    (12, 8), (24, 16), (64, 24), (3, 2), (7, 5), (64, 3),  # ring, to narrower words
    (8, 12), (16, 24), (24, 64), (2, 3), (5, 7), (3, 64),  # ring, to wider words
    (17, 13), (26, 22), (13, 17), (22, 26), (37, 9), (50, 14),  # gearbox, two that need not keep a word
]  # fmt: skip


@pytest.mark.parametrize("tlast", [0, 1])
@pytest.mark.parametrize(("in_width", "out_width"), RATIOS)
def test_every_ratio_converts(simulate_ip, in_width: int, out_width: int, tlast: int) -> None:
    simulate_ip("dwc", "icarus", in_width=in_width, out_width=out_width, tlast=tlast)


@pytest.mark.parametrize(("in_width", "out_width"), [(8, 8), (64, 8), (8, 64), (16, 24), (7, 5), (61, 64), (64, 61)])
def test_every_kind_converts_on_verilator(simulate_ip, in_width: int, out_width: int) -> None:
    simulate_ip("dwc", "verilator", in_width=in_width, out_width=out_width, tlast=1)


def test_storage_is_about_that_of_both_words_for_any_ratio() -> None:
    rng = random.Random(1)
    pairs = [
        (8191, 8192),
        (8192, 8191),
        (61, 64),
        (125, 128),
        *((rng.randint(1, 8192), rng.randint(1, 8192)) for _ in range(40)),
    ]
    core = ip.get("dwc")
    for in_width, out_width in pairs:
        for tlast in (0, 1):
            plan = core.build({"in_width": in_width, "out_width": out_width, "tlast": tlast})
            assert core.area(plan).ff <= 6 * (in_width + out_width) + 64, (in_width, out_width)
