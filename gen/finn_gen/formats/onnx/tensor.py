# SPDX-License-Identifier: Apache-2.0
"""The tensor between two nodes: what each of its elements is of whole numbers that the hardware has.

A tensor is a `Draft` of a layer: sums of a matrix, or the bytes of the image, and functions of these by channel. It
becomes layers of the description where the next matrix needs numbers of few bits: `finn_gen.formats.onnx.fold`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from finn_gen import layers
from finn_gen.base.yaml_file import Fields
from finn_gen.formats.onnx.exact import Channel
from finn_gen.formats.onnx.graph import Node
from finn_gen.network.model import Layer, Shape


@dataclass(frozen=True)
class Stream:
    """The elements between two layers. An element x of channel c is the number factor[c] * x + offset[c].

    `low` and `high` bound x. Where `bit`, x is -1 or +1, and the element 0 or 1.
    """

    shape: Shape
    bit: bool
    low: int
    high: int
    factor: tuple[Fraction, ...]
    offset: tuple[Fraction, ...]


@dataclass(frozen=True, eq=False)
class Sums:
    """What a matrix of whole numbers [rows, cols] makes of a stream; the layer, and the ends of the sum of each row."""

    layer: Layer
    weights: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bits: int
    node: Node


@dataclass(eq=False)
class Draft:
    """A tensor in the making.

    order     in the tensor's shape: the place of an element in the stream, pixel after pixel, channels innermost
    shape     that of the stream
    channels  a function each, of the row's sum or of the byte
    sums      None for the bytes of the image
    moves     layers of kind pad and pool that follow, and the nodes that ask for them; the value of a pad is left open
    name      of the tensor
    nodes     that went into it
    seen      order and number of moves before a padding that belongs to the node that takes it
    """

    order: np.ndarray
    shape: Shape
    channels: list[Channel]
    sums: Sums | None
    name: str
    moves: list[tuple[Layer, Node]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    seen: tuple[np.ndarray, int] | None = None

    def per_channel(self, node: Node, values: np.ndarray, what: str) -> list:
        """The items of an array, which is broadcast to the tensor, by channel. InputError if pixels differ in them."""
        if np.size(values) == 1:
            return [np.reshape(values, ()).item()] * self.shape.channels
        try:
            whole = np.broadcast_to(values, self.order.shape).reshape(-1)
        except ValueError:
            raise node.refuse(
                f"{what} has the shape {list(np.shape(values))}, its image {list(self.order.shape)}; it must be one "
                "number, or one a channel"
            ) from None
        channel = self.order.reshape(-1) % self.shape.channels
        found = np.empty(self.shape.channels, whole.dtype)
        found[channel] = whole
        if not np.array_equal(found[channel], whole):
            raise node.refuse(f"{what} differs from pixel to pixel; it must be one number, or one a channel")
        return found.tolist()

    def fractions(self, node: Node, values: np.ndarray, what: str) -> list[Fraction]:
        """As `per_channel`, exactly. InputError for what is not finite."""
        found = self.per_channel(node, values, what)
        if not np.isfinite(found).all():
            raise node.refuse(f"{what} is not finite")
        known = {value: Fraction(value) for value in set(found)}
        return [known[value] for value in found]

    def widened(self, node: Node) -> None:
        """Give the tensor the shape of the node's output, which may have more axes of one than that before."""
        if node.shape != self.order.shape:
            if np.prod(node.shape) != self.order.size:
                raise node.refuse(
                    f"its constant makes {list(node.shape)} of an image of {list(self.order.shape)}; it must have one "
                    "number, or one a channel"
                )
            self.order = self.order.reshape(node.shape)

    def image(self, node: Node) -> None:
        """InputError unless the tensor is an image [1, C, H, W], or [1, C, W], in the order of the stream."""
        if self.order.ndim not in (3, 4) or self.order.shape[0] != 1:
            raise node.refuse(f"takes a tensor of {self.order.ndim} axes; legal are an image [N, C, H, W] or [N, C, W]")
        if not np.array_equal(self.order.reshape(-1), channels_first(self.shape, self.order.shape)):
            raise node.refuse(
                "what it takes was put into another order before; legal is an image [N, C, H, W] as the node before "
                "the reshaping gave it"
            )

    def follow(self, node: Node, kind: str, fields: dict) -> None:
        """Let a layer of kind pad or pool follow, which leaves the image in the node's shape."""
        layer = outlined(node, kind, fields, self.shape)
        self.moves.append((layer, node))
        self.shape = layer.result
        axes = (0, 3, 1, 2)
        self.order = np.arange(layer.result.elements).reshape(1, *_sizes(layer.result)).transpose(axes)

    def padded(self, node: Node, padding: list[int], value: Fraction | None) -> None:
        """Let a pad of one value follow; of `LOW` for what is below all."""
        if any(padding):
            self.follow(node, "pad", {"padding": padding})
            for channel in self.channels:
                channel.pads.append(value)

    def pooled(self, node: Node, fields: dict) -> None:
        """Let max pooling follow. InputError where it would be of numbers that were turned around in between."""
        for channel in self.channels:
            if channel.pooled is None:
                channel.pooled = channel.sign
            elif channel.sign and channel.pooled not in (0, channel.sign):
                raise node.refuse(
                    "follows another max pooling and a negative factor; it would be the least of a window"
                )
        self.follow(node, "pool", fields)


def _sizes(shape: Shape) -> tuple[int, int, int]:
    return shape.height, shape.width, shape.channels


def channels_first(shape: Shape, sizes: tuple[int, ...]) -> np.ndarray:
    """The order of an image [1, C, H, W] or [1, C, W], flat; of other sizes than the stream's one that matches none."""
    height, width, channels = _sizes(shape)
    if sizes not in {(1, channels, height, width)} | ({(1, channels, width)} if height == 1 else set()):
        return np.empty(0, np.int64)
    return np.arange(shape.elements).reshape(height, width, channels).transpose(2, 0, 1).reshape(-1)


def outlined(node: Node, kind: str, fields: dict, source: Shape) -> Layer:
    """A layer as the description would have it. InputError names the node, the field and what is legal."""
    return layers.get(kind).outline(Fields(node.where, fields), "layer", source)
