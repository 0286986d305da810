# SPDX-License-Identifier: Apache-2.0
"""The file of a trained network: weights and integer thresholds, one .npz without pickle.

A file holds `format` (int64 scalar, 1 or 2) and for every matrix layer i = 0, 1, ...

    l{i}_shape       int32 [2]                   rows (output neurons) and cols (synapses a neuron)
    l{i}_weights     uint8 [rows, ceil(cols/8)]  bits, column 0 in bit 0 of byte 0; 1 is +1, 0 is -1;
                                                 spare bits are 0
    l{i}_thresholds  int32 [rows, levels]        ascending in a row; the output is the number of
                                                 thresholds t with t <= acc

The last layer has no thresholds: its sums are the result. The columns of a convolution are ordered (ky, kx,
channel), channel fastest. acc is the number of matching bits where the input is bits and all weights are -1 and +1,
and the sum of the products elsewhere.

In format 2 a layer may have besides

    l{i}_weights     int8 [rows, cols]           whole numbers from -8 to 7 in the place of bits
    l{i}_biases      int64 [rows]                of the last layer: its scores are (acc << fraction) + bias
    l{i}_fraction    int64 scalar                0 to 16; of the last layer, 0 if it is missing

A file without them is written as format 1. Writing the same matrices gives the same bytes.

A file is untrusted: everything is checked before memory is spent on it, and nothing in it is executed.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import MAX_WEIGHT_BITS, of_elements

FORMATS = (1, 2)
MAX_LAYERS = 64
MAX_SIDE = 65_536
MAX_LEVELS = 255
MAX_BYTES = 64 * 2**20
MAX_FRACTION = 16
MAX_BIAS = 2**47
"""Biases are below that and not below its negative; so scores have at most 49 bits."""
_DATE = (1980, 1, 1, 0, 0, 0)
_FIELDS = {1: ("shape", "weights", "thresholds"), 2: ("shape", "weights", "thresholds", "biases", "fraction")}
"""Of a layer, by format."""
_LAYER_FIELD = re.compile(rf"l(0|[1-9][0-9]?)_({'|'.join(_FIELDS[2])})")


@dataclass(frozen=True, eq=False)
class Matrix:
    """One layer, as `finn_gen.network.model.Matrix` has it, but for weights of one bit.

    weights     uint8 [rows, cols] of bits (1 is +1, 0 is -1), or int8 [rows, cols] of numbers
    thresholds  int32 [rows, levels], or None for the last layer
    biases      int64 [rows] of the last layer, or None
    """

    weights: np.ndarray
    thresholds: np.ndarray | None
    biases: np.ndarray | None = None
    fraction: int = 0

    @property
    def format(self) -> int:
        """The least format of a file that can hold it."""
        plain = self.weights.dtype != np.int8 and self.biases is None and not self.fraction
        return 1 if plain else 2

    @property
    def numbers(self) -> np.ndarray:
        """The weights as int8 numbers."""
        if self.weights.dtype == np.int8:
            return self.weights
        return 2 * self.weights.astype(np.int8) - np.int8(1)


def load(path: Path) -> tuple[Matrix, ...]:
    """Read and check a file. Raises InputError; never unpickles."""
    fields = _read_fields(Path(path))
    legal = " or ".join(map(str, FORMATS))
    if "format" not in fields:
        raise InputError(f"{path}: field format is missing; it must be {legal}")
    form = fields.pop("format")
    if form.shape != () or form.dtype.kind not in "iu" or int(form) not in FORMATS:
        raise InputError(f"{path}: field format must be the integer {legal}")
    count = 1 + max((int(_LAYER_FIELD.fullmatch(name)[1]) for name in fields), default=-1)
    if count == 0:
        raise InputError(f"{path}: no layer; l0_shape and l0_weights are the least")
    for name in fields:
        if (kind := _LAYER_FIELD.fullmatch(name)[2]) not in _FIELDS[int(form)]:
            raise InputError(f"{path}: unknown field {name!r} in format {int(form)}; {kind} are of format 2")
    return tuple(_matrix(path, fields, i, int(form), last=i == count - 1) for i in range(count))


def to_bytes(matrices: tuple[Matrix, ...]) -> bytes:
    """The file for these matrices. Raises InputError where `load` would refuse it."""
    form = max(matrix.format for matrix in matrices)
    fields: dict[str, np.ndarray] = {"format": np.array(form, np.int64)}
    for i, matrix in enumerate(matrices):
        weights = np.asarray(matrix.weights)
        packed = weights if weights.dtype == np.int8 else np.packbits(weights.astype(bool), axis=1, bitorder="little")
        fields[f"l{i}_shape"] = np.array(weights.shape, np.int32)
        fields[f"l{i}_weights"] = packed
        if matrix.thresholds is not None:
            fields[f"l{i}_thresholds"] = np.asarray(matrix.thresholds, np.int32)
        if matrix.biases is not None:
            fields[f"l{i}_biases"] = np.asarray(matrix.biases, np.int64)
        if matrix.fraction:
            fields[f"l{i}_fraction"] = np.array(matrix.fraction, np.int64)
    for i in range(len(matrices)):
        _matrix("(new file)", fields, i, form, last=i == len(matrices) - 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, value in fields.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(value, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _DATE), member.getvalue())
    return out.getvalue()


def _read_fields(path: Path) -> dict[str, np.ndarray]:
    """All arrays of the archive, each of a known name, a plain type, and the size that its header says."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > len(_FIELDS[2]) * MAX_LAYERS + 1 or sum(m.file_size for m in members) > MAX_BYTES:
                raise InputError(f"{path}: more than {MAX_LAYERS} layers or {MAX_BYTES} bytes")
            fields: dict[str, np.ndarray] = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name != "format" and not _LAYER_FIELD.fullmatch(name):
                    raise InputError(
                        f"{path}: unknown field {name!r}; "
                        f"legal are format and {', '.join(f'l<i>_{field}' for field in _FIELDS[2])}"
                    )
                if name in fields:
                    raise InputError(f"{path}: field {name} occurs twice")
                fields[name] = _array(path, name, archive.read(member))
            return fields
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zipfile.zlib.error) as error:
        raise InputError(f"{path}: damaged or not an .npz file ({error})") from error


