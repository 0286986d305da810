# SPDX-License-Identifier: Apache-2.0
"""FIFO: the sweep on Icarus, one point of every storage on Verilator."""

import pytest

# Depths around the powers of two and the primitives' sizes; widths of one bit, less, just and more than a byte.
POINTS = [
    (1, 8, "auto"), (1, 1, "reg"), (2, 13, "auto"), (2, 32, "reg"),
    (3, 8, "srl"), (4, 1, "srl"), (5, 32, "srl"), (16, 13, "srl"), (17, 32, "srl"), (33, 8, "srl"), (64, 1, "srl"),
    (3, 13, "lut"), (4, 32, "lut"), (5, 1, "lut"), (15, 8, "lut"), (16, 8, "lut"), (17, 13, "lut"), (34, 32, "lut"),
    (18, 130, "lut"), (2, 130, "reg"),  # more bits than a register drives
    (3, 1, "block"), (4, 13, "block"), (5, 8, "block"), (16, 32, "block"), (33, 13, "block"), (100, 8, "block"),
    (15, 13, "auto"), (64, 32, "auto"), (100, 1, "auto"), (513, 32, "auto"),
]  # fmt: skip


@pytest.mark.parametrize(("depth", "width", "style"), POINTS)
def test_every_depth_and_storage_keeps_the_words(simulate_ip, depth: int, width: int, style: str) -> None:
    simulate_ip("fifo", "icarus", depth=depth, width=width, style=style, tlast=depth % 2)


@pytest.mark.parametrize(("depth", "style"), [(2, "reg"), (17, "srl"), (16, "lut"), (33, "block")])
def test_every_storage_keeps_the_words_on_verilator(simulate_ip, depth: int, style: str) -> None:
    simulate_ip("fifo", "verilator", depth=depth, width=13, style=style, tlast=1)
