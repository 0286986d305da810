# SPDX-License-Identifier: Apache-2.0
"""Reading an ONNX file that nobody vouches for: checked before a library computes with it.

qonnx executes constants and imports a module by the name of a node's domain, and a small file can ask for a large
tensor. So what reaches it is a graph of known operators in known domains, sorted, with all data in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from finn_gen.base.errors import InputError

MAX_BYTES = 1 << 29
"""Of a file; 16,384 x 8,192 weights in float32."""
MAX_NODES = 4096
MAX_INITIALIZERS = 8192
MAX_ELEMENTS = 1 << 27
"""Elements of a tensor, and of all that a graph computes for one image."""
MAX_RANK = 8
MAX_NAME = 1024
DOMAINS = ("", "ai.onnx", "qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general", "finn")
QONNX = "qonnx.custom_op.general"
QUANTISERS = frozenset({"Quant", "IntQuant", "BipolarQuant", "MultiThreshold"})
"""Operators of qonnx that are taken."""
CONSTANT = frozenset(
    "Constant Shape Gather Concat Slice Cast Pow Sqrt Reciprocal Neg Abs Exp Log Min Max Floor Ceil Round ReduceProd "
    "ReduceMax ReduceMin ReduceMean ReduceSum Equal Where Size".split()
)
"""Operators that are taken where what goes in is constant; none makes more of it than it broadcasts."""
TYPES = {
    TensorProto.FLOAT: 4,
    TensorProto.DOUBLE: 8,
    TensorProto.INT8: 1,
    TensorProto.UINT8: 1,
    TensorProto.INT16: 2,
    TensorProto.UINT16: 2,
    TensorProto.INT32: 4,
    TensorProto.UINT32: 4,
    TensorProto.INT64: 8,
    TensorProto.UINT64: 8,
    TensorProto.BOOL: 1,
}
"""Bytes of an element of the data types that are taken."""
_NO_GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS, AttributeProto.SPARSE_TENSOR, AttributeProto.SPARSE_TENSORS)


def read(path: Path, operators: Iterable[str]) -> ModelProto:
    """The model of a file: its nodes are `operators` or constants, sorted and named. InputError says what it is not."""
    model = _parsed(path)
    graph = model.graph
    if model.functions:
        raise InputError(f"{path}: has functions of its own; export it with its functions inlined")
    if graph.sparse_initializer:
        raise InputError(f"{path}: has sparse tensors; legal are dense ones")
    if not 1 <= len(graph.node) <= MAX_NODES or len(graph.initializer) > MAX_INITIALIZERS:
        raise InputError(
            f"{path}: {len(graph.node)} nodes and {len(graph.initializer)} initializers; legal are 1 to {MAX_NODES} "
            f"and at most {MAX_INITIALIZERS}"
        )
    _check_opsets(path, model)
    for tensor in graph.initializer:
        _check_tensor(f"{path}: initializer {show(tensor.name)}", tensor)
    legal = {*operators, *CONSTANT, *QUANTISERS}
    for index, node in enumerate(graph.node):
        if not node.name:
            node.name = f"{node.op_type}_{index}"
        _check_node(path, node, legal)
    _check_size(path, graph)
    _constants(path, graph)
    _sort(path, graph)
    _as_single(graph)
    return model


def show(name: str) -> str:
    """A name as it is told: short, and nothing in it that does not print."""
    text = repr(name)
    return text if len(text) <= 60 else text[:57] + "..."


def called(path: Path, node: NodeProto) -> str:
    """A node as it is told."""
    return f"{path}: node {show(node.name)} ({show(node.op_type)[1:-1]})"


def _parsed(path: Path) -> ModelProto:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path}: {size} bytes; an ONNX file may have up to {MAX_BYTES}")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not an ONNX file, or damaged ({' '.join(str(error).split())[:100]})") from None
    if not all(_texts(model)):
        raise InputError(f"{path}: a name in it is not text in UTF-8, so that it is damaged")
    if not model.graph.node or not model.graph.output:
        raise InputError(
            f"{path}: no ONNX model with a graph in it; it must be one as torch.onnx or Brevitas export it"
        )
    return model


def _texts(message: Message) -> Iterator[bool]:
    """Whether each piece of text in a message, and in those within, is text."""
    for about, value in message.ListFields():
        if about.type not in (about.TYPE_STRING, about.TYPE_MESSAGE):
            continue
        for each in [value] if isinstance(value, (str, bytes, Message)) else value:
            if isinstance(each, Message):
                yield from _texts(each)
            else:
                yield isinstance(each, str)


def _check_opsets(path: Path, model: ModelProto) -> None:
    newest = onnx.defs.onnx_opset_version()
    versions = {entry.domain: entry.version for entry in model.opset_import}
    version = versions.get("", versions.get("ai.onnx", 0))
    if not 7 <= version <= newest:
        raise InputError(f"{path}: opset {version}; legal are 7 to {newest}")
    del model.opset_import[:]
    # The libraries take the first for that of ONNX.
    model.opset_import.add(domain="", version=version)
    model.opset_import.add(domain=QONNX, version=max(1, min(versions.get(QONNX, 1), 2)))
    del model.metadata_props[:]


def _check_tensor(where: str, tensor: TensorProto) -> None:
    """That its data are in the file, of a type that is taken, and as many as its shape says."""
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise InputError(f"{where}: its data are in another file; save the model with all data in one")
    if tensor.data_type not in TYPES:
        raise InputError(
            f"{where}: data type {_type_name(tensor.data_type)}; legal are {', '.join(map(_type_name, TYPES))}"
        )
    if len(tensor.dims) > MAX_RANK or any(not 0 <= size <= MAX_ELEMENTS for size in tensor.dims):
        raise InputError(f"{where}: shape {_sizes(tensor.dims)}; legal are up to {MAX_RANK} sizes up to {MAX_ELEMENTS}")
    count = math.prod(tensor.dims)
    if count > MAX_ELEMENTS:
        raise InputError(f"{where}: {count} elements; a tensor may have up to {MAX_ELEMENTS}")
    if tensor.HasField("raw_data"):
        found = len(tensor.raw_data) / TYPES[tensor.data_type]
    else:
        found = max(
            map(len, (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data, tensor.uint64_data))
        )
    if found != count:
        raise InputError(f"{where}: {found:g} elements of data; its shape {_sizes(tensor.dims)} needs {count}")


def _type_name(number: int) -> str:
    known = {value: name for name, value in TensorProto.DataType.items()}
    return known.get(number, f"number {number}")


def _sizes(sizes: Iterable[int]) -> str:
    shown = [str(size) for size in sizes]
    return "x".join(shown[:MAX_RANK]) + ("x..." if len(shown) > MAX_RANK else "") or "of a scalar"


def _check_node(path: Path, node: NodeProto, legal: set[str]) -> None:
    where = called(path, node)
    if node.domain not in DOMAINS:
        raise InputError(f"{where}: domain {show(node.domain)}; legal are ONNX's own and {', '.join(DOMAINS[2:5])}")
    if node.op_type not in legal:
        raise InputError(f"{where}: not supported; legal are {', '.join(sorted(legal - CONSTANT))}")
    node.domain = QONNX if node.op_type in QUANTISERS else ""
    for attribute in node.attribute:
        if attribute.type in _NO_GRAPHS or attribute.ref_attr_name:
            raise InputError(
                f"{where}: attribute {show(attribute.name)} is a graph or a reference, which is not supported"
            )
        for tensor in (attribute.t, *attribute.tensors):
            if tensor.data_type or tensor.dims or tensor.raw_data:
                _check_tensor(f"{where}: attribute {show(attribute.name)}", tensor)
    for name in (*node.input, *node.output):
        if len(name) > MAX_NAME:
            raise InputError(f"{where}: a name of {len(name)} characters; legal are up to {MAX_NAME}")


def _check_size(path: Path, graph: GraphProto) -> None:
    """That no shape that is written in the file is out of all measure."""
    for value in (*graph.input, *graph.output, *graph.value_info):
        check_shape(f"{path}: tensor {show(value.name)}", shape_of(value))
    del graph.value_info[:]  # they are computed, and may be wrong
    del graph.quantization_annotation[:]


def shape_of(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """The sizes of a tensor; 0 for those that are not said."""
    return tuple(size.dim_value if size.HasField("dim_value") else 0 for size in value.type.tensor_type.shape.dim)


def check_shape(where: str, shape: tuple[int, ...]) -> None:
    """InputError for a shape that no network needs."""
    if len(shape) > MAX_RANK or any(size < 0 for size in shape) or math.prod(max(1, n) for n in shape) > MAX_ELEMENTS:
        raise InputError(
            f"{where}: shape {_sizes(shape)}; legal are up to {MAX_RANK} sizes and {MAX_ELEMENTS} elements"
        )


def _constants(path: Path, graph: GraphProto) -> None:
    """Constants that are nodes become initializers."""
    left = []
    for node in graph.node:
        if node.op_type != "Constant":
            left.append(NodeProto.FromString(node.SerializeToString()))
            continue
        if len(node.output) != 1 or len(node.attribute) != 1:
            raise InputError(f"{called(path, node)}: it must have one output and its value as the only attribute")
        given = node.attribute[0]
        value = onnx.helper.get_attribute_value(given)
        types = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
        if given.name == "value" and given.type == AttributeProto.TENSOR:
            graph.initializer.add().CopyFrom(value)
            graph.initializer[-1].name = node.output[0]
        elif given.name in types:
            graph.initializer.append(onnx.numpy_helper.from_array(np.array(value, types[given.name]), node.output[0]))
        else:
            raise InputError(
                f"{called(path, node)}: its value is {show(given.name)}; legal are value, {', '.join(types)}"
            )
    if not left:
        raise InputError(f"{path}: all of its nodes are constants")
    names = [tensor.name for tensor in graph.initializer]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}: tensor {show(twice)} is made twice; each name must be its own")
    del graph.node[:]
    graph.node.extend(left)


def _sort(path: Path, graph: GraphProto) -> None:
    """Nodes in an order in which each comes after those it takes from. InputError for a cycle, or a name made twice."""
    made = {tensor.name for tensor in graph.initializer} | {value.name for value in graph.input} | {""}
    makers: dict[str, NodeProto] = {}
    for node in graph.node:
        for name in node.output:
            if name and (name in made or name in makers):
                raise InputError(
                    f"{called(path, node)}: its output {show(name)} is made twice; each name must be its own"
                )
            makers[name] = node
    waiting = list(graph.node)
    ordered: list[NodeProto] = []
    while waiting:
        ready = [node for node in waiting if all(name in made for name in node.input)]
        if not ready:
            missing = next(name for name in waiting[0].input if name not in made)
            what = "is part of a cycle" if missing in makers else "is made by no node"
            raise InputError(f"{called(path, waiting[0])}: its input {show(missing)} {what}")
        ordered += ready
        made |= {name for node in ready for name in node.output}
        taken = set(map(id, ready))
        waiting = [node for node in waiting if id(node) not in taken]
    for value in graph.output:
        if value.name not in made:
            raise InputError(f"{path}: output {show(value.name)} is made by no node")
    copies = [NodeProto.FromString(node.SerializeToString()) for node in ordered]
    del graph.node[:]
    graph.node.extend(copies)


def _as_single(graph: GraphProto) -> None:
    """Numbers of double precision become single ones: the execution that an import is compared with is in those."""
    for value in (*graph.input, *graph.output):
        if value.type.tensor_type.elem_type == TensorProto.DOUBLE:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    for tensor in _tensors(graph):
        if tensor.data_type == TensorProto.DOUBLE:
            with np.errstate(over="ignore"):  # what is infinite then is refused where it is used
                single = onnx.numpy_helper.to_array(tensor).astype("float32")
            tensor.CopyFrom(onnx.numpy_helper.from_array(single, tensor.name))
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.DOUBLE:
                attribute.i = TensorProto.FLOAT


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.TENSOR:
                yield attribute.t
