# SPDX-License-Identifier: Apache-2.0
"""What is asked of a max pooling."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class PoolParams(CoreParams):
    """Max pooling, a word a cycle."""

    name: str = name_param("finn_pool")
    ifm_ch: int = param(8, "channels of the image", low=1, high=4096)
    bits: int = param(1, "bits of an element", low=1, high=8)
    signed: bool = param(False, "elements are in two's complement")
    pe: int = param(8, "channels of a word", low=1, high=4096)
    ifm_h: int = param(8, "rows of the image", low=1, high=4096)
    ifm_w: int = param(8, "columns of the image", low=1, high=4096)
    k: int = param(2, "rows and columns of a window", low=1, high=64)
    stride: int = param(2, "pixels from a window to the next, along both axes", low=1, high=64)
    tlast: bool = param(False, "mark the last word of an image at the output")
