# SPDX-License-Identifier: Apache-2.0
"""The size of a label selection, estimated."""

from finn_gen import family
from finn_gen.family.costs import Costs, fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.label.plan import LabelPlan


def area(plan: LabelPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    payload = plan.index_width + plan.params.bits * plan.params.score
    total = costs.half_slice(payload) if plan.slice_module == "finn_half_slice" else costs.reg_slice(payload)
    matches = sum(match.second >= 0 for round_ in plan.rounds for match in round_)
    total += Resources(fitted(matches * (1.5 * plan.params.bits + 1.9)))
    total += _tree(costs, plan)
    if plan.in_words > 1:
        luts = 0.5 * plan.params.bits + 1.3 * plan.index_width + 6 + plan.params.bits * plan.params.score
        total += Resources(fitted(luts), 2 * plan.index_width + plan.params.bits + 1)
    return total


def _tree(costs: Costs, plan: LabelPlan) -> Resources:
    """The registers of the tree, those of the last round's score only where it is used.

    A score that waits for several rounds before it meets another does so in a shift register, if that is long enough.
    """
    total = Resources(0, len(plan.rounds))
    for index, matches in enumerate(plan.rounds, 1):
        scores = plan.params.bits * (index < len(plan.rounds) or plan.in_words > 1 or plan.params.score)
        for place, match in enumerate(matches):
            if index > 1 and match.second < 0:
                continue  # a further stage for what the round before gave
            width, stages = scores + index, 1 + _byes(plan, index, place)
            if index == 1:  # which moves when the others wait
                total += Resources(0, width)
                stages -= 1
            if stages < costs.shortest_srl:
                total += Resources(0, stages * width)
            else:
                total += Resources(costs.srl_luts(width, stages))
    return total


def _byes(plan: LabelPlan, index: int, place: int) -> int:
    """Rounds from `index` on that a winner goes through without another match."""
    byes = 0
    for matches in plan.rounds[index:]:
        place //= 2
        if matches[place].second >= 0:
            break
        byes += 1
    return byes
