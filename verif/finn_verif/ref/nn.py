# SPDX-License-Identifier: Apache-2.0
"""Whole networks and their layers, computed with integers.

Bit 1 stands for +1 and bit 0 for -1. Arrays are images first, channels last: [N, H, W, C] or [N, features]. A
convolution is a sliding window followed by a matrix; a window lists its pixels (ky, kx, channel), channel
fastest, as the hardware's stream does. All results are exact: the matrix products run on the float32 BLAS,
every product is an integer and every partial sum stays below 2^24 in magnitude, where float32 holds each
integer; a larger sum is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

FLOAT32_EXACT = 2**24


# --- inputs -----------------------------------------------------------------------------------------------


def q17(pixels: np.ndarray) -> np.ndarray:
    """Q1.7 integers -128..127 of bytes p: 2p/255 - 1 rounded half up to 1/128 and saturated."""
    p = np.asarray(pixels, np.int32)
    return np.minimum((512 * p - 65025) // 510, 127)


def pixel_bits(pixels: np.ndarray) -> np.ndarray:
    """One bit a pixel: 1 for a byte of at least 128."""
    return (np.asarray(pixels) >= 128).astype(np.int32)


# --- layer kinds ------------------------------------------------------------------------------------------


def pad(x: np.ndarray, amount: int | tuple[int, int, int, int], value: int = 0) -> np.ndarray:
    """x [N,H,W,C] with pixels of `value` around it: as many on each side, or (top, bottom, left, right).

    In a stream of bits the value 0 is the number -1.
    """
    top, bottom, left, right = amount if isinstance(amount, tuple) else (amount,) * 4
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=value)


def sliding_window(x: np.ndarray, kernel: int | tuple[int, int], stride: int | tuple[int, int] = 1) -> np.ndarray:
    """The windows of x [N,H,W,C] as [N,OH,OW,KY*KX*C], with OH = (H - KY) // stride + 1.

    kernel and stride are a number, or (vertical, horizontal). Raises ValueError if the window is larger than the
    image.
    """
    n, height, width, channels = x.shape
    (size_y, size_x), (step_y, step_x) = _pair(kernel), _pair(stride)
    if size_y > height or size_x > width:
        raise ValueError(f"a window of {size_y}x{size_x} does not fit an image of {height}x{width}")
    out_h, out_w = (height - size_y) // step_y + 1, (width - size_x) // step_x + 1
    out = np.empty((n, out_h, out_w, size_y, size_x, channels), x.dtype)
    for ky in range(size_y):
        for kx in range(size_x):
            out[..., ky, kx, :] = x[
                :, ky : ky + (out_h - 1) * step_y + 1 : step_y, kx : kx + (out_w - 1) * step_x + 1 : step_x
            ]
    return out.reshape(n, out_h, out_w, size_y * size_x * channels)


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def signed_sum(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum over the columns of +x (weight bit 1) or -x (weight bit 0): x [...,cols], weights [rows,cols] ->
    [...,rows].

    Raises ValueError where a sum might not be exact.
    """
    largest = max(int(x.max(initial=0)), -int(x.min(initial=0)))
    if largest * weights.shape[1] >= FLOAT32_EXACT:
        raise ValueError("sums of this size are not exact in float32")
    signs = 2 * weights.astype(np.float32) - 1
    return (x.astype(np.float32) @ signs.T).astype(np.int32)


def matching_bits(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Number of columns where the bits agree (popcount of XNOR): x [...,cols], weights [rows,cols] ->
    [...,rows].

    Of n columns p match: the signed sum of the bits as +1 and -1 is p - (n - p) = 2p - n.
    """
    columns = weights.shape[1]
    signs = x.astype(np.int8)
    signs *= 2
    signs -= 1
    return (signed_sum(signs, weights) + columns) // 2


def multi_threshold(acc: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Number of thresholds t <= acc: acc [...,rows], thresholds [rows,levels] -> [...,rows], 0..levels."""
    return sum((t <= acc).astype(np.uint8) for t in thresholds.T)


def max_pool(x: np.ndarray, kernel: int | tuple[int, int], stride: int | tuple[int, int] | None = None) -> np.ndarray:
    """Largest value of each window of x [N,H,W,C]; windows lie side by side unless a stride is given.

    An incomplete window at the border is dropped. On bits this is OR.
    """
    windows = sliding_window(x, kernel, kernel if stride is None else stride)
    return windows.reshape(*windows.shape[:3], -1, x.shape[3]).max(axis=3)


def label_select(scores: np.ndarray) -> np.ndarray:
    """Index of the largest score of [N,classes]; the first of equals."""
    return np.argmax(scores, axis=-1)


# --- networks ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Matrix:
    """A dense layer, or with kernel > 0 a convolution of stride 1 on an image padded by `padding`.

    weights are bits [rows, cols]. thresholds are [rows, levels], or None for raw sums. integer_input says
    that the input is numbers and not bits: then the sums are of +x and -x.
    """

    weights: np.ndarray
    thresholds: np.ndarray | None
    kernel: int = 0
    padding: int = 0
    integer_input: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """[N,H,W,C] -> [N,OH,OW,rows], or flattened [N,cols] -> [N,rows]."""
        x = sliding_window(pad(x, self.padding), self.kernel) if self.kernel else x.reshape(len(x), -1)
        acc = (signed_sum if self.integer_input else matching_bits)(x, self.weights)
        return acc if self.thresholds is None else multi_threshold(acc, self.thresholds)


@dataclass(frozen=True)
class MaxPool:
    """Max-pool over tiles of size x size."""

    size: int

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """[N,H,W,C] -> [N,H//size,W//size,C]."""
        return max_pool(x, self.size)


Layer = Matrix | MaxPool


def outputs(layers: Sequence[Layer], x: np.ndarray) -> Iterator[np.ndarray]:
    """The output of every layer in turn for the coded input x (bits, or Q1.7 integers)."""
    for layer in layers:
        x = layer(x)
        yield x


def scores(layers: Sequence[Layer], x: np.ndarray, batch: int = 25) -> np.ndarray:
    """The last layer's output [N,rows] for the coded input x, computed `batch` images at a time."""
    parts = []
    for start in range(0, len(x), batch):
        y = x[start : start + batch]
        for layer in layers:
            y = layer(y)
        parts.append(y)
    return np.concatenate(parts)


def _chain(matrices: Sequence[tuple], kernels: Sequence[int], pools: Sequence[int]) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for i, ((weights, thresholds), kernel) in enumerate(zip(matrices, kernels, strict=True)):
        layers.append(Matrix(weights, thresholds, kernel, integer_input=bool(kernel) and i == 0))
        if i in pools:
            layers.append(MaxPool(2))
    return tuple(layers)


def mlp(matrices: Sequence[tuple[np.ndarray, np.ndarray | None]]) -> tuple[Layer, ...]:
    """Dense layers on bits, from (weights, thresholds) a layer: SFC and LFC."""
    return _chain(matrices, [0] * len(matrices), ())


def cnv(matrices: Sequence[tuple[np.ndarray, np.ndarray | None]]) -> tuple[Layer, ...]:
    """CNV from (weights, thresholds) of its nine matrices: six 3x3 convolutions, the first on Q1.7 integers,
    a 2x2
    pool after the second and the fourth, three dense layers. Source: Umuroglu et al., FINN, FPGA 2017."""
    return _chain(matrices, [3] * 6 + [0] * 3, (1, 3))
