# SPDX-License-Identifier: Apache-2.0
"""The size of the host link, estimated."""

from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.uart.plan import UartPlan


def area(plan: UartPlan) -> Resources:
    """Control, fitted, with counters of a bit and of a frame, and a memory each way."""
    return Resources(fitted(300), 400)
