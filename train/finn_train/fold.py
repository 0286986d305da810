# SPDX-License-Identifier: Apache-2.0
"""From a trained network to whole weights and thresholds, and the proof that both compute the same."""

from __future__ import annotations

import numpy as np
import torch

from finn_gen.base.ranges import format_of_weights, of_sums
from finn_gen.formats import params_npz
from finn_gen.network.model import Matrix, Network
from finn_train.augment import encode
from finn_train.quantized import EPSILON, Code, MatrixLayer, QuantizedNet, count
from finn_train.subject import filled
from finn_verif.ref import layers, networks

_AROUND = 2
"""How far the integer threshold may lie from the one computed with real numbers: those are rounded."""


class FoldError(Exception):
    """The integer network and the trained network differ: a defect of this program."""


@torch.no_grad()
def fold(net: QuantizedNet) -> Network:
    """The network with whole weights and with thresholds for `t <= acc`; its batch norm is in float64 from then on.

    Behind a product batch norm and the k-th threshold b of Code.of_counts compute
    (a - mean) / sqrt(variance + eps) * gain + offset >= b, a comparison of the sum with a number, which is one with the
    next integer above it. Which integer that is the trained network says itself, of those around. A threshold outside
    the range of acc is moved to its edge.
    """
    net.eval()
    for layer in net.layers:
        layer.exact()
    return filled(net.network, [_matrix(layer) for layer in net.layers])


def _matrix(layer: MatrixLayer) -> params_npz.Matrix:
    numbers = layer.numbers().numpy().astype(np.int8)
    source = layer.layer.source
    matrix = Matrix.of_products(numbers, source.bits, None if layer.last else _thresholds(layer, numbers))
    thresholds = matrix.thresholds
    if thresholds is not None:
        legal = of_sums(layer.columns, source.bits, source.signed, matrix.format).thresholds
        thresholds = np.clip(thresholds, legal.low, legal.high).astype(np.int32)
    return params_npz.Matrix(numbers, thresholds)


def _thresholds(layer: MatrixLayer, numbers: np.ndarray) -> np.ndarray:
    """Integer thresholds int64 [rows, levels] of sums of products, at most _AROUND outside of what a sum can be."""
    mean, variance, offset = (v.detach().numpy() for v in (layer.mean, layer.variance, layer.offset))
    gain = np.exp(layer.log_gain.detach().numpy()) if layer.bits > 1 else np.ones_like(mean)
    centre = layer.source.zero * numbers.sum(1, dtype=np.float64)
    levels = (1 << layer.bits) - 1
    borders = (np.arange(1, levels + 1) - (1 << layer.bits - 1)) * Code.of_counts(layer.bits).step
    real = (borders - offset[:, None]) / gain[:, None] * np.sqrt(variance + EPSILON)[:, None] + mean[:, None]
    source = layer.layer.source
    legal = of_sums(layer.columns, max(source.bits, 2), source.signed or source.bits == 1, format_of_weights(numbers))
    sums = np.clip(np.ceil(real / layer.unit + centre[:, None]), legal.low, legal.high + 1)[:, :, None]
    sums = sums + np.arange(-_AROUND, _AROUND + 1)
    tried = (sums - centre[:, None, None]).reshape(len(mean), -1).T * layer.unit
    counts = count(layer.normalize(torch.tensor(tried)), layer.bits).numpy().T.reshape(sums.shape)
    reached = counts >= np.arange(1, levels + 1)[:, None]
    first = np.where(reached.any(2), reached.argmax(2), sums.shape[2] - 1)
    return np.take_along_axis(sums, first[:, :, None], 2)[:, :, 0].astype(np.int64)


def reference_scores(network: Network, pictures: np.ndarray) -> np.ndarray:
    """Scores int32 [N,classes] of pictures uint8 [N,H,W,C] by the integer reference."""
    scoring = [layer for layer in network.layers if not layer.decides]
    return networks.scores(scoring, pictures, layers.ENCODINGS[network.encoding])


@torch.no_grad()
def prove(net: QuantizedNet, scores: np.ndarray, pictures: np.ndarray, batch: int = 100) -> None:
    """Raise FoldError unless the trained network, folded before, gives exactly these scores for every picture.

    Its products are in floats that hold them exactly; its batch norm is computed in float64.
    """
    last, dtype = net.layers[-1], _exact_type(net)
    popcount = last.layer.source.bits == 1 and bool((last.numbers().abs() == 1).all())
    for start in range(0, len(pictures), batch):
        x = encode(torch.tensor(pictures[start : start + batch]), net.network, dtype)
        sums = (net.sums(x).double() / last.unit).long().numpy()
        if popcount:
            sums = (sums + last.columns) // 2
        if not np.array_equal(sums, scores[start : start + batch]):
            raise FoldError(f"pictures {start} to {start + len(x) - 1}: the integer network gives other scores")


def _exact_type(net: QuantizedNet) -> torch.dtype:
    """The float that holds twice every sum: centred elements are multiples of a half."""
    most = 0
    for layer in net.layers:
        weights, source = format_of_weights(layer.numbers().numpy().astype(np.int8)), layer.layer.source
        sums = of_sums(layer.columns, max(source.bits, 2), source.signed, weights)
        most = max(most, -2 * sums.low, 2 * sums.high)
    return torch.float32 if most < layers.FLOAT32_EXACT else torch.float64
