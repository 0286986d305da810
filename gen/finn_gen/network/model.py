# SPDX-License-Identifier: Apache-2.0
"""A network: layers with the shapes between them, and what conv and dense layers compute with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from finn_gen.base.ranges import Range, WeightFormat, format_of_weights

WIDTHS = range(2, 9)
"""Bits of the whole numbers that a byte of a picture can become."""

ENCODINGS = {
    "bits": "one bit a channel, as the host packs them",
    "threshold": "a byte a pixel; its bit is 1 from 128 on",
    "q1.7": "a byte a channel; min(floor((512 p - 65025) / 510), 127), the number 2p/255 - 1 in steps of 1/128",
    **{
        f"uint{n}": f"a byte p a channel; floor(p / {256 >> n}), its upper {n} bits: 0 to {(1 << n) - 1}"
        for n in WIDTHS
    },
    **{
        f"int{n}": f"a byte p a channel; floor(p / {256 >> n}) - {1 << n - 1}: {-(1 << n - 1)} to {(1 << n - 1) - 1}"
        for n in WIDTHS
    },
}
"""How images arrive."""


def element_format(encoding: str) -> tuple[int, bool]:
    """Bits of an element of the first layer's input, and whether it is signed."""
    if encoding == "q1.7":
        return 8, True
    if encoding in {"bits", "threshold"}:
        return 1, False
    return int(encoding.lstrip("uint")), encoding.startswith("int")


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

    weights     int8 [rows, cols], either -1 and +1 alone, or whole numbers of up to 4 bits in two's complement;
                row = output channel, column = (ky, kx, channel), channel fastest
    thresholds  int64 [rows, levels], ascending in a row, or None for scores. The output is the number of thresholds
                t with t <= acc. acc counts matching bits where the input is bits and all weights are -1 and +1, and is
                the sum of the products elsewhere, with -1 and +1 for the bits of an input
    biases      int64 [rows] of scores, or None for none; for a layer without thresholds
    fraction    bits that scores have below acc's unit: a score is (acc << fraction) + bias
    """

    weights: np.ndarray
    thresholds: np.ndarray | None
    biases: np.ndarray | None = None
    fraction: int = 0

    @classmethod
    def of_products(
        cls,
        weights: np.ndarray,
        bits: int,
        thresholds: np.ndarray | None = None,
        biases: np.ndarray | None = None,
        fraction: int = 0,
    ) -> Matrix:
        """The matrix for thresholds and scores of sums of products, for an input of `bits` bits.

        Where acc counts the p matching bits of n columns, the sum of the products is 2p - n: thresholds and biases
        are turned into those of p. Scores without biases are left as p, which has the same order.
        """
        numbers = np.asarray(weights, np.int8)
        if bits > 1 or format_of_weights(numbers).bits > 1:
            return cls(numbers, thresholds, biases, fraction)
        cols = numbers.shape[1]
        if thresholds is not None:
            return cls(numbers, -((-(thresholds.astype(np.int64) + cols)) // 2))
        if biases is not None:
            return cls(numbers, None, biases.astype(np.int64) - (cols << fraction), fraction + 1)
        return cls(numbers, None)

    @cached_property
    def format(self) -> WeightFormat:
        """What its weights are."""
        return format_of_weights(self.weights)

    @property
    def bias_bits(self) -> int:
        """Bits of the widest bias in two's complement, 0 where there are none."""
        return 0 if self.biases is None else Range(int(self.biases.min()), int(self.biases.max())).signed_width


def reach(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns that a window spans whose pixels are `dilation` apart."""
    return (kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1


@dataclass(frozen=True)
class Layer:
    """One layer. `source` and `result` are the shapes before and after it; `kernel`, `stride`, `dilation` are (y, x).

    A window has `kernel` pixels along an axis, `dilation` apart; `reach` is how many pixels that spans.
    `weight_bits` and `result_bits` are what the description asks of weights and outputs, None where it leaves that to
    the parameters.
    """

    name: str
    kind: str
    source: Shape
    result: Shape
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    value: int = 0
    weight_bits: int | None = None
    result_bits: int | None = None
    matrix: Matrix | None = field(default=None, compare=False)

    @property
    def reach(self) -> tuple[int, int]:
        """Rows and columns from the first pixel of a window to its last."""
        return reach(self.kernel, self.dilation)

    @property
    def decides(self) -> bool:
        """Whether it turns scores into a class."""
        return self.kind == "label"

    @property
    def synapses(self) -> int:
        """Products of an image."""
        return self.matrix.weights.size * self.result.height * self.result.width if self.matrix else 0


@dataclass(frozen=True)
class Network:
    """A checked network. `source` is the shape after the input's `encoding`; `classes` names the scores or is empty.

    `notes` are sentences for the user, on what was left out of its files.
    """

    name: str
    encoding: str
    source: Shape
    layers: tuple[Layer, ...]
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def scores(self) -> Layer:
        """The layer whose outputs are the scores: the last one that is not a label."""
        return [layer for layer in self.layers if not layer.decides][-1]

    @property
    def score_names(self) -> tuple[str, ...]:
        """Names of the scores: the classes, or their indices."""
        return self.classes or tuple(map(str, range(self.scores.result.elements)))
