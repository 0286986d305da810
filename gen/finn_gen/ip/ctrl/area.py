# SPDX-License-Identifier: Apache-2.0
"""The size of the control core, estimated."""

from finn_gen import family
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.ctrl.plan import CtrlPlan


def area(plan: CtrlPlan) -> Resources:
    """Shift registers and memory of the bank of counters; what is around them is fitted."""
    costs = family.get(plan.params.family).costs
    places, width = plan.places, plan.params.counter_width
    stages = costs.srl_luts(1, places) + (costs.mux_luts(places // 128) if places > 128 else 0)
    memories = plan.counters * stages + costs.lut_ram_luts(width - plan.index_width, places)
    luts = 123 + 1.1 * plan.counters + 1.92 * width + 27 * (len(plan.windows) - 1)
    counters = 2 * width + 2 * plan.index_width + max(0, width - 32)
    return Resources(memories + fitted(luts), 72 + plan.address_width + 2 * plan.params.boundaries + counters)
