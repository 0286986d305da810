# SPDX-License-Identifier: Apache-2.0
"""Models in ONNX, built node by node: a builder, and random small networks in odd orders of supported nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

QONNX = "qonnx.custom_op.general"
DOMAINS = (QONNX, "onnx.brevitas", "finn.custom_op.general")
CUSTOM = ("Quant", "IntQuant", "BipolarQuant", "MultiThreshold")


@dataclass
class Builder:
    """A chain of nodes. `at` is the tensor at hand; `as_nodes` has constants as nodes, not initializers."""

    shape: tuple[Any, ...] = (1, 4)
    opset: int = 13
    domain: str = QONNX
    as_nodes: bool = False
    double: bool = False
    kind: int = TensorProto.FLOAT
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: list[onnx.TensorProto] = field(default_factory=list)
    at: str = "image"

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        """A constant; of double precision where the model is so."""
        dtype = np.float64 if self.double and kind == np.float32 else kind
        name = f"c{len(self.nodes)}_{len(self.initializers)}"
        tensor = numpy_helper.from_array(np.asarray(value, dtype), name)
        if self.as_nodes:
            self.nodes.append(helper.make_node("Constant", [], [name], name=f"constant_{name}", value=tensor))
        else:
            self.initializers.append(tensor)
        return name

    def add(self, kind: str, *inputs: Any, into: str = "", **attributes: Any) -> str:
        """A node that takes the tensor at hand, and arrays as constants. It is what is at hand then."""
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        self.at = self.node(kind, [self.at, *names], into=into, **attributes)
        return self.at

    def node(self, kind: str, names: list[str], into: str = "", **attributes: Any) -> str:
        """A node of named inputs; its output."""
        out = into or f"t{len(self.nodes)}"
        domain = self.domain if kind in CUSTOM else ""
        self.nodes.append(
            helper.make_node(kind, names, [out], name=f"{kind}_{len(self.nodes)}", domain=domain, **attributes)
        )
        return out

    def quant(self, scale: Any, zero: Any, bits: int, **attributes: Any) -> str:
        """Quant of the tensor at hand."""
        given = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND"} | attributes
        return self.add("Quant", np.asarray(scale), np.asarray(zero), np.float32(bits), **given)

    def model(self) -> onnx.ModelProto:
        """The model, whose output is the tensor at hand."""
        kind = TensorProto.DOUBLE if self.double else self.kind
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("image", kind, self.shape)],
            [helper.make_tensor_value_info(self.at, TensorProto.DOUBLE if self.double else TensorProto.FLOAT, None)],
            self.initializers,
        )
        opsets = [helper.make_opsetid("", self.opset), *(helper.make_opsetid(domain, 1) for domain in DOMAINS)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


SCALES = (1.0, 0.5, 0.25, 2.0, 0.125)
"""With these the execution is exact, so that ties are ties."""


def random_model(rng: Random) -> onnx.ModelProto:
    """A random network of one to four layers with weights."""
    numbers = np.random.default_rng(rng.getrandbits(32))
    image = rng.random() < 0.5
    channels, side = rng.choice((1, 2, 3)), rng.choice((4, 5, 6))
    shape = (1, channels, side, side + rng.choice((0, 1))) if image else (1, rng.choice((4, 9, 10)))
    first = rng.choice((1, "batch", 4)) if rng.random() < 0.5 else 1
    b = Builder((first, *shape[1:]), rng.choice((10, 11, 13, 17)), rng.choice(DOMAINS), rng.random() < 0.3,
                rng.random() < 0.15)  # fmt: skip
    if rng.random() < 0.85:
        b.add("Mul", np.array(2.0))
        b.add("Sub", np.array([1.0]))
    if rng.random() < 0.75:
        _activation(b, rng, numbers, shape[1], len(shape), first=True)
    if image:
        shape = _convolutions(b, rng, numbers, shape)
    _dense(b, rng, numbers, shape)
    return b.model()


def _convolutions(b: Builder, rng: Random, numbers: np.random.Generator, shape: tuple[int, ...]) -> tuple[int, ...]:
    for _ in range(rng.randint(0, 2)):
        _, channels, height, width = shape
        rows, k = rng.choice((2, 3, 4)), rng.choice((1, 2, 3))
        if min(height, width) < k:
            break
        pad = rng.choice((0, 0, 1)) if k > 1 else 0
        stride = rng.choice((1, 1, 2))
        weights = _weights(b, rng, numbers, (rows, channels, k, k))
        inputs = [b.at, weights]
        if rng.random() < 0.3:
            inputs.append(b.constant(numbers.integers(-4, 5, rows) * 0.5))
        b.at = b.node("Conv", inputs, kernel_shape=[k, k], pads=[pad] * 4, strides=[stride] * 2)
        height, width = ((size + 2 * pad - k) // stride + 1 for size in (height, width))
        shape = (1, rows, height, width)
        pool = rng.random() < 0.4 and min(height, width) >= 2
        before = rng.random() < 0.5
        if pool and before:
            shape = _pool(b, rng, shape)
        _activation(b, rng, numbers, rows, 4, down=not (pool and before))
        if pool and not before:
            shape = _pool(b, rng, shape)
    return shape


def _pool(b: Builder, rng: Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A pooling of 2x2, which rounds its windows up where all of them begin in the image.

    Of others qonnx, the judge, has wrong shapes; `test_pooling` has them.
    """
    pad, ceil = rng.choice((0, 0, 1)), rng.choice((0, 0, 1))
    stride = rng.choice((1, 2))
    rooms = [size + 2 * pad - 2 for size in shape[2:]]
    up = [-(-room // stride) for room in rooms]
    ceil = ceil and b.opset >= 11 and all(last * stride < size + pad for last, size in zip(up, shape[2:], strict=True))
    b.add("MaxPool", kernel_shape=[2, 2], strides=[stride] * 2, pads=[pad] * 4, **({"ceil_mode": 1} if ceil else {}))
    lasts = up if ceil else [room // stride for room in rooms]
    return (1, shape[1], *(last + 1 for last in lasts))


def _weights(
    b: Builder, rng: Random, numbers: np.random.Generator, shape: tuple[int, ...], *, one_scale: bool = False
) -> str:
    """Weights of 1 to 4 bits, as a constant, or made by a quantiser."""
    kind = rng.choice(("bipolar", "bipolar", "quant", "raw", "qdq"))
    scale = rng.choice(SCALES)
    per_row = np.array([scale if one_scale else rng.choice(SCALES) for _ in range(shape[0])])
    per_row = per_row.reshape(-1, *(1,) * (len(shape) - 1))
    if kind == "bipolar":
        weights = b.constant(numbers.normal(size=shape))
        return b.node("BipolarQuant", [weights, b.constant(scale)])
    bits = rng.choice((2, 3, 4))
    if kind == "quant":
        weights = b.constant(numbers.normal(size=shape) * 2)
        inputs = [weights, b.constant(per_row), b.constant(0.0), b.constant(float(bits))]
        return b.node(rng.choice(("Quant", "IntQuant")), inputs, signed=1, narrow=1, rounding_mode="ROUND")
    whole = numbers.integers(-(2 ** (bits - 1)) + 1, 2 ** (bits - 1), shape)
    if kind == "raw":
        return b.constant(whole * per_row)
    if b.double:
        return b.constant(whole * scale)
    given = [b.constant(whole, np.int8), b.constant(scale), b.constant(0, np.int8)]
    return b.node("DequantizeLinear", given)


def _per_channel(rng: Random, numbers: np.random.Generator, channels: int, rank: int, choices: Any) -> np.ndarray:
    """One number, or one a channel, in a shape that is broadcast."""
    if rng.random() < 0.4:
        return np.array(rng.choice(choices))
    values = np.array([rng.choice(choices) for _ in range(channels)])
    return values.reshape(1, -1, *(1,) * (rank - 2)) if rank > 2 or rng.random() < 0.5 else values


def _norm(b: Builder, rng: Random, numbers: np.random.Generator, channels: int, *, down: bool) -> None:
    """A batch normalisation, with factors below or equal to 0 in some channels where that is possible."""
    scale = numbers.uniform(0.2, 2.0, channels)
    if down:
        scale *= numbers.choice((1, 1, -1, 0), channels, p=(0.5, 0.2, 0.2, 0.1))
    values = (
        scale,
        numbers.normal(size=channels),
        numbers.normal(size=channels) * 3,
        numbers.uniform(0.5, 9, channels),
    )
    b.add("BatchNormalization", *values, epsilon=1e-5)


def _odd(b: Builder, rng: Random, numbers: np.random.Generator, channels: int, rank: int, *, down: bool) -> None:
    """Some nodes that change a number alone."""
    signs = (1.0, 0.5, 2.0, -1.0, -0.5) if down else (1.0, 0.5, 2.0)
    for _ in range(rng.randint(0, 2)):
        what = rng.choice(("Mul", "Add", "Sub", "Div", "Relu", "Clip", "Identity", "Dropout"))
        if what in ("Mul", "Div"):
            b.add(what, _per_channel(rng, numbers, channels, rank, signs))
        elif what in ("Add", "Sub"):
            b.add(what, _per_channel(rng, numbers, channels, rank, (0.5, -1.0, 0.25, 2.0, 0.0)))
        elif what == "Clip":
            if b.opset < 11:
                b.add("Clip", min=-3.0, max=3.0)
            elif rng.random() < 0.3:
                b.add("Clip", "", np.array(3.0))
            else:
                b.add("Clip", np.array(-3.0), np.array(3.0))
        else:
            b.add(what)


def _activation(
    b: Builder,
    rng: Random,
    numbers: np.random.Generator,
    channels: int,
    rank: int,
    *,
    down: bool = True,
    first: bool = False,
) -> None:
    """What stands between two layers with weights: something that quantises, with other nodes around it."""
    if rng.random() < 0.5 and not first:
        _norm(b, rng, numbers, channels, down=down)
    _odd(b, rng, numbers, channels, rank, down=down)
    scale = rng.choice(SCALES)
    kind = rng.choice(("bipolar", "quant", "quant", "threshold", "sign", "qcdq"))
    if kind == "bipolar":
        b.add("BipolarQuant", np.array(scale))
    elif kind == "quant":
        bits, signed = rng.choice((1, 2, 3)), rng.choice((0, 1))
        zero = rng.choice((0.0, 0.0, 1.0)) if not signed else 0.0
        rounding = rng.choice(("ROUND", "FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "HALF_EVEN"))
        b.quant(scale, zero, bits, signed=signed, narrow=rng.choice((0, 1)) if bits > 1 else 0, rounding_mode=rounding)
    elif kind == "threshold":
        count = rng.choice((1, 2, 3, 7))
        rows = rng.choice((1, channels))
        given = np.sort(numbers.integers(-6, 7, (rows, count)) * 0.5, axis=1)
        layout = {"data_layout": "NCHW" if rank == 4 else "NC"} if rng.random() < 0.5 else {}
        b.add("MultiThreshold", given, out_dtype="INT4", out_scale=rng.choice((1.0, 0.5, 2.0)),
              out_bias=rng.choice((0.0, -1.0, -3.5)), **layout)  # fmt: skip
    elif kind == "sign":
        b.add("Sign")
    elif b.double:
        b.add("BipolarQuant", np.array(1.0))
    else:
        _qcdq(b, rng, scale)
    if rng.random() < 0.3:
        _odd(b, rng, numbers, channels, rank, down=down)


def _qcdq(b: Builder, rng: Random, scale: float) -> None:
    """QuantizeLinear, Clip, DequantizeLinear, as Brevitas exports quantisers to plain ONNX."""
    signed = rng.random() < 0.5
    kind, low, high = (np.int8, -2, 1) if signed else (np.uint8, 0, 3)
    if b.opset < 13:
        b.add("BipolarQuant", np.array(scale))
        return
    zero = 0 if signed else rng.choice((0, 1))
    names = [b.constant(scale, np.float32), b.constant(zero, kind)]
    b.at = b.node("QuantizeLinear", [b.at, *names])
    b.at = b.node("Clip", [b.at, b.constant(low, kind), b.constant(high, kind)])
    b.at = b.node("DequantizeLinear", [b.at, *names])


def _dense(b: Builder, rng: Random, numbers: np.random.Generator, shape: tuple[int, ...]) -> None:
    """One to three dense layers, a reshaping before, scales and biases behind the last."""
    size = int(np.prod(shape[1:]))
    if len(shape) > 2:
        way = rng.choice(("flatten", "reshape", "transpose", "squeeze"))
        if way == "transpose":
            b.add("Transpose", perm=[0, 2, 3, 1])
        if way == "reshape":
            b.at = b.node("Reshape", [b.at, b.constant([rng.choice((0, -1)), size], np.int64)])
        else:
            b.add("Flatten", axis=1)
    count = rng.randint(1, 3)
    for index in range(count):
        last = index == count - 1
        rows = rng.choice((2, 3, 5, 10))
        if rng.random() < 0.5:
            weights = _weights(b, rng, numbers, (rows, size), one_scale=last)
            if rng.random() < 0.5:
                bias = b.constant(numbers.integers(-4, 5, rows) * 0.5)
                b.at = b.node("Gemm", [b.at, weights, bias], transB=1)
            else:
                b.at = b.node("MatMul", [b.at, b.node("Transpose", [weights], perm=[1, 0])])
        else:
            whole = numbers.choice((-1, 1), (size, rows)) * rng.choice(SCALES)
            b.add("MatMul", whole)
        size = rows
        if last:
            _end(b, rng, numbers, rows)
        else:
            _activation(b, rng, numbers, rows, 2)


def _end(b: Builder, rng: Random, numbers: np.random.Generator, rows: int) -> None:
    if rng.random() < 0.5:
        b.add("Mul", np.array(rng.choice((0.5, 2.0, -1.0))))
    if rng.random() < 0.5:
        b.add("Add", _per_channel(rng, numbers, rows, 2, (0.5, -1.0, 0.25, 2.0, 0.0)))
    if rng.random() < 0.2:
        b.add("Softmax", axis=1)
