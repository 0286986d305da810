# SPDX-License-Identifier: Apache-2.0
"""The sliding window generator, cycle by cycle."""

from finn_gen.ip.swg import parallel_timing, serial_timing
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.timing.actor import Actor, Timing, whole_images


def actor(plan: SwgPlan, taken: int, given: int) -> Actor:
    """The stage of the plan's structure."""
    return serial_timing.actor(plan) if plan.serial else parallel_timing.actor(plan)


TIMING = Timing((serial_timing.KERNEL, parallel_timing.WINDOW, parallel_timing.WINDOWS), whole_images, actor)
