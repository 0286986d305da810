# SPDX-License-Identifier: Apache-2.0
"""Test bench of the FIFO, finn:ip:fifo."""

import cocotb

from finn_verif import plan
from finn_verif.env import StreamEnv
from finn_verif.stream_test import StreamCore, StreamTest, stream_tests
from finn_verif.timing import FrameTiming

PLAN = plan.load()
CAPACITY = PLAN.capacity


class PortError(AssertionError):
    """`count`, `high_water` or TREADY does not fit the words that passed."""


class FillModel:
    """Counts the words inside, and holds the fill ports and TREADY against that, cycle by cycle."""

    def __init__(self) -> None:
        self._stored = self._most = 0

    def __call__(self, env: StreamEnv, after_reset: bool) -> None:
        if after_reset:
            self._stored = self._most = 0
        source, sink = env.sources["s_axis"], env.sinks["m_axis"]
        for name, seen, want in (
            ("count", str(cocotb.top.count.value), self._stored),
            ("high_water", str(cocotb.top.high_water.value), self._most),
            ("s_axis_tready", "01"[source.ready], self._stored < CAPACITY),
        ):
            if seen.strip("01") or int(seen, 2) != want:
                raise PortError(f"{name}, cycle {env.cycle}: {seen}, must be {int(want):b} of {CAPACITY}")
        self._most = max(self._most, self._stored)
        self._stored += source.passed - sink.passed


def timing(lengths: list[int]) -> list[FrameTiming]:
    """One word a cycle, the latency later."""
    ends = [sum(lengths[: i + 1]) - 1 + PLAN.latency for i in range(len(lengths))]
    return [FrameTiming(end - n + 1, end) for n, end in zip(lengths, ends, strict=True)]


async def fill_to_the_brim(test: StreamTest) -> None:
    """The FIFO takes exactly its capacity while nothing leaves, and high_water tells so afterwards."""
    env, source = test.env, test.env.sources["s_axis"]
    frames = test.core.random_frames(test.rng, [test.core.longest])
    await test.send(frames, "full", "stalled_first")
    await env.wait_until(lambda: source.blocked)
    taken = len(frames["s_axis"][0]) - source.driver.left
    if taken != CAPACITY:
        raise PortError(f"{taken} words went in, must be {CAPACITY}")
    await env.wait_done()
    if int(cocotb.top.high_water.value) != CAPACITY:
        raise PortError(f"high_water is {int(cocotb.top.high_water.value)} after {CAPACITY} words")


globals().update(
    stream_tests(
        StreamCore.from_plan(
            PLAN,
            ref=lambda frames: frames,
            lengths=sorted({1, 2, 5, CAPACITY + 3}),
            timing=timing,
            hang_limit=5,
            hold=CAPACITY + 10,
            source_period=3,
            sink_period=3,
            frames=6 if CAPACITY < 30 else 3,
            on_cycle=FillModel(),
        ),
        __name__,
        own={"test_exactly_the_capacity_fits_in": fill_to_the_brim},
    )
)
