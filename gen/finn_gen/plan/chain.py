# SPDX-License-Identifier: Apache-2.0
"""The stages of an accelerator one after the other, with converters and FIFOs between them."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finn_gen import family, ip, layers
from finn_gen.base.errors import InputError
from finn_gen.base.groups import has_tail
from finn_gen.base.params import check_module_name
from finn_gen.family.resources import Resources
from finn_gen.ip import Ip
from finn_gen.ip.dwc.plan import DwcPlan
from finn_gen.ip.fifo.params import MAX_DEPTH
from finn_gen.ip.input.plan import InputPlan
from finn_gen.network.lanes import MAX_LANES, MAX_WORD, divisors, groups, without_ends
from finn_gen.network.model import Layer, Network, Shape
from finn_gen.plan import folding
from finn_gen.plan.folding import Folding
from finn_gen.plan.input import padded_columns

MAX_RING = 4096
"""Bits of the ring of a width converter; beyond that, as of a gearbox, two converters through the common divisor are
smaller."""


@dataclass(frozen=True)
class Stage:
    """One stage of the chain: a plan of `ip`.

    An image is `in_words` words at the input and `out_words` at the output, and takes `cycles`. `inserted` is whether
    it is a FIFO that lets the stages beside it keep up.
    """

    ip: Ip
    layer: str
    plan: Any
    in_words: int
    out_words: int
    cycles: int
    inserted: bool = False

    @property
    def name(self) -> str:
        """Name of its module."""
        return self.plan.module

    @property
    def resources(self) -> Resources:
        """Estimated LUTs, flip-flops and block RAMs, within the chain."""
        return ip.estimate(self.plan, inside=True)


def total(stages: Sequence[Stage]) -> Resources:
    """What all stages take."""
    return sum((stage.resources for stage in stages), Resources())


def too_fast(network: Network, layer: Layer, target: int, best: int) -> InputError:
    """The error for a layer that cannot be as fast as is asked."""
    return InputError(
        f"{network.name}: {layer.name}: {target} cycles an image are asked for; the best possible is {best}"
    )


@functools.lru_cache(maxsize=4096)
def converter(in_width: int, out_width: int, family: str = family.DEFAULT) -> DwcPlan:
    """The plan of a converter of no name."""
    return ip.get("dwc").build({"family": family, "in_width": in_width, "out_width": out_width})


class Chain:
    """Stages one after the other, with converters where widths differ.

    `pixels` of a row are in a word of the last stage; of one, where rows end within words, or words are parts of
    pixels. `scores` is the stage whose output words are the scores, `score_width` the bits of one of them.
    """

    def __init__(self, network: Network, chosen: Folding, target: int, first: InputPlan) -> None:
        self.network, self.folding, self.target, self.input = network, chosen, target, first
        self.stages: list[Stage] = []
        self.pixels = 1
        self.scores: Stage
        self.score_width = 0
        self._start()

    def _start(self) -> None:
        first = self.input
        self.add("input", first, first.words, first.words, first.words)

    def name(self, layer: str, kind: str) -> str:
        """Name of a stage's module; a layer that is called what it is keeps its name."""
        full = f"{self.network.name}_{layer}"
        name = full if layer.endswith(kind) else f"{full}_{kind}"
        check_module_name(self.network.name, name)
        if any(stage.name == name for stage in self.stages):
            raise InputError(f"{self.network.name}: two stages would be called {name}; rename the layer {layer}")
        return name

    def common(self, layer: str, kind: str) -> dict[str, Any]:
        """What every stage is asked."""
        return {"name": self.name(layer, kind), "family": self.folding.family}

    def padded(self, layer: Layer) -> int:
        """Columns of a first dense layer with those that the last input word is filled up with, 0 for other layers."""
        return padded_columns(self.network, layer, self.input)

    def needs_prefetch(self, layer: Layer, simd: int) -> bool:
        """Whether the window generator of a conv layer reaches the rate only with the larger buffer."""
        return folding.needs_prefetch(layer, simd, self.target)

    def add(self, layer: str, plan: Any, in_words: int, out_words: int, cycles: int) -> None:
        """Append a stage, with converters before it if its input is of another width."""
        if self.stages:
            self.convert(layer, plan.ports.in_width, in_words * plan.ports.in_width)
        self.stages.append(Stage(ip.of(plan), layer, plan, in_words, out_words, cycles))

    def build(self, layer: str, kind: str, values: dict[str, Any]) -> None:
        """Append the IP `kind`, whose plan knows the image."""
        plan = ip.get(kind).build({**self.common(layer, kind), **values})
        self.add(layer, plan, plan.in_words, plan.out_words, plan.cycles)

    @property
    def width(self) -> int:
        """Bits of the words that the last stage gives."""
        return self.stages[-1].plan.ports.out_width

    def regroup(self, layer: str, image: Shape, pixels: int) -> None:
        """Words of `pixels` pixels of a row of `image`, the source of a layer.

        Of one pixel the words that arrive are kept where no row ends within one.
        """
        if self.pixels == 1 and pixels > 1:
            # Where rows end is not known yet.
            most, bits = without_ends(image, pixels), image.channels * image.bits
            self.convert(layer, most * bits, image.elements * image.bits)
            self.pixels = most
        here, size = self.pixels, self.width // self.pixels
        if here != pixels and has_tail(image.width, *sorted((here, pixels))):
            values = {"ifm_ch": image.channels, "bits": size // image.channels, "ifm_h": image.height}
            values |= {"ifm_w": image.width, "in_pixels": here, "out_pixels": pixels}
            self.build(layer, "regroup", values)
        elif here != pixels and pixels > 1:
            self.convert(layer, pixels * size, groups(image, pixels) * pixels * size)
        self.pixels = pixels

    def pixels_of(self, layer: Layer, legal: Sequence[int]) -> int:
        """Pixels a word for a layer without weights: those that arrive, if the rate allows it, else the fewest that do.

        Raises InputError.
        """
        reach = [pixels for pixels in legal if groups(layer.source, pixels) <= self.target]
        if not reach:
            raise too_fast(self.network, layer, self.target, layers.get(layer.kind).fastest(layer))
        return self.pixels if self.pixels in reach else reach[0]

    def steps(self, width: int, bits: int) -> tuple[int, ...]:
        """Widths that words of the last stage are converted to one after the other, the last `width`."""
        if self.width == width:
            return ()
        common = math.gcd(self.width, width)
        if bits // common <= self.target and common not in (self.width, width):
            direct = converter(self.width, width)
            if direct.gear or direct.ring.width > MAX_RING:
                return common, width
        return (width,)

    def convert(self, layer: str, width: int, bits: int) -> None:
        """Converters from the last stage's words to words of `width`, `bits` bits an image."""
        through, dwc = self.steps(width, bits), ip.get("dwc")
        for index, step in enumerate(through):
            kind = "dwc" if len(through) == 1 else f"dwc{index}"
            before = self.width
            plan = dwc.build({**self.common(layer, kind), "in_width": before, "out_width": step})
            words = bits // before, bits // step
            self.stages.append(Stage(dwc, layer, plan, *words, max(words)))

    def end(self) -> None:
        """Without a label layer the scores leave pixel by pixel, of several bits one by one if the rate allows it."""
        self.regroup("scores", self.network.scores.result, 1)
        scores, width = self.network.scores.result.elements, self.score_width
        if width > 1 and self.width > width and scores <= self.target:
            self.convert("scores", width, scores * width)

    def lanes(self, layer: Layer, pixels: int) -> int:
        """Channels a word for a layer without weights: those that arrive, if the rate allows it.

        Else the fewest that reach the rate, of them one that a simple converter makes.
        """
        channels, bits = layer.source.channels, layer.source.bits
        legal = [
            lanes
            for lanes in divisors(channels)
            if pixels * (channels // lanes) <= self.target and lanes * bits <= MAX_WORD and lanes <= MAX_LANES
        ]
        if not legal:
            raise too_fast(self.network, layer, self.target, layers.get(layer.kind).fastest(layer))
        here = self.width

        def converters(lanes: int) -> tuple[int, int]:
            common = math.gcd(here, lanes * bits)
            return (0 if here == lanes * bits else 1 if common in (here, lanes * bits) else 2), lanes

        return min(legal, key=converters)


def with_fifos(stages: Sequence[Stage], depths: Mapping[str, int]) -> tuple[Stage, ...]:
    """The chain with a FIFO of the given depth after each stage that is named. Raises InputError."""
    unknown = set(depths) - {stage.name for stage in stages[:-1]}
    if unknown:
        legal = ", ".join(stage.name for stage in stages[:-1])
        raise InputError(f"fifos: there is no stage {min(unknown)} with one after it; legal are {legal}")
    chain: list[Stage] = []
    for stage in stages:
        chain.append(stage)
        if depth := depths.get(stage.name, 0):
            fifo = ip.get("fifo")
            if depth > MAX_DEPTH:
                raise InputError(
                    f"{stage.name}: {depth:,} words wait behind it, a FIFO holds at most {MAX_DEPTH:,}: fold layers "
                    "around it so that they take about as long, or ask for another rate"
                )
            asked = {"name": f"{stage.name}_fifo", "family": stage.plan.params.family}
            plan = fifo.build({**asked, "width": stage.plan.ports.out_width, "depth": depth})
            chain.append(Stage(fifo, stage.layer, plan, *(stage.out_words,) * 3, inserted=True))
    return tuple(chain)
