# SPDX-License-Identifier: Apache-2.0
"""Networks that others made: TFC of the QONNX model zoo, and what Brevitas exports, in the reference and in RTL."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.util.cleanup import cleanup_model

from finn_gen.formats import onnx as importer
from finn_gen.plan import rate
from finn_gen.plan.network import plan_network
from finn_sim import pictures, reference
from tests.lib import testbench
from tests.lib.paths import DATA

MODELS = Path(__file__).parent / "models"
NAMES = sorted(path.stem for path in MODELS.glob("*.onnx"))
ZOO = DATA / "qonnx"
needs_zoo = pytest.mark.skipif(
    not ZOO.is_dir(), reason="the models of the QONNX model zoo in ../shared/data are not there"
)
LAYERS = {
    "cnv_like": ["conv", "conv", "pool", "conv", "conv", "pool", "dense", "dense"],
    "padded_bipolar": ["pad", "conv", "pad", "conv", "pad", "pool", "dense"],
    "sfc_like": ["dense", "dense", "dense"],
    "lfc_like_w1a2": ["conv", "dense", "dense", "dense"],
}
"""Kinds of layers that some become; the conv of one pixel quantises the image to -1, 0 and +1."""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """MNIST's 10,000 test images, uint8 [N, 28, 28, 1]."""
    import subprocess

    folder = tmp_path_factory.mktemp("data")
    subprocess.run([sys.executable, DATA / "unpack.py", folder, "mnist"], check=True, capture_output=True)
    (path,) = folder.rglob("t10k-images*")
    return pictures.load(path, (28, 28, 1), [str(i) for i in range(10)]).images


def by_qonnx(path: Path, images: np.ndarray) -> np.ndarray:
    """qonnx's output [N, classes], one image after the other."""
    model = cleanup_model(ModelWrapper(str(path)))
    shape = model.get_tensor_shape("global_in")
    planes = (images.transpose(0, 3, 1, 2) / np.float32(255)).astype(np.float32)
    return np.stack([execute_onnx(model, {"global_in": x.reshape(shape)})["global_out"][0] for x in planes])


def scaled(scores: np.ndarray, values: np.ndarray) -> float:
    """How far values are from a positive multiple of the scores and an offset, in steps of the scores."""
    factor, offset = np.polyfit(scores.reshape(-1), values.reshape(-1), 1)
    assert factor > 0
    return float(np.abs((values - offset) / factor - scores).max())


@needs_zoo
def test_tfc_w1a1_gives_every_golden_score(digits: np.ndarray) -> None:
    network = importer.load(ZOO / "TFC_1W1A.onnx").network
    assert [str(layer.result) for layer in network.layers] == [
        "1x1x64 of 1 bit", "1x1x64 of 1 bit", "1x1x64 of 1 bit", "1x1x10 of 7 bits"]  # fmt: skip
    with np.load(ZOO / "tfcW1A1_mnist_brevitas_t10k.npz") as golden:
        found = reference.scores(network, digits)
        assert np.array_equal(found, golden["popcount"])
        assert np.array_equal(reference.labels(found), golden["argmax_first"])


@needs_zoo
def test_tfc_w1a2_gives_every_score_of_qonnx(digits: np.ndarray) -> None:
    imported = importer.load(ZOO / "TFC_1W2A.onnx")
    graph = execution_of(ZOO / "TFC_1W2A.onnx")
    values = np.concatenate([found["82"] for found in graph.tensors(digits, ["82"])])
    scores = reference.scores(imported.network, digits)
    assert scores.shape == (10_000, 10)
    assert scaled(scores, values) < 1e-3


def execution_of(path: Path):
    """qonnx's execution of a file, many images at a time; `by_qonnx` shows that it is the same on some."""
    from finn_gen.formats.onnx import check, graph, image, nodes, reading

    checked = graph.prepare(path, reading.read(path, nodes.HANDLERS))
    return check.Execution(checked, image.picture_of(checked, None))


@needs_zoo
def test_many_images_at_a_time_are_executed_as_one_after_the_other(digits: np.ndarray) -> None:
    path = ZOO / "TFC_1W2A.onnx"
    (found,) = execution_of(path).tensors(digits[:20], ["82"])
    assert np.allclose(found["82"], by_qonnx(path, digits[:20]), rtol=1e-5, atol=1e-6)


@needs_zoo
@pytest.mark.parametrize(
    ("model", "sim", "count"),
    [("TFC_1W1A", "icarus", 100), ("TFC_1W1A", "verilator", 1000), ("TFC_1W2A", "verilator", 1000)],
)
@pytest.mark.lengthy
def test_tfc_answers_so_in_rtl(model: str, sim: str, count: int, digits: np.ndarray, tmp_path: Path) -> None:
    testbench.skip_unless_asked(sim)
    network = importer.load(ZOO / f"{model}.onnx").network
    try_in_rtl(tmp_path, network, digits[:count], sim)


def try_in_rtl(folder: Path, network, images: np.ndarray, sim: str, target: int = 800) -> None:
    """Images in the accelerator, which takes one every `target` cycles; AssertionError if a score differs."""
    plan = plan_network(network, rate.fold(network, target))
    command = testbench.build(folder, plan, sim)
    testbench.write_vectors(folder, plan, images)
    testbench.run(folder, command, images=len(images))


@pytest.mark.parametrize("name", NAMES)
def test_what_brevitas_exports_gives_the_numbers_of_qonnx(name: str) -> None:
    imported = importer.load(MODELS / f"{name}.onnx")
    network, shape = imported.network, imported.network.source
    numbers = np.random.default_rng(1)
    images = numbers.integers(0, 256, (20, shape.height, shape.width, shape.channels), np.uint8)
    fraction = network.scores.matrix.fraction
    scores = reference.scores(network, images)
    assert scaled(scores, by_qonnx(MODELS / f"{name}.onnx", images)) < 1 + 0.01 * 2**fraction
    if name in LAYERS:
        assert [layer.kind for layer in network.layers] == LAYERS[name]


IN_RTL = (
    ("sfc_like", "icarus"),
    ("cnv_like_w2a2", "icarus"),
    ("padded_bipolar", "icarus"),
    ("default3_qcdq", "icarus"),
    ("w3a3_qcdq", "verilator"),
)


@pytest.mark.parametrize(("name", "sim"), IN_RTL)
def test_what_brevitas_exports_answers_so_in_rtl(name: str, sim: str, tmp_path: Path) -> None:
    testbench.skip_unless_asked(sim)
    network = importer.load(MODELS / f"{name}.onnx").network
    shape = network.source
    images = np.random.default_rng(2).integers(0, 256, (6, shape.height, shape.width, shape.channels), np.uint8)
    try_in_rtl(tmp_path, network, images, sim, 2000)


def test_brevitas_exports_what_is_imported(tmp_path: Path) -> None:
    pytest.importorskip("brevitas", reason="Brevitas is not installed: pip install brevitas onnxoptimizer")
    pytest.importorskip("onnxoptimizer", reason="Brevitas exports with onnxoptimizer, which is not installed")
    from tests.lib.brevitas_models import export, topologies

    for name in topologies():
        path = export(name, tmp_path)
        assert importer.load(path).network.layers, name
