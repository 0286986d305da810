# SPDX-License-Identifier: Apache-2.0
"""Max pooling, cycle by cycle."""

from finn_gen.ip.pool.plan import PoolPlan
from finn_gen.timing.actor import Actor, Timing, whole_images
from finn_gen.timing.kernel import Kernel, Row, flags, part
from finn_gen.timing.storage import SLICE_WORDS

FOLDS, COLUMNS, ROWS, K_H, K_W, STRIDE_H, STRIDE_W, ROOM, ENDS = range(9)
"""Words of a pixel, columns, rows, the window's sides, its strides, words that the output has room for;
columns, of which those with several pixels a word are words, from which on none ends a window."""
FOLD, X, Y, MIDDLE, ENDS_ROW, HELD = range(6)
"""Word of the pixel, column, row; whether the word in the middle ends a window along the row, and whether its row ends
windows; words in the output."""


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """A word in, and one out where it ends a window."""
    leave = s[MIDDLE] and s[ENDS_ROW] and s[HELD] < p[ROOM]
    stuck = s[MIDDLE] and s[ENDS_ROW] and not leave
    s[HELD] += (1 if leave else 0) - give
    if not stuck:
        s[MIDDLE] = 0
    if take:
        x, y = s[X] - p[K_W] + 1, s[Y] - p[K_H] + 1
        s[MIDDLE] = 1 if x >= 0 and x % p[STRIDE_W] == 0 and s[X] < p[ENDS] else 0
        s[ENDS_ROW] = 1 if y >= 0 and y % p[STRIDE_H] == 0 else 0
        s[FOLD] = 0 if s[FOLD] == p[FOLDS] - 1 else s[FOLD] + 1
        if s[FOLD] == 0:
            s[X] = 0 if s[X] == p[COLUMNS] - 1 else s[X] + 1
            if s[X] == 0:
                s[Y] = 0 if s[Y] == p[ROWS] - 1 else s[Y] + 1
    waits = s[MIDDLE] > 0 and s[ENDS_ROW] > 0 and s[HELD] == p[ROOM]
    return flags(s[HELD] > 0, not waits, s[MIDDLE] > 0 and not waits)


KERNEL = Kernel("pool", step)


def actor(plan: PoolPlan, taken: int, given: int) -> Actor:
    """The pooling of the plan."""
    parameters = (
        plan.folds,
        plan.row_groups,
        plan.params.ifm_h,
        *(plan.down.k, plan.across.k),
        *(plan.down.stride, plan.across.stride),
        SLICE_WORDS[plan.slice_module],
        plan.row_groups - plan.drops,
    )
    return Actor(plan.module, KERNEL, parameters, (0,) * 6)


TIMING = Timing((KERNEL,), whole_images, actor)
