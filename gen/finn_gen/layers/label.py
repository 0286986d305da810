# SPDX-License-Identifier: Apache-2.0
"""The index of the largest score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import Range
from finn_gen.base.yaml_file import Fields
from finn_gen.layers import LayerKind
from finn_gen.network.lanes import widest_lanes
from finn_gen.network.model import Layer, Matrix, Shape

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


def outline(fields: Fields, name: str, source: Shape) -> Layer:
    """It has no fields."""
    if source.height * source.width != 1:
        raise InputError(f"{fields.where}: a label is of one pixel; this image has {source.height}x{source.width}")
    return Layer(name, "label", source, Shape(1, 1, 1))


def format_of(where: str, layer: Layer, matrix: Matrix | None) -> tuple[int, bool]:
    """An index of the scores."""
    return Range(0, layer.source.channels - 1).width, False


def described(layer: Layer) -> dict[str, Any]:
    """The fields of the description."""
    return {}


def build(chain: Chain, layer: Layer) -> None:
    """As many scores a word as arrive, where those are a divisor of all."""
    chain.regroup(layer.name, layer.source, 1)
    labels, bits = layer.source.channels, chain.score_width
    arriving = chain.width // bits
    pe = arriving if arriving and labels % arriving == 0 else 1
    values = {"labels": labels, "bits": bits, "signed": layer.source.signed, "pe": pe, "tlast": True}
    chain.build(layer.name, "label", values)


def fastest(layer: Layer) -> int:
    """As many scores a cycle as a word holds."""
    return layer.source.elements // widest_lanes(layer.source)


KIND = LayerKind("label", outline, described, build, format_of, fastest=fastest)
