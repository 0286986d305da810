# SPDX-License-Identifier: Apache-2.0
"""Foldings from a rate: the cheapest that reaches it, and the next faster one."""

from __future__ import annotations

from dataclasses import replace

from finn_gen import family as families
from finn_gen import layers
from finn_gen.base.errors import InputError
from finn_gen.ip.input.plan import InputPlan
from finn_gen.network.lanes import any_simd
from finn_gen.network.model import Layer, Network
from finn_gen.plan import folding
from finn_gen.plan.chain import too_fast
from finn_gen.plan.folding import Folding
from finn_gen.plan.input import padded_columns, plan_input, wish
from finn_gen.plan.objective import Weights
from finn_gen.plan.search import Parts, Search

DEFAULT_WEIGHTS = Weights.of_device(families.get(families.DEFAULT).devices[families.DEFAULT_DEVICE])


def fold(
    network: Network,
    target: int,
    name: str = "",
    weights: Weights | None = None,
    *,
    family: str = families.DEFAULT,
    reload: bool = False,
) -> Folding:
    """The folding whose stages cost least with which an image takes at most `target` cycles.

    Costs are by `weights`, those of the default device if there are none; FIFOs are left out.
    Raises InputError that names the layer which cannot be so fast, and the best that is possible.
    """
    return Search(Parts(network, family, reload), weights or DEFAULT_WEIGHTS).fold(target, name)


def cycles_for(fps: float, clock_mhz: float) -> int:
    """Cycles an image that `fps` images a second leave; InputError if that is less than one."""
    cycles = int(clock_mhz * 1e6 / fps)
    if cycles < 1:
        most = clock_mhz * 1e6
        raise InputError(f"fps={fps:g} at {clock_mhz:g} MHz: less than a cycle an image; legal is up to {most:g}")
    return cycles


def slowest(network: Network, chosen: Folding) -> int:
    """Cycles an image of the slowest layer with weights; other stages are made to keep up."""
    first = plan_input(network, 2**40, wish(network, chosen))
    cycles = []
    for layer in network.layers:
        if layer.matrix:
            fold = chosen.layers[layer.name]
            padded = padded_columns(network, layer, first)
            cycles.append(folding.mvtu_cycles(layer, fold.pe, fold.simd, padded, fold.pixels))
    return max(cycles)


def faster(network: Network, chosen: Folding, interval: int) -> Folding:
    """`chosen` with more for just what keeps it from less than `interval` cycles an image: layers, or the input.

    Raises InputError that names what cannot be faster.
    """
    target = interval - 1
    if target < 1:
        raise InputError(f"{network.name}: an image every cycle is the most there is")
    first = _input_within(network, chosen, target)
    folds = dict(chosen.layers)
    for layer in network.layers:
        if not layer.matrix:
            if (best := _fastest_other(layer)) > target:
                raise too_fast(network, layer, target, best)
            continue
        fold, padded = folds[layer.name], padded_columns(network, layer, first)
        # Another input word fills up other columns, which the SIMD that was has to divide.
        fits = fold.simd in any_simd(layer, padded)
        if not fits or not folding.reaches(layer, fold, target, padded):
            found = folding.smallest(layer, target, padded, chosen.reload)
            if not found:
                raise too_fast(network, layer, target, folding.fastest(layer, padded, chosen.reload))
            # Copies for several pixels are of logic.
            folds[layer.name] = found if found.pixels > 1 else replace(found, storage=fold.storage)
    asked = first.params
    width, packed = asked.word_width, asked.packed
    return replace(chosen, layers=folds, target=target, input_width=width, packed=packed, fifos=None)


def _input_within(network: Network, chosen: Folding, target: int) -> InputPlan:
    """The input of `chosen`, or where that takes more than `target` cycles an image the first that does not."""
    kept = plan_input(network, target, wish(network, chosen))
    return kept if kept.words <= target else plan_input(network, target)


def _fastest_other(layer: Layer) -> int:
    """The fewest cycles an image of a layer without weights."""
    return layers.get(layer.kind).fastest(layer)
