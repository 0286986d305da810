# SPDX-License-Identifier: Apache-2.0
"""The size of the control core, estimated."""

from finn_gen import family
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.ctrl.plan import CtrlPlan


def area(plan: CtrlPlan) -> Resources:
    """Shift registers, in LUTs where the family has such, and memory of the bank of counters; the rest is fitted."""
    costs = family.get(plan.params.family).costs
    places, width = plan.places, plan.params.counter_width
    memories = costs.lut_ram_luts(width - plan.index_width, places)
    shifting = plan.counters * places if places < costs.shortest_srl else 0
    if not shifting:
        memories += plan.counters * costs.srl_luts(1, places)
    luts = 123 + 1.1 * plan.counters + 1.92 * width + 27 * (len(plan.windows) - 1)
    counters = 2 * width + max(0, width - 32) + 2 * plan.params.boundaries
    reading = 3 * plan.index_width + (places + 2).bit_length() + max(1, places // 16)
    return Resources(
        memories + fitted(luts), 83 + plan.address_width + len(plan.windows) + counters + reading + shifting
    )
