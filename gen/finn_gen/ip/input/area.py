# SPDX-License-Identifier: Apache-2.0
"""The size of the input stage, estimated."""

from finn_gen import family
from finn_gen.family.resources import Resources
from finn_gen.ip.input.plan import Convert, InputPlan


def area(plan: InputPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    # Synthesis leaves out the bits that no element has, and TLAST, since stages count words.
    shortened = plan.convert in (Convert.THRESHOLD, Convert.UPPER)
    width = plan.ports.out_width if shortened else plan.params.word_width
    guard = costs.frame_guard(width, plan.words, tlast=False)
    return guard + costs.q17(plan.lanes if plan.convert is Convert.Q17 else 0)
