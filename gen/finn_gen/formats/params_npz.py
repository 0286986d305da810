# SPDX-License-Identifier: Apache-2.0
"""The file of a trained network: packed weight bits and integer thresholds, one .npz without pickle.

A file holds `format` (int64 scalar, 1) and for every matrix layer i = 0, 1, ...

    l{i}_shape       int32 [2]                   rows (output neurons) and cols (synapses a neuron)
    l{i}_weights     uint8 [rows, ceil(cols/8)]  bits, column 0 in bit 0 of byte 0; 1 is +1, 0 is -1;
                                                 spare bits are 0
    l{i}_thresholds  int32 [rows, levels]        ascending in a row; the output is the number of
                                                 thresholds t with t <= acc

The last layer has no thresholds: its sums are the result. The columns of a convolution are ordered (ky, kx,
channel), channel fastest. acc is the number of matching bits where the input is bits, and the sum of +x or -x
where it is integers. Writing the same matrices gives the same bytes.

A file is untrusted: everything is checked before memory is spent on it, and nothing in it is executed.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError

FORMAT = 1
MAX_LAYERS = 64
MAX_SIDE = 65_536
MAX_LEVELS = 255
MAX_BYTES = 64 * 2**20
_DATE = (1980, 1, 1, 0, 0, 0)
_LAYER_FIELD = re.compile(r"l(0|[1-9][0-9]?)_(shape|weights|thresholds)")


@dataclass(frozen=True, eq=False)
class Matrix:
    """One layer: weights uint8 [rows, cols] of bits, thresholds int32 [rows, levels] or None for the last layer."""

    weights: np.ndarray
    thresholds: np.ndarray | None


def load(path: Path) -> tuple[Matrix, ...]:
    """Read and check a file. Raises InputError; never unpickles."""
    fields = _read_fields(Path(path))
    if "format" not in fields:
        raise InputError(f"{path}: field format is missing; it must be {FORMAT}")
    form = fields.pop("format")
    if form.shape != () or form.dtype.kind not in "iu" or int(form) != FORMAT:
        raise InputError(f"{path}: field format must be the integer {FORMAT}")
    count = 1 + max((int(_LAYER_FIELD.fullmatch(name)[1]) for name in fields), default=-1)
    if count == 0:
        raise InputError(f"{path}: no layer; l0_shape and l0_weights are the least")
    return tuple(_matrix(path, fields, i, last=i == count - 1) for i in range(count))


def to_bytes(matrices: tuple[Matrix, ...]) -> bytes:
    """The file for these matrices. Raises InputError where `load` would refuse it."""
    fields: dict[str, np.ndarray] = {"format": np.array(FORMAT, np.int64)}
    for i, matrix in enumerate(matrices):
        weights = np.asarray(matrix.weights)
        fields[f"l{i}_shape"] = np.array(weights.shape, np.int32)
        fields[f"l{i}_weights"] = np.packbits(weights.astype(bool), axis=1, bitorder="little")
        if matrix.thresholds is not None:
            fields[f"l{i}_thresholds"] = np.asarray(matrix.thresholds, np.int32)
    for i in range(len(matrices)):
        _matrix("(new file)", fields, i, last=i == len(matrices) - 1)
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
            if len(members) > 3 * MAX_LAYERS + 1 or sum(m.file_size for m in members) > MAX_BYTES:
                raise InputError(f"{path}: more than {MAX_LAYERS} layers or {MAX_BYTES} bytes")
            fields: dict[str, np.ndarray] = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name != "format" and not _LAYER_FIELD.fullmatch(name):
                    raise InputError(
                        f"{path}: unknown field {name!r}; "
                        "legal are format and l<i>_shape, l<i>_weights, l<i>_thresholds"
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


def _matrix(path: Path | str, fields: dict[str, np.ndarray], i: int, last: bool) -> Matrix:
    """Layer i of checked arrays."""

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
    packed_shape = (rows, (cols + 7) // 8)
    packed = need(f"l{i}_weights", np.uint8, f"uint8 {list(packed_shape)}", packed_shape)
    bits = np.unpackbits(packed, axis=1, bitorder="little")
    if bits[:, cols:].any():
        raise InputError(f"{path}: field l{i}_weights has a bit set beyond column {cols - 1}; spare bits must be 0")
    name = f"l{i}_thresholds"
    if last:
        if name in fields:
            raise InputError(f"{path}: field {name} belongs to the last layer, which must have none")
        return Matrix(bits[:, :cols], None)
    thresholds = need(name, np.int32, f"int32 [{rows}, levels]", None)
    if thresholds.ndim != 2 or thresholds.shape[0] != rows or not 1 <= thresholds.shape[1] <= MAX_LEVELS:
        raise InputError(
            f"{path}: field {name} is {list(thresholds.shape)}; "
            f"it must be [{rows}, levels] with levels from 1 to {MAX_LEVELS}"
        )
    if (np.diff(thresholds.astype(np.int64), axis=1) < 0).any():
        raise InputError(f"{path}: field {name} must ascend within a row")
    return Matrix(bits[:, :cols], thresholds)
