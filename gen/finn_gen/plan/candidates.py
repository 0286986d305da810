# SPDX-License-Identifier: Apache-2.0
"""What a layer with weights can be built as, and what each of these takes: a bound at once, the figure on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from finn_gen import family as families
from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.groups import LEGAL
from finn_gen.family.columns import MAX_FLAT
from finn_gen.family.resources import Resources
from finn_gen.ip import mvtu
from finn_gen.ip.mvtu.accumulator import plan_accumulator
from finn_gen.ip.mvtu.least import least, likely
from finn_gen.ip.mvtu.matrix import WeightMatrix
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.weights import CONSTANT, MAX_CONSTANT_DEPTH, storage_for
from finn_gen.layers import _weighted
from finn_gen.layers.conv import window_values
from finn_gen.network.lanes import MAX_WEIGHTS, groups, has_window, legal_pe, legal_simd
from finn_gen.network.model import Layer
from finn_gen.plan import folding
from finn_gen.plan.folding import LayerFolding

NEVER = Resources(1 << 60, 1 << 60, 1 << 60)
"""What something takes that cannot be built."""


DEAR = 4096
"""Products of constants whose planning takes a tenth of a second and more."""
LARGE = 1 << 14
"""Weights of a layer of which not every memory is looked at column by column."""


class Word(NamedTuple):
    """What passes at once: bits, of so many pixels of a row; of one, where it is any part of a stream of pixels."""

    width: int
    pixels: int = 1


class Window(NamedTuple):
    """What a window generator gives at once: elements of each window, and how many windows."""

    simd: int
    pixels: int = 1


@dataclass(eq=False)
class Candidate:
    """PE, SIMD, pixels and storage of a layer: `cycles` an image of its unit, the words that go in and come out.

    `used` is what the unit alone takes, or less as long as it is not `exact`, and None before anybody asked for it; of
    a `dear` one it is an estimate.
    """

    params: MvtuParams
    cycles: int
    taken: Word
    given: Word
    used: Resources | None = None
    exact: bool = False

    @property
    def order(self) -> tuple[int, int, str]:
        """Which of two is taken that cost the same."""
        return self.params.pe, self.params.simd, self.params.storage

    @property
    def window(self) -> Window:
        """The window generator that it needs, where the layer needs one."""
        return Window(self.params.simd, self.params.pixels)


def dear(params: MvtuParams) -> bool:
    """Whether a unit takes too long to plan for the search, which then goes by an estimate."""
    return params.storage == CONSTANT and params.pe * params.simd * params.in_bits * params.w_bits > DEAR


class Candidates:
    """All that a `layer` can be in a `family`, whose columns are filled up to `padded`."""

    def __init__(self, layer: Layer, padded: int, family: str, reload: bool) -> None:
        self.layer, self.padded = layer, padded
        self.family, self.reload = family, reload
        self.entering = max(layer.source.elements, padded) * layer.source.bits
        """Bits of an image that go in."""
        common = {"name": "unit", "family": family}
        self._base = _weighted.unit_params(layer, common, padded=padded, pe=1, simd=1, storage="auto", reload=reload)
        self._weights = WeightMatrix.of("unit", _weighted.filled_up(layer, self._base.mw), self._base)
        self._accumulator = plan_accumulator(self._base, self._weights)
        self.result_width = self._base.out_bits or self._accumulator.sums.width
        """Bits of an element that comes out."""
        self.all = list(self._every())
        self._windows: dict[tuple[Window, bool], Resources] = {}

    def _every(self) -> Iterator[Candidate]:
        layer = self.layer
        base = self._base
        for simd in legal_simd(layer, self.padded):
            taken = min(simd, layer.source.channels) if has_window(layer) else simd
            for pe in legal_pe(layer):
                if pe * simd * base.w_bits > MAX_WEIGHTS:
                    continue
                cycles = folding.mvtu_cycles(layer, pe, simd, self.padded)
                for storage in self._storages(base, pe, simd):
                    params = replace(base, pe=pe, simd=simd, storage=storage)
                    widths = taken * layer.source.bits, pe * self.result_width
                    yield Candidate(params, cycles, *map(Word, widths))
        for pixels in folding.pixels_of(layer, self.reload)[1:]:
            yield self._several(pixels)

    def _several(self, pixels: int) -> Candidate:
        """All rows and columns, of constants, for several pixels at once."""
        layer, fold = self.layer, folding.whole(self.layer, pixels)
        cycles = folding.mvtu_cycles(layer, fold.pe, fold.simd, pixels=pixels)
        taken = layer.source.channels * layer.source.bits
        params = replace(self._base, pe=fold.pe, simd=fold.simd, storage=CONSTANT, pixels=pixels)
        widths = pixels * taken, pixels * fold.pe * self.result_width
        return Candidate(params, cycles, *(Word(width, pixels) for width in widths))

    def _storages(self, base: MvtuParams, pe: int, simd: int) -> tuple[str, ...]:
        deep = base.mh // pe * (base.mw // simd) > MAX_CONSTANT_DEPTH
        return ("lut", "block") if deep or self.reload else (CONSTANT, "lut", "block")

    def within(self, target: int) -> list[Candidate]:
        """Those whose unit takes at most `target` cycles an image, and whose window may; bounds of them are known.

        All are of the fewest pixels at once with which there are such, none if there are none.
        """
        found = next((some for pixels in LEGAL if self._some_reaches(some := self._of(pixels, target), target)), [])
        for each in found:
            if each.used is None:
                each.used, each.exact = self._expected(each.params), dear(each.params)
        return found

    def _of(self, pixels: int, target: int) -> list[Candidate]:
        """Those of so many pixels at once whose unit is fast enough, and whose window may be."""
        of_unit = (each for each in self.all if each.params.pixels == pixels and each.cycles <= target)
        return [each for each in of_unit if self._may_reach(each.window, target)]

    def _some_reaches(self, candidates: Sequence[Candidate], target: int) -> bool:
        """Whether a window of one of them is fast enough, of the largest ones first, which mostly are."""
        return any(
            self.reaches(window, target) for window in sorted({each.window for each in candidates}, reverse=True)
        )

    def _expected(self, params: MvtuParams) -> Resources:
        """No more than the unit takes; of many constants, which take seconds to plan, about what it takes."""
        return (likely if dear(params) else least)(params, self._accumulator.width)

    def _may_reach(self, window: Window, target: int) -> bool:
        return not has_window(self.layer) or folding.window_words(self.layer, *window) <= target

    def words(self, candidate: Candidate) -> int:
        """Words of an image into and out of the unit and its window."""
        params, vectors = candidate.params, groups(self.layer.result, candidate.params.pixels)
        taken = folding.window_taken(self.layer, *candidate.window) if has_window(self.layer) else 0
        return taken + vectors * (params.mw // params.simd + params.mh // params.pe)

    def window_least(self, window: Window) -> Resources:
        """No more than the window generator takes: of a parallel one the pixels of a window, and a word that waits."""
        layer, source, simd = self.layer, self.layer.source, window.simd
        apart = layer.dilation[1] >= families.get(self.family).costs.shortest_srl
        if not has_window(layer) or simd <= source.channels or apart:
            return Resources()
        pixels = layer.matrix.weights.shape[1] * source.bits
        waits = pixels - simd * source.bits
        return Resources(waits, pixels * (2 if waits else 1))

    def reaches(self, window: Window, target: int) -> bool:
        """Whether the window generator, if there is one, needs at most `target` cycles an image."""
        return not has_window(self.layer) or folding.window_reaches(self.layer, window.simd, target, window.pixels)

    def window(self, window: Window, target: int) -> Resources:
        """What the window generator takes that needs at most `target` cycles an image, `NEVER` if there is none."""
        if not has_window(self.layer):
            return Resources()
        if not self.reaches(window, target):
            return NEVER
        prefetch = folding.needs_prefetch(self.layer, window.simd, target)
        if (window, prefetch) not in self._windows:
            values = window_values(self.layer, window.simd, prefetch, window.pixels)
            plan = ip.get("swg").build({"name": "window", "family": self.family, **values})
            self._windows[window, prefetch] = ip.estimate(plan, inside=True)
        return self._windows[window, prefetch]

    def count(self, candidate: Candidate) -> None:
        """Plan the unit of a candidate: what it takes is exact then.

        Columns of long memories of large layers are taken to differ, which is what nearly all of them do.
        """
        matrix, params = self.layer.matrix, candidate.params
        depth = params.mh // params.pe * (params.mw // params.simd)
        sketch = params.storage == "block" or (depth > MAX_FLAT and matrix.weights.size > LARGE)
        try:
            plan = mvtu.plan_unit(params, self._weights, matrix.thresholds, matrix.biases, sketch=sketch)
            candidate.used = ip.estimate(plan, inside=True)
        except InputError:
            candidate.used = NEVER
        candidate.exact = True

    def folded(self, candidate: Candidate) -> LayerFolding:
        """The candidate as a folding says it; the storage only where another one would be taken by itself."""
        params = candidate.params
        same = storage_for(replace(params, storage="auto")) == params.storage
        return LayerFolding(params.pe, params.simd, "auto" if same else params.storage, params.pixels)
