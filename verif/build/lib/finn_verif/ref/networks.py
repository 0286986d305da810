# SPDX-License-Identifier: Apache-2.0
"""Whole networks: layers one after the other, each computed by the function of its kind in layers.py.

A layer is anything that has the fields which `layers.KINDS` names. Those of the generator have them; `Layer` is for
who has matrices and no description.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from finn_verif.ref.layers import KINDS

BATCH = 25
"""Images computed at a time; bounds the memory that the windows take."""


def outputs(layers: Iterable[Any], x: np.ndarray) -> Iterator[np.ndarray]:
    """The output [N,H,W,C] of every layer in turn for the coded input x [N,H,W,C] (or [N,features]).

    Raises ValueError for a kind that has no reference.
    """
    for layer in layers:
        if layer.kind not in KINDS:
            raise ValueError(f"no reference for a layer of kind {layer.kind}")
        x = KINDS[layer.kind](layer, x)
        yield x


def scores(
    layers: Sequence[Any],
    images: np.ndarray,
    encode: Callable[[np.ndarray], np.ndarray] = lambda images: images,
    batch: int = BATCH,
    progress: Callable[[int], object] = lambda count: None,
) -> np.ndarray:
    """The last layer's outputs [N,K] for images [N,...], of which `encode` makes the coded input.

    They are computed `batch` at a time; `progress` is called with their number whenever some are done.
    """
    parts = []
    for start in range(0, len(images), batch):
        x = encode(images[start : start + batch])
        (last,) = deque(outputs(layers, x), maxlen=1)
        parts.append(last.reshape(len(x), -1))
        progress(len(x))
    return np.concatenate(parts)


# --- networks that are described by their matrices alone --------------------------------------------------


@dataclass(frozen=True)
class Elements:
    """Of a layer's input: bits of an element."""

    bits: int = 1


@dataclass(frozen=True, eq=False)
class Matrix:
    """Weights [rows, cols], bits or signed numbers, and thresholds [rows, levels], or None for scores.

    A score is (acc << fraction) + bias, of biases [rows] or None.
    """

    weights: np.ndarray
    thresholds: np.ndarray | None
    biases: np.ndarray | None = None
    fraction: int = 0


@dataclass(frozen=True)
class Layer:
    """A layer of kind conv, dense or pool."""

    kind: str
    source: Elements = Elements()
    matrix: Matrix | None = None
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)


Pair = tuple[np.ndarray, np.ndarray | None]


def mlp(matrices: Sequence[Pair]) -> tuple[Layer, ...]:
    """Dense layers on bits, from (weights, thresholds) a layer: SFC and LFC."""
    return tuple(Layer("dense", matrix=Matrix(*pair)) for pair in matrices)


def cnv(matrices: Sequence[Pair]) -> tuple[Layer, ...]:
    """CNV from (weights, thresholds) of its nine matrices.

    Six 3x3 convolutions, the first on Q1.7 integers, a 2x2 pool after the second and the fourth, three dense layers.
    Source: Umuroglu et al., FINN, FPGA 2017.
    """
    pool = Layer("pool", kernel=(2, 2), stride=(2, 2))
    first, *others = (Layer("conv", matrix=Matrix(*pair), kernel=(3, 3)) for pair in matrices[:6])
    first = Layer("conv", Elements(8), first.matrix, first.kernel)
    return (first, others[0], pool, *others[1:3], pool, *others[3:], *mlp(matrices[6:]))
