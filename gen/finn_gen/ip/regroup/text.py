# SPDX-License-Identifier: Apache-2.0
"""The files of a regrouping of pixels."""

from dataclasses import dataclass

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import TRUE, Loops, number, part
from finn_gen.ip import Files
from finn_gen.ip.regroup.plan import RegroupPlan


@dataclass(frozen=True)
class _Lane:
    """A lane of a wide word: its bits, Verilog that holds when an input word is of it, and when a word ends with it."""

    bits: str
    here: str
    ends: str


def emit(plan: RegroupPlan) -> Files:
    """The regrouping's one file."""
    loops = Loops(plan.position)
    said = {
        "loops": loops,
        "lanes": [_lane(plan, index) for index in range(plan.lanes)],
        "row_end": loops.last("x"),
        "image_end": loops.last(),
        "whole": _whole(plan, loops),
    }
    text = render("ip/regroup/regroup.v.j2", plan=plan, params=plan.params, digest=digest(plan), **said)
    return {f"{plan.module}.v": text}


def _index(plan: RegroupPlan, lane: int) -> str:
    """Verilog: the input word is of a lane, which the lowest bits of its number in the row say."""
    width = next((level.width for level in plan.position if level.name == "x"), 0)
    bits = min(width, plan.index_width)
    return f"x_q[{bits - 1}:0] == {number(bits, lane)}" if bits else TRUE


def _lane(plan: RegroupPlan, lane: int) -> _Lane:
    """`lane` for the template."""
    here = _index(plan, lane)
    ends = ("full_q" if len(plan.ends) == 1 else f"full_q || !({here})") if lane in plan.ends else ""
    return _Lane(part(lane, plan.lane_width), here, ends)


def _whole(plan: RegroupPlan, loops: Loops) -> str:
    """Verilog: an input word is the last one of a wide word."""
    inside = [_index(plan, plan.ratio - 1)] if len(plan.ends) > 1 else []
    return " || ".join([*inside, loops.last("x")])
