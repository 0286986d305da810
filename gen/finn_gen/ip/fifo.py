# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the AXI-Stream FIFO, `finn:ip:fifo`."""

from dataclasses import dataclass
from typing import Any

from finn_gen.errors import InputError
from finn_gen.ip import Benchmark, Ip, digest
from finn_gen.memory import lut_ram_luts, srl_luts
from finn_gen.params import Param, byte_width, name_param
from finn_gen.template import render

MIN_MEMORY_DEPTH = 3
"""With fewer words a memory and its output register cannot pass a word a cycle; a register slice can."""
LUTS_WORTH_A_BLOCK = 120
"""Memory in more LUTs than these goes to block RAM: xc7z045 has 218,600 LUTs and 1,090 RAMB18, 200 to one."""

_MODULES = ("finn_fifo", "finn_fifo_control", "finn_fifo_ram", "finn_fifo_srl", "finn_reg_slice")
"""What finn_fifo instantiates in one style or another: a simulator may want those that it does not need."""
_STORAGE = {"reg": "registers", "srl": "shift registers", "lut": "LUT RAM", "block": "block RAM"}


@dataclass(frozen=True)
class FifoPlan:
    """One FIFO. Widths in bits, capacity in words, latency in cycles from taking a word to offering it."""

    module: str
    modules: tuple[str, ...]
    style: str
    width: int
    depth: int
    tlast: bool
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
    word_width: int
    capacity: int
    count_width: int
    latency: int


def choose_style(width: int, depth: int) -> str:
    """The cheapest storage of `depth` words of `width` bits."""
    if depth < MIN_MEMORY_DEPTH:
        return "reg"
    srl, lut = srl_luts(width, depth - 1), lut_ram_luts(width, depth - 1)
    if min(srl, lut) > LUTS_WORTH_A_BLOCK:
        return "block"
    return "srl" if srl <= lut else "lut"


def plan(values: dict[str, Any]) -> FifoPlan:
    """Choose the storage."""
    width, depth, style = values["width"], values["depth"], values["style"]
    word_width = width + values["tlast"]
    if style == "auto":
        style = choose_style(word_width, depth)
    if style == "reg" and depth >= MIN_MEMORY_DEPTH:
        raise InputError(f"fifo: depth={depth} with style=reg: registers hold 1 or 2 words; take srl, lut or block")
    if style != "reg" and depth < MIN_MEMORY_DEPTH:
        raise InputError(
            f"fifo: depth={depth} with style={style}: a memory needs a depth of {MIN_MEMORY_DEPTH} or more "
            "to pass a word a cycle; take style=reg or auto"
        )
    capacity = 2 if style == "reg" else depth
    return FifoPlan(
        module=values["name"],
        modules=_MODULES,
        style=style,
        width=width,
        depth=depth,
        tlast=values["tlast"],
        in_width=width,
        out_width=width,
        in_tdata_width=byte_width(width),
        out_tdata_width=byte_width(width),
        word_width=word_width,
        capacity=capacity,
        count_width=capacity.bit_length(),
        latency=1 if style == "reg" else 2,
    )


def emit(plan: FifoPlan) -> dict[str, str | bytes]:
    """The FIFO's one file, a wrapper around finn_fifo of rtl/."""
    text = render("ip/fifo/fifo.v.j2", plan=plan, storage=_STORAGE[plan.style], digest=digest(plan))
    return {f"{plan.module}.v": text}


IP = Ip(
    name="fifo",
    summary="AXI-Stream FIFO with fill level and high-water mark",
    params=(
        name_param("finn_axis_fifo"),
        Param("width", int, 32, "payload bits of a word", low=1, high=8192),
        Param("depth", int, 16, "words that it holds", low=1, high=65536),
        Param(
            "style",
            str,
            "auto",
            "storage: registers, shift registers, LUT RAM, block RAM, or the cheapest",
            choices=("auto", "reg", "srl", "lut", "block"),
        ),
        Param("tlast", bool, False, "carry TLAST beside the data"),
    ),
    plan=plan,
    emit=emit,
    examples=tuple(
        {"width": width, "depth": depth, "style": style, "tlast": tlast}
        for depth, style in (
            (1, "reg"),
            (2, "auto"),
            (3, "srl"),
            (17, "srl"),
            (18, "lut"),
            (513, "block"),
            (600, "block"),
        )
        for width, tlast in ((1, 0), (13, 1), (32, 0))
    ),
    benchmarks=(
        Benchmark("16 x 32", {"depth": 16, "width": 32}, {"total_luts": 50}),
        Benchmark("16 x 32, style srl", {"depth": 16, "width": 32, "style": "srl"}, {"total_luts": 50}),
        Benchmark("2 x 32", {"depth": 2, "width": 32}, {}),
        Benchmark("128 x 8", {"depth": 128, "width": 8}, {}),
        Benchmark("513 x 32", {"depth": 513, "width": 32}, {}),
    ),
)
