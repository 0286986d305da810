# SPDX-License-Identifier: Apache-2.0
"""The cores work with the AXI-Stream drivers of cocotbext-axi."""

import pytest

POINTS = [
    ("dwc", {"in_width": 64, "out_width": 8}),
    ("dwc", {"in_width": 8, "out_width": 64}),
    ("dwc", {"in_width": 24, "out_width": 16}),
    ("dwc", {"in_width": 16, "out_width": 24}),
    ("dwc", {"in_width": 32, "out_width": 32}),
    ("fifo", {"width": 32, "depth": 1}),
    ("fifo", {"width": 32, "depth": 16}),
    ("fifo", {"width": 32, "depth": 64, "style": "block"}),
]


@pytest.mark.parametrize(("name", "values"), POINTS)
def test_a_core_between_drivers_of_another_vendor(simulate_ip, name: str, values: dict) -> None:
    simulate_ip(name, "icarus", bench="tests.verif.tb_cocotbext", tlast=1, **values)
