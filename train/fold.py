# SPDX-License-Identifier: Apache-2.0
"""From a trained network to bits and integer thresholds, and the proof that both compute the same."""

from __future__ import annotations

import numpy as np
import torch

from finn_gen.formats.params_npz import Matrix
from finn_verif.ref import layers, networks

from .augment import encode
from .binary import EPSILON, BinaryLayer, BinaryNet
from .topologies import Topology

INPUT_UNIT = 128
"""The network in training sees x/128, the hardware the Q1.7 integer x."""


class FoldError(Exception):
    """The integer network and the trained network differ: a defect of this program."""


def fold(net: BinaryNet) -> tuple[Matrix, ...]:
    """The layers of the network as weight bits and thresholds for `t <= acc`.

    Behind a product a batch norm of scale 1 and the sign compute (a - mean) / sqrt(variance + eps) + offset
    >= 0, which is a >= mean - offset * sqrt(variance + eps). With a = 2p - n for p matching bits of n, and a
    = acc / 128 in a layer on Q1.7 integers, this is a comparison of the integer acc with a number, or with
    the next integer above it. A threshold outside the range of acc is moved to its edge.
    """
    return tuple(
        Matrix((layer.weight.detach() >= 0).numpy().astype(np.uint8), _thresholds(layer, i, net.topology))
        for i, layer in enumerate(net.layers)
    )


def _thresholds(layer: BinaryLayer, i: int, topology: Topology) -> np.ndarray | None:
    if layer.last:
        return None
    mean, variance, offset = (v.detach().double().numpy() for v in (layer.mean, layer.variance, layer.offset))
    real = mean - offset * np.sqrt(variance + EPSILON)
    columns = layer.layer.columns
    if i == 0 and topology.input_bits > 1:
        low, high, real = -INPUT_UNIT * columns, INPUT_UNIT * columns, real * INPUT_UNIT
    else:
        low, high, real = 0, columns, (real + columns) / 2
    return np.clip(np.ceil(real), low, high + 1).astype(np.int32)[:, None]


def reference(topology: Topology, matrices: tuple[Matrix, ...]) -> tuple[networks.Layer, ...]:
    """The integer reference of a topology with these parameters."""
    pairs = [(m.weights, m.thresholds) for m in matrices]
    return networks.cnv(pairs) if topology.name == "cnv" else networks.mlp(pairs)


def reference_scores(topology: Topology, matrices: tuple[Matrix, ...], pictures: np.ndarray) -> np.ndarray:
    """Scores int32 [N,classes] of pictures uint8 [N,H,W,C] by the integer reference."""
    encode = layers.pixel_bits if topology.input_bits == 1 else layers.q17
    return networks.scores(reference(topology, matrices), pictures, encode)


@torch.no_grad()
def prove(net: BinaryNet, scores: np.ndarray, pictures: np.ndarray, batch: int = 100) -> None:
    """Raise FoldError unless the trained network gives exactly these scores for every picture.

    Its products are integers that float32 holds exactly; its batch norm is computed in float64.
    """
    net.eval()
    for layer in net.layers[:-1]:
        layer.mean, layer.variance = layer.mean.double(), layer.variance.double()
        layer.offset.data = layer.offset.data.double()
    columns = net.topology.layers[-1].columns
    scale = float(net.log_scale.exp()) * columns**-0.5
    for start in range(0, len(pictures), batch):
        x = encode(torch.tensor(pictures[start : start + batch]), net.topology.input_bits, torch.float32)
        sums = (net(x).double() / scale).round().long().numpy()
        if not np.array_equal((sums + columns) // 2, scores[start : start + batch]):
            raise FoldError(f"pictures {start} to {start + len(x) - 1}: the integer network gives other scores")
