# SPDX-License-Identifier: Apache-2.0
"""What each node makes of the tensor that it takes: a function for each operator, found by its name.

A node that only computes an element from an element changes the functions of the draft's channels; one that only
reorders, its order; a matrix settles the draft into layers and begins the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from onnx import TensorProto

from finn_gen.base.errors import InputError
from finn_gen.formats.onnx import fold
from finn_gen.formats.onnx.exact import LOW, ROUNDING, Channel, levels, root
from finn_gen.formats.onnx.graph import MOVES, Constant, Graph, Node, along_axis
from finn_gen.formats.onnx.image import Picture
from finn_gen.formats.onnx.matrix import steps_of, sums_of
from finn_gen.formats.onnx.tensor import Draft, outlined
from finn_gen.network.model import Shape

MAX_QUANT_BITS = 8
"""Of a quantiser of what is computed."""
MAX_THRESHOLDS = 255
HUGE = Fraction(2**200)
"""What an infinite threshold is taken for: beyond every number in single precision."""


@dataclass
class Walk:
    """The way through a graph: layers so far, the tensor at hand, and whether classes have been ranked."""

    folded: fold.Folded
    draft: Draft
    ended: str = ""
    label: bool = False
    opset: int = 0


Handler = Callable[[Walk, Node], None]
HANDLERS: dict[str, Handler] = {}
"""By operator: what the node does to a walk."""


def _takes(*kinds: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for kind in kinds:
            HANDLERS[kind] = handler
        return handler

    return register


def step(walk: Walk, node: Node) -> None:
    """Let a node take the tensor at hand. Raises InputError."""
    dynamic = node.dynamic()
    if len(dynamic) > 1 or node.proto.input[dynamic[0]] != walk.draft.name:
        raise node.refuse(
            "takes a tensor besides the one before it: branches, as in residual networks, are not supported; legal is "
            "a chain of nodes"
        )
    if walk.ended and node.kind not in MOVES | {"ArgMax", "TopK", "Dropout", "Cast"}:
        raise node.refuse(f"follows {walk.ended!r}, after which only ArgMax or TopK can come")
    if walk.label and node.kind not in MOVES | {"Cast"}:
        raise node.refuse(f"follows {walk.ended!r}, which gives the class; nothing can follow it")
    if node.kind not in HANDLERS:
        raise node.refuse(
            f"takes what is computed of the image; it is legal for constants alone, {', '.join(HANDLERS)} for both"
        )
    HANDLERS[node.kind](walk, node)
    walk.draft.nodes.append(node)
    walk.draft.name = node.output


# --- one element from one element -------------------------------------------------------------------------------------


def _affine(draft: Draft, factors: Sequence[Fraction], offsets: Sequence[Fraction]) -> None:
    for channel, factor, offset in zip(draft.channels, factors, offsets, strict=True):
        channel.affine(factor, offset)


@_takes("Add", "Sub", "Mul", "Div")
def _arithmetic(walk: Walk, node: Node) -> None:
    """x + c, x - c, c - x, x * c, x / c."""
    draft, place = walk.draft, node.dynamic()[0]
    draft.widened(node)
    constants = draft.fractions(node, node.constant(1 - place, "what it computes with").value, "its constant")
    one, none = [Fraction(1)] * len(constants), [Fraction(0)] * len(constants)
    if node.kind == "Add":
        _affine(draft, one, constants)
    elif node.kind == "Sub":
        sign = 1 if place == 0 else -1
        _affine(draft, [Fraction(sign)] * len(constants), [-sign * constant for constant in constants])
    elif node.kind == "Mul":
        _affine(draft, constants, none)
    else:
        if place == 1:
            raise node.refuse("divides a constant by what is computed; legal is a division by a constant")
        if not all(constants):
            raise node.refuse("divides by 0")
        _affine(draft, [1 / constant for constant in constants], none)


@_takes("BatchNormalization")
def _batch_normalization(walk: Walk, node: Node) -> None:
    """(x - mean) * scale / sqrt(variance + epsilon) + bias; a root that is irrational is taken to 256 bits."""
    draft = walk.draft
    if node.attribute("training_mode", 0) or len([name for name in node.proto.output if name]) > 1:
        raise node.refuse("is in training mode; export the model for inference")
    rank = draft.order.ndim
    if rank < 2:
        raise node.refuse(f"takes a tensor of {rank} axes; it must have two or more")
    values = []
    for index, what in enumerate(("scale", "bias", "mean", "variance"), 1):
        given = node.constant(index, what).value
        values.append(draft.fractions(node, given.reshape(-1, *(1,) * (rank - 2)), what))
    epsilon = Fraction(float(np.float32(node.attribute("epsilon", 1e-5))))
    roots: dict[Fraction, tuple[Fraction, bool]] = {}
    for channel, scale, bias, mean, variance in zip(draft.channels, *values, strict=True):
        total = variance + epsilon
        if total <= 0:
            raise node.refuse("the variance and epsilon of a channel have no positive sum")
        if total not in roots:
            roots[total] = root(total)
        deviation, exact = roots[total]
        channel.rough |= not exact
        channel.affine(scale / deviation, bias - mean * scale / deviation)


@_takes("Relu")
def _relu(walk: Walk, node: Node) -> None:
    for channel in walk.draft.channels:
        channel.clip(Fraction(0), None)


@_takes("Clip")
def _clip(walk: Walk, node: Node) -> None:
    """Between two numbers, which may be missing or infinite: HardTanh, ReLU6 and others."""
    ends: list[Fraction | None] = []
    for index, what in ((1, "min"), (2, "max")):
        given = node.optional(index, what)
        value = node.attribute(what, math.inf * (index * 2 - 3)) if given is None else given.value
        if np.size(value) != 1:
            raise node.refuse(f"{what} has {np.size(value)} numbers; legal is one")
        number = float(np.reshape(value, ()))
        # Ends of single precision stand for none.
        ends.append(Fraction(number) if abs(number) < np.finfo(np.float32).max else None)
    for channel in walk.draft.channels:
        channel.clip(*ends)


@_takes("Sign")
def _sign(walk: Walk, node: Node) -> None:
    for channel in walk.draft.channels:
        channel.steps([(Fraction(0), False), (Fraction(0), True)], [Fraction(-1), Fraction(0), Fraction(1)])


@_takes("BipolarQuant")
def _bipolar_quant(walk: Walk, node: Node) -> None:
    """-scale below 0, else scale."""
    scales = walk.draft.fractions(node, node.constant(1, "scale").value, "its scale")
    _bipolar(walk.draft.channels, scales)


def _bipolar(channels: Sequence[Channel], scales: Sequence[Fraction]) -> None:
    for channel, scale in zip(channels, scales, strict=True):
        channel.steps([(Fraction(0), False)], [Fraction(-1), Fraction(1)])
        channel.affine(scale, Fraction(0))


@_takes("Quant", "IntQuant")
def _quant(walk: Walk, node: Node) -> None:
    """Rounded x / scale + zero point, clamped to the integers of so many bits; then back."""
    draft = walk.draft
    scales = draft.fractions(node, node.constant(1, "scale").value, "its scale")
    zeros = draft.fractions(node, node.constant(2, "zero point").value, "its zero point")
    width = node.constant(3, "bit width").value
    signed, narrow = node.flag("signed"), node.flag("narrow")
    rounding = node.attribute("rounding_mode", "ROUND").upper()
    if rounding not in ROUNDING:
        raise node.refuse(f"rounding mode {rounding[:20]!r}; legal are {', '.join(ROUNDING)}")
    bits = float(width.reshape(-1)[0]) if width.size == 1 else 0
    if bits not in range(1, MAX_QUANT_BITS + 1):
        raise node.refuse(f"quantises to {bits:g} bits; legal are 1 to {MAX_QUANT_BITS}, the same for all channels")
    if not all(scales):
        raise node.refuse("a scale of 0; it must be another number")
    low, high = _ends(int(bits), signed, narrow)
    bounds = levels(low, high, rounding)
    values = [Fraction(value) for value in range(low, high + 1)]
    if bits == 1 and signed:  # as qonnx has it
        bounds, values = [(Fraction(0), False)], [Fraction(-1), Fraction(1)]
    for channel, scale, zero in zip(draft.channels, scales, zeros, strict=True):
        channel.affine(1 / scale, zero)
        channel.steps(bounds, values)
        channel.affine(scale, -zero * scale)


def _ends(bits: int, signed: bool, narrow: bool) -> tuple[int, int]:
    """The least and the largest integer. Source: min_int and max_int of the package qonnx."""
    if signed:
        return -(1 << bits - 1) + narrow, (1 << bits - 1) - 1
    return 0, (1 << bits) - 1 - narrow


@_takes("MultiThreshold")
def _multi_threshold(walk: Walk, node: Node) -> None:
    """The number of thresholds t <= x of the channel, scaled and with a bias."""
    draft = walk.draft
    thresholds = node.constant(1, "thresholds").value
    scale, bias = (Fraction(float(node.attribute(f"out_{name}", default))) for name, default in
                   (("scale", 1.0), ("bias", 0.0)))  # fmt: skip
    if thresholds.ndim != 2 or not 1 <= thresholds.shape[1] <= MAX_THRESHOLDS:
        raise node.refuse(
            f"thresholds have the shape {list(thresholds.shape)}; it must be [channels, 1 to {MAX_THRESHOLDS}]"
        )
    rows = [0] * len(draft.channels)
    if len(thresholds) > 1:
        axis, rank = _channel_axis(node, draft.order.ndim), draft.order.ndim
        if axis >= rank or draft.order.shape[axis] != len(thresholds):
            raise node.refuse(
                f"has thresholds of {len(thresholds)} channels; it must be one, or as many as its input has"
            )
        sizes = [1] * rank
        sizes[axis] = -1
        rows = draft.per_channel(node, np.arange(len(thresholds)).reshape(sizes), "its thresholds")
    values = [Fraction(count) for count in range(thresholds.shape[1] + 1)]
    known: dict[int, list[tuple[Fraction, bool]]] = {}
    for channel, row in zip(draft.channels, rows, strict=True):
        if row not in known:
            known[row] = [(_finite(number), False) for number in np.sort(thresholds[row]).tolist()]
        channel.steps(known[row], values)
        channel.affine(scale, bias)


def _finite(number: float) -> Fraction:
    return Fraction(number) if math.isfinite(number) else HUGE * (1 if number > 0 else -1)


def _channel_axis(node: Node, rank: int) -> int:
    """Which axis has the channels. Source: execute_node of MultiThreshold of the package qonnx."""
    layout = node.attribute("data_layout", "") or {2: "NC", 3: "NWC", 4: "NCHW"}.get(rank, "NC")
    return layout.index("C") if "C" in layout else 1


@_takes("QuantizeLinear")
def _quantize_linear(walk: Walk, node: Node) -> None:
    """Rounded x / scale, ties to even, plus the zero point, clamped to the integers of its type."""
    draft = walk.draft
    scales, zeros, kind = _linear(walk, node)
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    if not all(scales):
        raise node.refuse("a scale of 0; it must be another number")
    values = [Fraction(value) for value in range(low, high + 1)]
    for channel, scale, zero in zip(draft.channels, scales, zeros, strict=True):
        channel.affine(1 / scale, Fraction(0))
        channel.steps(levels(low - int(zero), high - int(zero), "ROUND"), values)


@_takes("DequantizeLinear")
def _dequantize_linear(walk: Walk, node: Node) -> None:
    """(x - zero point) * scale."""
    scales, zeros, _ = _linear(walk, node)
    _affine(walk.draft, scales, [-zero * scale for scale, zero in zip(scales, zeros, strict=True)])


def _linear(walk: Walk, node: Node) -> tuple[list[Fraction], list[Fraction], np.dtype]:
    """Scales and zero points by channel, and the type of the integers."""
    draft = walk.draft
    scale, zero = node.constant(1, "scale").value, node.optional(2, "zero point")
    kind = np.dtype(np.uint8) if zero is None else zero.value.dtype
    if kind not in (np.dtype(np.uint8), np.dtype(np.int8)) or node.attribute("output_dtype", 0):
        raise node.refuse(f"quantises to {kind}; legal are uint8 and int8, by the type of its zero point")
    rank = draft.order.ndim
    scales = draft.fractions(node, along_axis(node, scale, rank), "its scale")
    number = np.zeros(()) if zero is None else along_axis(node, zero.value.astype(np.float64), rank)
    return scales, draft.fractions(node, number, "its zero point"), kind


@_takes("Cast")
def _cast(walk: Walk, node: Node) -> None:
    """To single precision nothing changes, nor to an integer where there is a class already."""
    if node.attribute("to", 0) != TensorProto.FLOAT and not walk.label:
        raise node.refuse("converts to integers; legal is FLOAT or DOUBLE")


@_takes("Dropout")
def _dropout(walk: Walk, node: Node) -> None:
    """Nothing, in inference."""
    training = node.optional(2, "training mode")
    if training is not None and training.value.any():
        raise node.refuse("is in training mode; export the model for inference")


# --- order ------------------------------------------------------------------------------------------------------------


@_takes(*MOVES)
def _move(walk: Walk, node: Node) -> None:
    """Elements in another order or shape."""
    walk.draft.order = node.moved(walk.draft.order, walk.draft.order.shape)


# --- images -----------------------------------------------------------------------------------------------------------


def _pair(node: Node, name: str, default: int, rank: int) -> list[int]:
    """An attribute of one number an axis of the image: [y, x]."""
    found = node.attribute(name, [default] * rank)
    if len(found) != rank:
        raise node.refuse(f"attribute {name} is {found}; it must have {rank} numbers")
    return [1 if name != "pads" else 0] * (2 - rank) + found


def _window(node: Node, kernel: list[int], shape: Shape, rank: int) -> tuple[list[int], list[int], list[int]]:
    """Strides, dilations, and padding [top, bottom, left, right]."""
    strides, dilations = _pair(node, "strides", 1, rank), _pair(node, "dilations", 1, rank)
    pads = node.attribute("pads", [0] * 2 * rank)
    if len(pads) != 2 * rank or min(pads) < 0:
        raise node.refuse(f"attribute pads is {pads}; it must have {2 * rank} numbers from 0 on")
    begin, end = [0] * (2 - rank) + pads[:rank], [0] * (2 - rank) + pads[rank:]
    auto = node.attribute("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        for axis, size in enumerate((shape.height, shape.width)):
            reach = (kernel[axis] - 1) * dilations[axis] + 1
            total = max(0, (math.ceil(size / strides[axis]) - 1) * strides[axis] + reach - size)
            first = total // 2 if auto == "SAME_UPPER" else total - total // 2
            begin[axis], end[axis] = first, total - first
    elif auto == "VALID":
        begin, end = [0, 0], [0, 0]
    elif auto != "NOTSET":
        raise node.refuse(f"attribute auto_pad is {auto[:20]!r}; legal are NOTSET, VALID, SAME_UPPER, SAME_LOWER")
    return strides, dilations, [begin[0], end[0], begin[1], end[1]]


@_takes("Pad")
def _pad(walk: Walk, node: Node) -> None:
    """One number around the image."""
    draft = walk.draft
    if node.attribute("mode", "constant") != "constant":
        raise node.refuse("pads with what lies in the image; legal is the mode constant")
    rank = draft.order.ndim
    given = node.optional(1, "pads")
    pads = node.attribute("pads", node.attribute("paddings", [])) if given is None else given.value.reshape(-1).tolist()
    axes = node.optional(3, "axes")
    if axes is not None:
        listed, some = [int(axis) % rank for axis in axes.value.reshape(-1)], pads
        pads = [0] * 2 * rank
        for index, axis in enumerate(listed):
            pads[axis], pads[rank + axis] = some[index], some[len(listed) + index]
    value = node.optional(2, "value")
    number = (
        node.attribute("value", 0.0) if value is None or not value.value.size else value.value.reshape(-1)[0].item()
    )
    outside = len(pads) == 2 * rank and (any(pads[:2]) or any(pads[rank : rank + 2]))
    if len(pads) != 2 * rank or min(pads) < 0 or outside or not math.isfinite(number):
        raise node.refuse(f"pads {pads} with {number:g}; legal is a finite number around the image's rows and columns")
    if any(pads):
        draft.image(node)
        begin, end = ([0] * (4 - rank) + pads[2:rank]), ([0] * (4 - rank) + pads[rank + 2 :])
        draft.padded(node, [begin[0], end[0], begin[1], end[1]], Fraction(number))
        draft.order = draft.order.reshape(node.shape)


@_takes("MaxPool")
def _max_pool(walk: Walk, node: Node) -> None:
    """The largest of windows; what is padded is none of them."""
    draft = walk.draft
    draft.image(node)
    if len([name for name in node.proto.output if name]) > 1:
        raise node.refuse("gives the places of the largest too; legal is the output of the largest alone")
    rank = draft.order.ndim - 2
    kernel = _pair(node, "kernel_shape", 0, rank)
    strides, dilations, padding = _window(node, kernel, draft.shape, rank)
    if dilations != [1, 1]:
        raise node.refuse(f"dilations {dilations}; legal is 1")
    draft.padded(node, padding, LOW)
    draft.pooled(node, {"kernel": kernel, "stride": strides})
    _as_shaped(draft, node)


def _as_shaped(draft: Draft, node: Node) -> None:
    """Check the shape that comes out against what shape inference says, and take it."""
    if draft.order.size != np.prod(node.shape):
        raise node.refuse(f"gives {list(node.shape)}; here it is {draft.shape}")
    draft.order = draft.order.reshape(node.shape)


# --- matrices ---------------------------------------------------------------------------------------------------------


@_takes("AveragePool", "GlobalAveragePool")
def _average(walk: Walk, node: Node) -> None:
    """Of one pixel it is that; else it is refused."""
    kernel = node.attribute("kernel_shape", list(walk.draft.order.shape[2:]))
    if any(size != 1 for size in kernel) or node.shape != walk.draft.order.shape:
        raise node.refuse("averages pixels, which no layer does; legal is MaxPool")


@_takes("Conv")
def _conv(walk: Walk, node: Node) -> None:
    """A window's products with each row of weights, and a bias."""
    draft = walk.draft
    draft.image(node)
    weights = steps_of(node, node.constant(1, "weights"))
    rank = draft.order.ndim - 2
    groups = node.attribute("group", 1)
    if groups != 1:
        raise node.refuse(f"{groups} groups; legal is 1: an output channel sums over all input channels")
    if weights.whole.ndim != rank + 2 or weights.whole.shape[1] != draft.shape.channels:
        raise node.refuse(f"weights have the shape {list(weights.whole.shape)}, which does not fit {draft.shape}")
    kernel = [1] * (2 - rank) + list(weights.whole.shape[2:])
    strides, dilations, padding = _window(node, kernel, draft.shape, rank)
    draft.seen = (draft.order, len(draft.moves))
    draft.padded(node, padding, Fraction(0))
    rows = len(weights.whole)
    bias = _bias(node, node.optional(2, "bias"), rows)
    fields = {"channels": rows, "kernel": kernel, "stride": strides, "dilation": dilations}
    layer = outlined(node, "conv", fields, draft.shape)
    stream = fold.settle(walk.folded, draft, node)
    sizes = (rows, weights.whole.shape[1], *kernel)
    whole, scale = (
        np.broadcast_to(part, weights.whole.shape).reshape(sizes).transpose(0, 2, 3, 1).reshape(rows, -1)
        for part in (weights.whole, weights.scale)
    )
    sums, channels = sums_of(node, layer, (whole, scale), stream, bias)
    result = layer.result
    order = np.arange(result.elements).reshape(1, result.height, result.width, rows).transpose(0, 3, 1, 2)
    walk.draft = Draft(order, result, channels, sums, node.output)
    _as_shaped(walk.draft, node)


