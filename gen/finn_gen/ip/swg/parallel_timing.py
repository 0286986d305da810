# SPDX-License-Identifier: Apache-2.0
"""The sliding window generators that hold a whole window in registers, cycle by cycle."""

from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.timing.actor import Actor
from finn_gen.timing.kernel import Kernel, Row, flags, part
from finn_gen.timing.storage import fifo_out

COLUMNS, ROWS, FIRST_X, STRIDE_X, FIRST_Y, STRIDE_Y, WORDS, QUEUE, QUEUE_IS_SLICE, WAITING = range(10)
"""Columns and rows of the image; columns FIRST_X + i*STRIDE_X and rows FIRST_Y + i*STRIDE_Y complete windows. Words of
a window; a queue of so many columns, a slice or a FIFO; windows that can wait."""
HELD, X, Y, VALID = range(4)
"""A window a word: pixels in the slice, column, row, whether a word is offered."""
X_IN, Y_IN, QUEUED, QUEUE_VALID, X_SHIFT, FULL, OUT_VALID, WORD, PLACE = range(9)
"""Windows in words: column and row that enter, columns in the queue, whether it offers one, the column that is shifted
in, whether the register window is full, whether a word is offered and which; places to wait, the last first."""


@part
def _ends(position: int, first: int, stride: int) -> bool:
    """Whether a row or a column completes windows."""
    return position >= first and (position - first) % stride == 0


@part
def window_step(p: Row, s: Row, take: int, give: int) -> int:
    """A whole window a word."""
    if not s[VALID] or give:
        s[VALID] = 0
        if s[HELD] > 0:
            s[HELD] -= 1
            s[VALID] = 1 if _ends(s[X], p[FIRST_X], p[STRIDE_X]) and _ends(s[Y], p[FIRST_Y], p[STRIDE_Y]) else 0
            s[X] = 0 if s[X] == p[COLUMNS] - 1 else s[X] + 1
            if s[X] == 0:
                s[Y] = 0 if s[Y] == p[ROWS] - 1 else s[Y] + 1
    s[HELD] += take
    return flags(s[VALID] > 0, s[HELD] < 2, s[VALID] == 0 and s[HELD] > 0)


@part
def windows_step(p: Row, s: Row, take: int, give: int) -> int:
    """A window in WORDS words."""
    free = not s[OUT_VALID] or (give and s[WORD] == p[WORDS] - 1)
    if free:
        s[OUT_VALID] = s[PLACE] if p[WAITING] else s[FULL]
        s[WORD] = 0
    elif give:
        s[WORD] += 1
    for place in range(p[WAITING]):
        free = free or not s[PLACE + place]
        if free:
            s[PLACE + place] = s[PLACE + place + 1] if place + 1 < p[WAITING] else s[FULL]
    shift = 0
    if free or not s[FULL]:
        shift = 1 if s[QUEUE_VALID] else 0
        s[FULL] = 1 if shift and _ends(s[X_SHIFT], p[FIRST_X], p[STRIDE_X]) else 0
        if shift:
            s[X_SHIFT] = 0 if s[X_SHIFT] == p[COLUMNS] - 1 else s[X_SHIFT] + 1
    push = 0
    if take:
        push = 1 if _ends(s[Y_IN], p[FIRST_Y], p[STRIDE_Y]) else 0
        s[X_IN] = 0 if s[X_IN] == p[COLUMNS] - 1 else s[X_IN] + 1
        if s[X_IN] == 0:
            s[Y_IN] = 0 if s[Y_IN] == p[ROWS] - 1 else s[Y_IN] + 1
    if not p[QUEUE_IS_SLICE]:
        s[QUEUE_VALID] = fifo_out(s[QUEUED], s[QUEUE_VALID], shift)
    s[QUEUED] += push - shift
    if p[QUEUE_IS_SLICE]:
        s[QUEUE_VALID] = 1 if s[QUEUED] > 0 else 0
    going = s[QUEUE_VALID] == 0 and s[QUEUED] > 0
    free = not s[OUT_VALID]
    for place in range(p[WAITING]):
        going = going or (free and s[PLACE + place])
        free = free or not s[PLACE + place]
    going = going or (free and s[FULL]) or ((free or not s[FULL]) and s[QUEUE_VALID])
    return flags(s[OUT_VALID] > 0, s[QUEUED] < p[QUEUE] or not _ends(s[Y_IN], p[FIRST_Y], p[STRIDE_Y]), going)


WINDOW, WINDOWS = Kernel("swg.window", window_step), Kernel("swg.windows", windows_step)


def actor(plan: SwgPlan) -> Actor:
    """The register window of the plan."""
    ends = (
        *((plan.params.k_w - 1) * plan.params.dilation_w, plan.params.stride_w),
        *((plan.params.k_h - 1) * plan.params.dilation_h, plan.params.stride_h),
    )
    parallel, image = plan.parallel, (plan.params.ifm_w, plan.params.ifm_h, *ends)
    if parallel.words == 1:
        return Actor(plan.module, WINDOW, image, (0,) * 4)
    queue = (parallel.queue, int(parallel.queue_style == "reg"), parallel.waiting)
    return Actor(plan.module, WINDOWS, (*image, parallel.words, *queue), (0,) * (PLACE + parallel.waiting))
