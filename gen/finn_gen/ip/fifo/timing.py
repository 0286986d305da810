# SPDX-License-Identifier: Apache-2.0
"""The FIFO, cycle by cycle."""

from finn_gen.ip.fifo.plan import FifoPlan
from finn_gen.timing import storage
from finn_gen.timing.actor import Actor, Rate, Timing


def rate(plan: FifoPlan) -> Rate:
    """Word by word."""
    return Rate(1, 1)


def actor(plan: FifoPlan, taken: int, given: int) -> Actor:
    """A register slice or a memory."""
    return storage.fifo(plan.module, plan.capacity, plan.style == "reg")


TIMING = Timing((storage.SLICE, storage.FIFO), rate, actor)
