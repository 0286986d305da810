# SPDX-License-Identifier: Apache-2.0
"""Foldings from a rate: the smallest that reaches it, and the next faster one."""

from __future__ import annotations

from dataclasses import replace

from finn_gen import layers
from finn_gen.base.errors import InputError
from finn_gen.network.lanes import has_window
from finn_gen.network.model import Layer, Network
from finn_gen.plan import folding
from finn_gen.plan.chain import too_fast
from finn_gen.plan.folding import Folding
from finn_gen.plan.input import padded_columns, plan_input, wish


def fold(network: Network, target: int, name: str = "") -> Folding:
    """The smallest PE and SIMD a layer with which an image takes at most `target` cycles.

    Raises InputError that names the layer which cannot be so fast, and the best that is possible.
    """
    first = plan_input(network, max(1, target))
    chosen = {}
    for layer in network.layers:
        if not layer.matrix:
            if (best := _fastest_other(layer)) > target:
                raise too_fast(network, layer, target, best)
            continue
        padded = padded_columns(network, layer, first)
        found = folding.smallest(layer, target, padded)
        if not found:
            raise too_fast(network, layer, target, folding.fastest(layer, padded))
        chosen[layer.name] = found
    return Folding(name or f"ii{target}", chosen, target)


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
            cycles.append(folding.mvtu_cycles(layer, fold.pe, fold.simd, padded_columns(network, layer, first)))
    return max(cycles)


def faster(network: Network, chosen: Folding, interval: int) -> Folding | None:
    """`chosen` with more for just the layers that keep it from less than `interval` cycles an image.

    None if that is not possible.
    """
    target = interval - 1
    try:
        first = plan_input(network, max(1, target), wish(network, chosen))
        if first.words > target or any(_fastest_other(layer) > target for layer in network.layers if not layer.matrix):
            return None
    except InputError:
        return None
    folds = dict(chosen.layers)
    for layer in network.layers:
        if not layer.matrix:
            continue
        fold, padded = folds[layer.name], padded_columns(network, layer, first)
        fast = folding.mvtu_cycles(layer, fold.pe, fold.simd, padded) <= target
        if fast and has_window(layer):
            fast = folding.window_reaches(layer, fold.simd, target)
        if not fast:
            found = folding.smallest(layer, target, padded)
            if not found:
                return None
            folds[layer.name] = replace(found, storage=fold.storage)
    return replace(chosen, layers=folds, target=target, fifos=None)


def _fastest_other(layer: Layer) -> int:
    """The fewest cycles an image of a layer without weights."""
    return layers.get(layer.kind).fastest(layer)
