# SPDX-License-Identifier: Apache-2.0
"""What a FIFO is built of."""

from dataclasses import dataclass

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.family.costs import Costs
from finn_gen.ip.fifo.params import FifoParams

MIN_MEMORY_DEPTH = 3
"""With fewer words a memory and its output register cannot pass a word a cycle; a register slice can."""
_MODULES = ("finn_fifo", "finn_fifo_control", "finn_fifo_ram", "finn_fifo_srl", "finn_reg_slice")
"""What finn_fifo instantiates in one style or another: a simulator may want those that it does not need."""


@dataclass(frozen=True)
class FifoPlan:
    """One FIFO. Widths in bits, capacity in words, latency in cycles from taking a word to offering it."""

    module: str
    modules: tuple[str, ...]
    params: FifoParams
    style: str
    ports: Ports
    word_width: int
    capacity: int
    count_width: int
    latency: int


def choose_style(costs: Costs, width: int, depth: int) -> str:
    """The cheapest storage of `depth` words of `width` bits."""
    if depth < MIN_MEMORY_DEPTH:
        return "reg"
    srl, lut = costs.srl_luts(width, depth - 1), costs.lut_ram_luts(width, depth - 1)
    if min(srl, lut) > costs.memory_luts_worth_a_block:
        return "block"
    return "srl" if srl <= lut else "lut"


def build_plan(params: FifoParams) -> FifoPlan:
    """Choose the storage."""
    width, depth, style = params.width, params.depth, params.style
    word_width = width + params.tlast
    if style == "auto":
        style = choose_style(family.get(params.family).costs, word_width, depth)
    if style == "reg" and depth >= MIN_MEMORY_DEPTH:
        raise InputError(f"fifo: depth={depth} with style=reg: registers hold 1 or 2 words; take srl, lut or block")
    if style != "reg" and depth < MIN_MEMORY_DEPTH:
        raise InputError(
            f"fifo: depth={depth} with style={style}: a memory needs a depth of {MIN_MEMORY_DEPTH} or more "
            "to pass a word a cycle; take style=reg or auto"
        )
    capacity = 2 if style == "reg" else depth
    return FifoPlan(
        module=params.name,
        modules=_MODULES,
        params=params,
        style=style,
        ports=Ports.of(width, width),
        word_width=word_width,
        capacity=capacity,
        count_width=capacity.bit_length(),
        latency=1 if style == "reg" else 2,
    )
