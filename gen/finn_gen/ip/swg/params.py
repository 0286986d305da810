# SPDX-License-Identifier: Apache-2.0
"""What is asked of a sliding window generator."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param

MAX_WIDTH = 8192


@dataclass(frozen=True)
class SwgParams(CoreParams):
    """Sliding window generator, a word or a whole window a cycle."""

    name: str = name_param("finn_swg")
    ifm_ch: int = param(8, "channels of the image", low=1, high=4096)
    bits: int = param(1, "bits of an element", low=1, high=32)
    simd: int = param(8, "elements of an output word", low=1, high=MAX_WIDTH)
    ifm_h: int = param(8, "pixels of the image, vertically", low=1, high=4096)
    ifm_w: int = param(8, "pixels of the image, horizontally", low=1, high=4096)
    k_h: int = param(3, "pixels of a window, vertically", low=1, high=11)
    k_w: int = param(3, "pixels of a window, horizontally", low=1, high=11)
    stride_h: int = param(1, "pixels from a window to the next, vertically", low=1, high=64)
    stride_w: int = param(1, "pixels from a window to the next, horizontally", low=1, high=64)
    dilation_h: int = param(1, "pixels from an element of a window to the next, vertically", low=1, high=64)
    dilation_w: int = param(1, "pixels from an element of a window to the next, horizontally", low=1, high=64)
    prefetch: bool = param(False, "a larger buffer, so that there is no bubble between two images")
    ram_style: str = param("auto", "memory of the buffer", choices=("auto", "distributed", "block"))
    tlast: bool = param(False, "mark the last word of an image at the output")
    pixels: int = param(
        1,
        "neighbouring pixels of an input word, and windows of an output word: 1, 2, 4 or 8",
        low=1,
        high=8,
        later=True,
    )
