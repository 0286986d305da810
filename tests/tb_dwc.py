# SPDX-License-Identifier: Apache-2.0
"""Test bench of the width converter, finn:ip:dwc."""

import math

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.ref.stream import recut, recut_frame
from finn_verif.stream_test import StreamCore, stream_tests
from finn_verif.timing import FrameTiming

PLAN = plan.load()
IN, OUT = PLAN.in_width, PLAN.out_width
PERIOD = math.lcm(IN, OUT) // IN  # input words after which both sides have a word's end at the same time


def convert(frames: list[Frame]) -> list[Frame]:
    """With TLAST every frame is cut by itself, its last word filled with zeros; without, all bits are one stream."""
    if PLAN.tlast:
        return [recut_frame(frame, IN, OUT) for frame in frames]
    return [recut([word for frame in frames for word in frame], IN, OUT)]


def timing(lengths: list[int]) -> list[FrameTiming]:
    """A word leaves as soon as all its bits have come and the one before has left; words come one a cycle."""
    pipeline = 2 if PLAN.kind == "ring" else 1
    frames, taken, free = [], 0, 0
    for words in lengths if PLAN.tlast else [sum(lengths)]:
        leaves = []
        for i in range(len(convert([[0] * words])[0])):
            needed = min(-(-(i + 1) * OUT // IN), words)
            leaves.append(max(taken + needed - 1 + pipeline, free))
            free = leaves[-1] + 1
        frames.append(FrameTiming(leaves[0], leaves[-1]))
        taken += words
    return frames


def frame_lengths() -> list[int]:
    """With TLAST frames end in every lane of the output word; without, at least one word leaves."""
    shortest = 1 if PLAN.tlast else -(-OUT // IN)
    every = range(shortest, max(PERIOD, shortest) + 2)
    few = sorted({shortest, shortest + 1, every[len(every) // 2], PERIOD - 1, PERIOD, PERIOD + 1} & set(every))
    return [*(every if len(every) <= 9 else few), 2 * max(every)]


assert timing([3 * PERIOD])[0].first == PLAN.latency, "the plan's latency is not the one of this converter"
LENGTHS = frame_lengths()
AVERAGE = sum(max(length, length * IN / OUT) for length in LENGTHS) / len(LENGTHS)
globals().update(
    stream_tests(
        StreamCore.from_plan(
            PLAN,
            ref=convert,
            lengths=LENGTHS,
            timing=timing,
            hang_limit=6,
            hold=2 * math.lcm(IN, OUT) // min(IN, OUT) + 12,
            source_period=-(-IN // OUT) + 1,
            sink_period=-(-OUT // IN) + 1,
            frames=round(min(6, max(2, 120 / AVERAGE))),
        ),
        __name__,
    )
)
