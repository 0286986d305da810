# SPDX-License-Identifier: Apache-2.0
"""What no accelerator is for, or no library should be given, is refused: with the node, its type and what is legal."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from finn_gen.base.errors import InputError
from finn_gen.formats import onnx as importer
from tests.lib.onnx_models import Builder

SIGNS = np.where(np.arange(32).reshape(4, 8) % 3, 1.0, -1.0)


def image(**values) -> Builder:
    """An image of 2x6x6, scaled and quantised to one bit."""
    b = Builder((1, 2, 6, 6), **values)
    b.add("Mul", 2.0)
    b.add("Sub", 1.0)
    b.add("BipolarQuant", 1.0)
    return b


def vector(**values) -> Builder:
    """A vector of four elements, scaled and quantised to one bit."""
    b = Builder((1, 4), **values)
    b.add("Mul", 2.0)
    b.add("Sub", 1.0)
    b.add("BipolarQuant", 1.0)
    return b


def dense(b: Builder) -> Builder:
    """With a dense layer of eight units."""
    b.add("MatMul", SIGNS)
    return b


def conv(b: Builder, **attributes) -> Builder:
    """With a convolution of three channels and 3x3 pixels."""
    channels = 2 // attributes.get("group", 1)
    b.add("Conv", np.ones((4, channels, 3, 3)), kernel_shape=[3, 3], **attributes)
    return b


def flat(b: Builder) -> Builder:
    """Flattened, with two scores."""
    b.add("Flatten", axis=1)
    return b


def after(b: Builder, kind: str, *inputs, **attributes) -> Builder:
    b.add(kind, *inputs, **attributes)
    return b


def residual() -> Builder:
    b = vector()
    before = b.at
    b.add("MatMul", np.ones((4, 4)))
    b.at = b.node("Add", [b.at, before])
    return b


def two_of_the_largest() -> Builder:
    b = dense(vector())
    count = b.constant([2], np.int64)
    b.nodes.append(helper.make_node("TopK", [b.at, count], ["values", "places"], name="top", axis=1))
    b.at = "values"
    return b


CASES: dict[str, tuple[Callable[[], Builder], str]] = {
    "groups": (lambda: conv(image(), group=2), r"node 'Conv_\d+' \(Conv\): 2 groups; legal is 1"),
    "residual": (residual, r"\(Add\): takes a tensor besides the one before it: branches"),
    "not quantised": (lambda: after(dense(vector()), "MatMul", np.ones((8, 2))),
                      r"\(MatMul\): takes 't\d+', which is not quantised; a Quant, BipolarQuant"),
    "relu alone": (lambda: after(after(dense(vector()), "Relu"), "MatMul", np.ones((8, 2))), "which is not quantised"),
    "relu at the end": (lambda: after(dense(vector()), "Relu"), "which is not quantised"),
    "float weights": (lambda: after(vector(), "MatMul", np.random.default_rng(1).normal(size=(4, 3))),
                      r"\(MatMul\): its weights are not quantised: output channel 0 .* legal are weights of 1 to 4"),
    "five bits": (lambda: after(vector(), "MatMul", np.array([[1.0], [13.0], [2.0], [5.0]])), "not quantised"),
    "wide quantiser": (lambda: after(dense(vector()), "Quant", 1.0, 0.0, 16.0, signed=1, narrow=0),
                       r"\(Quant\): quantises to 16 bits; legal are 1 to 8"),
    "rounding mode": (lambda: after(dense(vector()), "Quant", 1.0, 0.0, 2.0, signed=1, narrow=0, rounding_mode="ODD"),
                      "rounding mode 'ODD'; legal are ROUND"),
    "no attribute signed": (lambda: after(dense(vector()), "Quant", 1.0, 0.0, 2.0, narrow=0),
                            "attribute signed is 'None'; it must be 0 or 1"),
    "scale of 0": (lambda: after(dense(vector()), "Quant", 0.0, 0.0, 2.0, signed=1, narrow=0), "a scale of 0"),
    "scores of many scales": (lambda: after(dense(vector()), "Mul", np.linspace(1, 2, 8)),
                              "scores of the classes have different scales, whose ratios are no small whole numbers"),
    "average": (lambda: after(image(), "AveragePool", kernel_shape=[2, 2]), r"averages pixels.* legal is MaxPool"),
    "dilated pool": (lambda: after(image(), "MaxPool", kernel_shape=[2, 2], dilations=[2, 2]), "dilations"),
    "reflected": (lambda: after(image(opset=10), "Pad", mode="reflect", pads=[0, 0, 1, 1, 0, 0, 1, 1]),
                  "legal is the mode constant"),
    "pixels differ": (lambda: after(image(), "Mul", np.arange(36.0).reshape(6, 6) + 1), "differs from pixel to pixel"),
    "large kernel": (lambda: after(Builder((1, 1, 20, 20)), "Conv", np.ones((1, 1, 13, 13)), kernel_shape=[13, 13]),
                     r"\(Conv\): kernel: .* it must be a whole number from 1 to 11"),
    "cast": (lambda: after(dense(vector()), "Cast", to=TensorProto.INT8), r"\(Cast\): converts to integers"),
    "two of the largest": (two_of_the_largest, r"node 'top' \(TopK\): takes 2 of the scores"),
    "last of equals": (lambda: after(dense(vector()), "ArgMax", axis=1, select_last_index=1), "legal is the"),
    "unknown operator": (lambda: after(dense(vector()), "Gelu"), r"'Gelu_\d+' \(Gelu\): not supported; legal are Add"),
    "after the class": (lambda: after(after(dense(vector()), "Softmax", axis=1), "Mul", 2.0), "after which only"),
    "computed divisor": (lambda: after(dense(vector()), "Pow", 2.0), r"\(Pow\): .* legal for constants alone"),
}  # fmt: skip


def refusal(path: Path, model: onnx.ModelProto) -> str:
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError) as error:
        importer.load(path)
    assert str(path) in str(error.value) and str(error.value).count("\n") <= 1
    return str(error.value)


@pytest.mark.parametrize("case", CASES)
def test_a_node_that_is_not_supported_is_named_with_what_is_legal(case: str, tmp_path: Path) -> None:
    build, words = CASES[case]
    b = build()
    if case == "unknown operator":
        b.opset = 20
    message = refusal(tmp_path / "net.onnx", b.model())
    with pytest.raises(InputError, match=words):
        raise InputError(message)


# --- what a file may be ---------------------------------------------------------------------------------------------


@pytest.fixture
def good() -> onnx.ModelProto:
    return dense(vector()).model()


def test_the_model_is_good_as_it_is(good, tmp_path):
    onnx.save(good, tmp_path / "net.onnx")
    assert len(importer.load(tmp_path / "net.onnx").network.layers) == 1


def test_data_in_another_file_are_not_read(good, tmp_path):
    (tmp_path / "secret").write_bytes(bytes(128))
    tensor = good.graph.initializer[3]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    assert "its data are in another file" in refusal(tmp_path / "net.onnx", good)


def test_a_cycle_is_found(good, tmp_path):
    good.graph.node[0].input[0] = good.graph.node[-1].output[0]
    assert "is part of a cycle" in refusal(tmp_path / "net.onnx", good)


def test_a_name_that_is_made_twice_is_refused(good, tmp_path):
    good.graph.node[1].output[0] = good.graph.node[0].output[0]
    assert "is made twice" in refusal(tmp_path / "net.onnx", good)


def test_a_domain_is_not_imported_as_a_module(good, tmp_path, monkeypatch):
    (tmp_path / "hostile_domain.py").write_text("raise SystemExit('executed')\n")
    monkeypatch.syspath_prepend(tmp_path)
    good.graph.node[2].domain = "hostile_domain"
    good.opset_import.add(domain="hostile_domain", version=1)
    assert "domain 'hostile_domain'; legal are" in refusal(tmp_path / "net.onnx", good)


@pytest.mark.parametrize("sizes", [[1, 1 << 40], [1, 1 << 30, 1 << 30, 4], [1, 1 << 26], [1] * 9, [-5, 4]])
def test_an_enormous_image_is_refused_at_once(sizes, good, tmp_path):
    good.graph.input[0].CopyFrom(helper.make_tensor_value_info("image", TensorProto.FLOAT, sizes))
    began = time.process_time()
    refusal(tmp_path / "net.onnx", good)
    assert time.process_time() - began < 5


def test_small_constants_do_not_become_an_enormous_one(tmp_path):
    b = vector()
    one, other = b.constant(np.ones((1 << 16, 1))), b.constant(np.ones((1, 1 << 16)))
    product = b.node("Mul", [one, other])
    b.at = b.node("MatMul", [b.at, product])
    began = time.process_time()
    assert "legal are up to" in refusal(tmp_path / "net.onnx", b.model())
    assert time.process_time() - began < 5


@pytest.mark.parametrize("shape", [(1, 1 << 12), (3, 1)])
def test_a_scale_does_not_make_more_of_what_it_quantises_and_fits_it(shape, tmp_path):
    b = vector()
    weights = b.constant(np.ones((4, 1)))
    inputs = [weights, b.constant(np.ones(shape)), b.constant(0.0), b.constant(2.0)]
    b.at = b.node("MatMul", [b.at, b.node("Quant", inputs, signed=1, narrow=1)])
    assert "must have the shape of what it quantises" in refusal(tmp_path / "net.onnx", b.model())


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "net.onnx"
    with path.open("wb") as file:
        file.truncate(1 << 33)
    with pytest.raises(InputError, match="an ONNX file may have up to"):
        importer.load(path)


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"PK\x03\x04", b"format: 1\n", b"\x08" * 1000])
def test_what_is_no_model_is_called_so(content, tmp_path):
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(InputError, match=r"net\.onnx: (not an ONNX file|no ONNX model)"):
        importer.load(tmp_path / "net.onnx")


def test_a_folder_and_a_missing_file_are_told(tmp_path):
    for path in (tmp_path, tmp_path / "none.onnx"):
        with pytest.raises(InputError, match="cannot be read"):
            importer.load(path)


def test_functions_graphs_in_attributes_and_sparse_tensors_are_refused(good, tmp_path):
    with_function = onnx.ModelProto.FromString(good.SerializeToString())
    with_function.functions.add(name="f")
    assert "functions of its own" in refusal(tmp_path / "f.onnx", with_function)
    with_graph = onnx.ModelProto.FromString(good.SerializeToString())
    with_graph.graph.node[0].attribute.append(helper.make_attribute("body", good.graph))
    assert "is a graph or a reference" in refusal(tmp_path / "g.onnx", with_graph)
    with_sparse = onnx.ModelProto.FromString(good.SerializeToString())
    with_sparse.graph.sparse_initializer.add()
    assert "sparse tensors" in refusal(tmp_path / "s.onnx", with_sparse)


def test_half_precision_is_refused_by_its_name(good, tmp_path):
    good.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    assert "data type FLOAT16; legal are FLOAT, DOUBLE, UINT8, INT8" in refusal(tmp_path / "net.onnx", good)


def test_an_open_size_besides_the_number_of_images_is_refused(good, tmp_path):
    good.graph.input[0].CopyFrom(helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", "width"]))
    assert "only the first of its sizes" in refusal(tmp_path / "net.onnx", good)


def test_a_difference_is_an_error_that_names_the_first_layer(good, tmp_path, monkeypatch):
    from finn_gen.formats.onnx import exact

    b = dense(vector())
    b.add("BatchNormalization", *(np.full(8, x) for x in (1.0, 0.5, 0.25, 2.0)))
    b.add("BipolarQuant", 1.0)
    b.add("MatMul", np.ones((8, 2)))
    onnx.save(b.model(), tmp_path / "net.onnx")
    importer.load(tmp_path / "net.onnx")
    right = exact.Channel._first
    monkeypatch.setattr(exact.Channel, "_first", lambda *given: right(*given) + 2)
    with pytest.raises(InputError, match=r"differs from qonnx's execution: first in l0_dense, tensor 't\d+', element"):
        importer.load(tmp_path / "net.onnx")
