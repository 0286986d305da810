# SPDX-License-Identifier: Apache-2.0
"""The size of a label selection, estimated."""

from finn_gen import family
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.label.plan import LabelPlan


def area(plan: LabelPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    payload = plan.index_width + plan.params.bits * plan.params.score
    total = costs.half_slice(payload) if plan.slice_module == "finn_half_slice" else costs.reg_slice(payload)
    matches = sum(match.second >= 0 for round_ in plan.rounds for match in round_)
    total += Resources(fitted(matches * (1.65 * plan.params.bits - 1)))
    if plan.params.pe > 1:
        keeps_score = plan.in_words > 1 or plan.params.score
        total += Resources(1, plan.params.bits * keeps_score + plan.lane_width + 1)
    if plan.in_words > 1:
        luts = 0.5 * plan.params.bits + 1.3 * plan.index_width + 6 + plan.params.bits * plan.params.score
        total += Resources(fitted(luts), 2 * plan.index_width + plan.params.bits)
    return total
