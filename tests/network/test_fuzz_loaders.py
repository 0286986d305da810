# SPDX-License-Identifier: Apache-2.0
"""Files that a user can give, damaged at random: a result or an InputError of a line or two, and no hang.

Network descriptions are in test_model.py, picture files in tests/sim/test_pictures.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, helper
from PIL import Image

from finn_gen.base.errors import InputError
from finn_gen.emit import accelerator
from finn_gen.formats import bnn_pynq, description, onnx, params_npz
from finn_gen.formats.onnx.nodes import HANDLERS
from finn_gen.formats.onnx.reading import CONSTANT
from finn_gen.network import model
from finn_gen.plan import folding, rate
from finn_gen.plan import network as plan
from finn_sim import pictures
from finn_sim.accel import design
from tests.lib.onnx_models import Builder

FUZZ = settings(
    max_examples=100, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NETWORK = """\
format: 1
name: tiny
input: {height: 4, width: 4, channels: 1, encoding: threshold}
parameters: tiny.npz
layers:
  - {name: l0, kind: conv, channels: 4, kernel: 3}
  - {name: l1, kind: dense, units: 3}
  - {name: label, kind: label}
"""
FOLDING = """\
format: 1
name: mine
target: 100
input_width: 16
packed: false
layers:
  l0: {pe: 2, simd: 3, storage: lut}
  l1: {pe: 1, simd: 8}
