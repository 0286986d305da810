# SPDX-License-Identifier: Apache-2.0
"""The graph of a model as its nodes can be gone through: shapes known, constants computed, attributes checked."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from qonnx.core import onnx_exec
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.fold_constants import FoldConstantsFiltered
from qonnx.transformation.infer_shapes import InferShapes

from finn_gen.base.errors import InputError
from finn_gen.formats.onnx.reading import MAX_ELEMENTS, called, check_shape, shape_of, show

onnxruntime.set_default_logger_severity(4)  # errors come as exceptions, and are told once
KEPT = frozenset({"Quant", "IntQuant", "BipolarQuant", "QuantizeLinear", "DequantizeLinear"})
"""Operators that are not computed away where all of their inputs are constant: they tell scales from whole numbers."""
MOVES = frozenset({"Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"})
"""Operators that only put elements in another order or shape."""


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant tensor.

    value  the numbers, as qonnx computes them
    whole  int64: where a quantiser made them, value = scale * whole but for rounding; else None
    scale  float64, as `whole` but for axes of one
    """

    value: np.ndarray
    whole: np.ndarray | None = None
    scale: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Node:
    """A node, and what is known of its inputs."""

    path: Path
    proto: onnx.NodeProto
    constants: dict[str, Constant]
    shapes: dict[str, tuple[int, ...]]

    @property
    def kind(self) -> str:
        """Its operator."""
        return self.proto.op_type

    @property
    def name(self) -> str:
        """Its name in the file."""
        return self.proto.name

    @property
    def where(self) -> str:
        """How it is told."""
        return called(self.path, self.proto)

    def refuse(self, why: str) -> InputError:
        """The error that it is not supported."""
        return InputError(f"{self.where}: {why}")

    @property
    def shape(self) -> tuple[int, ...]:
        """That of its first output."""
        return self.shapes[self.proto.output[0]]

    @property
    def output(self) -> str:
        """Name of its first output."""
        return self.proto.output[0]

    def dynamic(self) -> list[int]:
        """The inputs that are not constant, by their places."""
        return [i for i, name in enumerate(self.proto.input) if name and name not in self.constants]

    def constant(self, index: int, what: str) -> Constant:
        """An input that must be constant. Raises InputError."""
        found = self.optional(index, what)
        if found is None:
            raise self.refuse(f"its input {index} ({what}) is missing; it must be a constant")
        return found

    def optional(self, index: int, what: str) -> Constant | None:
        """An input that must be constant where it is given. Raises InputError."""
        if index >= len(self.proto.input) or not self.proto.input[index]:
            return None
        found = self.constants.get(self.proto.input[index])
        if found is None:
            raise self.refuse(f"its input {index} ({what}) is computed from the image; it must be a constant")
        if found.value.dtype.kind == "f" and np.isnan(found.value).any():
            raise self.refuse(f"its input {index} ({what}) holds what is no number")
        return found

    def attribute(self, name: str, default: int | float | str | Sequence[int] | None = None):
        """An attribute, of the type of `default`, which is what it is where it is not given."""
        for given in self.proto.attribute:
            if given.name == name:
                value = onnx.helper.get_attribute_value(given)
                break
        else:
            return default
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        fits = {int: (int,), float: (int, float), str: (str,), list: (list,), tuple: (list,)}
        legal = fits.get(type(default), (int, float, str, list))
        if not isinstance(value, legal) or (isinstance(value, list) and not all(isinstance(v, int) for v in value)):
            raise self.refuse(f"attribute {name} is {show(str(value))}, which is not of its type")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.refuse(f"attribute {name} is {value}; it must be finite")
        return list(value) if isinstance(value, list) else value

    def flag(self, name: str) -> bool:
        """An attribute that must be given and is 0 or 1."""
        value = self.attribute(name)
        if value not in (0, 1):
            raise self.refuse(f"attribute {name} is {show(str(value))}; it must be 0 or 1")
        return bool(value)

    def moved(self, of: np.ndarray, scope: tuple[int, ...]) -> np.ndarray:
        """An array whose axes are those of the tensor of shape `scope` that goes in, as this node moves its elements.

        Axes of one stand for all of their length, and remain so where nothing but their order changes.
        """
        if self.kind == "Identity":
            return of
        if self.kind == "Transpose":
            order = self.attribute("perm", list(range(of.ndim))[::-1])
            if sorted(order) != list(range(of.ndim)):
                raise self.refuse(f"attribute perm is {order}; it must order {of.ndim} axes")
            return of.transpose(order)
        whole = np.broadcast_to(of, scope)
        if whole.size != np.prod(self.shape, dtype=np.int64):
            raise self.refuse(f"makes {list(self.shape)} of {list(scope)}, which has another number of elements")
        return whole.reshape(self.shape)


@dataclass(frozen=True, eq=False)
class Graph:
    """A model of one image: `model` as qonnx has it, its input and what is computed of it, in order.

    nodes      those through which the image goes
    constants  every tensor that does not depend on the image
    """

    path: Path
    model: ModelWrapper
    source: str
    shape: tuple[int, ...]
    kind: int
    nodes: tuple[Node, ...]
    constants: dict[str, Constant]
    outputs: tuple[str, ...]
    shapes: dict[str, tuple[int, ...]] = field(repr=False)


