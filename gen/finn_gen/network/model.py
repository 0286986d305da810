# SPDX-License-Identifier: Apache-2.0
"""What is asked for: a network as checked, frozen data, read from a YAML file and its parameter file.

The YAML is described in docs/network.md. Nothing of it reaches Verilog, Tcl or a path before it is checked here.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from finn_gen.base.errors import InputError
from finn_gen.base.params import check_module_name
from finn_gen.formats import bnn_pynq, params_npz

MAX_SIDE = 4096
MAX_CHANNELS = 65_536
MAX_KERNEL = 11
MAX_STRIDE = 64
MAX_PADDING = 64
MAX_LAYERS = 128
MAX_YAML_BYTES = 1 << 20
MAX_CLASS_NAME = 64

ENCODINGS = {
    "bits": "one bit a channel, as the host packs them",
    "threshold": "a byte a pixel; its bit is 1 from 128 on",
    "q1.7": "a byte a channel; min(floor((512 p - 65025) / 510), 127), the number 2p/255 - 1 in steps of 1/128",
}


@dataclass(frozen=True)
class Shape:
    """The stream between two layers: `height` x `width` pixels of `channels` elements of `bits`."""

    height: int
    width: int
    channels: int
    bits: int = 1
    signed: bool = False

    @property
    def elements(self) -> int:
        """Elements of an image."""
        return self.height * self.width * self.channels

    def __str__(self) -> str:
        return f"{self.height}x{self.width}x{self.channels} of {self.bits} bit{'s' * (self.bits > 1)}"


@dataclass(frozen=True, eq=False)
class Matrix:
    """What a conv or dense layer computes with.

    weights     int8 [rows, cols] of -1 and +1; row = output channel, column = (ky, kx, channel), channel fastest
    thresholds  int64 [rows, levels], ascending in a row, or None for raw sums. The output is the number of
                thresholds t with t <= acc; acc counts matching bits where the input is bits, else sums +x and -x
    """

    weights: np.ndarray
    thresholds: np.ndarray | None


@dataclass(frozen=True)
class Layer:
    """One layer. `source` and `result` are the shapes before and after it; `kernel`, `stride` are (y, x)."""

    name: str
    kind: str
    source: Shape
    result: Shape
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    value: int = 0
    matrix: Matrix | None = field(default=None, compare=False)

    @property
    def synapses(self) -> int:
        """Products of an image."""
        return self.matrix.weights.size * self.result.height * self.result.width if self.matrix else 0


@dataclass(frozen=True)
class Network:
    """A checked network. `source` is the shape after the input's `encoding`; `classes` names the scores or is empty."""

    name: str
    encoding: str
    source: Shape
    layers: tuple[Layer, ...]
    classes: tuple[str, ...] = ()

    @property
    def scores(self) -> Layer:
        """The layer whose outputs are the scores: the last one that is not a label."""
        return [layer for layer in self.layers if layer.kind != "label"][-1]


