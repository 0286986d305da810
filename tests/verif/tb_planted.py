# SPDX-License-Identifier: Apache-2.0
"""Test bench of planted.v, a register slice.

With FINN_UNCLOSED=1 its coverage has a bin that nothing hits, with FINN_IDLE=1 it has a test that does nothing.
"""

import os
from collections.abc import Sequence
from types import SimpleNamespace

from finn_verif.stream_test import StreamCore, StreamTest, stream_tests
from finn_verif.timing import FrameTiming

PLAN = SimpleNamespace(in_width=12, in_tdata_width=16, out_width=12, out_tdata_width=16, tlast=True, latency=1)


def timing(lengths: Sequence[int]) -> list[FrameTiming]:
    """Return when frames of these lengths leave: one word a cycle."""
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return [FrameTiming(PLAN.latency + end - n, PLAN.latency + end - 1) for n, end in zip(lengths, ends, strict=True)]


CORE = StreamCore.from_plan(
    PLAN,
    ref=lambda frames: frames,
    lengths=(1, 2, 5, 9),
    timing=timing,
    hang_limit=6,
    hold=16,
    source_period=3,
    sink_period=3,
    points={"never": ("hit",)} if os.environ.get("FINN_UNCLOSED") else {},
)


async def idle(test: StreamTest) -> None:
    """Send nothing, so that nothing comes."""
    await test.env.wait_cycles(5)


globals().update(
    stream_tests(CORE, __name__, own={"test_nothing_happens": idle} if os.environ.get("FINN_IDLE") else {})
)
