# SPDX-License-Identifier: Apache-2.0
"""Where the buffers of a sliding window generator lie."""

from dataclasses import dataclass

from finn_gen import family
from finn_gen.ip.swg.params import SwgParams


def ram_style(params: SwgParams, width: int, depth: int) -> str:
    """LUT RAM or block RAM, whichever is cheaper; deep LUT RAM needs multiplexers, which a block RAM has inside."""
    if params.ram_style != "auto":
        return params.ram_style
    costs = family.get(params.family).costs
    return "block" if depth > costs.lut_ram_depth else costs.ram_style(width, depth)


def addresses(params: SwgParams, width: int, depth: int, style: str, held: int = 0) -> int:
    """Addresses of a buffer that is used as a ring of `depth` words, of which up to `held` may lie in it.

    A power of two, whose addresses need no comparison, where the memory is no larger for that.
    """
    costs = family.get(params.family).costs
    power = 1 << (max(depth, held) - 1).bit_length()
    same = costs.ram(width, power, style) == costs.ram(width, depth, style)
    return power if same else depth


@dataclass(frozen=True)
class Lines:
    """The line buffers, one memory of `depth` words of `width` bits: the pixels above each position of a row.

    Rows further up are `depth` pixels each behind the one below. The memory has `addresses`.
    """

    depth: int
    width: int
    style: str
    addresses: int


def lines(params: SwgParams, depth: int, width: int) -> Lines:
    """Line buffers of `depth` words of `width` bits; of no bits where a window is one row."""
    style = ram_style(params, width, depth)
    return Lines(depth, width, style, addresses(params, width, depth, style) if width else depth)
