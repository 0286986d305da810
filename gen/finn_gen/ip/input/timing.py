# SPDX-License-Identifier: Apache-2.0
"""The input stage, cycle by cycle."""

from finn_gen.ip.input.plan import InputPlan
from finn_gen.timing import storage
from finn_gen.timing.actor import Actor, Rate, Timing


def rate(plan: InputPlan) -> Rate:
    """A frame is an image."""
    return Rate(plan.words, plan.words, whole=True)


def actor(plan: InputPlan, taken: int, given: int) -> Actor:
    """While frames are as long as they should be it is a register slice."""
    return storage.register_slice(plan.module)


TIMING = Timing((storage.SLICE,), rate, actor)
