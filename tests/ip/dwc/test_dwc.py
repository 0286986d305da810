# SPDX-License-Identifier: Apache-2.0
"""Width converter: the sweep on Icarus, one point of every kind on Verilator."""

import pytest

RATIOS = [
    (1, 1), (8, 8), (13, 13),  # equal
    (2, 1), (8, 1), (64, 8), (12, 4), (40, 8), (21, 7),  # down
    (1, 2), (1, 8), (8, 64), (4, 12), (8, 40), (7, 21), (16, 32),  # up
    (12, 8), (24, 16), (64, 24), (3, 2), (7, 5), (64, 3),  # ring, to narrower words
    (8, 12), (16, 24), (24, 64), (2, 3), (5, 7), (3, 64),  # ring, to wider words
]  # fmt: skip


@pytest.mark.parametrize("tlast", [0, 1])
@pytest.mark.parametrize(("in_width", "out_width"), RATIOS)
def test_every_ratio_converts(simulate_ip, in_width: int, out_width: int, tlast: int) -> None:
    simulate_ip("dwc", "icarus", in_width=in_width, out_width=out_width, tlast=tlast)


@pytest.mark.parametrize(("in_width", "out_width"), [(8, 8), (64, 8), (8, 64), (16, 24), (7, 5)])
def test_every_kind_converts_on_verilator(simulate_ip, in_width: int, out_width: int) -> None:
    simulate_ip("dwc", "verilator", in_width=in_width, out_width=out_width, tlast=1)
