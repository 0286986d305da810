# SPDX-License-Identifier: Apache-2.0
"""What a network must answer: its layers one after the other, computed by finn_verif.ref with integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finn_gen.model import Layer, Network
from finn_verif.ref import nn

BATCH = 25
"""Images computed at a time; bounds the memory that the windows take."""


def encode(network: Network, images: np.ndarray) -> np.ndarray:
    """The network's input of images uint8 [N,H,W,C]: Q1.7 integers, or bits."""
    return nn.q17(images) if network.encoding == "q1.7" else nn.pixel_bits(images)


def scores(network: Network, images: np.ndarray, progress: Callable[[int], object] = lambda count: None) -> np.ndarray:
    """The scores int64 [N,K] of images uint8 [N,H,W,C]: all elements of the layer before the label layer, if any.

    `progress` is called with the number of images whenever some are done.
    """
    parts = []
    for start in range(0, len(images), BATCH):
        x = encode(network, images[start : start + BATCH])
        for layer in network.layers:
            if layer.kind != "label":
                x = compute(layer, x)
        parts.append(x.reshape(len(x), -1).astype(np.int64))
        progress(len(x))
    return np.concatenate(parts)


def compute(layer: Layer, x: np.ndarray) -> np.ndarray:
    """The output [N,OH,OW,rows or C] of one layer for its input [N,H,W,C]."""
    match layer.kind:
        case "pad":
            return nn.pad(x, layer.padding, layer.value)
        case "pool":
            return nn.max_pool(x, layer.kernel, layer.stride)
        case "conv":
            return _matrix(layer, nn.sliding_window(x, layer.kernel, layer.stride))
        case "dense":
            return _matrix(layer, x.reshape(len(x), 1, 1, -1))
    raise ValueError(f"no reference for a layer of kind {layer.kind}")


def _matrix(layer: Layer, x: np.ndarray) -> np.ndarray:
    weights = (layer.matrix.weights > 0).astype(np.uint8)
    accumulate = nn.matching_bits if layer.source.bits == 1 else nn.signed_sum
    acc = accumulate(x, weights)
    return acc if layer.matrix.thresholds is None else nn.multi_threshold(acc, layer.matrix.thresholds)


def labels(of: np.ndarray) -> np.ndarray:
    """Index int64 [N] of the largest of scores [N,K]; the first of equals."""
    return nn.label_select(of)
