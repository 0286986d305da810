# SPDX-License-Identifier: Apache-2.0
"""The flags of frames of the wrong length, counted inside the simulator."""

from collections.abc import Sequence

import cocotb

from finn_verif.env import StreamEnv
from finn_verif.stream_test import StreamTest


class FlagError(AssertionError):
    """A frame of the wrong length was not flagged, or another one was."""


class Flags:
    """Counts the cycles with a flag since the last reset; called after every edge."""

    def __init__(self) -> None:
        self.short = self.long = 0

    def __call__(self, _env: StreamEnv, after_reset: bool) -> None:
        if after_reset:
            self.short = self.long = 0
        self.short += int(cocotb.top.short_frame.value)
        self.long += int(cocotb.top.long_frame.value)

    async def check(self, test: StreamTest, lengths: Sequence[int], words: int) -> None:
        """Send random frames of `lengths`: each that has not `words` raises its flag for one cycle, no other does."""
        await test.run(test.core.random_frames(test.rng, [{"s_axis": length} for length in lengths]))
        short, long = sum(n < words for n in lengths), sum(n > words for n in lengths)
        if (self.short, self.long) != (short, long):
            raise FlagError(f"{self.short} short and {self.long} long frames flagged, there were {short} and {long}")
