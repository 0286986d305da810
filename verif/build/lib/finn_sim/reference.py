# SPDX-License-Identifier: Apache-2.0
"""What a network must answer, by finn_verif.ref with integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finn_gen.network.model import Network
from finn_verif.ref import layers, networks


def scores(network: Network, images: np.ndarray, progress: Callable[[int], object] = lambda count: None) -> np.ndarray:
    """The scores int64 [N,K] of images uint8 [N,H,W,C]: all elements of the layer before the label layer, if any.

    `progress` is called with the number of images whenever some are done.
    """
    computed = [layer for layer in network.layers if layer.kind != "label"]
    encode = layers.ENCODINGS[network.encoding]
    return networks.scores(computed, images, encode, progress=progress).astype(np.int64)


def labels(of: np.ndarray) -> np.ndarray:
    """Index int64 [N] of the largest of scores [N,K]; the first of equals."""
    return layers.label_select(of)
