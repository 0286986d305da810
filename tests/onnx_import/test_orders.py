# SPDX-License-Identifier: Apache-2.0
"""Shapes, orders of axes and ends of graphs: what layers they become. The import compares each with qonnx itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from finn_gen.formats import onnx as importer
from tests.lib.onnx_models import Builder

NUMBERS = np.random.default_rng(1)


def signs(*shape: int) -> np.ndarray:
    return NUMBERS.choice((-1.0, 1.0), shape)


def bits(*shape: int) -> Builder:
    """An image of 0 to 1 as -1 and +1."""
    b = Builder(shape)
    b.add("Mul", 2.0)
    b.add("Sub", 1.0)
    b.add("BipolarQuant", 1.0)
    return b


def ended(b: Builder, *outputs: tuple[str, int]) -> onnx.ModelProto:
    """The model with the outputs of those names and types."""
    model = b.model()
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, kind, None) for name, kind in outputs)
    return model


def arg_max() -> onnx.ModelProto:
    b = bits(1, 8)
    b.add("MatMul", signs(8, 4))
    b.add("ArgMax", axis=1, keepdims=0)
    return ended(b, (b.at, TensorProto.INT64))


def top_k() -> onnx.ModelProto:
    b = bits(1, 8)
    b.add("MatMul", signs(8, 4))
    b.add("Softmax", axis=-1)
    count = b.constant([1], np.int64)
    b.nodes.append(helper.make_node("TopK", [b.at, count], ["values", "places"], name="top", axis=1))
    return ended(b, ("values", TensorProto.FLOAT), ("places", TensorProto.INT64))


def channels_last() -> onnx.ModelProto:
    b = bits(1, 6, 5, 3)
    b.add("MatMul", signs(3, 4))
    b.add("Mul", np.array([1.0, -1.0, 0.5, 2.0]))
    b.add("BipolarQuant", 1.0)
    b.add("Transpose", perm=[0, 3, 1, 2])
    b.add("Conv", signs(2, 4, 3, 3), kernel_shape=[3, 3])
    b.add("Flatten", axis=1)
    return b.model()


def one_axis() -> onnx.ModelProto:
    b = bits(1, 3, 9)
    b.add("Conv", signs(4, 3, 3), kernel_shape=[3], pads=[1, 1])
    b.add("Sign")
    b.add("MaxPool", kernel_shape=[2], strides=[2])
    b.add("Flatten", axis=1)
    b.add("Gemm", signs(16, 3), np.array([0.5, 1.0, 2.0]))
    return b.model()


def whole_bytes() -> onnx.ModelProto:
    b = Builder((1, 3, 4, 4), kind=TensorProto.UINT8)
    b.add("Cast", to=TensorProto.FLOAT)
    b.add("Sub", 128.0)
    b.add("Conv", signs(4, 3, 3, 3), kernel_shape=[3, 3])
    b.add("MultiThreshold", np.sort(NUMBERS.normal(size=(4, 3)) * 50, axis=1), out_dtype="UINT2")
    b.add("Flatten", axis=1)
    b.add("MatMul", signs(16, 5))
    return b.model()


def quantised_scores() -> onnx.ModelProto:
    b = bits(1, 1, 6, 6)
    b.add("Conv", signs(4, 1, 3, 3), kernel_shape=[3, 3], auto_pad="SAME_UPPER", strides=[2, 2])
    b.add("BatchNormalization", np.array([1.0, -1.0, 0.0, 0.5]), *NUMBERS.normal(size=(2, 4)), np.ones(4))
    b.add("Relu")
    b.quant(0.5, 0.0, 2, signed=0)
    b.add("MaxPool", kernel_shape=[2, 2], strides=[1, 1])
    b.add("Flatten", axis=1)
    b.add("MatMul", signs(16, 3))
    b.quant(1.0, 0.0, 4)
    return b.model()


def normalised_colours() -> onnx.ModelProto:
    b = Builder((1, 3, 4, 4))
    b.add("Sub", np.array([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1))
    b.add("Div", np.array([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1))
    b.quant(1.0, 0.0, 2)
    b.add("Conv", signs(4, 3, 3, 3), kernel_shape=[3, 3])
    b.add("BipolarQuant", 1.0)
    b.add("Flatten", axis=1)
    b.add("MatMul", signs(16, 5))
    return b.model()


def sums_on_thresholds() -> onnx.ModelProto:
    b = bits(1, 16)
    b.add("MatMul", signs(16, 4))
    b.add(
        "BatchNormalization", np.ones(4), np.zeros(4), np.array([4.0, 2.0, -4.0, 0.0]), np.array([0.3, 0.7, 1.1, 2.0])
    )
    b.add("BipolarQuant", 1.0)
    b.add("MatMul", signs(4, 3))
    return b.model()


def scales_a_row() -> onnx.ModelProto:
    b = bits(1, 8)
    scales = [b.constant([0.5, 1.0, 0.25]), b.constant([0, 0, 0], np.int8)]
    weights = b.node("DequantizeLinear", [b.constant(NUMBERS.integers(-7, 8, (3, 8)), np.int8), *scales], axis=0)
    b.at = b.node("Gemm", [b.at, weights], transB=1)
    b.add("Sign")
    b.add("MatMul", signs(3, 4))
    return b.model()


def pixels(scale: float, signed: int) -> Callable[[], onnx.ModelProto]:
    def build() -> onnx.ModelProto:
        b = Builder((1, 8))
        b.quant(scale, 0.0, 8, signed=signed)
        b.add("MatMul", signs(8, 3))
        return b.model()

    return build


CASES: dict[str, tuple[Callable[[], onnx.ModelProto], str, list[str]]] = {
    "arg max": (arg_max, "threshold", ["dense", "label"]),
    "top k": (top_k, "threshold", ["dense", "label"]),
    "channels last": (channels_last, "threshold", ["conv", "conv"]),
    "one axis, bits padded by 0": (one_axis, "uint8", ["conv", "pad", "conv", "pool", "dense"]),
    "a scale a row of whole weights": (scales_a_row, "threshold", ["dense", "dense"]),
    "bytes": (whole_bytes, "uint8", ["conv", "dense"]),
    "quantised scores": (quantised_scores, "uint8", ["conv", "pad", "conv", "pool", "dense", "dense"]),
    "a scale a colour": (normalised_colours, "uint8", ["conv", "conv", "dense"]),
    "sums on thresholds": (sums_on_thresholds, "threshold", ["dense", "dense"]),
    "a byte is a step": (pixels(1 / 255, 0), "uint8", ["dense"]),
    "a byte is about half a step": (pixels(1 / 128, 1), "uint8", ["conv", "dense"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_graph_becomes_these_layers(case: str, tmp_path: Path) -> None:
    build, encoding, kinds = CASES[case]
    onnx.save(build(), tmp_path / "net.onnx")
    network = importer.load(tmp_path / "net.onnx").network
    assert (network.encoding, [layer.kind for layer in network.layers]) == (encoding, kinds)


def test_biases_keep_the_order_of_scores_with_the_fewest_bits(tmp_path: Path) -> None:
    b = bits(1, 8)
    b.add("MatMul", signs(8, 4))
    b.add("Add", np.array([0.25, 0.75, 0.25, -2.0]))
    onnx.save(b.model(), tmp_path / "net.onnx")
    matrix = importer.load(tmp_path / "net.onnx").network.scores.matrix
    # Three different rests, 0 among them, take two bits; a sum of bits counts by two, which takes another.
    assert matrix.fraction == 2 + 1
    assert (np.diff(matrix.biases) == np.diff(np.array([0.25, 0.75, 0.25, -2.0]) * 4)).all()
