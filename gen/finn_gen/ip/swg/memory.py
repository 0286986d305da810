# SPDX-License-Identifier: Apache-2.0
"""Where the buffers of a sliding window generator lie."""

from finn_gen import family
from finn_gen.ip.swg.params import SwgParams


def ram_style(params: SwgParams, width: int, depth: int) -> str:
    """LUT RAM or block RAM, whichever is cheaper; deep LUT RAM needs multiplexers, which a block RAM has inside."""
    if params.ram_style != "auto":
        return params.ram_style
    costs = family.get(params.family).costs
    return "block" if depth > costs.lut_ram_depth else costs.ram_style(width, depth)
