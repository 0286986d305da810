# SPDX-License-Identifier: Apache-2.0
"""The files of a width converter."""

from dataclasses import dataclass
from typing import Any

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import number, padded, span, vector
from finn_gen.ip import Files
from finn_gen.ip.dwc.plan import DwcPlan


@dataclass(frozen=True)
class Shift:
    """One step of a word to its place: its bits after it, moved and not."""

    width: int
    moved: str
    kept: str


def emit(plan: DwcPlan) -> Files:
    """The converter's one file."""
    values = {"padding": _padding(plan), **_shifted(plan)}
    text = render("ip/dwc/dwc.v.j2", plan=plan, params=plan.params, digest=digest(plan), **values)
    return {f"{plan.module}.v": text}


def _padding(plan: DwcPlan) -> list[list[tuple[int, str, str]]]:
    """For each word of the ring: slots that may end a frame in it, which of its bits are padding then, and zeros."""
    ring, width = plan.ring, plan.ports.out_width
    if ring is None:
        return []
    kept = [[(slot, lane * ring.unit) for slot, lane in ends if lane < ring.out_units] for ends in ring.ends]
    return [[(slot, span(low, width), number(width - low, 0)) for slot, low in word] for word in kept]


def _shifted(plan: DwcPlan) -> dict[str, Any]:
    """The steps that shift an input word of a gearbox by the level, and the change of the level by a word each way."""
    gear = plan.gear
    if gear is None:
        return {}
    steps, width = [], plan.ports.in_width
    for bit in range(gear.positions):
        by = gear.unit << bit
        after = min(gear.width, width + by)
        here = f"at_{bit}"
        moved = f"{{{here}{vector(after - by) if after < width + by else ''}, {number(by, 0)}}}"
        steps.append(Shift(after, moved, padded(here, width, after)))
        width = after
    change = gear.in_units - gear.out_units
    sign = "+" if change > 0 else "-"
    return {
        "shifts": steps,
        "arriving": padded(f"at_{gear.positions}", width, gear.width),
        "change": f"{sign} {number(gear.fill_width, abs(change))}",
    }
