# SPDX-License-Identifier: Apache-2.0
"""The sliding window generator, cycle by cycle."""

from finn_gen.ip.swg import grouped_timing, parallel_timing, serial_timing
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.timing.actor import Actor, Timing, whole_images


def actor(plan: SwgPlan, taken: int, given: int) -> Actor:
    """The stage of the plan's structure."""
    structure = serial_timing if plan.serial else parallel_timing if plan.parallel else grouped_timing
    return structure.actor(plan)


_KERNELS = (serial_timing.KERNEL, parallel_timing.WINDOW, parallel_timing.WINDOWS, grouped_timing.KERNEL)
TIMING = Timing(_KERNELS, whole_images, actor)
