# SPDX-License-Identifier: Apache-2.0
"""The size of the input stage, estimated."""

from finn_gen import family
from finn_gen.family.resources import Resources
from finn_gen.ip.input.plan import Convert, InputPlan


def area(plan: InputPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    # Synthesis leaves out the bits that no element has.
    width = plan.ports.out_width if plan.convert is Convert.UPPER else plan.params.word_width
    return costs.frame_guard(width, plan.words) + costs.q17(plan.lanes if plan.convert is Convert.Q17 else 0)