def _bias(node: Node, bias: Constant | None, rows: int) -> list[Fraction]:
    """What is added to each row's sum."""
    if bias is None:
        return [Fraction(0)] * rows
    if bias.value.size not in (1, rows) or not np.isfinite(bias.value).all():
        raise node.refuse(f"bias has {bias.value.size} numbers; it must have {rows}, which are finite")
    return [Fraction(float(value)) for value in np.broadcast_to(bias.value.reshape(-1), rows)]


@_takes("MatMul")
def _mat_mul(walk: Walk, node: Node) -> None:
    """Products with the columns of a constant matrix."""
    if node.dynamic() != [0]:
        raise node.refuse("multiplies a constant by what is computed; legal is the constant as the second factor")
    weights = node.constant(1, "weights")
    _dense(walk, node, _transposed(weights) if weights.value.ndim == 2 else weights, None)


@_takes("Gemm")
def _gemm(walk: Walk, node: Node) -> None:
    """alpha * x * B + beta * C."""
    if node.dynamic() != [0] or node.attribute("transA", 0):
        raise node.refuse("multiplies by what is computed, or transposes it; legal is a constant B, and transA = 0")
    weights = node.constant(1, "weights")
    weights = weights if node.attribute("transB", 0) or weights.value.ndim != 2 else _transposed(weights)
    alpha, beta = (Fraction(float(node.attribute(name, 1.0))) for name in ("alpha", "beta"))
    if not alpha:
        raise node.refuse("alpha is 0; it must be another number")
    rows = len(weights.value) if weights.value.ndim else 0
    bias = [beta * value for value in _bias(node, node.optional(2, "C"), rows)]
    _dense(walk, node, weights, [value / alpha for value in bias])
    _affine(walk.draft, [alpha] * rows, [Fraction(0)] * rows)


