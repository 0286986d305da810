# SPDX-License-Identifier: Apache-2.0
"""Matrix-vector-threshold unit: foldings, kinds of inputs and outputs, storages; the layers of trained networks."""

import pytest

SHAPES = [
    # corners: PE = 1, SIMD = 1, PE = MH, SIMD = MW, one of everything
    {"mw": 1, "mh": 1, "pe": 1, "simd": 1},
    {"mw": 16, "mh": 16, "pe": 1, "simd": 1},
    {"mw": 12, "mh": 6, "pe": 6, "simd": 1},
    {"mw": 15, "mh": 7, "pe": 1, "simd": 15},
    {"mw": 33, "mh": 5, "pe": 5, "simd": 33},
    # sizes that are no power of two, and long and short folds
    {"mw": 36, "mh": 10, "pe": 2, "simd": 12},
    {"mw": 21, "mh": 9, "pe": 3, "simd": 7},
    {"mw": 64, "mh": 16, "pe": 4, "simd": 16},
    {"mw": 128, "mh": 4, "pe": 2, "simd": 64},
    {"mw": 4, "mh": 8, "pe": 1, "simd": 2},
    {"mw": 130, "mh": 4, "pe": 2, "simd": 65},
]
KINDS = [
    {"out_bits": 0},
    {"out_bits": 2},
    {"in_bits": 2},
    {"in_bits": 2, "in_signed": 1, "out_bits": 0},
    {"in_bits": 3, "out_bits": 3},
    {"in_bits": 4, "in_signed": 1, "out_bits": 2},
    {"in_bits": 8, "in_signed": 1},
    {"in_bits": 8, "out_bits": 0},
]
FOLDINGS = [{"pe": 2, "simd": 3}, {"pe": 6, "simd": 4}, {"pe": 3, "simd": 12}, {"pe": 6, "simd": 12}]
RELOADS = [
    {"mw": 48, "mh": 12, "pe": 3, "simd": 16, "storage": "lut"},
    {"mw": 36, "mh": 16, "pe": 2, "simd": 1, "storage": "block", "out_bits": 2, "in_bits": 2},
    {"mw": 40, "mh": 8, "pe": 8, "simd": 40, "storage": "lut"},
    {"mw": 18, "mh": 9, "pe": 3, "simd": 18, "storage": "lut", "out_bits": 0},
    {"mw": 18, "mh": 6, "pe": 6, "simd": 9, "storage": "block", "in_bits": 4, "in_signed": 1},
]


# The cells of the compressor tree in place of the sum that simulates fast.
CELLS = ("-DFINN_CELLS",)


@pytest.mark.parametrize("form", [(), CELLS], ids=["sum", "cells"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_computes(simulate_ip, shape: dict, form: tuple[str, ...]) -> None:
    simulate_ip("mvtu", "icarus", form, **shape)


@pytest.mark.parametrize("folding", FOLDINGS, ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_kind_of_input_and_output_computes(simulate_ip, kind: dict, folding: dict) -> None:
    simulate_ip("mvtu", "icarus", mw=12, mh=6, **kind, **folding)


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
@pytest.mark.parametrize("shape", RELOADS, ids=str)
def test_weights_and_thresholds_reload(simulate_ip, shape: dict, sim: str) -> None:
    simulate_ip("mvtu", sim, bench="mvtu_reload", reload=1, **shape)
