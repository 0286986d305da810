# SPDX-License-Identifier: Apache-2.0
"""What is built: a network's chain of stages, from the folding of its layers. Numbers only, no text.

Stage after stage an image passes as a fixed number of words, and every stage states its cycles an image. The
slowest one sets the interval from image to image; FIFOs between the stages are as deep as that takes, computed by
`fifo_sizing`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.params import check_module_name, check_params
from finn_gen.family.resources import Resources, estimate
from finn_gen.ip.input.plan import InputPlan, padded_columns, plan_input
from finn_gen.ip.mvtu import plan as mvtu
from finn_gen.network.model import Layer, Network
from finn_gen.plan import fifo_sizing, folding
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.timing import chain as cycle_model

MAX_RING = 4096
"""Bits of the ring of a width converter; beyond that two converters through the common divisor are smaller."""


@dataclass(frozen=True)
class Stage:
    """One stage of the chain.

    `ip` is the kind: "input", or the IP's name. `values` are the IP's parameters that are not defaults, `plan` its
    plan. An image is `in_words` words at the input and `out_words` at the output, and takes `cycles`.
    """

    name: str
    ip: str
    layer: str
    values: Mapping[str, Any]
    plan: Any
    in_words: int
    out_words: int
    cycles: int

    @property
    def resources(self) -> Resources:
        """Estimated LUTs, flip-flops and block RAMs."""
        return estimate(self.plan)


@dataclass(frozen=True)
class NetworkPlan:
    """An accelerator. Cycles at `clock_mhz`; `interval` from image to image, `latency` from an image's first input
    word to its last output word, both when nothing stalls.

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
        """The streams by name: the input, then what leaves each stage, named after it."""
        return ("source", *map(self.inner_name, self.stages))

    def inner_name(self, stage: Stage) -> str:
        """The name of a stage within the network: without the network's."""
        return stage.name.removeprefix(f"{self.module}_")

    @property
    def reloadable(self) -> tuple[Stage, ...]:
        """The stages whose weights and thresholds can be written through AXI-Lite."""
        return tuple(stage for stage in self.stages if stage.ip == "mvtu" and stage.plan.registers)

    @property
    def limiting(self) -> tuple[Stage, ...]:
        """The stages that are as slow as the accelerator."""
        return tuple(stage for stage in self.stages if stage.cycles == self.interval)

    @property
    def fps(self) -> float:
        """Images a second."""
        return self.clock_mhz * 1e6 / self.interval


# --------------------------------------------------------------------------- folding from a rate


def fold(network: Network, target: int, name: str = "") -> Folding:
    """The smallest PE and SIMD a layer with which an image takes at most `target` cycles.

    Raises InputError that names the layer which cannot be so fast, and the best that is possible.
    """
    first = plan_input(network, max(1, target))
    layers = {}
    for layer in network.layers:
        if not layer.matrix:
            if (best := _fastest_other(layer)) > target:
                raise InputError(_too_fast(network, layer, target, best))
            continue
        padded = padded_columns(network, layer, first)
        found = folding.smallest(layer, target, padded)
        if not found:
            raise InputError(_too_fast(network, layer, target, folding.fastest(layer, padded)))
        layers[layer.name] = found
    return Folding(name or f"ii{target}", layers, target)


def _fastest_other(layer: Layer) -> int:
    """The fewest cycles an image of a layer without weights."""
    shape = layer.result if layer.kind == "pad" else layer.source
    widest = max(d for d in folding.divisors(shape.channels) if d * shape.bits <= folding.MAX_WORD and d <= 1024)
    return shape.elements // widest


def _too_fast(network: Network, layer: Layer, target: int, best: int) -> str:
    return f"{network.name}: {layer.name}: {target} cycles an image are asked for; the best possible is {best}"


