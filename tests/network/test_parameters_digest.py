# SPDX-License-Identifier: Apache-2.0
"""The digest of a network's parameters tells every number apart that is computed with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from finn_gen.emit.accelerator import parameters_digest
from finn_gen.formats.description import chain
from finn_gen.formats.params_npz import Matrix
from finn_gen.network.model import Network, Shape
from finn_gen.plan import rate
from finn_gen.plan.network import plan_network

FIRST = Matrix(np.array([[1, 0, 1], [0, 1, 1]], np.uint8), np.array([[1], [2]], np.int32))
LAST = Matrix(np.array([[3, -1], [0, 2]], np.int8), None, np.array([5, -7], np.int64), 2)


def digest(*matrices: Matrix) -> str:
    layers = chain("net", Shape(1, 1, 3), [{"kind": "dense", "units": 2}] * 2, list(matrices))
    network = Network("net", "bits", Shape(1, 1, 3), layers)
    return parameters_digest(plan_network(network, rate.fold(network, 10_000), 200.0))


@pytest.mark.parametrize(
    "other",
    [
        (replace(FIRST, weights=1 - FIRST.weights), LAST),
        (replace(FIRST, thresholds=FIRST.thresholds + 1), LAST),
        (FIRST, replace(LAST, weights=-LAST.weights)),
        (FIRST, replace(LAST, biases=-LAST.biases)),
        (FIRST, replace(LAST, fraction=3)),
        (FIRST, replace(LAST, biases=None)),
    ],
)
def test_other_numbers_give_another_digest(other: tuple[Matrix, Matrix]) -> None:
    assert digest(FIRST, LAST) == digest(FIRST, LAST) != digest(*other)
