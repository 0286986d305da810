# SPDX-License-Identifier: Apache-2.0
"""The sliding window generator that gives a word of the image a cycle, cycle by cycle."""

from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.timing.actor import Actor
from finn_gen.timing.kernel import Kernel, Row, flags, part

MAX_LOOPS = 5
"""Nested loops of the walk."""
EARLY, GAP, BONUS, LOOPS, INNER, OX, EARLY_OX, KY = range(8)
"""The next image enters early, behind a gap of so many words and with so many set free at once, in window EARLY_OX of
the last row; loops, those of them inside a window; the loops over windows of a row and over rows of a window."""
LAST = 8
MOVE = LAST + MAX_LOOPS
FREED = MOVE + MAX_LOOPS + 1
"""Lists: last passes; moves and words set free by the steps of the loops, of an image last."""
AHEAD, ROOM, GAP_LEFT, ENTERED, OUT_VALID = range(5)
"""Words ahead less one, room less one, words left of the gap, whether the next image enters, whether one is offered."""
LEVEL = 5
"""List: passes."""


@part
def _at_last(p: Row, s: Row, low: int, high: int) -> bool:
    """Whether the loops `low` to `high` - 1 of a serial window generator are in their last pass."""
    last = True
    for level in range(low, high):
        last = last and s[LEVEL + level] == p[LAST + level]
    return last


@part
def _early(p: Row, s: Row) -> bool:
    """Whether the window is read behind which the next image enters, and that has not happened yet."""
    if p[EARLY] == 0 or s[ENTERED] > 0 or s[LEVEL + p[OX]] != p[EARLY_OX]:
        return False
    return _at_last(p, s, p[OX] + 1, p[LOOPS])


@part
def _freed(p: Row, s: Row, step: int) -> int:
    """Words that a read sets free which is followed by `step`."""
    if step >= p[INNER]:
        return p[FREED + step]
    top = p[EARLY] > 0 and s[LEVEL + p[KY]] == 0
    return p[FREED + step] if not top and _at_last(p, s, p[INNER], p[LOOPS]) else 0


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """A ring of words, and a reader that walks from window to window."""
    early = _early(p, s)
    complete = early and s[ROOM] < 0
    # The last word of that window waits for the end of its image.
    may_read = s[AHEAD] >= 0 and not (early and _at_last(p, s, 0, p[INNER]))
    advance = 1 if take or s[GAP_LEFT] > 0 else 0
    if complete:
        s[GAP_LEFT] = p[GAP]
        s[ENTERED] = 1
    else:
        if s[GAP_LEFT] > 0:
            s[GAP_LEFT] -= 1
        if s[ENTERED] > 0 and _at_last(p, s, p[INNER], p[LOOPS]):
            s[ENTERED] = 0
    s[AHEAD] += advance
    s[ROOM] += (p[BONUS] if complete else 0) - advance
    if may_read and (not s[OUT_VALID] or give):
        step = 0
        while step < p[LOOPS] and s[LEVEL + step] == p[LAST + step]:
            step += 1
        s[AHEAD] -= p[MOVE + step]
        s[ROOM] += 0 if complete else _freed(p, s, step)
        for level in range(step):
            s[LEVEL + level] = 0
        if step < p[LOOPS]:
            s[LEVEL + step] += 1
    if may_read:
        s[OUT_VALID] = 1
    elif give:
        s[OUT_VALID] = 0
    going = s[GAP_LEFT] > 0 or (s[OUT_VALID] == 0 and s[AHEAD] >= 0)
    if p[EARLY] > 0:
        going = going or (s[ROOM] < 0 and _early(p, s)) or (s[ENTERED] > 0 and _at_last(p, s, p[INNER], p[LOOPS]))
    return flags(s[OUT_VALID] > 0, s[ROOM] >= 0 and s[GAP_LEFT] == 0, going)


KERNEL = Kernel("swg.serial", step)


def actor(plan: SwgPlan) -> Actor:
    """The walk of the plan."""
    serial, names = plan.serial, [level.name for level in plan.serial.levels]
    inner = sum(name not in ("ox", "oy") for name in names)

    def level(name: str) -> int:
        return names.index(name) if name in names else 0

    def padded(numbers: list[int], length: int) -> list[int]:
        return numbers + [0] * (length - len(numbers))

    early = (int(serial.early > 0), serial.gap, serial.bonus)
    loops = (len(names), inner, level("ox"), plan.ofm_w - 1 - serial.early, level("ky"))
    lists = (
        *padded([each.last for each in serial.levels], MAX_LOOPS),
        *padded([each.move for each in serial.steps], MAX_LOOPS + 1),
        *padded([each.freed for each in serial.steps], MAX_LOOPS + 1),
    )
    return Actor(plan.module, KERNEL, (*early, *loops, *lists), (-1, serial.depth - 1, *(0,) * (3 + len(names))))
