# SPDX-License-Identifier: Apache-2.0
"""One function for each kind of layer, computed with integers; a new kind is one more, with `layer_kind` above it.

Arrays are [..., H, W, C] or [..., features]: what stands before these axes, as the images of a batch, is kept. Bit 1
stands for +1 and bit 0 for -1; weights are numbers. A window lists its pixels (ky, kx, channel),
channel fastest, as the hardware's stream does. Pairs are (vertical, horizontal).

All results are exact: the matrix products run on the float32 BLAS, every product is an integer and every partial sum
stays below 2^24 in magnitude, where float32 holds each integer; larger sums take float64, up to 2^53.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

FLOAT32_EXACT, FLOAT64_EXACT = 2**24, 2**53

Pair = tuple[int, int]
Compute = Callable[[Any, np.ndarray], np.ndarray]

KINDS: dict[str, Compute] = {}
"""By the kind of a layer: what it makes of a batch [N, H, W, C]. The layer has `kind` and what its function reads:
`kernel`, `stride`, `dilation`, `padding`, `value`, `source.bits` (of an input element), `matrix.weights` (unsigned
bits that stand for -1 and +1, or signed numbers), `matrix.thresholds` (None: scores), and of scores `matrix.biases`
(None: none) and `matrix.fraction`."""


def layer_kind(kind: str) -> Callable[[Compute], Compute]:
    """Register the function below as what layers of a kind compute."""

    def register(function: Compute) -> Compute:
        KINDS[kind] = function
        return function

    return register


# --- inputs -----------------------------------------------------------------------------------------------


def q17(pixels: np.ndarray) -> np.ndarray:
    """Q1.7 integers -128..127 of bytes p: 2p/255 - 1 rounded half up to 1/128 and saturated."""
    p = np.asarray(pixels, np.int32)
    return np.minimum((512 * p - 65025) // 510, 127)


def pixel_bits(pixels: np.ndarray) -> np.ndarray:
    """One bit a pixel: 1 for a byte of at least 128."""
    return (np.asarray(pixels) >= 128).astype(np.int32)


def upper_bits(pixels: np.ndarray, bits: int, signed: bool) -> np.ndarray:
    """The number that the upper `bits` bits of a byte are, less half of their range where it is `signed`."""
    return (np.asarray(pixels, np.int32) >> 8 - bits) - (1 << bits - 1 if signed else 0)


ENCODINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "q1.7": q17,
    "threshold": pixel_bits,
    "bits": pixel_bits,
    **{f"uint{bits}": functools.partial(upper_bits, bits=bits, signed=False) for bits in range(2, 9)},
    **{f"int{bits}": functools.partial(upper_bits, bits=bits, signed=True) for bits in range(2, 9)},
}
"""By an input's encoding: its elements of bytes."""


# --- padding ----------------------------------------------------------------------------------------------


def pad(x: np.ndarray, amount: int | tuple[int, int, int, int], value: int = 0) -> np.ndarray:
    """x [...,H,W,C] with pixels of `value` around it: as many on each side, or (top, bottom, left, right).

    In a stream of bits the value 0 is the number -1.
    """
    top, bottom, left, right = amount if isinstance(amount, tuple) else (amount,) * 4
    *outer, height, width, channels = x.shape
    padded = np.full((*outer, top + height + bottom, left + width + right, channels), value, x.dtype)
    padded[..., top : top + height, left : left + width, :] = x
    return padded


@layer_kind("pad")
def _pad(layer: Any, x: np.ndarray) -> np.ndarray:
    return pad(x, tuple(layer.padding), layer.value)


# --- windows ----------------------------------------------------------------------------------------------


def sliding_window(x: np.ndarray, kernel: int | Pair, stride: int | Pair = 1, dilation: int | Pair = 1) -> np.ndarray:
    """The windows of x [...,H,W,C] that lie in the image as a whole, as [...,OH,OW,KY*KX*C].

    With a reach R = (K - 1) * dilation + 1 there are (H - R) // stride + 1. Raises ValueError if the window is
    larger than the image.
    """
    *outer, height, width, channels = x.shape
    (size_y, size_x), (step_y, step_x), (gap_y, gap_x) = _pair(kernel), _pair(stride), _pair(dilation)
    reach_y, reach_x = (size_y - 1) * gap_y + 1, (size_x - 1) * gap_x + 1
    if reach_y > height or reach_x > width:
        raise ValueError(f"a window of {reach_y}x{reach_x} does not fit an image of {height}x{width}")
    out_h, out_w = (height - reach_y) // step_y + 1, (width - reach_x) // step_x + 1
    windows = np.empty((*outer, out_h, out_w, size_y, size_x, channels), x.dtype)
    for ky in range(size_y):
        rows = slice(ky * gap_y, ky * gap_y + (out_h - 1) * step_y + 1, step_y)
        for kx in range(size_x):
            columns = slice(kx * gap_x, kx * gap_x + (out_w - 1) * step_x + 1, step_x)
            windows[..., ky, kx, :] = x[..., rows, columns, :]
    return windows.reshape(*outer, out_h, out_w, size_y * size_x * channels)


