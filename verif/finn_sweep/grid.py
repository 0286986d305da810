# SPDX-License-Identifier: Apache-2.0
"""The points of a sweep: every combination of a rate, where weights are stored, and a clock."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finn_gen.base.errors import InputError
from finn_gen.plan.folding import STORAGES
from finn_gen.request import MIN_FPS, clock

STEPS = (1, 2, 5)
"""Rates of a range, times powers of ten."""
MOST = 100_000
"""Points of a sweep."""


@dataclass(frozen=True)
class Point:
    """What is asked of one accelerator: images a second, where the weights of every layer are stored, MHz."""

    fps: float
    storage: str
    clock: float

    @property
    def name(self) -> str:
        """A name that no other point of a sweep has, for files."""
        return f"fps{self.fps:g}-{self.storage}-{self.clock:g}MHz".replace("+", "")

    def words(self) -> list[str]:
        """The words of a command line that ask for this point alone."""
        return ["--fps", f"{self.fps:g}", "--storage", self.storage, "--clock", f"{self.clock:g}"]


def points(fps: str, storage: str, clocks: str) -> list[Point]:
    """The points of three words of a command line, each once. Raises InputError.

    fps      rates, or ranges LOW:HIGH (1, 2, 5, 10, ... within, and both ends), between commas
    storage  of STORAGES, between commas
    clocks   MHz, between commas
    """
    rates = [rate for word in _words("fps", fps) for rate in _rates(word)]
    stored = _words("storage", storage)
    for word in stored:
        if word not in STORAGES:
            raise InputError(f"storage {word!r}: legal are {', '.join(STORAGES)}, several with commas between")
    hertz = [clock(_number("clock", word)) for word in _words("clock", clocks)]
    found = list(dict.fromkeys(Point(*each) for each in itertools.product(rates, stored, hertz)))
    if len(found) > MOST:
        raise InputError(f"{len(found):,} points: at most {MOST:,} are possible")
    return found


def _words(what: str, given: str) -> Sequence[str]:
    words = [word.strip() for word in given.split(",")]
    if not all(words):
        raise InputError(f"{what} {given!r}: nothing stands before or behind a comma")
    return words


def _rates(word: str) -> Iterator[float]:
    low, ranged, high = word.partition(":")
    first = _rate(low)
    if not ranged:
        yield first
        return
    last = _rate(high)
    if first > last:
        raise InputError(f"fps {word!r}: a range goes from its smaller rate to its larger one")
    yield first
    for power in range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1):
        yield from (step * 10.0**power for step in STEPS if first < step * 10.0**power < last)
    yield last


def _rate(word: str) -> float:
    rate = _number("fps", word)
    if not MIN_FPS <= rate < math.inf:
        raise InputError(f"fps {word}: it must be at least {MIN_FPS:g} images a second")
    return rate


def _number(what: str, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InputError(f"{what} {word!r}: it must be a number, for example 1e3") from None
