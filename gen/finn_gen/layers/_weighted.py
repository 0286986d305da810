# SPDX-License-Identifier: Apache-2.0
"""What layers with weights share: the format of what they give, and their matrix-vector-threshold unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import of_scores, of_sums
from finn_gen.ip import mvtu
from finn_gen.ip.mvtu import matrix as unit
from finn_gen.network.lanes import columns
from finn_gen.network.model import Layer, Matrix

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


def format_of(where: str, layer: Layer, matrix: Matrix | None) -> tuple[int, bool]:
    """Bits of an output, and whether it is signed; InputError if the thresholds give no whole number of bits."""
    if matrix.thresholds is None:
        sums = of_sums(matrix.weights.shape[1], layer.source.bits, layer.source.signed, matrix.format)
        scores = of_scores(sums, matrix.fraction, matrix.bias_bits)
        return scores.width, scores.signed
    levels = matrix.thresholds.shape[1]
    bits = levels.bit_length()
    if levels != (1 << bits) - 1:
        raise InputError(f"{where}: {levels} thresholds a row; it must be 2^n - 1: 1, 3, 7, 15, ...")
    return bits, False


def build_unit(chain: Chain, layer: Layer) -> None:
    """Append the layer's unit. Columns beyond those of the layer get a weight that adds nothing to the bit 0."""
    fold, matrix = chain.folding.layers[layer.name], layer.matrix
    weights = matrix.weights
    extra = columns(layer, chain.padded(layer)) - weights.shape[1]
    if extra:
        weights = np.pad(weights, ((0, 0), (0, extra)), constant_values=unit.padding(matrix.format))
    params = mvtu.IP.check(
        {
            **chain.common(layer.name, "mvtu"),
            "mw": weights.shape[1],
            "mh": weights.shape[0],
            "pe": fold.pe,
            "simd": fold.simd,
            "in_bits": layer.source.bits,
            "in_signed": layer.source.signed,
            "out_bits": 0 if matrix.thresholds is None else layer.result.bits,
            "w_bits": matrix.format.bits,
            "w_narrow": matrix.format.narrow,
            "bias_bits": matrix.bias_bits,
            "fraction": matrix.fraction,
            "storage": fold.storage,
            "reload": chain.folding.reload,
        }
    )
    plan = mvtu.plan_unit(params, weights, matrix.thresholds, matrix.biases)
    pixels = layer.result.height * layer.result.width
    chain.score_width = plan.result_width
    chain.add(layer.name, plan, pixels * plan.fold.sf, pixels * plan.fold.nf, pixels * plan.interval)
