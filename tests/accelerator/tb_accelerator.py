# SPDX-License-Identifier: Apache-2.0
"""Test bench of a whole accelerator at its ports: images in, labels or scores out."""

from collections.abc import Sequence
from pathlib import Path

import cocotb
import numpy as np

from finn_gen.formats import description
from finn_sim import reference
from finn_verif import plan
from finn_verif.axis import Frame, Stream
from finn_verif.stream_test import Frames, Shape, StreamCore, StreamTest, stream_tests
from finn_verif.timing import FrameTiming
from tests.lib.frame_flags import Flags

PLAN = plan.load()
NETWORK = description.load(Path(PLAN.description))
WORDS, WIDTH = PLAN.input.words, PLAN.input.word_width
OUT_WIDTH, OUT_WORDS = PLAN.out_width, PLAN.out_words


FLAGS = Flags()


def image(frame: Frame) -> np.ndarray:
    """The image uint8 [1,H,W,C] that an input frame carries; one that is short ends in zeros."""
    words = (frame + [0] * WORDS)[:WORDS]
    bits = np.array([word >> bit & 1 for word in words for bit in range(WIDTH)], np.uint8)
    shape = (1, NETWORK.source.height, NETWORK.source.width, NETWORK.source.channels)
    elements = int(np.prod(shape))
    if PLAN.input.packed:
        return (bits[:elements] * 255).reshape(shape)
    return np.packbits(bits[: 8 * elements], bitorder="little").reshape(shape)


def answer(frame: Frame) -> Frame:
    """The output words of an image."""
    scores = reference.scores(NETWORK, image(frame))
    if PLAN.label:
        return [int(reference.labels(scores)[0])]
    width = PLAN.scores.width
    lanes = OUT_WIDTH // width
    numbers = [int(score) % (1 << width) for score in scores[0]]
    return [
        sum(number << (width * lane) for lane, number in enumerate(numbers[first : first + lanes]))
        for first in range(0, len(numbers), lanes)
    ]


def answers(frames: Frames) -> Frames:
    return {"m_axis": [answer(frame) for frame in frames["s_axis"]]}


def timing(shapes: Sequence[Shape]) -> dict[str, list[FrameTiming]]:
    return {"m_axis": [FrameTiming(*pair) for pair in zip(PLAN.first, PLAN.last, strict=True)][: len(shapes)]}


async def flag_wrong_images_and_go_on(test: StreamTest) -> None:
    """Images that end too early or late raise their flag for a cycle; those after them are right."""
    lengths = [WORDS, WORDS + 1, max(1, WORDS - 1), WORDS, 1, 2 * WORDS + 1, WORDS, WORDS]
    await FLAGS.check(test, lengths, WORDS)


globals().update(
    stream_tests(
        StreamCore(
            inputs=[Stream("s_axis", WIDTH, len(cocotb.top.s_axis_tdata), True)],
            outputs=[Stream("m_axis", OUT_WIDTH, len(cocotb.top.m_axis_tdata), True)],
            ref=answers,
            shapes=[{"s_axis": WORDS}],
            timing=timing,
            hang_limit=PLAN.latency + PLAN.interval + 10,
            hold=8 * (PLAN.latency + PLAN.interval),
            source_period=2 + -(-PLAN.interval // WORDS),
            sink_period=2 + -(-PLAN.interval // OUT_WORDS),
            on_cycle=FLAGS,
        ),
        __name__,
        own={"test_wrong_images_are_flagged_and_the_next_ones_right": flag_wrong_images_and_go_on},
    )
)
