# SPDX-License-Identifier: Apache-2.0
"""The front of rate against LUTs and block RAMs: plans of which none has another that is better in all three.

Foldings are those that cost least for some rate and some price of a block RAM. A plan between them, which is the
cheapest at no price, is not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from finn_gen.base.errors import InputError
from finn_gen.base.progress import progress
from finn_gen.family.resources import Resources
from finn_gen.network.model import Network
from finn_gen.plan.chain import Stage, total
from finn_gen.plan.folding import Folding
from finn_gen.plan.network import with_smallest_fifos, without_fifos
from finn_gen.plan.objective import Weights
from finn_gen.plan.search import Parts, Search

PRICES = (1 / 16, 1 / 4, 1, 4)
"""Prices of a block RAM, as many times as `weights` say."""
SLOWEST = 20
"""Rates are an image every 2^n cycles, n up to this: FIFOs of slower ones take seconds to size, and nothing gets
smaller."""


@dataclass(frozen=True)
class Point:
    """A plan: the folding, cycles an image, what its stages and FIFOs take."""

    folding: Folding
    interval: int
    used: Resources

    def beats(self, other: Point) -> bool:
        """Whether it is as fast and as small as `other`, in LUTs and block RAMs, and not the same."""
        mine, others = self._figures, other._figures
        return mine != others and all(one <= two for one, two in zip(mine, others, strict=True))

    @property
    def _figures(self) -> tuple[int, int, int]:
        return self.interval, self.used.lut, self.used.bram18


def front(parts: Parts, weights: Weights, limit: Resources) -> tuple[Point, ...]:
    """The front of what fits into `limit`, the fastest first, and of equal ones that of the most LUTs.

    Raises InputError if nothing fits.
    """
    network = parts.network
    searches = [Search(parts, weights.with_blocks_at(price)) for price in PRICES]
    found = [
        _point(search, 1 << power)
        for power in progress("looking for foldings", range(SLOWEST + 1))
        for search in searches
    ]
    few = _best(point for point in found if point and point.used.fits(limit))
    sized = [_sized(network, point) for point in progress("sizing FIFOs of the front", few)]
    best = _best(point for point in sized if point.used.fits(limit))
    if not best:
        raise InputError(f"{network.name}: no folding fits into {limit}")
    return tuple(_named(best))


def _point(search: Search, target: int) -> Point | None:
    """The cheapest folding for a rate, without FIFOs; None where no folding is so fast."""
    try:
        chosen = search.fold(target)
    except InputError:
        return None
    return _of(chosen, without_fifos(search.parts.network, chosen))


def _sized(network: Network, point: Point) -> Point:
    return _of(point.folding, with_smallest_fifos(network, point.folding))


def _of(chosen: Folding, stages: Sequence[Stage]) -> Point:
    return Point(chosen, max(stage.cycles for stage in stages), total(stages))


def _best(points: Iterable[Point]) -> list[Point]:
    """Those that no other one beats, the fastest first; one of those with the same figures."""
    every = {point._figures: point for point in points}
    best = [point for point in every.values() if not any(other.beats(point) for other in every.values())]
    return sorted(best, key=lambda point: (point.interval, -point.used.lut))


def _named(points: Sequence[Point]) -> Iterable[Point]:
    """The points, each with a folding of its own name: its cycles, and a letter where several have the same."""
    counts: dict[int, int] = {}
    for point in points:
        counts[point.interval] = counts.get(point.interval, 0) + 1
        name = f"ii{point.interval}-{counts[point.interval]}"
        yield replace(point, folding=replace(point.folding, name=name))
