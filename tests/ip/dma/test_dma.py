# SPDX-License-Identifier: Apache-2.0
"""DMA: widths, buffers and address widths, on Icarus and on Verilator."""

import pytest

POINTS = [
    {},
    {"mm2s_width": 8, "s2mm_width": 8, "address_width": 40},
    {"mm2s_width": 32, "s2mm_width": 16, "burst": 2, "mm2s_bursts": 2, "s2mm_bursts": 2},
]


@pytest.mark.parametrize("values", POINTS[2:], ids=str)
def test_jobs_are_done_and_errors_flagged(simulate_ip, values: dict) -> None:
    simulate_ip("dma", "icarus", **values)


@pytest.mark.parametrize("values", POINTS[:2], ids=str)
def test_jobs_are_done_and_errors_flagged_on_verilator(simulate_ip, values: dict) -> None:
    simulate_ip("dma", "verilator", **values)
