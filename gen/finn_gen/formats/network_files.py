# SPDX-License-Identifier: Apache-2.0
"""A network as files that `model.load` reads again, whatever it was read from.

They go with a generated accelerator, so that its test bench's reference computes with just its parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import yaml

from finn_gen.formats import params_npz
from finn_gen.network.model import Layer, Network

NETWORK_FILE = "finn.network.yaml"
PARAMETERS_FILE = "finn.parameters.npz"


def to_files(network: Network) -> dict[str, str | bytes]:
    """The description and the parameters of a network; the same network gives the same bytes.

    Raises InputError for a network that no parameter file can hold: one whose last matrix has thresholds.
    """
    return {NETWORK_FILE: _description(network), PARAMETERS_FILE: _parameters(network)}


def _description(network: Network) -> str:
    source = network.source
    top: dict[str, Any] = {
        "format": 1,
        "name": network.name,
        "input": {
            "height": source.height,
            "width": source.width,
            "channels": source.channels,
            "encoding": network.encoding,
        },
        "parameters": PARAMETERS_FILE,
    }
    if network.classes:
        top["classes"] = list(network.classes)
    top["layers"] = [_layer(layer) for layer in network.layers]
    return yaml.safe_dump(top, sort_keys=False, allow_unicode=True)


def _layer(layer: Layer) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {
        "conv": {"channels": layer.result.channels, "kernel": list(layer.kernel), "stride": list(layer.stride)},
        "dense": {"units": layer.result.channels},
        "pool": {"kernel": layer.kernel[0], "stride": layer.stride[0]},
        "pad": {"padding": list(layer.padding), "value": layer.value},
        "label": {},
    }
    return {"kind": layer.kind, "name": layer.name, **fields[layer.kind]}


def _parameters(network: Network) -> bytes:
    matrices = [layer.matrix for layer in network.layers if layer.matrix]
    # No sum reaches the ends of int32, so that a threshold beyond them compares the same there.
    ends = np.iinfo(np.int32)
    return params_npz.to_bytes(
        tuple(
            params_npz.Matrix(
                (matrix.weights > 0).astype(np.uint8),
                None if matrix.thresholds is None else matrix.thresholds.clip(ends.min, ends.max).astype(np.int32),
            )
            for matrix in matrices
        )
    )
