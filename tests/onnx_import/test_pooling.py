# SPDX-License-Identifier: Apache-2.0
"""Poolings that round their windows up: the import's graph has the shapes and values of onnxruntime for the file."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from finn_gen.formats.onnx.graph import prepare

SIZES = [(height, width) for height in range(1, 7) for width in (1, 3, 4, 6)]
WINDOWS = [
    (kernel, stride, begin, end)
    for kernel, stride in itertools.product((1, 2, 3), (1, 2, 3))
    for begin, end in itertools.product(range(min(kernel, 2)), repeat=2)
]


def run(model: onnx.ModelProto, image: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # it warns of the very shapes that are wrong
    return onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, {"x": image})[0]


def poolings(size: tuple[int, int], opset: int, *attributes: dict[str, Any]) -> onnx.ModelProto:
    """One pooling after the other, of an image of one channel."""
    names = ["x", *(f"t{index}" for index in range(1, len(attributes))), "y"]
    nodes = [
        helper.make_node("MaxPool", [names[index]], [names[index + 1]], ceil_mode=1, **each)
        for index, each in enumerate(attributes)
    ]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, *size])
    left_open = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "poolings", [given], [left_open])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.mark.parametrize("opset", [11, 13, 22])
@pytest.mark.parametrize("auto", [False, True], ids=["padded", "valid"])
def test_windows_that_begin_behind_the_image_are_none(opset: int, auto: bool) -> None:
    compared = 0
    for size, (kernel, stride, begin, end) in itertools.product(SIZES, WINDOWS):
        if min(size) + (0 if auto else begin + end) < kernel or (auto and begin + end):
            continue
        pads = {"auto_pad": "VALID"} if auto else {"pads": [begin, end, end, begin]}
        first = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2} | pads
        second = {"kernel_shape": [1, 1], "strides": [2, 2]}  # its last windows begin behind every even size
        model = poolings(size, opset, first, second)
        image = np.random.default_rng(compared).normal(size=(1, 1, *size)).astype(np.float32)
        expected = run(model, image)
        graph = prepare(Path("poolings.onnx"), model)
        assert graph.shapes["y"] == expected.shape, (size, first)
        assert np.array_equal(run(graph.model.model, image), expected), (size, first)
        compared += 1
    assert compared > 100
