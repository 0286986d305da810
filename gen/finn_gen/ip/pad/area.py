# SPDX-License-Identifier: Apache-2.0
"""The size of a padder, estimated."""

from finn_gen import family
from finn_gen.family.resources import Resources
from finn_gen.ip.pad.plan import PadPlan


def area(plan: PadPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    width = plan.ports.out_width
    registers = Resources(3, width + 1 + plan.leading + plan.params.tlast)
    return costs.reg_slice(plan.ports.in_width) + registers + costs.levels(plan.levels)
