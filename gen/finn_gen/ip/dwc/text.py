# SPDX-License-Identifier: Apache-2.0
"""The files of a width converter."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import number, span
from finn_gen.ip import Files
from finn_gen.ip.dwc.plan import DwcPlan


def emit(plan: DwcPlan) -> Files:
    """The converter's one file."""
    text = render("ip/dwc/dwc.v.j2", plan=plan, params=plan.params, padding=_padding(plan), digest=digest(plan))
    return {f"{plan.module}.v": text}


def _padding(plan: DwcPlan) -> list[list[tuple[int, str, str]]]:
    """For each word of the ring: slots that may end a frame in it, which of its bits are padding then, and zeros."""
    ring, width = plan.ring, plan.ports.out_width
    if ring is None:
        return []
    kept = [[(slot, lane * ring.unit) for slot, lane in ends if lane < ring.out_units] for ends in ring.ends]
    return [[(slot, span(low, width), number(width - low, 0)) for slot, low in word] for word in kept]
