# SPDX-License-Identifier: Apache-2.0
"""Throttle profiles: when a source offers a word, when a sink is ready.

A throttle is an endless iterator of booleans, one a cycle: True lets the stream go. A source asks only
while it has a word to offer, a sink asks every cycle.
"""

from collections.abc import Iterator
from itertools import repeat
from random import Random

PROFILES = ("full", "bubbles", "bursts", "slow", "stalled_first")
MIX = "mix"
_LONGEST_BURST = 8
_LONGEST_MIX_STRETCH = 24


def throttle(profile: str, rng: Random, period: int, hold: int) -> Iterator[bool]:
    """Return the throttle of a profile.

    full            goes every cycle
    bubbles         goes in half of the cycles, at random
    bursts          goes 1 to 8 cycles, pauses 1 to 8 cycles, at random
    slow            goes one cycle in `period`; choose it slower than the core's own rate
    stalled_first   pauses `hold` cycles, then goes every cycle
    mix             changes at random between all of them
    """
    if profile == "full":
        return repeat(True)
    if profile == "bubbles":
        return _bubbles(rng)
    if profile == "bursts":
        return _bursts(rng)
    if profile == "slow":
        return _slow(period)
    if profile == "stalled_first":
        return _stalled_first(hold)
    if profile == MIX:
        return _mix(rng, period)
    raise ValueError(f"throttle profile {profile!r}: must be one of {', '.join((*PROFILES, MIX))}")


def _bubbles(rng: Random) -> Iterator[bool]:
    while True:
        yield rng.random() < 0.5


def _bursts(rng: Random) -> Iterator[bool]:
    while True:
        yield from repeat(True, rng.randint(1, _LONGEST_BURST))
        yield from repeat(False, rng.randint(1, _LONGEST_BURST))


def _slow(period: int) -> Iterator[bool]:
    while True:
        yield from repeat(False, period - 1)
        yield True


def _stalled_first(hold: int) -> Iterator[bool]:
    yield from repeat(False, hold)
    yield from repeat(True)


def _mix(rng: Random, period: int) -> Iterator[bool]:
    while True:
        part = throttle(rng.choice(PROFILES), rng, period, hold=rng.randint(1, _LONGEST_MIX_STRETCH))
        for _ in range(rng.randint(1, _LONGEST_MIX_STRETCH)):
            yield next(part)
