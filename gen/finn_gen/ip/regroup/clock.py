# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a regrouping of pixels are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.regroup.plan import Kind, RegroupPlan


def clock(plan: RegroupPlan, delays: Delays) -> Clock:
    """From the position in the row to the enables of both words, and the multiplexer of parts."""
    if plan.kind is Kind.SLICE:
        return delays.reg_slice(plan.lane_width)
    held = plan.used_width if plan.kind is Kind.DOWN else plan.given_width
    room = Path("room for a word", delays.control(3, end=held + plan.lane_width))
    part = Path("part of a word", delays.register + delays.luts([plan.lane_width] * 2) + delays.joined(plan.lanes))
    return Clock((room, part), room, room, room, *[delays.register] * 3)
