# SPDX-License-Identifier: Apache-2.0
"""Cycle checks: the plan holds exactly when nothing stalls, and a stall costs no more than itself."""

from collections.abc import Sequence
from dataclasses import dataclass


class TimingError(AssertionError):
    """A word came at another cycle than the plan says."""


@dataclass(frozen=True)
class FrameTiming:
    """When a frame leaves: cycles of its first and last output word, after the first input word of the run."""

    first: int
    last: int


def steady(latency: int, cycles: int, tail: int, frames: int) -> list[FrameTiming]:
    """Return the timing of a core that starts a frame every `cycles` cycles.

    latency  cycles from the first input word to the first output word
    cycles   cycles per frame
    tail     cycles from the first to the last output word of a frame
    """
    return [FrameTiming(latency + i * cycles, latency + i * cycles + tail) for i in range(frames)]


def check_exact(
    start: int, firsts: Sequence[int], lasts: Sequence[int], planned: Sequence[FrameTiming], stream: str
) -> None:
    """Check a run without any stall: every frame's first and last word at its planned cycle.

    start           cycle at which the first input word was taken
    firsts, lasts   cycles of the first and last word of every frame that left
    Raises TimingError naming frame, word and both cycles.
    """
    for frame, (first, last, plan) in enumerate(zip(firsts, lasts, planned, strict=True)):
        for word, cycle, want in (("first", first, plan.first), ("last", last, plan.last)):
            if cycle - start != want:
                raise TimingError(
                    f"{stream}: the {word} word of frame {frame} left {cycle - start} cycles after the first "
                    f"input word, the plan says {want}"
                )


def check_bound(start: int, end: int, planned: int, stalls: int, stream: str) -> None:
    """Check a run with stalls: it took no more cycles than without them plus one for each stall.

    start    cycle at which the first input word could first be taken
    end      cycle at which the last output word left
    planned  cycles from `start` to `end` when nothing stalls
    stalls   cycles in which a sink refused an offered word, or a source held back a word that the core
             was ready for, counted once where both happen
    A core whose every step needs only data and room, as all of this library, can always freeze in such a
    cycle and go on as if it had not been. Raises TimingError.
    """
    if end - start > planned + stalls:
        raise TimingError(
            f"{stream}: {end - start} cycles from the first input word to the last output word; "
            f"{planned} planned and {stalls} stalls explain only {planned + stalls}"
        )
