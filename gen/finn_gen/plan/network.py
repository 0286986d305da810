# SPDX-License-Identifier: Apache-2.0
"""What is built: a network's chain of stages, from the folding of its layers. Numbers only, no text.

Stage after stage an image passes as a fixed number of words, and every stage states its cycles an image. The
slowest one sets the interval from image to image; FIFOs between the stages are as deep as that takes, computed by
`fifo_sizing`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from finn_gen import layers
from finn_gen.base.collection import uncollected
from finn_gen.family.resources import Resources
from finn_gen.ip.ctrl.params import MOST_BOUNDARIES
from finn_gen.ip.input.plan import InputPlan
from finn_gen.ip.mvtu.area import least_luts
from finn_gen.network.lanes import any_simd, legal_pe
from finn_gen.network.model import Layer, Network
from finn_gen.plan import fifo_sizing, folding
from finn_gen.plan.chain import Chain, Stage, total, with_fifos
from finn_gen.plan.folding import Folding
from finn_gen.plan.input import padded_columns, plan_input, wish
from finn_gen.plan.rate import slowest
from finn_gen.timing import chain as cycle_model


@dataclass(frozen=True)
class NetworkPlan:
    """An accelerator. Cycles at `clock_mhz`; `interval` from image to image, `latency` from an image's first input
    word to its last output word, both when nothing stalls.
    `smallest_fifos` is False if the search for the smallest depths was stopped, since it would take too long.

    `stages` include the FIFOs. `scores_stage` is the index of the stage whose output words are the scores, each of
    `score_width` bits. `marked` is whether the last stage gives TLAST itself.
    """

    module: str
    clock_mhz: float
    folding: Folding
    input: InputPlan
    stages: tuple[Stage, ...]
    scores_stage: int
    scores: int
    score_width: int
    score_signed: bool
    marked: bool
    interval: int
    latency: int
    smallest_fifos: bool
    network: Network

    @property
    def output(self) -> Stage:
        """The last stage."""
        return self.stages[-1]

    @property
    def resources(self) -> Resources:
        """The sum over the stages."""
        return sum((stage.resources for stage in self.stages), Resources())

    @property
    def boundaries(self) -> tuple[str, ...]:
        """The streams that can be counted, by name: the input, then what leaves stages, named after them."""
        return ("source", *map(self.inner_name, self.observed))

    @property
    def observed(self) -> tuple[Stage, ...]:
        """The stages whose output can be counted: all of them, if the control core has counters for so many.

        Else those that are no FIFOs, the last one of each layer, or of these as many as there are counters for.
        """
        most = MOST_BOUNDARIES - 1
        ends = {stage.layer: stage for stage in self.stages if not stage.inserted}
        own = tuple(stage for stage in self.stages if not stage.inserted)
        for found in (self.stages, own, tuple(ends.values())):
            if len(found) <= most:
                return found
        return (*found[: most - 1], found[-1])

    def inner_name(self, stage: Stage) -> str:
        """The name of a stage within the network: without the network's."""
        return stage.name.removeprefix(f"{self.module}_")

    @property
    def reloadable(self) -> tuple[Stage, ...]:
        """The stages whose weights and thresholds can be written through AXI-Lite."""
        return tuple(stage for stage in self.stages if stage.ip.registers(stage.plan))

    def legal(self, layer: str) -> dict[str, tuple[int, ...]]:
        """PE and SIMD that a conv or dense layer could have, by the layer's name; empty for any other name."""
        for known in self.network.layers:
            if known.name == layer and known.matrix:
                padded = padded_columns(self.network, known, self.input)
                return {"pe": legal_pe(known), "simd": any_simd(known, padded)}
        return {}

    @property
    def limiting(self) -> tuple[Stage, ...]:
        """The stages that are as slow as the accelerator."""
        return tuple(stage for stage in self.stages if stage.cycles == self.interval)

    @property
    def fps(self) -> float:
        """Images a second."""
        return self.clock_mhz * 1e6 / self.interval


def _growing(network: Network, chosen: Folding, target: int) -> Iterator[Chain]:
    """The chain without FIFOs, the same one with another layer each time."""
    chain = Chain(network, chosen, target, plan_input(network, target, wish(network, chosen), chosen.family))
    for layer in network.layers:
        if layer.matrix:
            where = f"{network.name}: folding {chosen.name}"
            folding.check(where, layer, chosen.layers[layer.name], chain.padded(layer))
        layers.get(layer.kind).build(chain, layer)
        if layer is network.scores:
            chain.regroup("scores", layer.result, 1)
            chain.scores = chain.stages[-1]
        yield chain