@contextlib.contextmanager
def by_library(path: Path, what: str) -> Iterator[None]:
    """Let onnx, onnxruntime and qonnx work on a file; what they raise, which may be anything, is an InputError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        raise InputError(f"{path}: {what}: {words[:200] or type(error).__name__}") from None


def prepare(path: Path, proto: onnx.ModelProto) -> Graph:
    """The graph of a checked model, for one image. Raises InputError."""
    source = _source(path, proto)
    with by_library(path, "the shapes of its tensors cannot be inferred"):
        model = ModelWrapper(proto).transform(InferShapes(), make_deepcopy=False)
        while _without_ceil_mode(model.graph):
            model = model.transform(InferShapes(), make_deepcopy=False)
    _check_shapes(path, model)
    with by_library(path, "its constants cannot be computed"):
        model = model.transform(FoldConstantsFiltered(_folds(path)), make_deepcopy=False)
    _check_shapes(path, model)
    graph = model.graph
    shapes = {value.name: shape_of(value) for value in (*graph.input, *graph.output, *graph.value_info)}
    with by_library(path, "its constants cannot be read"):
        constants = {each.name: Constant(onnx.numpy_helper.to_array(each)) for each in graph.initializer}
    shapes |= {name: each.value.shape for name, each in constants.items()}
    nodes = []
    for proto_node in graph.node:
        node = Node(path, proto_node, constants, shapes)
        for name in (*proto_node.input, *proto_node.output):
            if name and 0 in shapes.get(name, (0,)):
                given = ", ".join(str(list(shapes.get(name, ()))) for name in proto_node.input if name)
                raise node.refuse(f"the shape of its tensor {show(name)} is not known; those that it takes are {given}")
        if node.dynamic():
            nodes.append(node)
        else:
            _compute(node, model)
    outputs = tuple(value.name for value in graph.output)
    return Graph(path, model, source.name, shapes[source.name], source.type.tensor_type.elem_type, tuple(nodes),
                 constants, outputs, shapes)  # fmt: skip


def _source(path: Path, proto: onnx.ModelProto) -> onnx.ValueInfoProto:
    """The only input; its first axis becomes one image."""
    given = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in given]
    if len(inputs) != 1:
        names = ", ".join(show(value.name) for value in inputs[:4]) or "none"
        raise InputError(f"{path}: {len(inputs)} inputs ({names}); legal is one, the image")
    source = inputs[0]
    legal = (onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8, onnx.TensorProto.INT8)
    kind = source.type.tensor_type.elem_type
    if kind not in legal:
        name = {number: word for word, number in onnx.TensorProto.DataType.items()}.get(kind, f"number {kind}")
        raise InputError(f"{path}: input {show(source.name)}: data type {name}; legal are FLOAT, DOUBLE, UINT8, INT8")
    sizes = source.type.tensor_type.shape.dim
    if not sizes:
        raise InputError(f"{path}: input {show(source.name)}: has no shape; it must be that of a batch of images")
    before = shape_of(source)[0]
    sizes[0].dim_value = 1
    if 0 in shape_of(source):
        raise InputError(
            f"{path}: input {show(source.name)}: only the first of its sizes, the number of images, may be left open"
        )
    _single_reshapes(proto.graph, before)
    for value in proto.graph.output:
        value.type.tensor_type.ClearField("shape")
    return source


def _single_reshapes(graph: onnx.GraphProto, images: int) -> None:
    """Reshapes to a number of images become those to one."""
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape" and len(node.input) == 2}
    for tensor in graph.initializer:
        if tensor.name in shapes and images > 1:
            value = onnx.numpy_helper.to_array(tensor)
            if value.ndim == 1 and len(value) > 1 and value[0] == images:
                tensor.CopyFrom(onnx.numpy_helper.from_array(np.array([1, *value[1:]], value.dtype), tensor.name))


def _without_ceil_mode(graph: onnx.GraphProto) -> bool:
    """Pad the first pooling that rounds its windows up, so that it need not; whether there was one.

    ONNX says that windows which start behind the image are ignored, and onnxruntime does so. onnx's shape inference
    counts them before opset 22, and so the shapes behind such a pooling are left to be inferred again.
    """
    shapes = {value.name: shape_of(value) for value in (*graph.input, *graph.value_info)}
    for node in graph.node:
        given = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
        image = shapes.get(node.input[0] if node.input else "", ())[2:]
        auto = given.get("auto_pad", b"NOTSET")
        if node.op_type != "MaxPool" or given.get("ceil_mode") != 1 or auto not in (b"NOTSET", b"VALID") or 0 in image:
            continue
        rank = len(image)
        kernel, strides, dilations = (given.get(name, [1] * rank) for name in ("kernel_shape", "strides", "dilations"))
        pads = given.get("pads", [0] * 2 * rank) if auto == b"NOTSET" else [0] * 2 * rank
        if {len(kernel), len(strides), len(dilations), len(pads) // 2} != {rank} or min((1, *strides)) < 1:
            continue  # refused where the node is read
        begin, end, counted_right = list(pads[:rank]), [], True
        for axis, size in enumerate(image):
            step, reach = strides[axis], dilations[axis] * (kernel[axis] - 1) + 1
            last = -(-(begin[axis] + size + pads[rank + axis] - reach) // step)
            if last * step >= begin[axis] + size:
                last, counted_right = last - 1, False
            end.append(max(0, last * step + reach - size - begin[axis]))
        kept = [each for each in node.attribute if each.name not in ("ceil_mode", "auto_pad", "pads")]
        del node.attribute[:]
        node.attribute.extend([*kept, onnx.helper.make_attribute("pads", begin + end)])
        if not counted_right:
            del graph.value_info[:]
            for value in graph.output:
                value.type.tensor_type.ClearField("shape")
        return True
    return False


def _check_shapes(path: Path, model: ModelWrapper) -> None:
    """That no tensor, nor all of them, are out of all measure."""
    total = 0
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        shape = shape_of(value)
        check_shape(f"{path}: tensor {show(value.name)}", shape)
        total += int(np.prod([max(1, size) for size in shape], dtype=np.int64))
    if total > 2 * MAX_ELEMENTS:
        raise InputError(f"{path}: {total} elements in its tensors for one image; legal are up to {2 * MAX_ELEMENTS}")


def _folds(path: Path):
    """Which constants are computed before the nodes are gone through: those of known size."""

    def folds(model: ModelWrapper, node: onnx.NodeProto) -> bool:
        known = all(model.get_tensor_shape(name) is not None for name in node.output)
        return node.op_type not in KEPT and known

    return folds


def _compute(node: Node, model: ModelWrapper) -> None:
    """Add the outputs of a node whose inputs are all constant to the constants."""
    inputs = [node.constants[name] for name in node.proto.input if name]
    if node.kind in ("Quant", "IntQuant", "BipolarQuant") and not _fits(inputs):
        raise node.refuse("its scale and zero point must have the shape of what it quantises, or axes of one")
    context = {name: node.constants[name].value for name in node.proto.input if name}
    # What is not in a context of qonnx has no memory to go to.
    context |= {name: np.zeros(node.shapes[name], np.float32) for name in node.proto.output if name}
    with by_library(node.path, f"node {show(node.name)} cannot be computed"):
        version = model.get_opset_imports()[node.proto.domain]
        onnx_exec.execute_node(node.proto, context, model.graph, version)
    for name in node.proto.output:
        if name:
            node.constants[name] = _structured(node, context[name], inputs)


def _fits(inputs: list[Constant]) -> bool:
    """Whether what follows the first of some tensors is broadcast to its shape, so that no larger one is made."""
    try:
        return np.broadcast_shapes(*(each.value.shape for each in inputs)) == inputs[0].value.shape
    except ValueError:
        return False


def _structured(node: Node, value: np.ndarray, inputs: list[Constant]) -> Constant:
    """A computed constant, with its scale and whole numbers where those are known."""
    if node.kind in MOVES and inputs[0].whole is not None:
        before = inputs[0].value.shape
        return Constant(value, node.moved(inputs[0].whole, before), node.moved(inputs[0].scale, before))
    if node.kind == "BipolarQuant":
        return _whole(value, inputs[1].value)
    if node.kind in ("Quant", "IntQuant"):
        return _whole(value, inputs[1].value)
    if node.kind == "DequantizeLinear":
        return _whole(value, along_axis(node, inputs[1].value, value.ndim))
    return Constant(value)


def along_axis(node: Node, value: np.ndarray, rank: int) -> np.ndarray:
    """A scale or zero point of QuantizeLinear or DequantizeLinear, with an axis for each of the tensor's."""
    if value.size == 1:
        return value.reshape(())
    axis = node.attribute("axis", 1)
    if value.ndim != 1 or not -rank <= axis < rank:
        raise node.refuse(
            f"a scale of {value.ndim} axes along axis {axis}; legal are one number, or one for each of an axis"
        )
    sizes = [1] * rank
    sizes[axis] = -1
    return value.reshape(sizes)


def _whole(value: np.ndarray, scale: np.ndarray) -> Constant:
    """A constant with a scale, if its numbers are whole multiples of that but for the rounding of one product."""
    exact = scale.astype(np.float64)
    if not np.isfinite(exact).all() or (exact == 0).any() or not np.isfinite(value).all():
        return Constant(value)
    ratio = value.astype(np.float64) / exact
    whole = np.rint(ratio)
    if np.abs(ratio - whole).max(initial=0) > 1e-3 or np.abs(whole).max(initial=0) > 1 << 16:
        return Constant(value)
    spread = exact.reshape((1,) * (value.ndim - exact.ndim) + exact.shape) if exact.ndim <= value.ndim else exact
    return Constant(value, whole.astype(np.int64), spread)
