# SPDX-License-Identifier: Apache-2.0
"""Networks as YAML files with a file of parameters, both ways; docs/network.md describes them.

Nothing of a file reaches Verilog, Tcl or a path before it is checked here. Layers are outlined first, from which the
shapes of their matrices follow, and finished with these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from finn_gen import layers
from finn_gen.base.errors import InputError
from finn_gen.base.params import check_module_name
from finn_gen.base.yaml_file import Fields, read_yaml, show, wrong
from finn_gen.formats import bnn_pynq, class_names, params_npz
from finn_gen.network.model import ENCODINGS, Layer, Matrix, Network, Shape, element_format

MAX_SIDE = 4096
MAX_LAYERS = 128
MAX_CLASS_NAME = 64
_BNN_PYNQ = ("bits", "threshold", "q1.7")
"""Encodings of the networks whose parameters are folders of BNN-PYNQ."""
NETWORK_FILE = "finn.network.yaml"
PARAMETERS_FILE = "finn.parameters.npz"
REQUEST_FILE = "finn.request.json"
"""What was asked of a generator, beside the network's files in the folder of a run."""
CLASSES_FILE = "finn.classes.txt"
"""Names of classes that are too long for a description, a line each."""


# --------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Draft:
    """A description by itself: layers by their shapes, `parameters` the path that it names, or None."""

    name: str
    encoding: str
    source: Shape
    layers: tuple[Layer, ...]
    parameters: str | None
    classes: tuple[str, ...]


_PARAMETERS_RULE = "the path of an .npz file, relative to this one"


def read(path: Path) -> Draft:
    """The description in a YAML file; InputError names file, field and rule. Its parameters are not looked at."""
    top = Fields(str(path), read_yaml(path))
    top.number("format", 1, 1)
    name = top.take("name")
    if not isinstance(name, str):
        raise top.fail("name", name, "the name of the generated modules")
    check_module_name(str(path), name)
    source, encoding = _input(Fields(f"{path}: input", top.take("input")))
    named = top.take("parameters")
    if named is not None and (not isinstance(named, str) or not named):
        raise top.fail("parameters", named, _PARAMETERS_RULE)
    items = top.take("layers")
    classes = top.take("classes")
    top.done()
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_LAYERS:
        raise InputError(f"{path}: layers: {show(items)}; it must be a list of 1 to {MAX_LAYERS} layers")
    outlined = outline(str(path), source, items)
    scores = ([source] + [layer.result for layer in outlined if not layer.decides])[-1]
    names = () if classes is None else _classes(top, classes, scores)
    return Draft(name, encoding, source, outlined, named, names)


def load(path: Path, parameters: Path | None = None, classes_file: Path | None = None) -> Network:
    """The network that a YAML file describes, with its parameters; InputError names file, field and rule.

    `parameters`, an .npz file or a folder of BNN-PYNQ, takes the place of the file that the description names.
    `classes_file`, names of classes in lines, takes the place of the names in a folder of BNN-PYNQ, and those of the
    description.
    """
    path = Path(path)
    draft = read(path)
    encoding, source, outlined = draft.encoding, draft.source, draft.layers
    if not parameters and draft.parameters is None:
        raise wrong(str(path), "parameters", None, _PARAMETERS_RULE)
    notes: list[str] = []
    if parameters and Path(parameters).is_dir():
        if encoding not in _BNN_PYNQ:
            raise InputError(
                f"{path}: input: encoding: {show(encoding)}; with a folder of BNN-PYNQ it must be one of "
                f"{', '.join(_BNN_PYNQ)}, since the scale of its first thresholds is that of Q1.7"
            )
        matrices = bnn_pynq.load(Path(parameters), expected(str(path), outlined), notes)
    else:
        matrices = params_npz.load(Path(parameters) if parameters else path.parent / draft.parameters)
    layers_found = finish(str(path), source, outlined, matrices)
    network = Network(draft.name, encoding, source, layers_found, draft.classes)
    return renamed(network, parameters, classes_file, notes)


