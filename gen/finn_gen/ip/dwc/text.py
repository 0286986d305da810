# SPDX-License-Identifier: Apache-2.0
"""The files of a width converter."""

from dataclasses import dataclass

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import number, padded, span, vector
from finn_gen.ip import Files
from finn_gen.ip.dwc.plan import DwcPlan


@dataclass(frozen=True)
class Shift:
    """A shift of a word by the `bit` of its place, or none: its bits behind that, moved and not.

    `first` before the register, when the bit is that of the next place.
    """

    bit: int
    by: int
    first: bool
    width: int
    moved: str
    kept: str


def emit(plan: DwcPlan) -> Files:
    """The converter's one file."""
    values = {"padding": _padding(plan), "steps": _shifts(plan)}
    text = render("ip/dwc/dwc.v.j2", plan=plan, params=plan.params, digest=digest(plan), **values)
    return {f"{plan.module}.v": text}


def _padding(plan: DwcPlan) -> list[list[tuple[int, str, str]]]:
    """For each word of the ring: slots that may end a frame in it, which of its bits are padding then, and zeros."""
    ring, width = plan.ring, plan.ports.out_width
    if ring is None:
        return []
    kept = [[(slot, lane * ring.unit) for slot, lane in ends if lane < ring.out_units] for ends in ring.ends]
    return [[(slot, span(low, width), number(width - low, 0)) for slot, low in word] for word in kept]


def _shifts(plan: DwcPlan) -> list[Shift]:
    """The shifts of a gearbox, of none where there is none."""
    gear = plan.gear
    if gear is None:
        return []
    shifts, width = [], plan.ports.in_width
    for bit in range(gear.place_width):
        by = gear.unit << bit
        after = min(gear.held_width, width + by)
        here = "near_q" if bit == gear.near_bits else f"at_{bit}"
        moved = f"{{{here}{vector(after - by) if after < width + by else ''}, {number(by, 0)}}}"
        shifts.append(Shift(bit, by, bit < gear.near_bits, after, moved, padded(here, width, after)))
        width = after
    return shifts