def cycles_for(fps: float, clock_mhz: float) -> int:
    """Cycles an image that `fps` images a second leave; InputError if that is less than one."""
    cycles = int(clock_mhz * 1e6 / fps)
    if cycles < 1:
        most = clock_mhz * 1e6
        raise InputError(f"fps={fps:g} at {clock_mhz:g} MHz: less than a cycle an image; legal is up to {most:g}")
    return cycles


# --------------------------------------------------------------------------- the chain


class _Chain:
    """Stages one after the other, with converters where widths differ."""

    def __init__(self, network: Network, target: int) -> None:
        self.network, self.target = network, target
        self.stages: list[Stage] = []

    def name(self, layer: str, kind: str) -> str:
        """Name of a stage's module; a layer that is called what it is keeps its name."""
        full = f"{self.network.name}_{layer}"
        name = full if layer.endswith(kind) else f"{full}_{kind}"
        check_module_name(self.network.name, name)
        if any(stage.name == name for stage in self.stages):
            raise InputError(f"{self.network.name}: two stages would be called {name}; rename the layer {layer}")
        return name

    def add(self, stage: Stage) -> None:
        """Append a stage, with converters before it if its input is of another width."""
        if self.stages:
            self.convert(stage.layer, stage.plan.in_width, stage.in_words * stage.plan.in_width)
        self.stages.append(stage)

    def build(self, layer: str, kind: str, values: dict[str, Any]) -> None:
        """Append an IP whose plan knows the image."""
        values = {"name": self.name(layer, kind), **values}
        plan = ip.get(kind).build(values)
        self.add(Stage(plan.module, kind, layer, values, plan, plan.in_words, plan.out_words, plan.cycles))

    @property
    def width(self) -> int:
        """Bits of the words that the last stage gives."""
        return self.stages[-1].plan.out_width

    def convert(self, layer: str, width: int, total: int) -> None:
        """Converters from the last stage's words to words of `width`, `total` bits an image."""
        if self.width == width:
            return
        common = math.gcd(self.width, width)
        ring = self.width * width // common
        through = [width]
        if common not in (self.width, width) and ring > MAX_RING and total // common <= self.target:
            through = [common, width]
        for index, step in enumerate(through):
            kind = "dwc" if len(through) == 1 else f"dwc{index}"
            before = self.width
            values = {"name": self.name(layer, kind), "in_width": before, "out_width": step}
            plan = ip.get("dwc").build(values)
            words = total // before, total // step
            self.stages.append(Stage(plan.module, "dwc", layer, values, plan, *words, max(words)))

    def lanes(self, layer: Layer, pixels: int) -> int:
        """Channels a word for a layer without weights: those that arrive, if the rate allows it.

        Else the fewest that reach the rate, of them one that a simple converter makes.
        """
        channels, bits = layer.source.channels, layer.source.bits
        legal = [
            lanes
            for lanes in folding.divisors(channels)
            if pixels * (channels // lanes) <= self.target and lanes * bits <= folding.MAX_WORD and lanes <= 1024
        ]
        if not legal:
            raise InputError(_too_fast(self.network, layer, self.target, _fastest_other(layer)))
        here = self.width

        def converters(lanes: int) -> tuple[int, int]:
            common = math.gcd(here, lanes * bits)
            return (0 if here == lanes * bits else 1 if common in (here, lanes * bits) else 2), lanes

        return min(legal, key=converters)


def _conv_or_dense(chain: _Chain, layer: Layer, fold: LayerFolding, padded: int, reload: bool) -> None:
    pixels = layer.result.height * layer.result.width
    if folding.has_window(layer):
        prefetch = folding.needs_prefetch(layer, fold.simd, chain.target)
        chain.build(layer.name, "swg", folding.window_values(layer, fold.simd, prefetch))
    values, plan = _mvtu(chain.name(layer.name, "mvtu"), layer, fold, padded, reload)
    words = pixels * plan.sf, pixels * plan.nf
    chain.add(Stage(plan.module, "mvtu", layer.name, values, plan, *words, pixels * plan.interval))


def _mvtu(
    name: str, layer: Layer, fold: LayerFolding, padded: int, reload: bool
) -> tuple[dict[str, Any], mvtu.MvtuPlan]:
    """Values and plan of a layer's unit. Columns beyond those of the layer get +1: their input is the bit 0."""
    weights = layer.matrix.weights
    extra = folding.columns(layer, padded) - weights.shape[1]
    if extra:
        weights = np.pad(weights, ((0, 0), (0, extra)), constant_values=1)
    values = {
        "name": name,
        "mw": weights.shape[1],
        "mh": weights.shape[0],
        "pe": fold.pe,
        "simd": fold.simd,
        "in_bits": layer.source.bits,
        "in_signed": layer.source.signed,
        "out_bits": 0 if layer.matrix.thresholds is None else layer.result.bits,
        "storage": fold.storage,
    }
    if reload:
        values["reload"] = True
    return values, mvtu.plan_unit(check_params("mvtu", mvtu.IP.params, values), weights, layer.matrix.thresholds)


def _pad(chain: _Chain, layer: Layer) -> None:
    top, bottom, left, right = layer.padding
    source = layer.source
    value = 2 * layer.value - 1 if source.bits == 1 else layer.value
    values = {"ifm_ch": source.channels, "bits": source.bits, "ifm_h": source.height, "ifm_w": source.width}
    values |= {"simd": chain.lanes(layer, layer.result.height * layer.result.width), "value": str(value)}
    values |= {"top": top, "bottom": bottom, "left": left, "right": right}
    chain.build(layer.name, "pad", values)


def _pool(chain: _Chain, layer: Layer) -> None:
    source = layer.source
    values = {"ifm_ch": source.channels, "bits": source.bits, "signed": source.signed}
    values |= {"pe": chain.lanes(layer, source.height * source.width), "ifm_h": source.height, "ifm_w": source.width}
    values |= {"k": layer.kernel[0], "stride": layer.stride[0]}
    chain.build(layer.name, "pool", values)


def _label(chain: _Chain, layer: Layer, width: int, signed: bool) -> None:
    labels = layer.source.channels
    arriving = chain.width // width
    pe = arriving if arriving and labels % arriving == 0 else 1
    values = {"labels": labels, "bits": width, "signed": signed, "pe": pe, "tlast": True}
    chain.build(layer.name, "label", values)


def _stages(network: Network, chosen: Folding, target: int) -> tuple[InputPlan, _Chain, int, int]:
    """The input, the chain without FIFOs, the index of the scores' stage, and the width of a score."""
    first = plan_input(network, target, chosen.input_width, chosen.packed)
    chain = _Chain(network, target)
    chain.add(Stage(first.module, "input", "input", {}, first, first.words, first.words, first.words))
    score_index = score_width = 0
    for layer in network.layers:
        if layer.matrix:
            padded = padded_columns(network, layer, first)
            fold = chosen.layers[layer.name]
            folding.check(f"{network.name}: folding {chosen.name}", layer, fold, padded)
            _conv_or_dense(chain, layer, fold, padded, chosen.reload)
            score_width = chain.stages[-1].plan.result_width
        elif layer.kind == "label":
            _label(chain, layer, score_width, network.scores.result.signed)
            continue
        else:
            {"pad": _pad, "pool": _pool}[layer.kind](chain, layer)
        score_index = len(chain.stages) - 1
    return first, chain, score_index, score_width


def _one_score_a_word(chain: _Chain, network: Network, width: int) -> None:
    """Without a label layer, several bits a score leave one by one, if the rate allows it."""
    shape = network.scores.result
    if width > 1 and chain.width > width and shape.elements <= chain.target:
        chain.convert("scores", width, shape.elements * width)


def slowest(network: Network, chosen: Folding) -> int:
    """Cycles an image of the slowest layer with weights; other stages are made to keep up."""
    first = plan_input(network, 2**40, chosen.input_width, chosen.packed)
    cycles = []
    for layer in network.layers:
        if layer.matrix:
            fold = chosen.layers[layer.name]
            cycles.append(folding.mvtu_cycles(layer, fold.pe, fold.simd, padded_columns(network, layer, first)))
    return max(cycles)


def with_fifos(stages: Sequence[Stage], depths: Mapping[str, int]) -> tuple[Stage, ...]:
    """The chain with a FIFO of the given depth after each stage that is named."""
    unknown = set(depths) - {stage.name for stage in stages[:-1]}
    if unknown:
        legal = ", ".join(stage.name for stage in stages[:-1])
        raise InputError(f"fifos: there is no stage {min(unknown)} with one after it; legal are {legal}")
    chain: list[Stage] = []
    for stage in stages:
        chain.append(stage)
        if depth := depths.get(stage.name, 0):
            values = {"name": f"{stage.name}_fifo", "width": stage.plan.out_width, "depth": depth}
            words = stage.out_words
            fifo = ip.get("fifo").build(values)
            chain.append(Stage(fifo.module, "fifo", stage.layer, values, fifo, words, words, words))
    return tuple(chain)


def without_fifos(network: Network, chosen: Folding) -> tuple[Stage, ...]:
    """The stages alone, which is enough to see what a folding costs."""
    return tuple(_stages(network, chosen, chosen.target or slowest(network, chosen))[1].stages)


def faster(network: Network, chosen: Folding, interval: int) -> Folding | None:
    """`chosen` with more for just the layers that keep it from less than `interval` cycles an image.

    None if that is not possible.
    """
    target = interval - 1
    try:
        first = plan_input(network, max(1, target), chosen.input_width, chosen.packed)
        if first.words > target or any(_fastest_other(layer) > target for layer in network.layers if not layer.matrix):
            return None
    except InputError:
        return None
    layers = dict(chosen.layers)
    for layer in network.layers:
        if not layer.matrix:
            continue
        fold, padded = layers[layer.name], padded_columns(network, layer, first)
        fast = folding.mvtu_cycles(layer, fold.pe, fold.simd, padded) <= target
        if fast and folding.has_window(layer):
            fast = folding.window_reaches(layer, fold.simd, target)
        if not fast:
            found = folding.smallest(layer, target, padded)
            if not found:
                return None
            layers[layer.name] = replace(found, storage=fold.storage)
    return replace(chosen, layers=layers, target=target, fifos=None)


def plan_network(network: Network, chosen: Folding, clock_mhz: float = 200.0) -> NetworkPlan:
    """The accelerator of `network` with the folding `chosen`; FIFO depths are computed unless it gives them."""
    target = chosen.target or slowest(network, chosen)
    first, chain, score_index, score_width = _stages(network, chosen, target)
    marked = network.layers[-1].kind == "label"
    if not marked:
        _one_score_a_word(chain, network, score_width)
    interval = max(stage.cycles for stage in chain.stages)
    depths = chosen.fifos
    if depths is None:
        found = fifo_sizing.size([stage.plan for stage in chain.stages], interval)
        depths = {stage.name: depth for stage, depth in zip(chain.stages, found, strict=False) if depth}
    else:
        given = with_fifos(chain.stages, depths)
        interval = math.ceil(cycle_model.steady([stage.plan for stage in given]).interval)
    scores_name = chain.stages[score_index].name
    stages = with_fifos(chain.stages, depths)
    latency = cycle_model.trace([stage.plan for stage in stages], 1).last[-1, 0]
    return NetworkPlan(
        module=network.name,
        clock_mhz=clock_mhz,
        folding=replace(chosen, target=target, input_width=first.word_width, packed=first.packed, fifos=depths),
        input=first,
        stages=stages,
        scores_stage=next(i for i, stage in enumerate(stages) if stage.name == scores_name),
        scores=network.scores.result.elements,
        score_width=score_width,
        score_signed=network.scores.result.signed,
        marked=marked,
        interval=int(interval),
        latency=int(latency),
        network=network,
    )