def renamed(network: Network, parameters: Path | None, classes_file: Path | None, notes: list[str]) -> Network:
    """The network with the names of classes that its parameters bring, or that are given, and with notes."""
    brought = Path(parameters) / class_names.FILE if parameters else None
    found = classes_file or (brought if brought and brought.is_file() else None)
    if found:
        names, told = class_names.load(Path(found), network.scores.result.elements)
        network = replace(network, classes=names)
        notes.append(told)
    elif parameters and (names := class_names.recorded(Path(parameters), network.scores.result.elements)):
        network = replace(network, classes=names)
    elif parameters and Path(parameters).is_dir() and network.classes:
        notes.append(f"{parameters}: no {class_names.FILE} in it, so that classes are called as in the network's file")
    return replace(network, notes=tuple(note for note in notes if note))


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


def _input(fields: Fields) -> tuple[Shape, str]:
    height = fields.number("height", 1, MAX_SIDE, 1)
    width = fields.number("width", 1, MAX_SIDE, 1)
    channels = fields.number("channels", 1, layers.MAX_CHANNELS)
    encoding = fields.choice("encoding", ENCODINGS)
    fields.done()
    return Shape(height, width, channels, *element_format(encoding)), encoding


def outline(where: str, source: Shape, items: Sequence[Any]) -> tuple[Layer, ...]:
    """Layers from their descriptions, by their shapes: bits of elements and matrices are not known yet."""
    found: list[Layer] = []
    names: set[str] = set()
    for index, item in enumerate(items):
        fields = Fields(_place(where, index), item)
        kind = fields.choice("kind", layers.NAMES)
        name = fields.take("name", f"l{index}_{kind}")
        check_module_name(fields.where, name if isinstance(name, str) else "")
        if name in names:
            raise fields.fail("name", name, "a name of its own")
        names.add(name)
        if found and found[-1].decides:
            raise InputError(f"{fields.where}: nothing can follow a label layer")
        layer = layers.get(kind).outline(fields, name, found[-1].result if found else source)
        fields.done()
        found.append(layer)
    return tuple(found)


def chain(where: str, source: Shape, items: Sequence[Any], matrices: Sequence[params_npz.Matrix]) -> tuple[Layer, ...]:
    """Layers from their descriptions and, in order, the matrices of the conv and dense ones."""
    return finish(where, source, outline(where, source, items), matrices)


def _place(where: str, index: int) -> str:
    return f"{where}: layers[{index}]"


def finish(
    where: str, source: Shape, outlined: Sequence[Layer], matrices: Sequence[params_npz.Matrix]
) -> tuple[Layer, ...]:
    """The outlined layers with, in order, the matrices of conv and dense ones, and the formats of their elements."""
    left, before, found = list(matrices), source, []
    raw = False
    for index, layer in enumerate(outlined):
        place, kind = _place(where, index), layers.get(layer.kind)
        if raw and not layer.decides:
            raise InputError(f"{place}: it follows raw scores, which only a label layer takes")
        known = replace(layer, source=replace(layer.source, bits=before.bits, signed=before.signed))
        matrix = _matrix(place, kind.matrix(layer), left) if kind.matrix else None
        bits, signed = kind.format(place, known, matrix)
        found.append(replace(known, result=replace(layer.result, bits=bits, signed=signed), matrix=matrix))
        raw, before = bool(matrix and matrix.thresholds is None), found[-1].result
    if left:
        raise InputError(f"{where}: the parameters hold {len(left)} more layers than conv and dense layers here")
    if not any(layer.matrix for layer in found):
        raise InputError(f"{where}: layers: no conv or dense layer among them")
    return tuple(found)


def _matrix(where: str, shape: tuple[int, int], left: list[params_npz.Matrix]) -> Matrix:
    """The next matrix, which must have `shape` weights."""
    if not left:
        raise InputError(f"{where}: the parameters hold no matrix for this layer")
    given, (rows, cols) = left.pop(0), shape
    if given.weights.shape != shape:
        found = "x".join(map(str, given.weights.shape))
        raise InputError(f"{where}: the parameters hold {found} weights; this layer has {rows}x{cols}")
    thresholds = None if given.thresholds is None else given.thresholds.astype(np.int64)
    return Matrix(given.numbers, thresholds, given.biases, given.fraction)


