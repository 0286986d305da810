# SPDX-License-Identifier: Apache-2.0
"""What layers with weights share: the format of what they give, and their matrix-vector-threshold unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import MAX_WEIGHT_BITS, of_scores, of_sums
from finn_gen.base.yaml_file import Fields, wrong
from finn_gen.ip import mvtu
from finn_gen.ip.mvtu import matrix as unit
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.network.lanes import columns, groups
from finn_gen.network.model import Layer, Matrix

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain


MAX_BITS = 4
"""Of an output, where the description says them."""


def outline_bits(fields: Fields) -> dict[str, int | None]:
    """What a description asks of weights and outputs: training makes it so, parameters must have it."""
    return {
        "weight_bits": fields.optional("weight_bits", 1, MAX_WEIGHT_BITS),
        "result_bits": fields.optional("bits", 1, MAX_BITS),
    }


def described_bits(layer: Layer) -> dict[str, Any]:
    """The same as fields of the description."""
    asked = {"weight_bits": layer.weight_bits, "bits": layer.result_bits}
    return {name: bits for name, bits in asked.items() if bits is not None}


def format_of(where: str, layer: Layer, matrix: Matrix | None) -> tuple[int, bool]:
    """Bits of an output, and whether it is signed; InputError if the thresholds give no whole number of bits.

    It is one too if the description asks for other bits than the parameters have.
    """
    if layer.weight_bits is not None and matrix.format.bits > layer.weight_bits:
        have = f"{matrix.format.bits}, as the parameters hold weights {matrix.format}, or more"
        raise wrong(where, "weight_bits", layer.weight_bits, have)
    if matrix.thresholds is None:
        if layer.result_bits is not None:
            raise wrong(where, "bits", layer.result_bits, "left out: the outputs of this layer are scores, of all bits")
        sums = of_sums(matrix.weights.shape[1], layer.source.bits, layer.source.signed, matrix.format)
        scores = of_scores(sums, matrix.fraction, matrix.bias_bits)
        return scores.width, scores.signed
    levels = matrix.thresholds.shape[1]
    bits = levels.bit_length()
    if levels != (1 << bits) - 1:
        raise InputError(f"{where}: {levels} thresholds a row; it must be 2^n - 1: 1, 3, 7, 15, ...")
    if layer.result_bits not in (None, bits):
        raise wrong(where, "bits", layer.result_bits, f"{bits}, as the parameters hold {levels} thresholds a row")
    return bits, False


def unit_params(
    layer: Layer,
    common: Mapping[str, Any],
    *,
    padded: int,
    pe: int,
    simd: int,
    storage: str,
    reload: bool,
    pixels: int = 1,
) -> MvtuParams:
    """What is asked of a layer's unit. `common` are name and family, `padded` the columns that it is filled up to."""
    matrix = layer.matrix
    return mvtu.IP.check(
        {
            **common,
            "mw": columns(layer, padded),
            "mh": matrix.weights.shape[0],
            "pe": pe,
            "simd": simd,
            "in_bits": layer.source.bits,
            "in_signed": layer.source.signed,
            "out_bits": 0 if matrix.thresholds is None else layer.result.bits,
            "w_bits": matrix.format.bits,
            "w_narrow": matrix.format.narrow,
            "bias_bits": matrix.bias_bits,
            "fraction": matrix.fraction,
            "storage": storage,
            "reload": reload,
            "pixels": pixels,
        }
    )


def filled_up(layer: Layer, width: int) -> np.ndarray:
    """The weights of a layer in so many columns; those beyond the layer's add nothing to the bit 0."""
    matrix = layer.matrix
    extra = width - matrix.weights.shape[1]
    if not extra:
        return matrix.weights
    return np.pad(matrix.weights, ((0, 0), (0, extra)), constant_values=unit.padding(matrix.format))


def build_unit(chain: Chain, layer: Layer) -> None:
    """Append the layer's unit."""
    fold = chain.folding.layers[layer.name]
    asked = {"pe": fold.pe, "simd": fold.simd, "storage": fold.storage, "pixels": fold.pixels}
    asked |= {"reload": chain.folding.reload}
    common = chain.common(layer.name, "mvtu")
    params = unit_params(layer, common, padded=chain.padded(layer), **asked)
    plan = mvtu.plan_unit(params, filled_up(layer, params.mw), layer.matrix.thresholds, layer.matrix.biases)
    vectors = groups(layer.result, fold.pixels)
    chain.score_width = plan.result_width
    chain.add(layer.name, plan, vectors * plan.fold.sf, vectors * plan.fold.nf, vectors * plan.interval)
