# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a label selection are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.label.plan import LabelPlan

SIMPLE = 5
"""Bits of an index that one LUT compares."""
LANE = 24
"""Registers of a round that wait together, about."""


def clock(plan: LabelPlan, delays: Delays) -> Clock:
    """Comparisons of scores, and the end of a frame to what waits for it."""
    bits, several = plan.params.bits, plan.in_words > 1
    chosen = bits + plan.index_width
    lanes = sum(len(matches) for matches in plan.rounds) * (bits + plan.lane_width)
    compare = delays.register + delays.luts([4]) + delays.chain(-(-bits // 2)) + delays.luts([chosen])
    levels = (2 if plan.index_width > SIMPLE else 1) if several else 0
    # Without a tree before it a score is taken where it wins; with one, the tree's registers wait.
    after = 2 if plan.rounds or not several else 3
    end = delays.control(levels + after, max(lanes, chosen), LANE)
    if several and plan.rounds:
        # Synthesis may compare what it counts up.
        end += delays.net(2) + delays.chain(plan.index_width)
    room = Path("end of a frame", end)
    best = Path("comparison of scores", compare)
    hand = Path("room", delays.control(2, max(lanes, chosen)))
    return Clock(
        inside=(best, room),
        data=best,
        valid=hand,
        ready=hand,
        shows_data=delays.register,
        shows_valid=delays.register,
        shows_ready=delays.register + delays.luts([4] * (levels + 1)),
    )