def _transposed(weights: Constant) -> Constant:
    if weights.whole is None:
        return Constant(weights.value.T)
    return Constant(weights.value.T, weights.whole.T, weights.scale.T)


def _dense(walk: Walk, node: Node, weights: Constant, bias: list[Fraction] | None) -> None:
    """A matrix [rows, cols] over the last axis of the tensor: a dense layer, or a convolution of one pixel each."""
    draft = walk.draft
    if weights.value.ndim != 2:
        raise node.refuse(f"weights of {weights.value.ndim} axes; legal are 2")
    weights = steps_of(node, weights)
    rows, cols = weights.whole.shape
    order = draft.order.reshape(-1, draft.order.shape[-1])
    if cols != order.shape[1]:
        raise node.refuse(f"weights of {cols} columns for {order.shape[1]} elements")
    whole, scale = np.asarray(weights.whole), np.broadcast_to(weights.scale, weights.whole.shape)
    if len(order) == 1:
        layer = outlined(node, "dense", {"units": rows}, draft.shape)
        places = np.argsort(order[0])
        whole, scale = whole[:, places], scale[:, places]
    elif cols == draft.shape.channels and np.array_equal(order.reshape(-1), np.arange(order.size)):
        layer = outlined(node, "conv", {"channels": rows, "kernel": 1}, draft.shape)
    else:
        raise node.refuse(
            f"multiplies the last axis of {list(draft.order.shape)}; it must have all elements of an image, or the "
            "channels of each pixel, [N, H, W, C]"
        )
    stream = fold.settle(walk.folded, draft, node)
    sums, channels = sums_of(node, layer, (whole, scale), stream, bias or [Fraction(0)] * rows)
    walk.draft = Draft(np.arange(layer.result.elements).reshape(node.shape), layer.result, channels, sums, node.output)


