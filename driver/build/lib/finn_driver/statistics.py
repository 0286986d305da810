# SPDX-License-Identifier: Apache-2.0
"""What the accelerator counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Boundary:
    """A stream between two stages: cycles in which a word passed, and in which one waited."""

    name: str
    busy: int
    stalled: int


@dataclass(frozen=True)
class Statistics:
    """Counters of the accelerator, over `cycles` cycles. The first boundary is the input, the last the output."""

    frames_in: int
    frames_out: int
    short_frames: int
    long_frames: int
    cycles: int
    boundaries: tuple[Boundary, ...]

    def table(self) -> str:
        """Lines to print: each boundary with its cycles, and what share of all they are."""
        width = max(len(boundary.name) for boundary in self.boundaries)
        lines = [f"{self.frames_in} images in, {self.frames_out} results out, {self.cycles} cycles"]
        lines.append(f"{'boundary':{width}} {'busy':>14} {'stalled':>14}")
        total = max(1, self.cycles)
        for boundary in self.boundaries:
            cells = "".join(f" {n:>8} {n / total:5.0%}" for n in (boundary.busy, boundary.stalled))
            lines.append(f"{boundary.name:{width}}{cells}")
        return "\n".join(lines)
