# SPDX-License-Identifier: Apache-2.0
"""Rows and columns of a constant around an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finn_gen.base.ranges import of_elements
from finn_gen.base.yaml_file import Fields, wrong
from finn_gen.layers import MAX_PADDING, LayerKind, same_format
from finn_gen.network.lanes import widest_lanes
from finn_gen.network.model import Layer, Matrix, Shape

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


def outline(fields: Fields, name: str, source: Shape) -> Layer:
    """Pixels at the four sides, and their value."""
    padding = fields.numbers("padding", (4,), 0, MAX_PADDING)
    value = fields.take("value", 0)
    top, bottom, left, right = padding
    result = Shape(source.height + top + bottom, source.width + left + right, source.channels)
    return Layer(name, "pad", source, result, padding=padding, value=value)


def format_of(where: str, layer: Layer, matrix: Matrix | None) -> tuple[int, bool]:
    """That of the elements around which it puts the value, which must be one of them."""
    legal = of_elements(layer.source.bits, layer.source.signed)
    if type(layer.value) is not int or not legal.low <= layer.value <= legal.high:
        raise wrong(where, "value", layer.value, f"a whole number from {legal.low} to {legal.high}")
    return same_format(where, layer, matrix)


def described(layer: Layer) -> dict[str, Any]:
    """The fields of the description."""
    return {"padding": list(layer.padding), "value": layer.value}


def build(chain: Chain, layer: Layer) -> None:
    """As many channels a word as arrive, where the rate allows it."""
    top, bottom, left, right = layer.padding
    source = layer.source
    chain.regroup(layer.name, source, 1)
    value = 2 * layer.value - 1 if source.bits == 1 else layer.value
    values = {"ifm_ch": source.channels, "bits": source.bits, "ifm_h": source.height, "ifm_w": source.width}
    values |= {"simd": chain.lanes(layer, layer.result.height * layer.result.width), "value": str(value)}
    values |= {"top": top, "bottom": bottom, "left": left, "right": right}
    chain.build(layer.name, "pad", values)


def fastest(layer: Layer) -> int:
    """Every pixel that comes out takes at least a cycle."""
    return layer.result.elements // widest_lanes(layer.result)


KIND = LayerKind("pad", outline, described, build, format_of, fastest=fastest)
