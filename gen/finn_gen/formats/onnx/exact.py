# SPDX-License-Identifier: Apache-2.0
"""Monotone functions of a whole number, exactly: what scales, biases, normalisations and quantisers do to one channel.

All numbers are fractions. A function is a chain of affine maps and clips, and from the first quantiser on a staircase:
bounds on the whole number, and a value a step. Bounds pass backwards through the chain, so that nothing is sampled and
nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

ROOT_BITS = 256
"""Bits behind the point of a square root that is irrational, beside those that it needs to be large."""
SNAP = Fraction(1, 1 << 200)
"""What lies nearer than this to a whole number is that number, where a root was irrational."""
LOW = None
"""The value of padding before max pooling: below all others."""


@dataclass(frozen=True)
class Bound:
    """A condition on a number: at least `at` (`up`) or at most; without the end itself if `strict`.

    Where `at` is None it `holds` always or never.
    """

    up: bool
    strict: bool
    at: Fraction | None
    holds: bool = False

    def of(self, value: Fraction) -> bool:
        """Whether a number satisfies it."""
        if self.at is None:
            return self.holds
        if value == self.at:
            return not self.strict
        return (value > self.at) == self.up

    @property
    def negated(self) -> Bound:
        """What holds where this does not."""
        return replace(self, up=not self.up, strict=not self.strict, holds=not self.holds)

    @property
    def mirrored(self) -> Bound:
        """The condition on the negative of the number."""
        return replace(self, up=not self.up, at=None if self.at is None else -self.at)


def _always(bound: Bound, holds: bool) -> Bound:
    return replace(bound, at=None, holds=holds)


@dataclass(frozen=True)
class Affine:
    """x -> factor * x + offset."""

    factor: Fraction
    offset: Fraction

    def of(self, value: Fraction) -> Fraction:
        """The function."""
        return self.factor * value + self.offset

    def before(self, bound: Bound) -> Bound:
        """The condition on x that is `bound` on what becomes of it."""
        if bound.at is None:
            return bound
        if self.factor == 0:
            return _always(bound, bound.of(self.offset))
        return replace(bound, up=bound.up == (self.factor > 0), at=(bound.at - self.offset) / self.factor)


@dataclass(frozen=True)
class Clip:
    """x -> the nearest number from `low` to `high`; None for an end that there is not."""

    low: Fraction | None
    high: Fraction | None

    def of(self, value: Fraction) -> Fraction:
        """The function; `low` over `high` gives `high`, as ONNX says."""
        value = value if self.low is None else max(value, self.low)
        return value if self.high is None else min(value, self.high)

    def before(self, bound: Bound) -> Bound:
        """The condition on x that is `bound` on what becomes of it."""
        if bound.at is None:
            return bound
        for end, upper in ((self.high, True), (self.low, False)):
            if end is None:
                continue
            beyond = bound.at > end if upper else bound.at < end
            if beyond or (bound.at == end and bound.strict == (bound.up == upper)):
                return _always(bound, bound.of(end))
        return bound


@dataclass
class Channel:
    """What becomes of a whole number u in one channel.

    parts   maps from u on, up to the first quantiser
    bounds  conditions on u, one a step, ascending in the quantiser's input; None before the first quantiser
    values  what the steps stand for, one more than bounds
    sign    1 or -1: whether the value rises or falls with u, 0: neither
    pooled  the sign where max pooling came first, None where there was none
    pads    values that pads put around the image, each as it is by now
    rough   a root among the maps is not exact
    """

    parts: list[Affine | Clip] = field(default_factory=list)
    bounds: list[Bound] | None = None
    values: list[Fraction] = field(default_factory=list)
    sign: int = 1
    pooled: int | None = None
    pads: list[Fraction | None] = field(default_factory=list)
    rough: bool = False

    def _map(self, part: Affine | Clip) -> None:
        if self.bounds is None:
            self.parts.append(part)
        self.values = [part.of(value) for value in self.values]
        self.pads = [value if value is LOW else part.of(value) for value in self.pads]

    def affine(self, factor: Fraction, offset: Fraction) -> None:
        """Follow it by x -> factor * x + offset."""
        last = self.parts[-1] if self.parts else None
        if self.bounds is None and isinstance(last, Affine):
            self.parts[-1] = Affine(last.factor * factor, last.offset * factor + offset)
            self.pads = [value if value is LOW else factor * value + offset for value in self.pads]
        else:
            self._map(Affine(factor, offset))
        self.sign *= (factor > 0) - (factor < 0)

    def clip(self, low: Fraction | None, high: Fraction | None) -> None:
        """Follow it by a clip."""
        self._map(Clip(low, high))

    def steps(self, bounds: Sequence[tuple[Fraction, bool]], values: Sequence[Fraction]) -> None:
        """Follow it by a staircase: the i-th step up is from `at` on, or right behind it where `strict`."""

        def taken(value: Fraction) -> Fraction:
            return values[sum(value > at or (value == at and not strict) for at, strict in bounds)]

        self.pads = [value if value is LOW else taken(value) for value in self.pads]
        if self.bounds is not None:
            self.values = [taken(value) for value in self.values]
            return
        found = [Bound(up=True, strict=strict, at=at) for at, strict in bounds]
        for part in reversed(self.parts):
            found = [part.before(bound) for bound in found]
        self.bounds, self.values = found, list(values)

    def of(self, value: Fraction) -> Fraction:
        """The function at a whole number."""
        if self.bounds is not None:
            return self.values[sum(bound.of(value) for bound in self.bounds)]
        for part in self.parts:
            value = part.of(value)
        return value

    @property
    def line(self) -> Affine | None:
        """The function where it is an affine map, else None."""
        if self.bounds is not None or not all(isinstance(part, Affine) for part in self.parts):
            return None
        factor, offset = Fraction(1), Fraction(0)
        for part in self.parts:
            factor, offset = factor * part.factor, offset * part.factor + part.offset
        return Affine(factor, offset)

    @property
    def falls(self) -> bool:
        """Whether the elements that a stream carries count down as u goes up."""
        return (self.sign if self.pooled is None else self.pooled) < 0

    def staircase(self, low: int, high: int) -> tuple[list[int], list[Fraction]]:
        """The steps in the direction that elements count, of u or where it `falls` of -u, which is `low` to `high`.

        The i-th threshold t and the value from t <= u on, which follows the first value. Steps that are never or always
        taken, and those that change nothing, are left out.
        """
        bounds = [bound.mirrored for bound in self.bounds] if self.falls else list(self.bounds)
        values = list(self.values)
        if any(bound.at is not None and not bound.up for bound in bounds):
            bounds = [bound.negated for bound in reversed(bounds)]
            values.reverse()
        elif bounds and all(bound.at is None for bound in bounds):
            values = [values[sum(bound.holds for bound in bounds)]]
            bounds = []
        thresholds, found = [], [values[0]]
        for bound, value in zip(bounds, values[1:], strict=True):
            first = self._first(bound, low, high)
            if first <= low:
                thresholds, found = [], [value]
            elif first <= high and value != found[-1]:
                thresholds.append(first)
                found.append(value)
        return self._whole(thresholds, found)

    def _first(self, bound: Bound, low: int, high: int) -> int:
        """The least whole number that satisfies a bound from below, from `low` to `high` + 1."""
        if bound.at is None:
            return low if bound.holds else high + 1
        at, near = bound.at, round(bound.at)
        if self.rough and abs(at - near) < SNAP:
            at = Fraction(near)
        first = math.floor(at) + 1 if bound.strict else math.ceil(at)
        return min(max(first, low), high + 1)

    @staticmethod
    def _whole(thresholds: list[int], values: list[Fraction]) -> tuple[list[int], list[Fraction]]:
        """Without steps that have no width, as two thresholds in the same place leave them."""
        kept, found = [], [values[0]]
        for index, threshold in enumerate(thresholds):
            if kept and kept[-1] == threshold:
                kept.pop()
                found.pop()
            if values[index + 1] != found[-1]:
                kept.append(threshold)
                found.append(values[index + 1])
        return kept, found


def common(numbers: Sequence[Fraction]) -> Fraction:
    """The largest number of which all of `numbers` are whole multiples; 0 if all of them are 0."""
    over = math.lcm(*(number.denominator for number in numbers))
    return Fraction(math.gcd(*(int(number * over) for number in numbers)), over)


def root(number: Fraction) -> tuple[Fraction, bool]:
    """The square root of a positive number, and whether it is exact; else right to `ROOT_BITS` bits and more."""
    exact = Fraction(math.isqrt(number.numerator), math.isqrt(number.denominator))
    if exact * exact == number:
        return exact, True
    shift = ROOT_BITS + max(0, number.denominator.bit_length() - number.numerator.bit_length())
    return Fraction(math.isqrt((number.numerator << 2 * shift) // number.denominator), 1 << shift), False


def levels(low: int, high: int, rounding: str) -> list[tuple[Fraction, bool]]:
    """Where rounding gives the whole numbers from `low` + 1 to `high`: from which number on, or right behind it.

    The words of rounding are those of QONNX. Source: int_quant and resolve_rounding_mode of the package qonnx.
    """
    half = Fraction(1, 2)
    found = []
    for number in range(low + 1, high + 1):
        above = number > 0
        found.append(
            {
                "ROUND": (number - half, number % 2 == 1),  # ties go to the even neighbour
                "HALF_EVEN": (number - half, number % 2 == 1),
                "FLOOR": (Fraction(number), False),
                "CEIL": (Fraction(number - 1), True),
                "UP": (Fraction(number - 1), True) if above else (Fraction(number), False),
                "DOWN": (Fraction(number), False) if above else (Fraction(number - 1), True),
                "HALF_UP": (number - half, not above),
                "HALF_DOWN": (number - half, above),
            }[rounding]
        )
    return found


ROUNDING = ("ROUND", "HALF_EVEN", "FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN")
"""Words of rounding that `levels` knows."""
