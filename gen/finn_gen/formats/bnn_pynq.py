# SPDX-License-Identifier: Apache-2.0
"""Importer of BNN-PYNQ parameter folders: W1A1, W1A2 and W2A2.

`<layer>-<pe>-weights.bin` holds NF*SF little-endian uint64: word nf*SF + sf, bit s, is column sf*SIMD + s of row
nf*PE + pe; weights of two bits are two's complement (-1, 0, +1) in bits 2s and 2s + 1. `<layer>-<pe>-thres.bin` holds
NF little-endian int64: word nf is the threshold of row nf*PE + pe, compared acc > t. Where outputs have two bits, a row
has two, words 2*nf and 2*nf + 1, and the output is -1 and one more for each that is exceeded. A sum counts matching
bits where weights, inputs and outputs are bits, else it is that of the products, with padding inputs of -1. A folder
does not say its network: rows and columns come from the layers that are asked for, and
columns beyond them are padding, which is checked to add nothing, and rows beyond them filler, which is checked to be no
class: nothing but weights of +1 (of two bits: 0), or a threshold that no sum exceeds.

Layout: finnthesizer.py of Xilinx/BNN-PYNQ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.formats.params_npz import Matrix
from finn_gen.network import model as network

MAX_FILE_BYTES = 1 << 24
MAX_ROW_PADDING = 64
"""Rows beyond those of the network; BNN-PYNQ pads the last layer to 64."""
NEVER = 2**31 - 1
"""A threshold that no sum reaches."""
_NAME = re.compile(r"(\d{1,2})-(\d{1,4})-(weights|thres)\.bin")


@dataclass(frozen=True)
class Expected:
    """The matrix that a layer of the network has.

    `fraction_bits`: its thresholds have so many bits below the sum's unit. `raw`: its sums are the scores, and
    thresholds that the folder may have for them are left out. `bits`: those of an element of the image; of a layer
    after the first one the folder says it.
    """

    rows: int
    cols: int
    fraction_bits: int = 0
    raw: bool = False
    bits: int = 1

    def input_bits(self, ternary: bool) -> int:
        """Bits of an input, which counts two thresholds where it is `ternary`."""
        return 2 if ternary else self.bits


def load(folder: Path, expected: Sequence[Expected], notes: list[str] | None = None) -> tuple[Matrix, ...]:
    """The matrices of a folder, rows and columns cut to those expected; InputError names file and rule.

    To `notes` comes a sentence for each layer of which filler is left out.
    """
    folder = Path(folder)
    files = _files(folder)
    layers = 1 + max(layer for layer, _, _ in files)
    if layers != len(expected):
        raise InputError(f"{folder}: holds {layers} layers; the network has {len(expected)} conv and dense layers")
    found = [_words(folder, files, layer) for layer in range(layers)]
    bits = _weight_bits(found, expected)
    told, ternary, matrices = [] if notes is None else notes, False, []
    for words, want in zip(found, expected, strict=True):
        layer = _folded(words, want, bits)
        # Products of bits alone are counted, all others are added with their signs.
        counted = bits == 1 and layer.levels <= 1 and want.bits == 1 and not ternary
        convert = _counted if counted else _summed
        matrices.append(convert(layer, want, ternary, told))
        ternary = layer.levels == 2
    return tuple(matrices)


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


def _column(folder: Path, files: dict, layer: int, kind: str, dtype: str) -> np.ndarray | None:
    """All words of a kind of a layer, [words, PE], or None if there is no such file."""
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


@dataclass(frozen=True)
class _Words:
    """The words of a layer's files [words, PE]: of weights, and of thresholds where it has them."""

    folder: Path
    layer: int
    weights: np.ndarray
    strict: np.ndarray | None

    @property
    def where(self) -> str:
        """The files of the weights."""
        return f"{self.folder}/{self.layer}-*-weights.bin"


@dataclass(frozen=True)
class _Layer:
    """A layer's weights [rows, cols], bits or numbers, padding and filler included, and thresholds [rows, levels]."""

    words: _Words
    weights: np.ndarray
    strict: np.ndarray | None

    @property
    def levels(self) -> int:
        """Thresholds of a row."""
        return 0 if self.strict is None else self.strict.shape[1]


def _words(folder: Path, files: dict, layer: int) -> _Words:
    weights = _column(folder, files, layer, "weights", "<u8")
    if weights is None:
        raise InputError(f"{folder}/{layer}-0-weights.bin: missing")
    strict = _column(folder, files, layer, "thres", "<i8")
    words = _Words(folder, layer, weights, strict)
    if strict is not None and strict.shape[1] != weights.shape[1]:
        raise InputError(f"{words.where}: {weights.shape[1]} files, but {strict.shape[1]} of thresholds")
    return words


def _weight_bits(found: Sequence[_Words], expected: Sequence[Expected]) -> int:
    """Bits of a weight, which a folder does not say: those with which the words of all layers hold their weights.

    Where both do, those that need no filler in more layers.
    """
    filler = {}
    for bits in (1, 2):
        folds = [_folding(words, want, bits) for words, want in zip(found, expected, strict=True)]
        if all(folds):
            filler[bits] = sum(fold[2] > want.rows for fold, want in zip(folds, expected, strict=True))
    return min(filler, key=filler.get, default=1)


