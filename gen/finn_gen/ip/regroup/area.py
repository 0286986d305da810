# SPDX-License-Identifier: Apache-2.0
"""The size of a regrouping of pixels, estimated."""

from finn_gen import family
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.regroup.plan import Kind, RegroupPlan


def area(plan: RegroupPlan) -> Resources:
    """What holds words, and what chooses between their lanes."""
    costs, tlast = family.get(plan.params.family).costs, plan.params.tlast
    total = costs.levels(plan.position)
    if plan.kind is Kind.SLICE:
        return total + costs.reg_slice(plan.lane_width + (tlast and plan.in_words > 1))
    if plan.kind is Kind.UP:
        # Only lanes that end a word come from elsewhere than those that are gathered.
        chosen = plan.lane_width * len(plan.ends)
        return total + Resources(chosen + fitted(4 + plan.lanes), 2 * plan.given_width + 2 + 2 * tlast)
    # A part or the first one of what enters; a multiplexer of four or eight parts leaves no input for that.
    part = 1 if plan.lanes == 2 else costs.mux_luts(plan.lanes) + (2 if plan.lanes in (4, 8) else 1)
    flags = plan.index_width + 2 + (plan.row_in > 1) + 2 * tlast
    words = Resources(plan.lane_width * part, plan.used_width + plan.lane_width)
    return total + words + Resources(fitted(3 + plan.index_width), flags)
