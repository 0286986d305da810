# SPDX-License-Identifier: Apache-2.0
"""Test bench of join_streams.v: two inputs, two outputs, TLAST on one of each."""

from collections.abc import Sequence

from finn_verif.axis import Stream
from finn_verif.stream_test import Frames, Shape, StreamCore, stream_tests
from finn_verif.timing import FrameTiming


def ref(frames: Frames) -> Frames:
    """Word by word the sum and the larger one."""
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(frames["s_axis_a"], frames["s_axis_b"], strict=True)]
    return {
        "m_axis_sum": [[a + b for a, b in frame] for frame in pairs],
        "m_axis_max": [[max(pair) for pair in frame] for frame in pairs],
    }


def timing(shapes: Sequence[Shape]) -> dict[str, list[FrameTiming]]:
    """A word every other cycle, two cycles after it came."""
    ends = [2 * sum(shape["s_axis_a"] for shape in shapes[: i + 1]) for i in range(len(shapes))]
    frames = [FrameTiming(end - 2 * shape["s_axis_a"] + 2, end) for end, shape in zip(ends, shapes, strict=True)]
    return {"m_axis_sum": frames, "m_axis_max": frames}


CORE = StreamCore(
    inputs=[Stream("s_axis_a", width=8, tlast=True), Stream("s_axis_b", width=8)],
    outputs=[Stream("m_axis_sum", width=9), Stream("m_axis_max", width=8, tlast=True)],
    ref=ref,
    shapes=[{"s_axis_a": words, "s_axis_b": words} for words in (1, 3, 8)],
    timing=timing,
    hang_limit=4,
    hold=12,
    source_period=3,
    sink_period=3,
)
globals().update(stream_tests(CORE, __name__))
