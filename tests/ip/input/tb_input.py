# SPDX-License-Identifier: Apache-2.0
"""Test bench of the input stage, finn:ip:input."""

from collections.abc import Sequence

from finn_verif import plan
from finn_verif.axis import Frame, Stream
from finn_verif.ref.layers import ENCODINGS
from finn_verif.ref.stream import from_words, to_words
from finn_verif.stream_test import Frames, Shape, StreamCore, StreamTest, stream_tests
from finn_verif.timing import FrameTiming
from tests.lib.frame_flags import Flags

PLAN = plan.load()
WORDS, LANES = PLAN.words, PLAN.lanes
BYTE = 8
FLAGS = Flags()


def whole(frame: Frame) -> Frame:
    """The frame cut or filled with zeros to WORDS words, the last one of `last_bits`."""
    words = (frame + [0] * WORDS)[:WORDS]
    return [*words[:-1], words[-1] % (1 << PLAN.last_bits)]


def elements(frame: Frame) -> Frame:
    """The words of the first layer."""
    if PLAN.convert == "none":
        return frame
    return to_words(ENCODINGS[PLAN.encoding](from_words(frame, LANES, BYTE)), LANES, PLAN.out_width // LANES)


def timing(shapes: Sequence[Shape]) -> dict[str, list[FrameTiming]]:
    """A frame takes the cycles of its words, or of the words that leave if those are more."""
    start, times = 0, []
    for shape in shapes:
        times.append(FrameTiming(start + PLAN.latency, start + PLAN.latency + WORDS - 1))
        start += max(shape["s_axis"], PLAN.cycles)
    return {"m_axis": times}


def outputs(frames: Frames) -> Frames:
    return {"m_axis": [elements(whole(frame)) for frame in frames["s_axis"]]}


async def flag_every_wrong_frame(test: StreamTest) -> None:
    """Each frame of the wrong length raises its flag for one cycle, and no other does."""
    lengths = [WORDS, WORDS + 1, max(1, WORDS - 1), WORDS, 1, 1, 2 * WORDS + 1, WORDS]
    await FLAGS.check(test, lengths, WORDS)


async def every_byte(test: StreamTest) -> None:
    """Every value of a byte in every lane; of a word of bits as many values as fit into 256 words."""
    words = [sum((value + lane) % 256 << BYTE * lane for lane in range(max(1, LANES))) for value in range(256)]
    words = [word % (1 << PLAN.in_width) for word in words]
    words += [0] * (-len(words) % WORDS)
    await test.run({"s_axis": [words[i : i + WORDS] for i in range(0, len(words), WORDS)]})


globals().update(
    stream_tests(
        StreamCore(
            inputs=[Stream("s_axis", PLAN.in_width, PLAN.in_tdata_width, True)],
            outputs=[Stream("m_axis", PLAN.out_width, PLAN.out_tdata_width)],
            ref=outputs,
            shapes=[{"s_axis": n} for n in sorted({1, max(1, WORDS - 1), WORDS, WORDS + 1, 2 * WORDS + 1})],
            timing=timing,
            hang_limit=4,
            hold=3 * WORDS + 10,
            source_period=3,
            sink_period=3,
            on_cycle=FLAGS,
        ),
        __name__,
        own={
            "test_every_frame_of_a_wrong_length_is_flagged": flag_every_wrong_frame,
            "test_every_byte_becomes_its_element": every_byte,
        },
    )
)