class Fields:
    """A mapping of the YAML whose fields are taken one by one, so that an unknown one is noticed at the end."""

    def __init__(self, where: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise InputError(f"{where}: must be a mapping of fields, not {_show(value)}")
        self.where = where
        self.left = dict(value)
        self.known: list[str] = []

    def take(self, name: str, default: Any = None) -> Any:
        self.known.append(name)
        return self.left.pop(name, default)

    def fail(self, name: str, value: Any, rule: str) -> InputError:
        return InputError(f"{self.where}: {name}: {_show(value)}; it must be {rule}")

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fail(name, value, f"a whole number from {low} to {high}")
        return value

    def numbers(self, name: str, counts: tuple[int, ...], low: int, high: int, default: Any = None) -> tuple[int, ...]:
        """One number, or a list of them; one stands for all of the longest legal list."""
        value = self.take(name, default)
        values = value if isinstance(value, list) else [value] * max(counts)
        if len(values) not in counts or not all(type(v) is int and low <= v <= high for v in values):
            some = " or ".join(map(str, counts))
            raise self.fail(name, value, f"a whole number from {low} to {high}, or a list of {some} of them")
        return tuple(values)

    def choice(self, name: str, choices: Any, default: str | None = None) -> str:
        value = self.take(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self.fail(name, value, "one of " + ", ".join(choices))
        return value

    def done(self) -> None:
        for name in self.left:
            near = difflib.get_close_matches(str(name), self.known, 1)
            hint = f"did you mean {near[0]}?" if near else "legal are " + ", ".join(self.known)
            raise InputError(f"{self.where}: unknown field {_show(name)}; {hint}")


def _show(value: Any) -> str:
    text = "missing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class _UniqueKeys(yaml.SafeLoader):
    """SafeLoader that refuses a key that occurs twice, and aliases, which can blow up a small file."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise InputError(f"{path}: larger than {MAX_YAML_BYTES} bytes, which no network description is")
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        words = " ".join(str(error).split())
        raise InputError(f"{path}: not a YAML file that can be used: {words[:200]}") from None


def load(path: Path, parameters: Path | None = None) -> Network:
    """The network that a YAML file describes, with its parameters; InputError names file, field and rule.

    `parameters`, an .npz file or a folder of BNN-PYNQ, takes the place of the file that the description names.
    """
    path = Path(path)
    top = Fields(str(path), read_yaml(path))
    top.number("format", 1, 1)
    name = top.take("name")
    if not isinstance(name, str):
        raise top.fail("name", name, "the name of the generated modules")
    check_module_name(str(path), name)
    source, encoding = _input(Fields(f"{path}: input", top.take("input")))
    named = top.take("parameters")
    if not isinstance(named, str) or not named:
        raise top.fail("parameters", named, "the path of an .npz file, relative to this one")
    items = top.take("layers")
    classes = top.take("classes")
    top.done()
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_LAYERS:
        raise InputError(f"{path}: layers: {_show(items)}; it must be a list of 1 to {MAX_LAYERS} layers")
    if parameters and Path(parameters).is_dir():
        matrices = bnn_pynq.load(Path(parameters), _expected(str(path), source, items))
    else:
        matrices = params_npz.load(Path(parameters) if parameters else path.parent / named)
    network = Network(name, encoding, source, chain(str(path), source, items, matrices))
    return network if classes is None else replace(network, classes=_classes(top, classes, network.scores.result))


def _classes(top: Fields, value: Any, scores: Shape) -> tuple[str, ...]:
    """The names of the scores. They are printed and compared with names of folders, and go nowhere else."""
    rule = f"a list of {scores.elements} different names, of 1 to {MAX_CLASS_NAME} printable characters"
    if not isinstance(value, list) or len(value) != scores.elements:
        raise top.fail("classes", value, rule)
    for name in value:
        if not isinstance(name, str) or not (name.isprintable() and 1 <= len(name) <= MAX_CLASS_NAME):
            raise top.fail("classes", name, rule)
    if len(set(value)) != len(value):
        raise top.fail("classes", value, rule)
    return tuple(value)


def _expected(where: str, source: Shape, items: list) -> list[bnn_pynq.Expected]:
    """The matrices that a folder of BNN-PYNQ must hold for these layers."""
    kinds = [item.get("kind") if isinstance(item, Mapping) else None for item in items]
    count = sum(kind in ("conv", "dense") for kind in kinds)
    blanks = _Blanks(count, scores="label" in kinds)
    chain(where, source, items, blanks)
    return blanks.taken


class _Blanks(list):
    """Matrices of whatever shape a layer has, which note that shape."""

    def __init__(self, count: int, scores: bool) -> None:
        super().__init__([None] * count)
        self.scores = scores
        self.taken: list[bnn_pynq.Expected] = []
        self.bytes = 0

    def take(self, where: str, rows: int, cols: int, source: Shape) -> params_npz.Matrix:
        """The next matrix, zeros; InputError if it is larger than one that a parameter file could hold."""
        most = params_npz.MAX_SIDE
        self.bytes += rows * ((cols + 7) // 8)
        if rows > most or cols > most or self.bytes > params_npz.MAX_BYTES:
            raise InputError(
                f"{where}: {rows}x{cols} weights; rows and columns go up to {most}, "
                f"the weights of a network up to {params_npz.MAX_BYTES} bytes"
            )
        self.pop()
        # BNN-PYNQ's thresholds of sums of Q1.7 numbers have eight fraction bits, the sums seven.
        last = not self and self.scores
        self.taken.append(bnn_pynq.Expected(rows, cols, int(source.bits > 1), raw=last))
        thresholds = None if last else np.zeros((rows, 1), np.int64)
        return params_npz.Matrix(np.zeros((rows, cols), np.uint8), thresholds)


def _input(fields: Fields) -> tuple[Shape, str]:
    height = fields.number("height", 1, MAX_SIDE, 1)
    width = fields.number("width", 1, MAX_SIDE, 1)
    channels = fields.number("channels", 1, MAX_CHANNELS)
    encoding = fields.choice("encoding", ENCODINGS)
    fields.done()
    signed = encoding == "q1.7"
    return Shape(height, width, channels, 8 if signed else 1, signed), encoding


def chain(where: str, source: Shape, items: list, parameters: Sequence[params_npz.Matrix]) -> tuple[Layer, ...]:
    """Layers from their descriptions and, in order, the matrices of the conv and dense ones."""
    layers: list[Layer] = []
    matrices = parameters if isinstance(parameters, _Blanks) else list(parameters)
    names: set[str] = set()
    for index, item in enumerate(items):
        fields = Fields(f"{where}: layers[{index}]", item)
        kind = fields.choice("kind", _KINDS)
        layer_name = fields.take("name", f"l{index}_{kind}")
        check_module_name(f"{fields.where}", layer_name if isinstance(layer_name, str) else "")
        if layer_name in names:
            raise fields.fail("name", layer_name, "a name of its own")
        names.add(layer_name)
        if layers and layers[-1].kind == "label":
            raise InputError(f"{fields.where}: nothing can follow a label layer")
        layer = _KINDS[kind](fields, layer_name, layers[-1].result if layers else source, matrices)
        fields.done()
        if layers and layers[-1].matrix and layers[-1].matrix.thresholds is None and kind != "label":
            raise InputError(f"{fields.where}: it follows raw scores, which only a label layer takes")
        layers.append(layer)
    if matrices:
        raise InputError(f"{where}: the parameters hold {len(matrices)} more layers than conv and dense layers here")
    if not any(layer.matrix for layer in layers):
        raise InputError(f"{where}: layers: no conv or dense layer among them")
    return tuple(layers)


def _matrix(fields: Fields, rows: int, source: Shape, cols: int, matrices: list) -> tuple[Matrix, int, bool]:
    """The next matrix, and the bits of the layer's output."""
    if not matrices:
        raise InputError(f"{fields.where}: the parameters hold no matrix for this layer")
    given = matrices.take(fields.where, rows, cols, source) if isinstance(matrices, _Blanks) else matrices.pop(0)
    if given.weights.shape != (rows, cols):
        found = "x".join(map(str, given.weights.shape))
        raise InputError(f"{fields.where}: the parameters hold {found} weights; this layer has {rows}x{cols}")
    weights = (2 * given.weights.astype(np.int8) - 1).astype(np.int8)
    if given.thresholds is None:
        most = cols if source.bits == 1 else cols << (source.bits - source.signed)
        bits = most.bit_length() + (source.bits > 1)
        return Matrix(weights, None), bits, source.bits > 1
    levels = given.thresholds.shape[1]
    bits = levels.bit_length()
    if levels != (1 << bits) - 1:
        raise InputError(f"{fields.where}: {levels} thresholds a row; it must be 2^n - 1: 1, 3, 7, 15, ...")
    return Matrix(weights, given.thresholds.astype(np.int64)), bits, False


def _window(fields: Fields, source: Shape, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    """Height and width after a window, rounded down."""
    if kernel[0] > source.height or kernel[1] > source.width:
        raise InputError(
            f"{fields.where}: kernel: {kernel[0]}x{kernel[1]}; it must fit the image of {source.height}x{source.width}"
        )
    return (source.height - kernel[0]) // stride[0] + 1, (source.width - kernel[1]) // stride[1] + 1


def _conv(fields: Fields, name: str, source: Shape, matrices: list) -> Layer:
    channels = fields.number("channels", 1, MAX_CHANNELS)
    kernel = fields.numbers("kernel", (2,), 1, MAX_KERNEL)
    stride = fields.numbers("stride", (2,), 1, MAX_STRIDE, 1)
    height, width = _window(fields, source, kernel, stride)
    matrix, bits, signed = _matrix(fields, channels, source, math.prod(kernel) * source.channels, matrices)
    return Layer(name, "conv", source, Shape(height, width, channels, bits, signed), kernel, stride, matrix=matrix)


def _dense(fields: Fields, name: str, source: Shape, matrices: list) -> Layer:
    units = fields.number("units", 1, MAX_CHANNELS)
    matrix, bits, signed = _matrix(fields, units, source, source.elements, matrices)
    return Layer(name, "dense", source, Shape(1, 1, units, bits, signed), matrix=matrix)


def _pool(fields: Fields, name: str, source: Shape, _matrices: list) -> Layer:
    kernel = (fields.number("kernel", 1, MAX_KERNEL),) * 2
    stride = (fields.number("stride", 1, MAX_STRIDE, kernel[0]),) * 2
    height, width = _window(fields, source, kernel, stride)
    result = Shape(height, width, source.channels, source.bits, source.signed)
    return Layer(name, "pool", source, result, kernel, stride)


def _pad(fields: Fields, name: str, source: Shape, _matrices: list) -> Layer:
    padding = fields.numbers("padding", (4,), 0, MAX_PADDING)
    low, high = (-(1 << source.bits - 1), (1 << source.bits - 1) - 1) if source.signed else (0, (1 << source.bits) - 1)
    value = fields.number("value", low, high, 0)
    top, bottom, left, right = padding
    result = Shape(
        source.height + top + bottom, source.width + left + right, source.channels, source.bits, source.signed
    )
    return Layer(name, "pad", source, result, padding=padding, value=value)


def _label(fields: Fields, name: str, source: Shape, _matrices: list) -> Layer:
    if source.height * source.width != 1:
        raise InputError(f"{fields.where}: a label is of one pixel; this image has {source.height}x{source.width}")
    bits = max(1, (source.channels - 1).bit_length())
    return Layer(name, "label", source, Shape(1, 1, 1, bits))


_KINDS = {"conv": _conv, "dense": _dense, "pool": _pool, "pad": _pad, "label": _label}
