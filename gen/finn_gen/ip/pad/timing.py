# SPDX-License-Identifier: Apache-2.0
"""The padder, cycle by cycle."""

from finn_gen.ip.pad.plan import PadPlan
from finn_gen.timing.actor import Actor, Timing, whole_images
from finn_gen.timing.kernel import Kernel, Row, flags, part

ROW_WORDS, ROWS, LEFT, RIGHT, TOP, BOTTOM, LEADING = range(7)
"""Words of an output row, rows; words LEFT to RIGHT - 1 of rows TOP to BOTTOM - 1 are the input's; whether the first
word is padding."""
WAITING, WORD, ROW, BEGUN, OUT_VALID = range(5)
"""Words in the slice, word of the row, row, whether the image has begun, whether a word is offered."""


@part
def _inside(p: Row, s: Row) -> bool:
    """Whether the next output word is one of the input."""
    return p[LEFT] <= s[WORD] < p[RIGHT] and p[TOP] <= s[ROW] < p[BOTTOM]


@part
def _goes(p: Row, s: Row) -> bool:
    """Whether there is a word for the output register."""
    return s[WAITING] > 0 or ((s[BEGUN] > 0 or not p[LEADING]) and not _inside(p, s))


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """Word after word of the output, from the input or padding."""
    free = not s[OUT_VALID] or give
    goes = _goes(p, s)
    if goes and free and _inside(p, s):
        s[WAITING] -= 1
    if goes and free:
        end = s[WORD] == p[ROW_WORDS] - 1
        s[WORD] = 0 if end else s[WORD] + 1
        if end:
            s[ROW] = 0 if s[ROW] == p[ROWS] - 1 else s[ROW] + 1
        s[BEGUN] = 0 if end and s[ROW] == 0 else 1
    if free:
        s[OUT_VALID] = 1 if goes else 0
    s[WAITING] += take
    return flags(s[OUT_VALID] > 0, s[WAITING] < 2, s[OUT_VALID] == 0 and _goes(p, s))


KERNEL = Kernel("pad", step)


def actor(plan: PadPlan, taken: int, given: int) -> Actor:
    """The padder of the plan."""
    folds = plan.params.ifm_ch // plan.params.simd
    inside = (
        plan.params.left * folds,
        (plan.params.left + plan.params.ifm_w) * folds,
        plan.params.top,
        plan.params.top + plan.params.ifm_h,
    )
    return Actor(plan.module, KERNEL, (plan.ofm_w * folds, plan.ofm_h, *inside, int(plan.leading)), (0,) * 5)


TIMING = Timing((KERNEL,), whole_images, actor)
