# SPDX-License-Identifier: Apache-2.0
"""Test bench of the register slice, finn_reg_slice."""

from collections.abc import Sequence

import cocotb

from finn_verif.axis import Stream
from finn_verif.stream_test import Shape, StreamCore, stream_tests
from finn_verif.timing import FrameTiming

WIDTH = len(cocotb.top.s_axis_tdata)


def timing(shapes: Sequence[Shape]) -> dict[str, list[FrameTiming]]:
    """One word a cycle, one cycle later."""
    lengths = [shape["s_axis"] for shape in shapes]
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return {"m_axis": [FrameTiming(end - n + 1, end) for n, end in zip(lengths, ends, strict=True)]}


globals().update(
    stream_tests(
        StreamCore(
            inputs=[Stream("s_axis", WIDTH, WIDTH)],
            outputs=[Stream("m_axis", WIDTH, WIDTH)],
            ref=lambda frames: {"m_axis": frames["s_axis"]},
            shapes=[{"s_axis": length} for length in (1, 2, 5, 12)],
            timing=timing,
            hang_limit=4,
            hold=10,
            source_period=3,
            sink_period=3,
        ),
        __name__,
    )
)
