# SPDX-License-Identifier: Apache-2.0
"""The regrouping of pixels, cycle by cycle."""

from finn_gen.ip.regroup.plan import Kind, RegroupPlan
from finn_gen.timing import storage
from finn_gen.timing.actor import Actor, Timing, whole_images
from finn_gen.timing.kernel import Kernel, Row, flags, part

RATIO, ROW, TAIL = range(3)
"""Narrow words of a wide one, input words of a row, narrow words of its last wide one."""
X, BUSY, PART, LAST, VALID = range(5)
"""To narrow words: the word of the row; whether one is held and which part of it goes next; whether it is the row's
last one; whether a word is offered."""
X_IN, FULL, OUT_VALID = range(3)
"""To wide words: the word of the row; whether a whole one waits; whether one is offered."""


@part
def down_step(p: Row, s: Row, take: int, give: int) -> int:
    """A wide word in, its narrow ones out, of a row's last one those that have pixels."""
    free = not s[VALID] or give
    part_out, busy = s[PART], s[BUSY]
    if take:
        s[LAST] = 1 if s[X] == p[ROW] - 1 else 0
        s[X] = 0 if s[LAST] else s[X] + 1
        part_out = 0
        busy = 1
    if free:
        s[VALID] = busy
        if busy:
            part_out += 1
    parts = p[TAIL] if s[LAST] else p[RATIO]
    s[BUSY] = 1 if busy and part_out < parts else 0
    s[PART] = part_out if s[BUSY] else 0
    return flags(s[VALID] > 0, s[BUSY] == 0, s[BUSY] > 0 and s[VALID] == 0)


@part
def up_step(p: Row, s: Row, take: int, give: int) -> int:
    """Narrow words in, a wide one out that has all its lanes, or the last one of its row."""
    free = not s[OUT_VALID] or give
    whole = s[FULL]
    if take:
        last = s[X_IN] == p[ROW] - 1
        whole = 1 if last or s[X_IN] % p[RATIO] == p[RATIO] - 1 else 0
        s[X_IN] = 0 if last else s[X_IN] + 1
    if free:
        s[OUT_VALID] = whole
        s[FULL] = 0
    else:
        s[FULL] = whole
    return flags(s[OUT_VALID] > 0, s[FULL] == 0, False)


DOWN, UP = Kernel("regroup.down", down_step), Kernel("regroup.up", up_step)


def actor(plan: RegroupPlan, taken: int, given: int) -> Actor:
    """The regrouping of the plan."""
    if plan.kind is Kind.SLICE:
        return storage.register_slice(plan.module)
    row = (plan.ratio, plan.row_in, plan.tail)
    return Actor(plan.module, UP, row, (0,) * 3) if plan.kind is Kind.UP else Actor(plan.module, DOWN, row, (0,) * 5)


TIMING = Timing((storage.SLICE, DOWN, UP), whole_images, actor)
