# SPDX-License-Identifier: Apache-2.0
"""The size of the host link, estimated."""

from finn_gen import family
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.uart.plan import UartPlan


def area(plan: UartPlan) -> Resources:
    """Control, fitted, with two counters of a bit's cycles and one of a frame's bytes; and a memory each way."""
    costs = family.get(plan.params.family).costs
    bits = (plan.divisor - 1).bit_length()
    marker = max(1, (plan.params.frame_bytes - 1).bit_length())
    control = Resources(fitted(236 + bits + marker), 241 + 2 * bits + marker)
    memory = costs.ram(8, plan.memory_bytes, plan.ram_style)
    return control + memory + memory
