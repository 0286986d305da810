# SPDX-License-Identifier: Apache-2.0
"""What is asked of a regrouping of pixels."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class RegroupParams(CoreParams):
    """Words of other numbers of pixels, row by row."""

    name: str = name_param("finn_regroup")
    ifm_ch: int = param(8, "channels of the image", low=1, high=4096)
    bits: int = param(1, "bits of an element", low=1, high=32)
    ifm_h: int = param(4, "rows of the image", low=1, high=4096)
    ifm_w: int = param(7, "columns of the image", low=1, high=4096)
    in_pixels: int = param(4, "neighbouring pixels of an input word: 1, 2, 4 or 8", low=1, high=8)
    out_pixels: int = param(1, "neighbouring pixels of an output word: 1, 2, 4 or 8", low=1, high=8)
    tlast: bool = param(False, "mark the last word of an image at the output")
