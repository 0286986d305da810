# SPDX-License-Identifier: Apache-2.0
"""The size of a FIFO, estimated."""

from finn_gen import family
from finn_gen.family.resources import Resources
from finn_gen.ip.fifo.plan import FifoPlan


def area(plan: FifoPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    mark = Resources(2, 2) if plan.style == "reg" else Resources()
    return costs.fifo(plan.word_width, plan.params.depth, plan.style) + mark


def area_inside(plan: FifoPlan) -> Resources:
    """In a chain nothing reads the high-water mark, and synthesis leaves it out."""
    costs = family.get(plan.params.family).costs
    return costs.fifo(plan.word_width, plan.params.depth, plan.style, mark=False)