def expected(where: str, outlined: Sequence[Layer]) -> list[bnn_pynq.Expected]:
    """The matrices that a folder of BNN-PYNQ must hold for these layers.

    InputError for one that is larger than one that a parameter file could hold.
    """
    most, total, found = params_npz.MAX_SIDE, 0, []
    for index, layer in enumerate(outlined):
        kind = layers.get(layer.kind)
        if not kind.matrix:
            continue
        rows, cols = kind.matrix(layer)
        total += rows * ((cols + 7) // 8)
        if rows > most or cols > most or total > params_npz.MAX_BYTES:
            raise InputError(
                f"{_place(where, index)}: {rows}x{cols} weights; rows and columns go up to {most}, "
                f"the weights of a network up to {params_npz.MAX_BYTES} bytes"
            )
        # BNN-PYNQ's thresholds of sums of Q1.7 numbers have eight fraction bits, the sums seven.
        bits = 1 if found else outlined[0].source.bits
        found.append(bnn_pynq.Expected(rows, cols, int(bits > 1), bits=bits))
    if found and outlined[-1].decides:
        found[-1] = replace(found[-1], raw=True)
    return found


# --------------------------------------------------------------------------- writing


def to_files(network: Network, name: str = NETWORK_FILE, parameters: str = PARAMETERS_FILE) -> dict[str, str | bytes]:
    """The description and the parameters of a network, by their names; the same network gives the same bytes.

    Raises InputError for a network that no parameter file can hold: one whose last matrix has thresholds.
    """
    files: dict[str, str | bytes] = {name: _description(network, parameters), parameters: _parameters(network)}
    if _long(network):
        files[CLASSES_FILE] = "".join(f"{name}\n" for name in network.classes)
    return files


def described(network: Network) -> dict[str, Any]:
    """The description of a network as plain data, without the names of its classes and of its parameters."""
    top = yaml.safe_load(_description(replace(network, classes=()), PARAMETERS_FILE))
    return {field: value for field, value in top.items() if field != "parameters"}


def written(folder: Path) -> Network:
    """The network whose files `to_files` made. Raises InputError."""
    names = folder / CLASSES_FILE
    return load(folder / NETWORK_FILE, classes_file=names if names.is_file() else None)


def _long(network: Network) -> bool:
    """Whether a class's name is longer than a description may have it."""
    return any(len(name) > MAX_CLASS_NAME for name in network.classes)


def _description(network: Network, parameters: str) -> str:
    source = network.source
    top: dict[str, Any] = {
        "format": 1,
        "name": network.name,
        "input": {
            "height": source.height,
            "width": source.width,
            "channels": source.channels,
            "encoding": network.encoding,
        },
        "parameters": parameters,
    }
    if network.classes and not _long(network):
        top["classes"] = list(network.classes)
    top["layers"] = [_layer(layer) for layer in network.layers]
    return yaml.safe_dump(top, sort_keys=False, allow_unicode=True)


def _layer(layer: Layer) -> dict[str, Any]:
    return {"kind": layer.kind, "name": layer.name, **layers.get(layer.kind).fields(layer)}


def _parameters(network: Network) -> bytes:
    return params_npz.to_bytes(tuple(_given(layer.matrix) for layer in network.layers if layer.matrix))


def _given(matrix: Matrix) -> params_npz.Matrix:
    """A matrix as a parameter file has it."""
    # No sum reaches the ends of int32, so that a threshold beyond them compares the same there.
    ends = np.iinfo(np.int32)
    return params_npz.Matrix(
        (matrix.weights > 0).astype(np.uint8) if matrix.format.bits == 1 else matrix.weights,
        None if matrix.thresholds is None else matrix.thresholds.clip(ends.min, ends.max).astype(np.int32),
        matrix.biases,
        matrix.fraction,
    )