def _folding(words: _Words, want: Expected, bits: int) -> tuple[int, int, int, int] | None:
    """SIMD, columns, rows (padding and filler included), thresholds a row; None if the words hold no such weights."""
    depth, pe = words.weights.shape
    # A folder does not say SIMD either. Some weight in the highest lane has its lowest bit, or none would be there.
    simd = max(1, -(-int(words.weights.max()).bit_length() // bits))
    cols = -(-want.cols // simd) * simd
    rows, rest = divmod(depth * pe * simd, cols)
    if rest or not want.rows <= rows < want.rows + MAX_ROW_PADDING:
        return None
    levels = 0 if words.strict is None else words.strict.size / rows
    return (simd, cols, rows, int(levels)) if levels in {0, 1, 2} else None


def _folded(words: _Words, want: Expected, bits: int) -> _Layer:
    """The weights and thresholds in rows."""
    depth, pe = words.weights.shape
    fold = _folding(words, want, bits)
    if fold is None:
        simd = max(1, int(words.weights.max()).bit_length())
        raise InputError(
            f"{words.where}: {depth} words in each of {pe} files do not hold {want.rows}x{want.cols} weights in words "
            f"of {simd} bits"
        )
    simd, cols, _, levels = fold
    lanes = (words.weights[..., None] >> np.arange(0, simd * bits, bits, dtype=np.uint64)) & np.uint64((1 << bits) - 1)
    synapse_folds = cols // simd
    weights = lanes.reshape(depth // synapse_folds, synapse_folds, pe, simd).transpose(0, 2, 1, 3).reshape(-1, cols)
    weights = weights.astype(np.uint8)
    if bits > 1:
        weights = weights.astype(np.int8) - ((weights >> bits - 1).astype(np.int8) << bits)
    strict = words.strict
    if strict is not None:
        strict = strict.reshape(-1, levels, pe).transpose(0, 2, 1).reshape(-1, levels)
    return _Layer(words, weights, strict)


def _counted(layer: _Layer, want: Expected, ternary: bool, notes: list[str]) -> Matrix:
    """A layer of weights and inputs of one bit, whose sum counts those that match."""
    weights = _cut(layer, want, notes)
    if layer.strict is None or want.raw:
        return Matrix(weights, None)
    # acc > t / 2^f is acc >= floor(t / 2^f) + 1 for integers.
    return Matrix(weights, ((layer.strict[: want.rows] >> want.fraction_bits) + 1).astype(np.int64))


def _summed(layer: _Layer, want: Expected, ternary: bool, notes: list[str]) -> Matrix:
    """A layer whose sums are those of its products.

    Outputs of several bits count thresholds, and stand for one less: for -1, 0 and +1, with a third threshold that no
    sum reaches. So the sum of products with counts is larger than that of what they stand for, by the sum of the
    weights.
    """
    numbers = layer.weights if layer.weights.dtype == np.int8 else 2 * layer.weights.astype(np.int8) - np.int8(1)
    cut = _cut(layer, want, notes)
    kept = numbers[: want.rows, : want.cols]
    total = kept.sum(axis=1, dtype=np.int64) if ternary else np.zeros(len(cut), np.int64)
    if layer.strict is None or want.raw:
        return _given(network.Matrix.of_products(kept, want.input_bits(ternary), biases=-total if ternary else None))
    # A padding input is the bit 0, which stands for -1; the thresholds are those of the sum with it.
    padding = numbers[: want.rows, want.cols :].sum(axis=1, dtype=np.int64) if want.bits == 1 and not ternary else 0
    thresholds = (layer.strict[: want.rows] >> want.fraction_bits) + 1 + (total + padding)[:, np.newaxis]
    if layer.levels == 2:
        thresholds = np.pad(thresholds, ((0, 0), (0, 1)), constant_values=NEVER)
    if (np.diff(thresholds, axis=1) < 0).any():
        raise InputError(f"{layer.words.folder}/{layer.words.layer}-*-thres.bin: the thresholds of a row must ascend")
    return _given(network.Matrix.of_products(kept, want.input_bits(ternary), thresholds))


def _given(matrix: network.Matrix) -> Matrix:
    return Matrix(matrix.weights, matrix.thresholds, matrix.biases, matrix.fraction)


def _cut(layer: _Layer, want: Expected, notes: list[str]) -> np.ndarray:
    """The weights without padding and filler, both checked to be such."""
    neutral = 0 if layer.weights.dtype == np.int8 else 1
    if (layer.weights[: want.rows, want.cols :] != neutral).any():
        rule = "ones" if neutral else "zeros"
        raise InputError(f"{layer.words.where}: columns from {want.cols} on must be padding of {rule}")
    if len(layer.weights) > want.rows:
        notes.append(_filler(layer, want, neutral))
    return layer.weights[: want.rows, : want.cols]


def _filler(layer: _Layer, want: Expected, neutral: int) -> str:
    """What to tell of rows beyond those of the network. Raises InputError for one that means something."""
    folder, weights, strict = layer.words.folder, layer.weights, layer.strict
    if strict is None:
        filler = (weights[want.rows :] == neutral).all(axis=1)
        rule = f"weights of {'+1' if neutral else '0'} alone"
    else:
        most = weights.shape[1] << (7 + want.fraction_bits if want.fraction_bits else 0)
        filler = (strict[want.rows :] >= most).all(axis=1)
        rule = "a threshold above every sum"
    if not filler.all():
        row = want.rows + int(np.argmin(filler))
        raise InputError(
            f"{folder}: layer {layer.words.layer} has {len(weights)} rows, the network {want.rows}, and row {row} is "
            f"no filler that can never win ({rule}): describe a network with as many units as these parameters have"
        )
    rows = f"rows {want.rows} to {len(weights) - 1}"
    return f"{folder}: layer {layer.words.layer}: {rows} are filler that can never win ({rule}), and left out"
