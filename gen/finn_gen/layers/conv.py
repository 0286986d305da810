# SPDX-License-Identifier: Apache-2.0
"""Convolution: a window generator, unless the kernel is one pixel at every pixel, and a matrix-vector unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from finn_gen.base.yaml_file import Fields
from finn_gen.layers import MAX_CHANNELS, MAX_DILATION, MAX_KERNEL, MAX_STRIDE, LayerKind, _weighted, _window
from finn_gen.network.lanes import has_window
from finn_gen.network.model import Layer, Shape

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


def outline(fields: Fields, name: str, source: Shape) -> Layer:
    """Channels, kernel, stride and dilation, and bits."""
    _window.refuse(fields)
    channels = fields.number("channels", 1, MAX_CHANNELS)
    kernel = fields.numbers("kernel", (2,), 1, MAX_KERNEL)
    stride = fields.numbers("stride", (2,), 1, MAX_STRIDE, 1)
    dilation = fields.numbers("dilation", (2,), 1, MAX_DILATION, 1)
    height, width = _window.places(fields, source, kernel, stride, dilation)
    bits = _weighted.outline_bits(fields)
    return Layer(name, "conv", source, Shape(height, width, channels), kernel, stride, dilation, **bits)


def described(layer: Layer) -> dict[str, Any]:
    """The fields of the description."""
    fields = {"channels": layer.result.channels, "kernel": list(layer.kernel), "stride": list(layer.stride)}
    fields |= {} if layer.dilation == (1, 1) else {"dilation": list(layer.dilation)}
    return fields | _weighted.described_bits(layer)


def matrix(layer: Layer) -> tuple[int, int]:
    """A row an output channel, a column an element of the window."""
    return layer.result.channels, math.prod(layer.kernel) * layer.source.channels


def window_values(layer: Layer, simd: int, prefetch: bool, pixels: int = 1) -> dict[str, Any]:
    """Parameters of the window generator before a conv layer."""
    source = layer.source
    return {
        "ifm_ch": source.channels,
        "bits": source.bits,
        "simd": simd,
        "ifm_h": source.height,
        "ifm_w": source.width,
        "k_h": layer.kernel[0],
        "k_w": layer.kernel[1],
        "stride_h": layer.stride[0],
        "stride_w": layer.stride[1],
        "dilation_h": layer.dilation[0],
        "dilation_w": layer.dilation[1],
        "prefetch": prefetch,
        "pixels": pixels,
    }


def build(chain: Chain, layer: Layer) -> None:
    """The window generator, with the larger buffer where the rate needs it, and the unit."""
    fold = chain.folding.layers[layer.name]
    chain.regroup(layer.name, layer.source, fold.pixels)
    if has_window(layer):
        prefetch = chain.needs_prefetch(layer, fold.simd)
        chain.build(layer.name, "swg", window_values(layer, fold.simd, prefetch, fold.pixels))
    _weighted.build_unit(chain, layer)


KIND = LayerKind("conv", outline, described, build, _weighted.format_of, matrix=matrix)
