# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the AXI-Stream width converter, `finn:ip:dwc`."""

import math
from dataclasses import dataclass
from typing import Any

from finn_gen.base.params import Param, byte_width, name_param
from finn_gen.base.template import render
from finn_gen.ip import Benchmark, Ip, digest

MAX_WIDTH = 8192


@dataclass(frozen=True)
class RingPlan:
    """How a ratio with neither width a multiple of the other goes through the common multiple.

    Positions and fill levels count `unit`s, the greatest common divisor of the two widths.
    `ends[r]` lists the write slots that end inside read word r, as (slot, first unit of the word past that slot):
    with TLAST in the slot, the units from there on are padding.
    """

    unit: int
    slots: int
    words: int
    in_units: int
    out_units: int
    units: int
    width: int
    fill_width: int
    slot_width: int
    word_width: int
    ends: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class DwcPlan:
    """One converter. Widths in bits, latency in cycles from taking the first word to offering the first."""

    module: str
    modules: tuple[str, ...]
    kind: str
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
    tlast: bool
    ratio: int
    index_width: int
    latency: int
    ring: RingPlan | None


def _ring(in_width: int, out_width: int) -> RingPlan:
    unit = math.gcd(in_width, out_width)
    in_units, out_units = in_width // unit, out_width // unit
    units = in_units * out_units
    # Slot s ends before unit (s + 1) * in_units, and word r is units r * out_units to (r + 1) * out_units - 1.
    ends = [
        [
            (slot, (slot + 1) * in_units - word * out_units)
            for slot in range(out_units)
            if word * out_units < (slot + 1) * in_units <= (word + 1) * out_units
        ]
        for word in range(in_units)
    ]
    return RingPlan(
        unit=unit,
        slots=out_units,
        words=in_units,
        in_units=in_units,
        out_units=out_units,
        units=units,
        width=units * unit,
        # A partial frame is skipped to the end of the ring, so the level may near twice the ring.
        fill_width=(2 * units).bit_length(),
        slot_width=(out_units - 1).bit_length(),
        word_width=(in_units - 1).bit_length(),
        ends=tuple(map(tuple, ends)),
    )


def plan(values: dict[str, Any]) -> DwcPlan:
    """Choose the kind of converter for two widths. `latency` counts from the first input word of a frame."""
    in_width, out_width = values["in_width"], values["out_width"]
    ring, modules = None, ()
    if in_width == out_width:
        kind, ratio, latency, modules = "equal", 1, 1, ("finn_reg_slice",)
    elif in_width % out_width == 0:
        kind, ratio, latency = "down", in_width // out_width, 1
    elif out_width % in_width == 0:
        kind, ratio = "up", out_width // in_width
        latency = ratio
    else:
        kind, ratio, ring = "ring", 0, _ring(in_width, out_width)
        latency = -(-out_width // in_width) + 1
    return DwcPlan(
        module=values["name"],
        modules=modules,
        kind=kind,
        in_width=in_width,
        out_width=out_width,
        in_tdata_width=byte_width(in_width),
        out_tdata_width=byte_width(out_width),
        tlast=values["tlast"],
        ratio=ratio,
        index_width=max(1, (ratio - 1).bit_length()),
        latency=latency,
        ring=ring,
    )


def emit(plan: DwcPlan) -> dict[str, str | bytes]:
    """The converter's one file."""
    text = render("ip/dwc/dwc.v.j2", plan=plan, digest=digest(plan))
    return {f"{plan.module}.v": text}


IP = Ip(
    name="dwc",
    summary="AXI-Stream width converter, any ratio",
    params=(
        name_param("finn_dwc"),
        Param("in_width", int, 64, "payload bits of an input word", low=1, high=MAX_WIDTH),
        Param("out_width", int, 8, "payload bits of an output word", low=1, high=MAX_WIDTH),
        Param("tlast", bool, False, "carry TLAST; the last word of a frame is padded with zeros"),
    ),
    plan=plan,
    emit=emit,
    examples=tuple(
        {"in_width": in_width, "out_width": out_width, "tlast": tlast}
        for in_width, out_width in (
            (12, 12),
            (64, 8),
            (2, 1),
            (24, 8),
            (8, 64),
            (1, 2),
            (4, 12),
            (16, 24),
            (24, 16),
            (5, 7),
        )
        for tlast in (0, 1)
    ),
    benchmarks=(
        Benchmark("64 to 8", {"in_width": 64, "out_width": 8}, {"lc": 71, "ff": 88}),
        Benchmark("64 to 8 with TLAST", {"in_width": 64, "out_width": 8, "tlast": 1}, {}),
        Benchmark("8 to 64", {"in_width": 8, "out_width": 64}, {}),
        Benchmark("8 to 64 with TLAST", {"in_width": 8, "out_width": 64, "tlast": 1}, {}),
        Benchmark("24 to 64", {"in_width": 24, "out_width": 64}, {}),
    ),
)