def _pair(value: int | Pair) -> Pair:
    return value if isinstance(value, tuple) else (value, value)


def max_pool(x: np.ndarray, kernel: int | Pair, stride: int | Pair | None = None) -> np.ndarray:
    """Largest value of each window of x [...,H,W,C]; windows lie side by side unless a stride is given.

    An incomplete window at the border is dropped. On bits this is OR.
    """
    windows = sliding_window(x, kernel, kernel if stride is None else stride)
    return windows.reshape(*windows.shape[:-1], -1, x.shape[-1]).max(axis=-2)


@layer_kind("pool")
def _pool(layer: Any, x: np.ndarray) -> np.ndarray:
    return max_pool(x, tuple(layer.kernel), tuple(layer.stride))


# --- matrices ---------------------------------------------------------------------------------------------


def signs(bits: np.ndarray) -> np.ndarray:
    """The numbers -1 and +1 that bits stand for."""
    return (np.asarray(bits) > 0).astype(np.int8) * np.int8(2) - np.int8(1)


def weighted_sum(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of the products with each row of weights: x [...,cols], weights [rows,cols] -> int32 or int64 [...,rows].

    Raises ValueError where a sum might not be exact.
    """
    largest = max(int(x.max(initial=0)), -int(x.min(initial=0)))
    most = largest * int(np.abs(weights.astype(np.int64)).sum(axis=1).max(initial=0))
    if most >= FLOAT64_EXACT:
        raise ValueError("sums of this size are not exact in float64")
    floats, whole = (np.float32, np.int32) if most < FLOAT32_EXACT else (np.float64, np.int64)
    # One product of two matrices: NumPy makes a small one of each row of an image, and its threads wait at each.
    rows = x.reshape(-1, x.shape[-1]).astype(floats)
    return (rows @ weights.astype(floats).T).astype(whole).reshape(*x.shape[:-1], len(weights))


def matching_bits(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Number of columns where a bit is what its weight stands for (popcount of XNOR): x [...,cols] -> [...,rows].

    Of n columns p match: the sum of the products of bits as -1 and +1 is p - (n - p) = 2p - n.
    """
    return (weighted_sum(signs(x), weights) + weights.shape[1]) // 2


def numbers(weights: np.ndarray) -> np.ndarray:
    """Weights as numbers: signed ones are, bits (unsigned or bool) stand for -1 and +1."""
    given = np.asarray(weights)
    return given if given.dtype.kind == "i" else signs(given)


def multi_threshold(acc: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Number of thresholds t <= acc: acc [...,rows], thresholds [rows,levels] -> [...,rows], 0..levels."""
    reached = np.zeros(acc.shape, np.min_scalar_type(thresholds.shape[1]))
    for threshold in thresholds.T:
        reached += threshold <= acc
    return reached


def accumulated(x: np.ndarray, weights: np.ndarray, bits: int) -> np.ndarray:
    """What is accumulated of x [...,cols] of `bits` bits and numbers [rows,cols] -> int32 [...,rows].

    Inputs of one bit stand for -1 and +1. Where all weights are -1 and +1 as well it is the number that match, else the
    sum of the products.
    """
    if bits > 1:
        return weighted_sum(x, weights)
    return matching_bits(x, weights) if (np.abs(weights) == 1).all() else weighted_sum(signs(x), weights)


def matrix(
    x: np.ndarray,
    weights: np.ndarray,
    thresholds: np.ndarray | None,
    bits: int,
    *,
    biases: np.ndarray | None = None,
    fraction: int = 0,
) -> np.ndarray:
    """A matrix-vector-threshold unit: x [...,cols] of `bits` bits -> [...,rows].

    Without thresholds the outputs are scores: acc, or (acc << fraction) + bias [rows] as int64.
    """
    acc = accumulated(x, weights, bits)
    if thresholds is not None:
        return multi_threshold(acc, thresholds)
    if biases is None and not fraction:
        return acc
    return (acc.astype(np.int64) << fraction) + (0 if biases is None else biases)


@layer_kind("conv")
def _conv(layer: Any, x: np.ndarray) -> np.ndarray:
    return _matrix(layer, sliding_window(x, tuple(layer.kernel), tuple(layer.stride), tuple(layer.dilation)))


@layer_kind("dense")
def _dense(layer: Any, x: np.ndarray) -> np.ndarray:
    return _matrix(layer, x.reshape(len(x), 1, 1, -1))


def _matrix(layer: Any, x: np.ndarray) -> np.ndarray:
    given = layer.matrix
    score = {"biases": given.biases, "fraction": given.fraction}
    return matrix(x, numbers(given.weights), given.thresholds, layer.source.bits, **score)


# --- label ------------------------------------------------------------------------------------------------


def label_select(scores: np.ndarray) -> np.ndarray:
    """Index of the largest score of [...,classes]; the first of equals."""
    return np.argmax(scores, axis=-1)