# --- classes ----------------------------------------------------------------------------------------------------------


def _over_classes(walk: Walk, node: Node, axis: int) -> None:
    """InputError unless the axis has all elements of the tensor, which are the classes."""
    shape = walk.draft.order.shape
    if not -len(shape) <= axis < len(shape) or shape[axis] != walk.draft.order.size:
        raise node.refuse(f"works along axis {axis} of {list(shape)}; it must be that of the classes, and the others 1")
    if not walk.ended:
        fold.scores(walk.folded, walk.draft, node)
    walk.ended = node.name


@_takes("Softmax", "LogSoftmax")
def _softmax(walk: Walk, node: Node) -> None:
    """At the end it changes no order, and is left out."""
    axis = node.attribute("axis", -1 if walk.opset >= 13 else 1)
    _over_classes(walk, node, axis)
    walk.folded.notes.append(f"node {node.name!r} ({node.kind}) is left out: it changes no order of the scores")


@_takes("ArgMax")
def _arg_max(walk: Walk, node: Node) -> None:
    """The index of the largest, the first of equals."""
    if node.attribute("select_last_index", 0):
        raise node.refuse("takes the last of equal scores; legal is the first, select_last_index = 0")
    _over_classes(walk, node, node.attribute("axis", 0))
    walk.label = True


