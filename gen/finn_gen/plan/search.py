# SPDX-License-Identifier: Apache-2.0
"""The folding that costs least of all that reach a rate.

What a layer costs depends on its PE, SIMD and storage alone, and what is between two of them, converters and layers
without weights, on the words that leave the one and enter the other. So the cheapest chain to each kind of word
behind a layer is found from those to the words before it (Bellman, "Dynamic Programming", 1957), which goes over as
many chains as there are foldings in a time that grows with the layers alone.

Planning every candidate of every layer would take far longer than that. So costs begin as bounds from below, known at
once; those that the cheapest chain is made of are planned, and the search repeated, until it finds one whose costs are
all exact. No other chain costs less, but where `candidates.DEAR` is passed: such layers begin with an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from finn_gen import family as families
from finn_gen import ip, layers
from finn_gen.base.errors import InputError
from finn_gen.family.resources import Resources
from finn_gen.ip.input.plan import InputPlan
from finn_gen.network.model import Layer, Network
from finn_gen.plan import folding
from finn_gen.plan.candidates import NEVER, Candidate, Candidates, Window, Word
from finn_gen.plan.chain import Chain, converter, too_fast
from finn_gen.plan.folding import Folding
from finn_gen.plan.input import padded_columns, plan_input
from finn_gen.plan.objective import Weights

Key = tuple[int, Word, Word | None]
"""The number of a layer with weights, the words before and behind what is before it; None behind the last."""


class Parts:
    """What parts of accelerators of a `network` in a `family` take. What was planned once is kept.

    `others` are the layers without weights before each of the layers with `weighted` ones, and behind the last.
    """

    def __init__(self, network: Network, family: str = families.DEFAULT, reload: bool = False) -> None:
        self.network, self.family, self.reload = network, family, reload
        self.others: list[list[Layer]] = [[]]
        self.weighted: list[Layer] = []
        for layer in network.layers:
            if layer.matrix:
                self.weighted.append(layer)
                self.others.append([])
            else:
                self.others[-1].append(layer)
        self._built: dict[tuple, tuple[Any, Resources]] = {}
        self._converters: dict[tuple[int, int], Resources] = {}
        self._candidates: dict[tuple[int, int], Candidates] = {}

    def candidates(self, first: InputPlan) -> list[Candidates]:
        """Those of every layer with weights."""
        found = []
        for index, layer in enumerate(self.weighted):
            key = index, padded_columns(self.network, layer, first)
            if key not in self._candidates:
                self._candidates[key] = Candidates(layer, key[1], self.family, self.reload)
            found.append(self._candidates[key])
        return found

    def converted(self, in_width: int, out_width: int) -> Resources:
        """What a converter takes."""
        key = in_width, out_width
        if key not in self._converters:
            self._converters[key] = ip.estimate(converter(*key, self.family), inside=True)
        return self._converters[key]

    def built(self, kind: str, values: dict[str, Any]) -> tuple[Any, Resources]:
        """The plan of an IP without weights, and its size."""
        key = kind, tuple(values.items())
        if key not in self._built:
            plan = ip.get(kind).build({"name": "between", "family": self.family, **values})
            self._built[key] = plan, ip.estimate(plan, inside=True)
        return self._built[key]

    def between(self, key: Key, target: int, candidates: Sequence[Candidates]) -> Resources:
        """What is between two layers with weights takes, or behind the last one. InputError if there is no such thing.

        `candidates` are those of every layer with weights.
        """
        index, arriving, wanted = key
        chain = _Between(self, target, arriving)
        chain.score_width = candidates[-1].result_width
        for layer in self.others[index]:
            layers.get(layer.kind).build(chain, layer)
        if wanted:
            chain.regroup(self.weighted[index].name, self.weighted[index].source, wanted.pixels)
            chain.convert("", wanted.width, candidates[index].entering)
        elif not self.network.layers[-1].decides:
            chain.end()
        return chain.used


class _Between(Chain):
    """Stages behind words that are `arriving`, of which only what they take is kept."""

    def __init__(self, parts: Parts, target: int, arriving: Word) -> None:
        self._arriving, self._parts, self.used = arriving.width, parts, Resources()
        chosen = Folding("", {}, family=parts.family, reload=parts.reload)
        super().__init__(parts.network, chosen, target, None)
        self.pixels = arriving.pixels

    def _start(self) -> None:
        """Nothing is before it."""

    @property
    def width(self) -> int:
        return self._arriving

    def build(self, layer: str, kind: str, values: dict[str, Any]) -> None:
        plan, used = self._parts.built(kind, values)
        if kind == "regroup" and plan.cycles > self.target:
            asked = plan.params
            raise InputError(
                f"{self.network.name}: {layer}: {self.target} cycles an image are asked for; before it rows of "
                f"{asked.ifm_w} pixels pass as {plan.cycles} words of {min(asked.in_pixels, asked.out_pixels)}"
            )
        self.convert(layer, plan.ports.in_width, plan.in_words * plan.ports.in_width)
        self.used += used
        self._arriving = plan.ports.out_width

    def convert(self, layer: str, width: int, bits: int) -> None:
        for step in self.steps(width, bits):
            self.used += self._parts.converted(self.width, step)
            self._arriving = step


@dataclass(frozen=True, order=True)
class _Path:
    """The cheapest way to a kind of word: what it costs, the last candidate and the way before it.

    Of two that cost the same `order` says which is taken.
    """

    cost: int
    order: tuple
    last: Candidate | None = field(default=None, compare=False)
    before: _Path | None = field(default=None, compare=False)

    def chosen(self) -> list[Candidate]:
        """The candidates of all layers, the first one first."""
        found, path = [], self
        while path.last:
            found.append(path.last)
            path = path.before
        return found[::-1]


class Search:
    """Foldings made of `parts` that cost least by `weights`, or a share of `slack` more, which are found sooner."""

    def __init__(self, parts: Parts, weights: Weights, slack: float = 0.0) -> None:
        self.parts, self.weights, self.slack = parts, weights, slack
        self._known: dict[int, _Path] = {}

    def fold(self, target: int, name: str = "") -> Folding:
        """The folding that costs least of those with which an image takes at most `target` cycles.

        Raises InputError that names the layer which cannot be so fast, and the best that is possible.
        """
        parts, chosen = self.parts, self._solved(target).chosen()
        known = parts.candidates(self._input(target))
        folds = {layer.name: own.folded(each) for layer, own, each in zip(parts.weighted, known, chosen, strict=True)}
        return Folding(name or f"ii{target}", folds, target, reload=parts.reload, family=parts.family)

    def priced(self, weights: Weights) -> Search:
        """The same search by other weights."""
        return Search(self.parts, weights, self.slack)

    def cost(self, target: int) -> int:
        """What the stages of `fold(target)` cost, without FIFOs. Raises InputError as that does."""
        return self._solved(target).cost

    def words(self, target: int) -> int:
        """Words of an image into and out of the units and windows of `fold(target)`. Raises InputError as that does."""
        known = self.parts.candidates(self._input(target))
        return sum(own.words(each) for own, each in zip(known, self._solved(target).chosen(), strict=True))

    def cycles(self, target: int) -> int:
        """Cycles an image of the slowest unit of `fold(target)`. Raises InputError as that does."""
        return max(each.cycles for each in self._solved(target).chosen())

    def pixels(self, target: int) -> int:
        """The most pixels at once of a layer of `fold(target)`, 0 if none is so fast; nothing is planned for it."""
        within = [each.within(target) for each in self.parts.candidates(self._input(target))]
        return max(each[0].params.pixels for each in within) if all(within) else 0

    def _input(self, target: int) -> InputPlan:
        return plan_input(self.parts.network, max(1, target), family=self.parts.family)

    def _solved(self, target: int) -> _Path:
        if target not in self._known:
            self._known[target] = _Solution(self.parts, self.weights, target, self._input(target)).path(self.slack)
        return self._known[target]


class _Solution:
    """The search for one `target`, with the input stage `first`."""

    def __init__(self, parts: Parts, weights: Weights, target: int, first: InputPlan) -> None:
        self.parts, self.weights, self.target, self.first = parts, weights, target, first
        self.candidates = parts.candidates(first)
        self.within = [each.within(target) for each in self.candidates]
        self.windows: list[dict[Window, int]] = [{} for _ in self.within]
        self.bounds: list[dict[Window, int]] = [
            {each.window: weights.cost(own.window_least(each.window)) for each in within}
            for own, within in zip(self.candidates, self.within, strict=True)
        ]
        self.costs: dict[Key, int] = {}

    def path(self, slack: float = 0.0) -> _Path:
        """The cheapest chain, all of whose costs are exact. Raises InputError where none is so fast.

        With `slack` it may cost a share of so much more.
        """
        self._check()
        found = self._exact(slack)
        if found.cost >= self.weights.cost(NEVER):
            self._refuse(found.chosen())
        return found

    def _refuse(self, chosen: Sequence[Candidate]) -> None:
        """Raise InputError for what is between two layers, where that cannot be built."""
        had = Word(self.first.ports.out_width)
        for index, wanted in enumerate([*(each.taken for each in chosen), None]):
            self.parts.between((index, had, wanted), self.target, self.candidates)
            had = chosen[index].given if wanted else had

    def _exact(self, slack: float) -> _Path:
        """The cheapest chain, all of whose costs are exact, or one of little more."""
        while True:
            path = self._cheapest(self.within)
            if slack:
                exact = [[each for each in own if self._is_exact(place, each)] for place, own in enumerate(self.within)]
                if all(exact) and (found := self._cheapest(exact)).cost <= (1 + slack) * path.cost:
                    return found
            asked = False
            for index, each in enumerate(path.chosen()):
                own, window = self.candidates[index], each.window
                if window not in self.windows[index]:
                    self.windows[index][window] = self.weights.cost(own.window(window, self.target))
                    asked = True
                elif not each.exact:
                    own.count(each)
                    asked = True
            if not asked:
                return path

    def _check(self) -> None:
        """InputError for the first layer that is too slow."""
        network, places = self.parts.network, {layer: place for place, layer in enumerate(self.parts.weighted)}
        for layer in network.layers:
            if layer in places and not self.within[places[layer]]:
                best = folding.fastest(layer, self.candidates[places[layer]].padded, self.parts.reload)
                raise too_fast(network, layer, self.target, best)
            if layer not in places and (best := layers.get(layer.kind).fastest(layer)) > self.target:
                raise too_fast(network, layer, self.target, best)

    def _is_exact(self, index: int, candidate: Candidate) -> bool:
        return candidate.exact and candidate.window in self.windows[index]

    def _cheapest(self, within: Sequence[Sequence[Candidate]]) -> _Path:
        """The cheapest chain of some candidates of each layer, by the costs that are known so far."""
        start = self.weights.cost(ip.estimate(self.first, inside=True))
        paths = {Word(self.first.ports.out_width): _Path(start, ())}
        for index, candidates in enumerate(within):
            units = self._units(index, candidates)
            before = {
                word: min(
                    (path.cost + self._between(index, had, word), path.order, path) for had, path in paths.items()
                )
                for word in {word for word, _ in units}
            }
            paths = {}
            for (arriving, leaving), (own, order, each) in units.items():
                cost, earlier, path = before[arriving]
                found = _Path(cost + own, (earlier, order), each, path)
                if leaving not in paths or found < paths[leaving]:
                    paths[leaving] = found
        last = len(self.within)
        return min(replace(path, cost=path.cost + self._between(last, had, None)) for had, path in paths.items())

    def _units(
        self, index: int, candidates: Sequence[Candidate]
    ) -> dict[tuple[Word, Word], tuple[int, tuple, Candidate]]:
        """The cheapest unit of a layer, with its window, for every two words: cost, order, candidate."""
        found: dict[tuple[Word, Word], tuple[int, tuple, Candidate]] = {}
        windows = self.bounds[index] | self.windows[index]
        for each in candidates:
            key = each.taken, each.given
            cost = self.weights.cost(each.used) + windows[each.window]
            if key not in found or (cost, each.order) < found[key][:2]:
                found[key] = cost, each.order, each
        return found

    def _between(self, *key: int) -> int:
        """What is between two layers, or behind the last one, costs."""
        if key not in self.costs:
            try:
                used = self.parts.between(key, self.target, self.candidates)
            except InputError:
                used = NEVER
            self.costs[key] = self.weights.cost(used)
        return self.costs[key]
