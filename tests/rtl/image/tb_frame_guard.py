# SPDX-License-Identifier: Apache-2.0
"""Test bench of the frame guard, finn_frame_guard."""

from collections.abc import Sequence

import cocotb

from finn_verif import plan
from finn_verif.axis import Stream
from finn_verif.stream_test import Frames, Shape, StreamCore, StreamTest, stream_tests
from finn_verif.timing import FrameTiming
from tests.lib.frame_flags import Flags

WIDTH = len(cocotb.top.s_axis_tdata)
WORDS = plan.load().words
LAST_BITS = plan.load().last_bits


FLAGS = Flags()


def guarded(frames: Frames) -> Frames:
    """Every frame cut or filled with zeros to WORDS words, the last one of LAST_BITS."""
    whole = [(frame + [0] * WORDS)[:WORDS] for frame in frames["s_axis"]]
    return {"m_axis": [[*frame[:-1], frame[-1] % (1 << LAST_BITS)] for frame in whole]}


def timing(shapes: Sequence[Shape]) -> dict[str, list[FrameTiming]]:
    """A frame takes the cycles of its words, or of the words that leave if those are more."""
    start, times = 0, []
    for shape in shapes:
        times.append(FrameTiming(start + 1, start + WORDS))
        start += max(shape["s_axis"], WORDS)
    return {"m_axis": times}


async def flag_every_wrong_frame(test: StreamTest) -> None:
    """Each frame of the wrong length raises its flag for one cycle, and no other does."""
    lengths = [WORDS, WORDS + 1, max(1, WORDS - 1), WORDS, 1, 1, 2 * WORDS + 1, WORDS]
    await FLAGS.check(test, lengths, WORDS)


globals().update(
    stream_tests(
        StreamCore(
            inputs=[Stream("s_axis", WIDTH, WIDTH, True)],
            outputs=[Stream("m_axis", WIDTH, WIDTH, True)],
            ref=guarded,
            shapes=[{"s_axis": n} for n in sorted({1, max(1, WORDS - 1), WORDS, WORDS + 1, 2 * WORDS + 1})],
            timing=timing,
            hang_limit=4,
            hold=3 * WORDS + 10,
            source_period=3,
            sink_period=3,
            on_cycle=FLAGS,
        ),
        __name__,
        own={"test_every_frame_of_a_wrong_length_is_flagged": flag_every_wrong_frame},
    )
)
