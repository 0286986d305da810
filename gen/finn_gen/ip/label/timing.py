# SPDX-License-Identifier: Apache-2.0
"""Label selection, cycle by cycle."""

from finn_gen.ip.label.plan import LabelPlan
from finn_gen.timing.actor import Actor, Timing, whole_images
from finn_gen.timing.kernel import Kernel, Row, flags, part
from finn_gen.timing.storage import SLICE_WORDS

WORDS, STAGES, ROOM = range(3)
"""Words of a frame, registers before the comparison of words, words that the output has room for."""
WORD, FILLED, HELD = range(3)
"""Word that is compared next, which registers hold one (a bit each, the first lowest), words in the output."""


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """A frame of words in, a word out."""
    final = s[WORD] == p[WORDS] - 1
    ready = not final or s[HELD] < p[ROOM]
    if p[STAGES]:
        last = s[FILLED] >> (p[STAGES] - 1)
        moves = last > 0 and ready
        if moves or last == 0:
            s[FILLED] = (s[FILLED] << 1 | take) & ((1 << p[STAGES]) - 1)
        else:
            s[FILLED] |= take
    else:
        moves = take > 0
    s[HELD] += (1 if moves and final else 0) - give
    if moves:
        s[WORD] = 0 if final else s[WORD] + 1
    ready = s[WORD] != p[WORDS] - 1 or s[HELD] < p[ROOM]
    if p[STAGES]:
        ready = ready or s[FILLED] >> (p[STAGES] - 1) == 0
        return flags(s[HELD] > 0, ready or s[FILLED] & 1 == 0, s[FILLED] > 0 and ready)
    return flags(s[HELD] > 0, ready, False)


KERNEL = Kernel("label", step)


def actor(plan: LabelPlan, taken: int, given: int) -> Actor:
    """The selection of the plan."""
    parameters = (plan.in_words, len(plan.rounds), SLICE_WORDS[plan.slice_module])
    return Actor(plan.module, KERNEL, parameters, (0,) * 3)


TIMING = Timing((KERNEL,), whole_images, actor)