fifos: {tiny_l0_swg: 3}
"""
MANIFEST = [{"set": "s", "file": f"{label}.png", "label": label} for label in ("a", "b", "c")]
MATRICES = (
    params_npz.Matrix(np.eye(4, 9, dtype=np.uint8), np.arange(4, dtype=np.int32)[:, None]),
    params_npz.Matrix(np.ones((3, 16), np.uint8), None),
)

plain = (
    st.none() | st.booleans() | st.integers() | st.integers(-1, 20) | st.floats() | st.text("az09_-. é\n", max_size=8)
)
nested = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab_", max_size=6), inner, max_size=3)
)
pieces = st.binary(max_size=6) | st.sampled_from([b"-1", b"[", b"{", b"&a", b"*a", b"1e99", b": ", b"!!", b"\n", b"0"])


@pytest.fixture
def network(tmp_path: Path) -> model.Network:
    """A network whose files lie in tmp_path."""
    (tmp_path / "tiny.npz").write_bytes(params_npz.to_bytes(MATRICES))
    (tmp_path / "tiny.yaml").write_text(NETWORK)
    return description.load(tmp_path / "tiny.yaml")


def damaged(data: st.DataObject, good: bytes) -> bytes:
    """`good` with one to four places of it replaced."""
    text = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, max(0, len(text) - 1)))
        text[start : start + data.draw(st.integers(0, 8))] = data.draw(pieces)
    return bytes(text)


def loaded(where: Path, load: Callable[[], Any]) -> Any:
    """What `load` gives, or None after an InputError of at most two lines that names `where`."""
    try:
        return load()
    except InputError as error:
        assert str(error).count("\n") <= 1
        assert str(where) in str(error)
        return None


def try_folding(path: Path, network: model.Network) -> None:
    """Load a folding, and plan the stages that it asks for: its PE and SIMD are checked there."""
    found = loaded(path, lambda: folding.load(path, network))
    if found:
        loaded(Path(network.name), lambda: plan.without_fifos(network, found))


def test_the_undamaged_files_are_good(network, tmp_path):
    (tmp_path / "good.yaml").write_text(FOLDING)
    assert len(plan.without_fifos(network, folding.load(tmp_path / "good.yaml", network))) >= 4


@FUZZ
@given(data=st.data())
def test_any_damage_to_a_folding_gives_a_folding_or_an_input_error(data, network, tmp_path):
    path = tmp_path / "damaged.yaml"
    path.write_bytes(damaged(data, FOLDING.encode()))
    try_folding(path, network)


@FUZZ
@given(
    top=st.dictionaries(st.sampled_from(["target", "input_width", "packed", "fifos", "name", "stages"]), nested),
    layer=st.dictionaries(st.sampled_from(["pe", "simd", "storage"]), nested | st.just("lut")),
)
def test_any_values_in_a_folding_give_a_folding_or_an_input_error(top, layer, network, tmp_path):
    path = tmp_path / "values.yaml"
    content = yaml.safe_load(FOLDING) | top
    content["layers"]["l1"] |= layer
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    try_folding(path, network)


@FUZZ
@given(data=st.data())
def test_any_damage_to_a_parameter_file_gives_matrices_or_an_input_error(data, tmp_path):
    path = tmp_path / "damaged.npz"
    path.write_bytes(damaged(data, params_npz.to_bytes(MATRICES)))
    loaded(path, lambda: params_npz.load(path))


@FUZZ
@given(
    weights=st.lists(st.binary(max_size=64), max_size=3),
    thresholds=st.lists(st.binary(max_size=64), max_size=3),
    rows=st.integers(1, 40),
    cols=st.integers(1, 70),
)
def test_any_folder_of_bnn_pynq_gives_matrices_or_an_input_error(weights, thresholds, rows, cols, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pynq")
    for kind, files in (("weights", weights), ("thres", thresholds)):
        for pe, content in enumerate(files):
            # Most files have whole words, or hardly a folder would get far.
            whole = content[: len(content) & ~7] if len(content) > 8 else content
            (folder / f"0-{pe}-{kind}.bin").write_bytes(whole)
    expected = [bnn_pynq.Expected(rows, cols, fraction_bits=rows % 2)]
    found = loaded(folder, lambda: bnn_pynq.load(folder, expected))
    if found:
        assert found[0].weights.shape == (rows, cols)
        assert found[0].thresholds is None or found[0].thresholds.shape == (rows, 1)


@FUZZ
@given(data=st.data())
def test_any_damage_to_the_manifest_gives_pictures_or_an_input_error(data, tmp_path):
    for entry in MANIFEST:
        Image.new("L", (4, 4)).save(tmp_path / entry["file"])
    (tmp_path / "manifest.json").write_bytes(damaged(data, json.dumps(MANIFEST).encode()))
    loaded(tmp_path, lambda: pictures.load(None, (4, 4, 1), ("a", "b", "c"), samples=tmp_path))


@pytest.fixture
def plan_text(network: model.Network) -> bytes:
    """A plan as the main job reads it, without its stages."""
    whole = json.loads(accelerator.plan_json(plan.plan_network(network, rate.fold(network, 100))))
    return json.dumps({name: value for name, value in whole.items() if name != "stages"}).encode()


@FUZZ
@given(data=st.data())
def test_any_damage_to_a_plan_gives_a_design_or_an_input_error(data, plan_text, tmp_path):
    (tmp_path / "finn.network.yaml").write_text(NETWORK)
    (tmp_path / "finn.plan.json").write_bytes(damaged(data, plan_text))
    loaded(tmp_path, lambda: design.load(tmp_path))


@pytest.fixture(scope="module")
def onnx_model() -> bytes:
    """A small model of two layers."""
    b = Builder((1, 4))
    b.add("Mul", 2.0)
    b.add("Sub", 1.0)
    b.quant(1.0, 0.0, 2)
    b.add("MatMul", np.ones((4, 3)))
    b.add("BatchNormalization", *(np.full(3, x) for x in (1.0, 0.5, 0.25, 2.0)))
    b.add("BipolarQuant", 1.0)
    b.add("MatMul", np.ones((3, 2)))
    return b.model().SerializeToString()


def try_onnx(path: Path) -> None:
    loaded(path, lambda: onnx.load(path, images=5))


def test_the_undamaged_onnx_file_is_good(onnx_model, tmp_path):
    (tmp_path / "good.onnx").write_bytes(onnx_model)
    assert len(onnx.load(tmp_path / "good.onnx", images=5).network.layers) == 3


@FUZZ
@given(data=st.data())
def test_any_damage_to_an_onnx_file_gives_a_network_or_an_input_error(data, onnx_model, tmp_path):
    path = tmp_path / "damaged.onnx"
    path.write_bytes(damaged(data, onnx_model))
    try_onnx(path)


@FUZZ
@given(data=st.data())
def test_any_other_node_attribute_or_shape_in_an_onnx_file_gives_a_network_or_an_input_error(
    data, onnx_model, tmp_path
):
    model = ModelProto.FromString(onnx_model)
    numbers = st.sampled_from([0, -1, 1, 2, 7, 1 << 20, 1 << 31, 1 << 40, -(1 << 63)])
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(list(model.graph.node)))
        tensor = data.draw(st.sampled_from(list(model.graph.initializer)))
        what = data.draw(st.integers(0, 5))
        if what == 0:
            node.op_type = data.draw(st.sampled_from(sorted({*HANDLERS, *CONSTANT, "Loop", ""})))
        elif what == 1:
            word = st.sampled_from(
                ["axis", "perm", "pads", "group", "transB", "to", "signed", "epsilon", "data_layout"]
            )
            value = data.draw(
                numbers | st.lists(numbers, min_size=1, max_size=4) | st.text("ab", min_size=1) | st.floats()
            )
            node.attribute.append(helper.make_attribute(data.draw(word), value))
        elif what == 2:
            del tensor.dims[:]
            tensor.dims.extend(data.draw(st.lists(numbers, max_size=3)))
        elif what == 3:
            tensor.data_type = data.draw(st.integers(0, 25))
        elif what == 4:
            names = ["", "image", *(other.output[0] for other in model.graph.node), tensor.name]
            node.input[data.draw(st.integers(0, len(node.input) - 1))] = data.draw(st.sampled_from(names))
        else:
            model.graph.input[0].type.tensor_type.shape.dim[data.draw(st.integers(0, 1))].dim_value = data.draw(numbers)
    path = tmp_path / "changed.onnx"
    path.write_bytes(model.SerializeToString())
    try_onnx(path)
