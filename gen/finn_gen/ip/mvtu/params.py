# SPDX-License-Identifier: Apache-2.0
"""What is asked of a matrix-vector-threshold unit."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class MvtuParams(CoreParams):
    """Matrix-vector-threshold unit for weights of one to four bits."""

    name: str = name_param("finn_mvtu")
    mw: int = param(64, "columns of the matrix: elements of an input vector", low=1, high=65536)
    mh: int = param(16, "rows of the matrix: elements of an output vector", low=1, high=65536)
    pe: int = param(4, "rows a cycle (processing elements); divides mh", low=1, high=4096)
    simd: int = param(16, "columns a cycle; divides mw", low=1, high=4096)
    in_bits: int = param(1, "bits of an input element; one bit means -1 or +1", low=1, high=8)
    in_signed: bool = param(False, "input elements of several bits are signed")
    out_bits: int = param(1, "bits of an output element, 0 for the accumulator itself", low=0, high=8)
    storage: str = param(
        "auto",
        "weights as logic, in LUTs, in block RAM, or in the cheapest of them",
        choices=("auto", "constant", "lut", "block"),
    )
    reload: bool = param(False, "weights and thresholds can be written and read through AXI-Lite")
    params: str = param("", "file .npz with weights ([mh, mw]), thresholds ([mh, 2^out_bits-1]), biases ([mh])")
    seed: int = param(1, "seed of random weights and thresholds, where no file is given", low=0, high=2**31)
    w_bits: int = param(1, "bits of a weight: 1 means -1 or +1, more two's complement", low=1, high=4, later=True)
    w_narrow: bool = param(False, "weights of several bits are symmetric: of 2 bits -1, 0, +1", later=True)
    bias_bits: int = param(0, "bits of a score's bias, in two's complement; 0 for none", low=0, high=48, later=True)
    fraction: int = param(0, "bits of a score below the accumulator's unit", low=0, high=17, later=True)
    pixels: int = param(
        1, "vectors a word, each with a copy of the unit: 1, 2, 4 or 8; more than 1 with pe=mh, simd=mw",
        low=1, high=8, later=True,
    )  # fmt: skip
