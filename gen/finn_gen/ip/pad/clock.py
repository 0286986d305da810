# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a padder are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.pad.plan import PadPlan

SIMPLE = 6
"""Bits of positions that one LUT compares."""


def clock(plan: PadPlan, delays: Delays) -> Clock:
    """From the position to the question whether it lies in the image, and to what moves on with it."""
    params, width = plan.params, plan.ports.out_width
    sides = sum(map(bool, (params.top, params.bottom, params.left, params.right)))
    places = sum(level.width for level in plan.levels if level.name != "fold")
    levels = 2 + (sides > 0 and places > SIMPLE) + (sides > 3 or places > 2 * SIMPLE)
    step = Path("position in the image", delays.control(levels, end=width + 4))
    hand = Path("room", delays.control(2, end=width + 4))
    return Clock((step,), hand, hand, hand, *[delays.register] * 3)
