# SPDX-License-Identifier: Apache-2.0
"""The network to be trained: a description with blank matrices, in the formats that the description asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from finn_gen import layers
from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.formats import description, params_npz
from finn_gen.network.model import Layer, Network

NAMED = ("sfc", "lfc", "cnv")
"""Networks of accel/ that have a recipe of their own."""
MAX_WEIGHTS = params_npz.MAX_BYTES
"""Of a network, so that a file holds its parameters."""


def path(name: str) -> Path:
    """The description of one of NAMED."""
    return ROOT / "accel" / name / f"{name}.yaml"


def named(name: str, classes: Sequence[str]) -> Network:
    """One of NAMED with as many scores as there are classes."""
    draft = description.read(path(name))
    return _blank(str(path(name)), replace(draft, layers=_with_scores(draft.layers, len(classes))), classes)


def described(file: Path, classes: Sequence[str]) -> Network:
    """The network of a YAML file, which must have a score for each class.

    InputError for one that cannot be trained to tell classes apart, or is too large.
    """
    draft = description.read(file)
    network = _blank(str(file), draft, classes)
    scores = network.scores
    index = network.layers.index(scores)
    where = f"{file}: layers[{index}]"
    if scores.matrix is None or scores.matrix.thresholds is not None:
        raise InputError(f"{where}: kind: {scores.kind}; the scores must be of a conv or dense layer")
    if scores.result.height * scores.result.width > 1:
        size = f"{scores.result.height}x{scores.result.width}"
        raise InputError(f"{where}: scores of {size} pixels; training needs those of one, a score for each class")
    if scores.result.channels != len(classes):
        field = "units" if scores.kind == "dense" else "channels"
        few = ", ".join(classes[:5]) + (", ..." if len(classes) > 5 else "")
        raise InputError(
            f"{where}: {field}: {scores.result.channels}; it must be {len(classes)}, a score for each class of the "
            f"data ({few})"
        )
    return network


def _with_scores(outlined: tuple[Layer, ...], count: int) -> tuple[Layer, ...]:
    """The layers with `count` scores."""
    *before, scores, label = outlined
    result = replace(scores.result, channels=count)
    return (*before, replace(scores, result=result), replace(label, source=result))


def _blank(where: str, draft: description.Draft, classes: Sequence[str]) -> Network:
    """A draft with matrices that say nothing but their formats."""
    shapes = [(layer, kind.matrix(layer)) for layer in draft.layers if (kind := layers.get(layer.kind)).matrix]
    total = sum(rows * columns for _, (rows, columns) in shapes)
    if total > MAX_WEIGHTS:
        raise InputError(f"{where}: {total:,} weights; the parameters of a network have up to {MAX_WEIGHTS:,}")
    blank = [
        params_npz.Matrix(
            np.broadcast_to(np.int8(1), shape),
            None if index == len(shapes) - 1 else np.zeros((shape[0], (1 << (layer.result_bits or 1)) - 1), np.int32),
        )
        for index, (layer, shape) in enumerate(shapes)
    ]
    finished = description.finish(where, draft.source, draft.layers, blank)
    return Network(draft.name, draft.encoding, draft.source, finished, tuple(classes))


def filled(network: Network, matrices: Sequence[params_npz.Matrix]) -> Network:
    """The network with these matrices."""
    return replace(network, layers=description.finish(network.name, network.source, network.layers, matrices))
