# SPDX-License-Identifier: Apache-2.0
"""Importer of BNN-PYNQ parameter folders.

`<layer>-<pe>-weights.bin` holds NF*SF little-endian uint64: word nf*SF + sf, bit s, is column sf*SIMD + s of row
nf*PE + pe. `<layer>-<pe>-thres.bin` holds NF little-endian int64: word nf is the threshold of row nf*PE + pe,
compared acc > t. A folder does not say its network: rows and columns come from the layers that are asked for, and
columns beyond them are padding, which is checked to add nothing, and rows beyond them filler, which is checked to be no
class: nothing but weights of +1, or a threshold that no sum exceeds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.formats.params_npz import Matrix

MAX_FILE_BYTES = 1 << 24
MAX_ROW_PADDING = 64
"""Rows beyond those of the network; BNN-PYNQ pads the last layer to 64."""
_NAME = re.compile(r"(\d{1,2})-(\d{1,4})-(weights|thres)\.bin")


@dataclass(frozen=True)
class Expected:
    """The matrix that a layer of the network has.

    `fraction_bits`: its thresholds have so many bits below the sum's unit. `raw`: its sums are the scores, and
    thresholds that the folder may have for them are left out.
    """

    rows: int
    cols: int
    fraction_bits: int = 0
    raw: bool = False


def load(folder: Path, expected: Sequence[Expected], notes: list[str] | None = None) -> tuple[Matrix, ...]:
    """The matrices of a folder, rows and columns cut to those expected; InputError names file and rule.

    To `notes` comes a sentence for each layer of which filler is left out.
    """
    folder = Path(folder)
    files = _files(folder)
    layers = 1 + max(layer for layer, _, _ in files)
    if layers != len(expected):
        raise InputError(f"{folder}: holds {layers} layers; the network has {len(expected)} conv and dense layers")
    told = [] if notes is None else notes
    return tuple(_layer(folder, files, layer, want, told) for layer, want in enumerate(expected))


def _files(folder: Path) -> dict[tuple[int, int, str], Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; BNN-PYNQ's parameters are a folder of <layer>-<pe>-weights.bin")
    files = {}
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match:
            files[int(match[1]), int(match[2]), match[3]] = path
    if not files:
        raise InputError(f"{folder}: no file <layer>-<pe>-weights.bin in it")
    return files


def _words(files: dict, layer: int, kind: str, dtype: str, folder: Path) -> np.ndarray | None:
    """All words of a layer, [words, PE], or None if there is no such file."""
    count = sum(1 for number, _, what in files if number == layer and what == kind)
    if count == 0:
        return None
    columns = []
    for pe in range(count):
        path = files.get((layer, pe, kind))
        if path is None:
            raise InputError(f"{folder}/{layer}-{pe}-{kind}.bin: missing, though others of layer {layer} are there")
        size = path.stat().st_size
        if size == 0 or size % 8 or size > MAX_FILE_BYTES:
            raise InputError(f"{path}: {size} bytes; it must be a multiple of 8 from 8 to {MAX_FILE_BYTES}")
        columns.append(np.fromfile(path, dtype))
        if len(columns[-1]) != len(columns[0]):
            raise InputError(f"{path}: {len(columns[-1])} words; the others of layer {layer} hold {len(columns[0])}")
    return np.stack(columns, 1)


def _layer(folder: Path, files: dict, layer: int, want: Expected, notes: list[str]) -> Matrix:
    words = _words(files, layer, "weights", "<u8", folder)
    if words is None:
        raise InputError(f"{folder}/{layer}-0-weights.bin: missing")
    strict = _words(files, layer, "thres", "<i8", folder)
    where = f"{folder}/{layer}-*-weights.bin"
    depth, pe = words.shape
    if strict is not None and strict.shape[1] != pe:
        raise InputError(f"{where}: {pe} files, but {strict.shape[1]} of thresholds")
    simd, cols = _folding(where, words, want, None if strict is None else strict.size)
    bits = (words[..., None] >> np.arange(simd, dtype=np.uint64)) & np.uint64(1)
    synapse_folds = cols // simd
    weights = bits.reshape(depth // synapse_folds, synapse_folds, pe, simd).transpose(0, 2, 1, 3).reshape(-1, cols)
    weights = weights.astype(np.uint8)
    # A padding input is the bit 0, which a weight bit of 1 does not match.
    if not weights[: want.rows, want.cols :].all():
        raise InputError(f"{where}: columns from {want.cols} on must be padding of ones")
    if len(weights) > want.rows:
        notes.append(_filler(folder, layer, want, weights, strict))
    weights = weights[: want.rows, : want.cols]
    if strict is None or want.raw:
        return Matrix(weights, None)
    # acc > t / 2^f is acc >= floor(t / 2^f) + 1 for integers.
    thresholds = (strict.reshape(-1, 1)[: want.rows] >> want.fraction_bits) + 1
    return Matrix(weights, thresholds.astype(np.int64))


def _filler(folder: Path, layer: int, want: Expected, weights: np.ndarray, strict: np.ndarray | None) -> str:
    """What to tell of rows beyond those of the network. Raises InputError for one that means something."""
    if strict is None:
        filler = weights[want.rows :].all(axis=1)
        rule = "weights of +1 alone"
    else:
        most = weights.shape[1] << (7 + want.fraction_bits if want.fraction_bits else 0)
        filler = strict.reshape(-1)[want.rows :] >= most
        rule = "a threshold above every sum"
    if not filler.all():
        row = want.rows + int(np.argmin(filler))
        raise InputError(
            f"{folder}: layer {layer} has {len(weights)} rows, the network {want.rows}, and row {row} is no filler "
            f"that can never win ({rule}): describe a network with as many units as these parameters have"
        )
    rows = f"rows {want.rows} to {len(weights) - 1}"
    return f"{folder}: layer {layer}: {rows} are filler that can never win ({rule}), and left out"


def _folding(where: str, words: np.ndarray, want: Expected, rows: int | None) -> tuple[int, int]:
    """SIMD and columns, padding included."""
    depth, pe = words.shape
    # A folder does not say SIMD either. Some weight in the highest lane is +1, or no lane would be there.
    simd = max(1, int(words.max()).bit_length())
    cols = -(-want.cols // simd) * simd
    found, rest = divmod(depth * pe * simd, cols)
    if rest == 0 and want.rows <= found < want.rows + MAX_ROW_PADDING and rows in (found, None):
        return simd, cols
    raise InputError(
        f"{where}: {depth} words in each of {pe} files do not hold {want.rows}x{want.cols} weights in words of "
        f"{simd} bits"
    )