def _array(path: Path, name: str, data: bytes) -> np.ndarray:
    """A .npy member; its header is checked before an array is made of it."""
    stream = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("version is not 1.0")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    except ValueError as error:
        raise InputError(f"{path}: field {name} is no .npy array ({error})") from error
    if dtype.kind not in "iu" or fortran:
        raise InputError(f"{path}: field {name} must hold integers in C order, not {dtype}")
    body = data[stream.tell() :]
    if len(body) != math.prod(shape) * dtype.itemsize:
        raise InputError(f"{path}: field {name} has {len(body)} bytes, its shape {shape} needs another number")
    return np.frombuffer(body, dtype).reshape(shape)


def _matrix(path: Path | str, fields: dict[str, np.ndarray], i: int, form: int, last: bool) -> Matrix:
    """Layer i of checked arrays of a file of a format."""

    def need(name: str, dtype: type, rule: str, shape: tuple[int, ...] | None) -> np.ndarray:
        value = fields.get(name)
        if value is None:
            raise InputError(f"{path}: field {name} is missing; it must be {rule}")
        if value.dtype != dtype or (shape is not None and value.shape != shape):
            raise InputError(f"{path}: field {name} is {value.dtype} {list(value.shape)}; it must be {rule}")
        return value

    rows, cols = (int(n) for n in need(f"l{i}_shape", np.int32, "int32 [2]", (2,)))
    if not (1 <= rows <= MAX_SIDE and 1 <= cols <= MAX_SIDE):
        raise InputError(f"{path}: field l{i}_shape is [{rows}, {cols}]; rows and cols must be 1 to {MAX_SIDE}")
    numbers = form > 1 and f"l{i}_weights" in fields and fields[f"l{i}_weights"].dtype == np.int8
    weights = (_numbers if numbers else _bits)(path, f"l{i}_weights", (rows, cols), need)
    name = f"l{i}_thresholds"
    if last:
        if name in fields:
            raise InputError(f"{path}: field {name} belongs to the last layer, which must have none")
        return Matrix(weights, None, *_score(path, fields, i, rows, need))
    for late in ("biases", "fraction"):
        if f"l{i}_{late}" in fields:
            raise InputError(f"{path}: field l{i}_{late}: layer {i} has thresholds; only the last layer has {late}")
    thresholds = need(name, np.int32, f"int32 [{rows}, levels]", None)
    if thresholds.ndim != 2 or thresholds.shape[0] != rows or not 1 <= thresholds.shape[1] <= MAX_LEVELS:
        raise InputError(
            f"{path}: field {name} is {list(thresholds.shape)}; "
            f"it must be [{rows}, levels] with levels from 1 to {MAX_LEVELS}"
        )
    if (np.diff(thresholds.astype(np.int64), axis=1) < 0).any():
        raise InputError(f"{path}: field {name} must ascend within a row")
    return Matrix(weights, thresholds)


Need = Callable[[str, type, str, tuple[int, ...] | None], np.ndarray]


def _bits(path: Path | str, name: str, shape: tuple[int, int], need: Need) -> np.ndarray:
    """Weights of one bit, unpacked."""
    rows, cols = shape
    packed = (rows, (cols + 7) // 8)
    bits = np.unpackbits(need(name, np.uint8, f"uint8 {list(packed)}", packed), axis=1, bitorder="little")
    if bits[:, cols:].any():
        raise InputError(f"{path}: field {name} has a bit set beyond column {cols - 1}; spare bits must be 0")
    return bits[:, :cols]


def _numbers(path: Path | str, name: str, shape: tuple[int, int], need: Need) -> np.ndarray:
    """Weights as numbers."""
    numbers, most = need(name, np.int8, f"int8 {list(shape)}", shape), of_elements(MAX_WEIGHT_BITS, signed=True)
    wrong = np.argwhere((numbers < most.low) | (numbers > most.high))
    if wrong.size:
        row, col = wrong[0]
        raise InputError(
            f"{path}: field {name} has {numbers[row, col]} in row {row}, column {col}; "
            f"legal are {most.low} to {most.high}"
        )
    return numbers


def _score(
    path: Path | str, fields: dict[str, np.ndarray], i: int, rows: int, need: Need
) -> tuple[np.ndarray | None, int]:
    """Biases and the bits of a fraction of the last layer, where it has them."""
    fraction, biases, name = 0, None, f"l{i}_fraction"
    if name in fields:
        rule = f"an int64 scalar from 0 to {MAX_FRACTION}"
        fraction = int(need(name, np.int64, rule, ()))
        if not 0 <= fraction <= MAX_FRACTION:
            raise InputError(f"{path}: field {name} is {fraction}; it must be {rule}")
    name = f"l{i}_biases"
    if name in fields:
        biases = need(name, np.int64, f"int64 [{rows}]", (rows,))
        if (biases < -MAX_BIAS).any() or (biases >= MAX_BIAS).any():
            raise InputError(f"{path}: field {name} must hold numbers from {-MAX_BIAS} to {MAX_BIAS - 1}")
    return biases, fraction
