# SPDX-License-Identifier: Apache-2.0
"""Label selection, cycle by cycle."""

from finn_gen.ip.label.plan import LabelPlan
from finn_gen.timing.actor import Actor, Timing, whole_images
from finn_gen.timing.kernel import Kernel, Row, flags, part
from finn_gen.timing.storage import SLICE_WORDS

WORDS, REGISTERED, ROOM = range(3)
"""Words of a frame, whether a register lies before the comparison, words that the output has room for."""
WORD, WAITING, HELD = range(3)
"""Word that is compared next, whether the register holds one, words in the output."""


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """A frame of words in, a word out."""
    final = s[WORD] == p[WORDS] - 1
    ready = not final or s[HELD] < p[ROOM]
    moves = s[WAITING] > 0 and ready if p[REGISTERED] else take > 0
    s[HELD] += (1 if moves and final else 0) - give
    if moves:
        s[WORD] = 0 if final else s[WORD] + 1
    if p[REGISTERED]:
        s[WAITING] += take - (1 if moves else 0)
    ready = s[WORD] != p[WORDS] - 1 or s[HELD] < p[ROOM]
    if p[REGISTERED]:
        return flags(s[HELD] > 0, s[WAITING] == 0 or ready, s[WAITING] > 0 and ready)
    return flags(s[HELD] > 0, ready, False)


KERNEL = Kernel("label", step)


def actor(plan: LabelPlan, taken: int, given: int) -> Actor:
    """The selection of the plan."""
    parameters = (plan.in_words, int(plan.params.pe > 1), SLICE_WORDS[plan.slice_module])
    return Actor(plan.module, KERNEL, parameters, (0,) * 3)


TIMING = Timing((KERNEL,), whole_images, actor)
