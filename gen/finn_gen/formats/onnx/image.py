# SPDX-License-Identifier: Apache-2.0
"""The image: what picture the input of a graph is, and what number of the graph a byte of it stands for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from onnx import TensorProto

from finn_gen.base.errors import InputError
from finn_gen.formats.description import MAX_SIDE
from finn_gen.formats.onnx.exact import Channel
from finn_gen.formats.onnx.graph import MOVES, Constant, Graph, Node
from finn_gen.formats.onnx.reading import show
from finn_gen.formats.onnx.tensor import Draft
from finn_gen.layers import MAX_CHANNELS
from finn_gen.network.model import Shape

UNIT = (0.0, 1.0)
"""The numbers of the bytes 0 and 255 where nothing else is said: a picture as torchvision's ToTensor gives it."""
MAX_ELEMENTS = 1 << 22
"""Of an image, such as 2048x2048."""
_COLOURS = (1, 3)
"""Channels of pictures, by which an image with channels last is known."""


@dataclass(frozen=True, eq=False)
class Picture:
    """The image of a graph.

    shape      as the description has it
    order      in the shape of the graph's input, the place of an element in the picture, pixel after pixel
    low, step  the byte p is the number low + step * p of the graph
    kind       the type of the graph's input
    """

    shape: Shape
    order: np.ndarray
    low: Fraction
    step: Fraction
    kind: type

    def tensors(self, images: np.ndarray) -> np.ndarray:
        """Images uint8 [N, H, W, C] as the graph takes them, [N, ...]."""
        flat = images.reshape(len(images), -1)[:, self.order.reshape(-1)]
        numbers = np.array([float(self.low + self.step * byte) for byte in range(256)]).astype(self.kind)
        return numbers[flat].reshape(len(images), *self.order.shape[1:])

    def draft(self, name: str) -> Draft:
        """The tensor that goes into the graph."""
        channels = [Channel() for _ in range(self.shape.channels)]
        for channel in channels:
            channel.affine(self.step, self.low)
        return Draft(self.order, self.shape, channels, None, name)


def picture_of(graph: Graph, limits: tuple[float, float] | None) -> Picture:
    """The picture that a graph takes; the bytes 0 and 255 are `limits`. Raises InputError."""
    where = f"{graph.path}: input {show(graph.source)}"
    if len(graph.shape) not in (2, 3, 4):
        raise InputError(f"{where}: {len(graph.shape)} axes; legal are 2 to 4, the first of images")
    if math.prod(graph.shape) > MAX_ELEMENTS:
        raise InputError(f"{where}: {math.prod(graph.shape)} elements; an image may have up to {MAX_ELEMENTS}")
    shape, order = _placed(graph)
    if max(shape.height, shape.width) > MAX_SIDE or shape.channels > MAX_CHANNELS:
        raise InputError(
            f"{where}: a picture of {shape.height}x{shape.width}x{shape.channels}; legal are up to {MAX_SIDE} rows and "
            f"columns and {MAX_CHANNELS} channels"
        )
    if graph.kind != TensorProto.FLOAT:
        if limits is not None:
            raise InputError(f"{where}: takes bytes as they are; a range is for inputs of floating point")
        signed = graph.kind == TensorProto.INT8
        return Picture(shape, order, Fraction(-128 * signed), Fraction(1), np.int8 if signed else np.uint8)
    low, high = (Fraction(end) for end in limits or UNIT)
    return Picture(shape, order, low, (high - low) / 255, np.float32)


def _placed(graph: Graph) -> tuple[Shape, np.ndarray]:
    """Rows, columns and channels, and where the elements of the input lie in them.

    They are those of the first layer that takes an image. Where there is none the input says it: [N, C, H, W]; with one
    or three last, [N, H, W, C]; [N, H, W]; of [N, elements] a square picture of one channel if they are a square.
    """
    index = np.arange(math.prod(graph.shape)).reshape(graph.shape)
    for node in graph.nodes:
        found = _asked(node, index)
        if found is not None:
            order = np.empty(index.size, np.int64)
            height, width, channels = found.shape
            order[found.reshape(-1)] = np.arange(index.size)
            return Shape(height, width, channels), order.reshape(graph.shape)
        if len(graph.shape) == 2 and any(each.value.size > 1 for each in _parameters(node)):
            return Shape(1, 1, graph.shape[1]), index  # each element has a scale or threshold of its own
        if node.kind in MOVES:
            index = node.moved(index, index.shape)
        elif node.shape != index.shape:
            break
    shape = graph.shape
    if len(shape) == 4 and not (shape[3] in _COLOURS and shape[1] not in _COLOURS):
        places = np.arange(index.size).reshape(shape[2], shape[3], shape[1]).transpose(2, 0, 1)
        return Shape(shape[2], shape[3], shape[1]), places.reshape(shape)
    side = math.isqrt(shape[-1])
    sizes = {4: shape[1:], 3: (*shape[1:], 1), 2: (side, side, 1) if side * side == shape[-1] else (1, 1, shape[-1])}
    return Shape(*sizes[len(shape)]), np.arange(index.size).reshape(shape)


def _parameters(node: Node) -> list[Constant]:
    """The constants of a node that computes an element from an element."""
    if node.kind in MOVES | {"MatMul", "Gemm"}:
        return []
    return [node.constants[name] for name in node.proto.input if name in node.constants]


def _asked(node: Node, index: np.ndarray) -> np.ndarray | None:
    """The elements of a tensor as [H, W, C], if a node takes an image."""
    if node.kind in ("Conv", "MaxPool", "Pad") and index.ndim in (3, 4):
        image = index if index.ndim == 4 else index[:, :, None, :]
        return image[0].transpose(1, 2, 0)
    if node.kind == "MatMul" and index.ndim in (3, 4) and index.size > index.shape[-1]:
        image = index if index.ndim == 4 else index[:, None]
        return image[0]
    return None