def _chain(network: Network, chosen: Folding, target: int) -> Chain:
    """The chain without FIFOs."""
    *_, chain = _growing(network, chosen, target)
    return chain


@uncollected()
def without_fifos(network: Network, chosen: Folding) -> tuple[Stage, ...]:
    """The stages alone, which is enough to see what a folding costs."""
    return tuple(_whole_chain(network, chosen, chosen.target or slowest(network, chosen)).stages)


@uncollected()
def with_smallest_fifos(network: Network, chosen: Folding) -> tuple[Stage, ...]:
    """The stages with the FIFOs that `plan_network` finds for a folding that was chosen for a rate."""
    chain = _whole_chain(network, chosen, chosen.target)
    return with_fifos(chain.stages, _sized(network, chosen, chain)[0])


def _whole_chain(network: Network, chosen: Folding, target: int) -> Chain:
    """The chain without FIFOs, with what comes behind the scores."""
    chain = _chain(network, chosen, target)
    if not network.layers[-1].decides:
        chain.end()
    return chain


_SIZED: list[tuple[Network, Folding, tuple[dict[str, int], bool]]] = []
"""The last chains whose FIFOs were sized: what compared some of them plans one in the end."""
_MOST_SIZED = 8


def _sized(network: Network, chosen: Folding, chain: Chain) -> tuple[dict[str, int], bool]:
    """Depths of the FIFOs by the names of the stages before them, and whether they are the smallest."""
    for of, known, found in _SIZED:
        if of is network and known == chosen:
            return found
    interval = max(stage.cycles for stage in chain.stages)
    depths, smallest = fifo_sizing.size([stage.plan for stage in chain.stages], interval)
    found = {stage.name: depth for stage, depth in zip(chain.stages, depths, strict=False) if depth}, smallest
    _SIZED[:] = [*_SIZED[1 - _MOST_SIZED :], (network, chosen, found)]
    return found


@uncollected()
def fits(network: Network, chosen: Folding, limit: Resources) -> bool:
    """Whether the stages alone take no more than `limit`; those behind the ones that show that they do are not planned.

    Raises InputError for what cannot be built.
    """
    left = [_fewest_luts(layer, chosen) for layer in network.layers]
    if sum(left) > limit.lut:
        return False
    for built, chain in enumerate(_growing(network, chosen, chosen.target or slowest(network, chosen)), 1):
        used = total(chain.stages)
        if used.lut + sum(left[built:]) > limit.lut:
            return False
    return used.fits(limit)


def _fewest_luts(layer: Layer, chosen: Folding) -> int:
    """Fewer LUTs than the stages of a layer take, known before they are planned."""
    if not layer.matrix:
        return 0
    fold = chosen.layers[layer.name]
    return fold.pixels * least_luts(fold.pe, fold.simd, layer.source.bits, layer.matrix.weights)


@uncollected()
def plan_network(network: Network, chosen: Folding, clock_mhz: float = 200.0) -> NetworkPlan:
    """The accelerator of `network` with the folding `chosen`; FIFO depths are computed unless it gives them."""
    target = chosen.target or slowest(network, chosen)
    chain = _whole_chain(network, chosen, target)
    interval = max(stage.cycles for stage in chain.stages)
    depths, smallest = chosen.fifos, True
    if depths is None:
        depths, smallest = _sized(network, chosen, chain)
    else:
        given = with_fifos(chain.stages, depths)
        interval = math.ceil(cycle_model.steady([stage.plan for stage in given]).interval)
    stages = with_fifos(chain.stages, depths)
    latency = cycle_model.trace([stage.plan for stage in stages], 1).last[-1, 0]
    asked = chain.input.params
    return NetworkPlan(
        module=network.name,
        clock_mhz=clock_mhz,
        folding=replace(chosen, target=target, input_width=asked.word_width, packed=asked.packed, fifos=depths),
        input=chain.input,
        stages=stages,
        scores_stage=stages.index(chain.scores),
        scores=network.scores.result.elements,
        score_width=chain.score_width,
        score_signed=network.scores.result.signed,
        marked=network.layers[-1].decides,
        interval=int(interval),
        latency=int(latency),
        smallest_fifos=smallest,
        network=network,
    )
