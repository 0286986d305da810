# SPDX-License-Identifier: Apache-2.0
"""Dense layer: a matrix-vector-threshold unit over all elements of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finn_gen.base.yaml_file import Fields
from finn_gen.layers import MAX_CHANNELS, LayerKind, _weighted
from finn_gen.network.model import Layer, Shape

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


def outline(fields: Fields, name: str, source: Shape) -> Layer:
    """Units, and bits."""
    units = fields.number("units", 1, MAX_CHANNELS)
    return Layer(name, "dense", source, Shape(1, 1, units), **_weighted.outline_bits(fields))


def described(layer: Layer) -> dict[str, Any]:
    """The fields of the description."""
    return {"units": layer.result.channels, **_weighted.described_bits(layer)}


def matrix(layer: Layer) -> tuple[int, int]:
    """A row a unit, a column an element of the image."""
    return layer.result.channels, layer.source.elements


def build(chain: Chain, layer: Layer) -> None:
    """The unit, which takes the image as one vector."""
    chain.regroup(layer.name, layer.source, 1)
    _weighted.build_unit(chain, layer)


KIND = LayerKind("dense", outline, described, build, _weighted.format_of, matrix=matrix, vector=True)
