# SPDX-License-Identifier: Apache-2.0
"""The sliding window generator that passes several pixels a cycle, cycle by cycle."""

from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.timing.actor import Actor
from finn_gen.timing.kernel import Kernel, Row, flags, part

GROUPS, ROWS, FIRST_X, FIRST_Y, RUNS_ON = range(5)
"""Groups of a row and rows of the image; groups and rows from these on complete windows; whether the step behind a row
does too."""
HELD, X, Y, BEHIND, VALID = range(5)
"""Groups in the slice, group of the row, row, whether the step behind a row comes next, whether a word is offered."""


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """A group in, and a word of windows out where it completes some."""
    if not s[VALID] or give:
        behind = s[BEHIND]
        s[VALID] = behind
        s[BEHIND] = 0
        if s[HELD] > 0:
            s[HELD] -= 1
            windows = s[Y] >= p[FIRST_Y]
            if windows and s[X] >= p[FIRST_X]:
                s[VALID] = 1
            s[X] = 0 if s[X] == p[GROUPS] - 1 else s[X] + 1
            if s[X] == 0:
                s[BEHIND] = 1 if windows and p[RUNS_ON] else 0
                s[Y] = 0 if s[Y] == p[ROWS] - 1 else s[Y] + 1
    s[HELD] += take
    return flags(s[VALID] > 0, s[HELD] < 2, s[VALID] == 0 and (s[HELD] > 0 or s[BEHIND] > 0))


KERNEL = Kernel("swg.grouped", step)


def actor(plan: SwgPlan) -> Actor:
    """The register window of the plan."""
    grouped, first_row = plan.grouped, plan.params.ifm_h - plan.ofm_h
    rows = (grouped.row_groups, plan.params.ifm_h, grouped.delay, first_row, int(grouped.runs_on))
    return Actor(plan.module, KERNEL, rows, (0,) * 5)
