# SPDX-License-Identifier: Apache-2.0
"""Test bench of label selection, finn:ip:label."""

from random import Random

from finn_verif import plan
from finn_verif.axis import Frame, Stream
from finn_verif.image_core import image_core
from finn_verif.ref.layers import label_select
from finn_verif.ref.stream import from_words, pack
from finn_verif.stream_test import StreamTest, stream_tests

PLAN = plan.load()
assert PLAN.cycles == PLAN.in_words, "one input word a cycle is promised"


def select(frame: Frame) -> Frame:
    scores = from_words(frame, PLAN.pe, PLAN.bits, (PLAN.labels,), PLAN.signed)
    index = int(label_select(scores))
    return [index | pack([scores[index]], PLAN.bits) << PLAN.score_lsb if PLAN.score else index]


def close_scores(rng: Random, stream: Stream) -> int:
    """Scores that are often equal, so that it matters which one is first."""
    return pack([rng.choice((0, 1, rng.getrandbits(PLAN.bits))) for _ in range(PLAN.pe)], PLAN.bits)


async def every_index_wins(test: StreamTest) -> None:
    """The largest score at every place, among equal ones; large itself, and hardly above the least."""
    sign = 1 << (PLAN.bits - 1)
    low, high = (sign, sign - 1) if PLAN.signed else (0, (1 << PLAN.bits) - 1)
    places = range(PLAN.labels) if PLAN.labels < 20 else test.rng.sample(range(PLAN.labels), 12)
    frames = []
    for best in (high, low ^ 1):
        for place in places:
            scores = [best if index == place else low for index in range(PLAN.labels)]
            words = [pack(scores[i : i + PLAN.pe], PLAN.bits) for i in range(0, PLAN.labels, PLAN.pe)]
            frames.append(words)
    await test.run({"s_axis": frames})


globals().update(
    stream_tests(
        image_core(PLAN, ref=select, buffered=2 * PLAN.in_words, word=close_scores),
        __name__,
        {"test_every_index_wins": every_index_wins},
    )
)
