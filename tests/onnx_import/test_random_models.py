# SPDX-License-Identifier: Apache-2.0
"""Random networks in odd orders of nodes: the imported network gives what qonnx gives for the file as it is."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import numpy as np
import onnx
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.util.cleanup import cleanup_model

from finn_gen.base.errors import InputError
from finn_gen.formats import onnx as importer
from finn_sim import reference
from tests.lib.onnx_models import random_model

CHUNKS, MODELS = 4, 6
SEED = int(os.environ.get("SEED", "1"))
IMAGES = 8
REFUSED = (
    "quantised to one level",
    "clipped and not quantised",
    "the scores of the classes have different scales",
    "weights are whole multiples",
    "the offsets of the classes' scores",
    "the shape of its tensor",
    "differs from pixel to pixel",
    "levels in equal steps",
)
"""What a random network may be refused for."""


def as_single(model: onnx.ModelProto) -> None:
    """Double precision becomes single precision, which is all that qonnx's execution takes throughout."""
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    attributes = [attribute.t for node in model.graph.node for attribute in node.attribute if attribute.HasField("t")]
    for tensor in (*model.graph.initializer, *attributes):
        if tensor.data_type == onnx.TensorProto.DOUBLE:
            number = onnx.numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(number, tensor.name))


def by_qonnx(model: onnx.ModelProto, images: np.ndarray) -> np.ndarray:
    """qonnx's output [N, classes] for images [N, H, W, C], one after the other, cleaned as qonnx does."""
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    as_single(model)
    cleaned = cleanup_model(ModelWrapper(model))
    shape = cleaned.get_tensor_shape("global_in")
    found = []
    for image in images:
        planes = image.transpose(2, 0, 1) if len(shape) == 4 else image
        given = {"global_in": (planes.reshape(shape) / 255).astype(np.float32)}
        found.append(execute_onnx(cleaned, given)["global_out"].reshape(-1))
    return np.stack(found).astype(np.float64)


def same_order(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether the classes of an image compare alike, bool [N]; what is equal but for rounding is equal."""
    near = 1e-4 * max(1.0, np.abs(other).max())
    signs = [np.sign(x[:, :, None] - x[:, None, :]) for x in (one, np.round(other / near) * near)]
    return (signs[0] == signs[1]).all(axis=(1, 2))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_random_network_gives_the_scores_of_qonnx(chunk: int, tmp_path: Path) -> None:
    imported = 0
    for index in range(MODELS):
        seed = f"{SEED}/{chunk}/{index}"
        print(f"random_model(Random({seed!r}))")
        model = random_model(Random(seed))
        path = tmp_path / f"net{index}.onnx"
        onnx.save(model, path)
        try:
            found = importer.load(path)
        except InputError as error:
            assert any(words in str(error) for words in REFUSED), (seed, error)
            continue
        imported += 1
        shape = found.network.source
        numbers = np.random.default_rng(index)
        images = numbers.integers(0, 256, (IMAGES, shape.height, shape.width, shape.channels), np.uint8)
        scores = reference.scores(found.network, images)
        if model.graph.node[-1].op_type == "Softmax":
            continue  # its numbers lie too near to each other to be told apart
        alike = same_order(scores, by_qonnx(model, images))
        # Where an image's sum lies on a threshold the rounding of single precision may have decided otherwise.
        assert alike.all() or ("lies on a threshold" in found.report and alike.mean() > 0.7), seed
    assert imported >= MODELS // 3
