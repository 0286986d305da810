# SPDX-License-Identifier: Apache-2.0
"""Matrices of whole numbers, from constants that are multiples of a scale and streams that are multiples of another."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from finn_gen.formats.onnx.exact import Channel, common
from finn_gen.formats.onnx.graph import Constant, Node
from finn_gen.formats.onnx.tensor import Stream, Sums
from finn_gen.network.model import Layer

MOST_STEPS = 8
"""The largest whole number that a weight of four bits can be."""
NEAR = 1e-6
"""How far, by its own size, a weight may lie from a whole multiple of the least: some units in the last place."""


def steps_of(node: Node, weights: Constant) -> Constant:
    """Weights with their whole numbers and scales, which are found by row (axis 0) where no quantiser tells them."""
    if weights.whole is not None:
        return weights
    value = weights.value.astype(np.float64).reshape(len(weights.value), -1)
    if not np.isfinite(value).all():
        raise node.refuse("its weights are not finite")
    whole, scale = np.zeros(value.shape, np.int64), np.ones((len(value), 1))
    for row, numbers in enumerate(value):
        largest = np.abs(numbers).max()
        if largest == 0:
            continue
        for steps in range(1, MOST_STEPS + 1):
            ratio = numbers / (largest / steps)
            if np.abs(ratio - np.rint(ratio)).max() <= NEAR * steps:
                whole[row], scale[row] = np.rint(ratio), largest / steps
                break
        else:
            raise node.refuse(
                f"its weights are not quantised: output channel {row} has others than whole multiples, up to "
                f"{MOST_STEPS}, of one number; legal are weights of 1 to 4 bits, as Quant and BipolarQuant make them"
            )
    shape = weights.value.shape
    return Constant(weights.value, whole.reshape(shape), scale.reshape(len(value), *(1,) * (len(shape) - 1)))


def sums_of(
    node: Node, layer: Layer, weights: tuple[np.ndarray, np.ndarray], stream: Stream, add: list[Fraction]
) -> tuple[Sums, list[Channel]]:
    """The matrix of a layer and what becomes of the sum of each row.

    weights  whole numbers and scales [rows, cols]: weights are their products; columns are ordered as the layer's are
    add      by row: what is added to the sum of the products
    """
    whole, scale = weights
    rows, cols = whole.shape
    column = np.arange(cols) % stream.shape.channels
    found, channels = np.empty(whole.shape, np.int64), []
    one_factor = len(set(stream.factor)) == 1
    for row in range(rows):
        numbers, scales = whole[row], scale[row]
        if one_factor and (scales == scales[0]).all():
            step = Fraction(float(scales[0])) * stream.factor[0]
            unit, multiples = abs(step), numbers * (1 if step > 0 else -1)
        else:
            unit, multiples = _common_unit(node, numbers, scales, column, stream)
        divisor = int(np.gcd.reduce(multiples)) or 1
        found[row] = multiples // divisor
        channel = Channel()
        channel.affine(unit * divisor, add[row] + _constant(numbers, scales, column, stream))
        channels.append(channel)
    low = np.where(found > 0, found * stream.low, found * stream.high).sum(axis=1)
    high = np.where(found > 0, found * stream.high, found * stream.low).sum(axis=1)
    return Sums(layer, found, low, high, stream.shape.bits, node), channels


def _common_unit(
    node: Node, numbers: np.ndarray, scales: np.ndarray, column: np.ndarray, stream: Stream
) -> tuple[Fraction, np.ndarray]:
    """The largest number of which all products of a row's scales and the channels' factors are multiples, and these."""
    steps = [Fraction(float(s)) * stream.factor[c] if n else Fraction(0) for n, s, c in
             zip(numbers, scales, column, strict=True)]  # fmt: skip
    unit = common([step for step in set(steps) if step]) if any(steps) else Fraction(1)
    multiples = [int(step / unit) * int(n) for step, n in zip(steps, numbers, strict=True)]
    if max(map(abs, multiples)) > 1 << 32:
        raise node.refuse(
            "the channels that it sums have scales that are no small multiples of one; legal is one scale for all of "
            "its input, and one a row of its weights"
        )
    return unit, np.array(multiples, np.int64)


def _constant(numbers: np.ndarray, scales: np.ndarray, column: np.ndarray, stream: Stream) -> Fraction:
    """What the offsets of a stream add to the sum of a row."""
    if not any(stream.offset):
        return Fraction(0)
    if (scales == scales[0]).all():
        per_channel = np.bincount(column, numbers, stream.shape.channels)
        total = sum(
            (int(count) * offset for count, offset in zip(per_channel, stream.offset, strict=True) if count),
            Fraction(0),
        )
        return total * Fraction(float(scales[0]))
    terms = zip(numbers, scales, column, strict=True)
    return sum((int(n) * Fraction(float(s)) * stream.offset[c] for n, s, c in terms if n), Fraction(0))
