# SPDX-License-Identifier: Apache-2.0
"""Max pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finn_gen.base.groups import LEGAL
from finn_gen.base.yaml_file import Fields
from finn_gen.layers import MAX_KERNEL, MAX_STRIDE, LayerKind, _window, same_format
from finn_gen.network.lanes import MAX_WORD, ONE_PIXEL, groups, widest_lanes
from finn_gen.network.model import Layer, Shape

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


def outline(fields: Fields, name: str, source: Shape) -> Layer:
    """Kernel and stride, which is the kernel's if not given."""
    _window.refuse(fields, "dilation")
    kernel = fields.numbers("kernel", (2,), 1, MAX_KERNEL)
    stride = fields.numbers("stride", (2,), 1, MAX_STRIDE, list(kernel))
    height, width = _window.places(fields, source, kernel, stride)
    return Layer(name, "pool", source, Shape(height, width, source.channels), kernel, stride)


def described(layer: Layer) -> dict[str, Any]:
    """The fields of the description."""
    return {"kernel": _described(layer.kernel), "stride": _described(layer.stride)}


def _described(pair: tuple[int, int]) -> int | list[int]:
    """A number where both axes have the same."""
    return pair[0] if pair[0] == pair[1] else list(pair)


def build(chain: Chain, layer: Layer) -> None:
    """As many pixels and channels a word as arrive, where the rate allows it."""
    source, legal = layer.source, legal_pixels(layer)
    pixels = chain.pixels_of(layer, legal)
    chain.regroup(layer.name, source, pixels)
    lanes = source.channels if pixels > 1 else chain.lanes(layer, source.height * source.width)
    values = {"ifm_ch": source.channels, "bits": source.bits, "signed": source.signed}
    values |= {"pe": lanes, "ifm_h": source.height, "ifm_w": source.width, "pixels": pixels}
    values |= {"k": layer.kernel[0], "stride": layer.stride[0]}
    # Along the row as down the columns, unless it is named.
    values |= {} if layer.kernel[0] == layer.kernel[1] else {"k_w": layer.kernel[1]}
    values |= {} if layer.stride[0] == layer.stride[1] else {"stride_w": layer.stride[1]}
    chain.build(layer.name, "pool", values)
    chain.pixels = max(1, pixels // layer.stride[1])


def legal_pixels(layer: Layer) -> tuple[int, ...]:
    """Pixels a word that it can take: several, of all channels, where columns of windows are apart and in one word."""
    source, step = layer.source, layer.stride[1]
    if layer.kernel[1] != step or widest_lanes(source) < source.channels:
        return ONE_PIXEL
    widest = MAX_WORD // (source.channels * source.bits)
    return tuple(n for n in LEGAL if n == 1 or (n % step == 0 and n < 2 * source.width and n <= widest))


def fastest(layer: Layer) -> int:
    """Every word that goes in takes at least a cycle."""
    most = legal_pixels(layer)[-1]
    if most > 1:
        return groups(layer.source, most)
    return layer.source.elements // widest_lanes(layer.source)


KIND = LayerKind("pool", outline, described, build, same_format, fastest=fastest)