@_takes("TopK")
def _top_k(walk: Walk, node: Node) -> None:
    """As ArgMax, for the largest alone."""
    count = node.attribute("k", 0) if node.optional(1, "k") is None else int(node.constant(1, "k").value.reshape(-1)[0])
    if count != 1 or not node.attribute("largest", 1):
        raise node.refuse(f"takes {count} of the scores; legal is the largest, k = 1")
    _over_classes(walk, node, node.attribute("axis", -1))
    walk.label = True


def fold_graph(graph: Graph, picture: Picture, of_bytes: Callable[[str], np.ndarray]) -> tuple[fold.Folded, bool]:
    """The layers of a graph, and whether its last one gives the class. Raises InputError.

    `of_bytes` is as `finn_gen.formats.onnx.fold.Folded` has it.
    """
    folded = fold.Folded(graph.path, picture.shape, of_bytes)
    versions = graph.model.get_opset_imports()
    walk = Walk(folded, picture.draft(graph.source), opset=versions[""])
    if not graph.nodes:
        raise InputError(f"{graph.path}: nothing is computed of its input")
    for node in graph.nodes:
        step(walk, node)
    last = graph.nodes[-1]
    if not set(graph.outputs) <= set(last.proto.output):
        raise InputError(f"{graph.path}: outputs besides that of its last node {last.name!r}; legal is that alone")
    if not walk.ended:
        fold.scores(folded, walk.draft, last)
    return folded, walk.label
