# SPDX-License-Identifier: Apache-2.0
"""What is asked of a FIFO."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param

MAX_DEPTH = 65_536


@dataclass(frozen=True)
class FifoParams(CoreParams):
    """AXI-Stream FIFO with fill level and high-water mark."""

    name: str = name_param("finn_axis_fifo")
    width: int = param(32, "payload bits of a word", low=1, high=8192)
    depth: int = param(16, "words that it holds", low=1, high=MAX_DEPTH)
    style: str = param(
        "auto",
        "storage: registers, shift registers, LUT RAM, block RAM, or the cheapest",
        choices=("auto", "reg", "srl", "lut", "block"),
    )
    tlast: bool = param(False, "carry TLAST beside the data")
