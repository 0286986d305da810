# SPDX-License-Identifier: Apache-2.0
"""What a layer with weights can be built as, and what each of these takes: a bound at once, the figure on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from finn_gen import family as families
from finn_gen import ip
from finn_gen.base.errors import InputError
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
from finn_gen.network.lanes import MAX_WEIGHTS, has_window, legal_pe, legal_simd
from finn_gen.network.model import Layer
from finn_gen.plan import folding
from finn_gen.plan.folding import LayerFolding

NEVER = Resources(1 << 60, 1 << 60, 1 << 60)
"""What something takes that cannot be built."""


DEAR = 4096
"""Products of constants whose planning takes a tenth of a second and more."""
LARGE = 1 << 14
"""Weights of a layer of which not every memory is looked at column by column."""


@dataclass(eq=False)
class Candidate:
    """PE, SIMD and storage of a layer: `cycles` an image of its unit, bits of the words that go in and come out.

    `used` is what the unit alone takes, or less as long as it is not `exact`, and None before anybody asked for it; of
    a `dear` one it is an estimate.
    """

    params: MvtuParams
    cycles: int
    in_width: int
    out_width: int
    used: Resources | None = None
    exact: bool = False

    @property
    def order(self) -> tuple[int, int, str]:
        """Which of two is taken that cost the same."""
        return self.params.pe, self.params.simd, self.params.storage


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
        self._windows: dict[tuple[int, bool], Resources] = {}

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
                    yield Candidate(params, cycles, *widths)

    def _storages(self, base: MvtuParams, pe: int, simd: int) -> tuple[str, ...]:
        deep = base.mh // pe * (base.mw // simd) > MAX_CONSTANT_DEPTH
        return ("lut", "block") if deep or self.reload else (CONSTANT, "lut", "block")

    def within(self, target: int) -> list[Candidate]:
        """Those whose unit takes at most `target` cycles an image, and whose window may; bounds of them are known."""
        found = [each for each in self.all if each.cycles <= target and self._may_reach(each.params.simd, target)]
        for each in found:
            if each.used is None:
                each.used, each.exact = self._expected(each.params), dear(each.params)
        return found

    def _expected(self, params: MvtuParams) -> Resources:
        """No more than the unit takes; of many constants, which take seconds to plan, about what it takes."""
        return (likely if dear(params) else least)(params, self._accumulator.width)

    def _may_reach(self, simd: int, target: int) -> bool:
        return not has_window(self.layer) or self._words(simd) <= target

    def _words(self, simd: int) -> int:
        """The more of the words that a window generator takes and gives an image: it takes no fewer cycles."""
        layer = self.layer
        out = layer.result.height * layer.result.width * (layer.matrix.weights.shape[1] // simd)
        return max(out, layer.source.elements // min(simd, layer.source.channels))

    def words(self, candidate: Candidate) -> int:
        """Words of an image into and out of the unit and its window."""
        params, pixels = candidate.params, self.layer.result.height * self.layer.result.width
        taken = self.entering // candidate.in_width if has_window(self.layer) else 0
        return taken + pixels * (params.mw // params.simd + params.mh // params.pe)

    def window_least(self, simd: int) -> Resources:
        """No more than the window generator takes: of a parallel one the pixels of a window, and a word that waits."""
        layer, source = self.layer, self.layer.source
        apart = layer.dilation[1] >= families.get(self.family).costs.shortest_srl
        if not has_window(layer) or simd <= source.channels or apart:
            return Resources()
        pixels = layer.matrix.weights.shape[1] * source.bits
        waits = pixels - simd * source.bits
        return Resources(waits, pixels * (2 if waits else 1))

    def reaches(self, simd: int, target: int) -> bool:
        """Whether the window generator, if there is one, needs at most `target` cycles an image."""
        return not has_window(self.layer) or folding.window_reaches(self.layer, simd, target)

    def window(self, simd: int, target: int) -> Resources:
        """What the window generator takes that needs at most `target` cycles an image, `NEVER` if there is none."""
        if not has_window(self.layer):
            return Resources()
        if not self.reaches(simd, target):
            return NEVER
        prefetch = folding.needs_prefetch(self.layer, simd, target)
        if (simd, prefetch) not in self._windows:
            values = {"name": "window", "family": self.family, **window_values(self.layer, simd, prefetch)}
            self._windows[simd, prefetch] = ip.estimate(ip.get("swg").build(values), inside=True)
        return self._windows[simd, prefetch]

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
        return LayerFolding(params.pe, params.simd, "auto" if same else params.storage)
