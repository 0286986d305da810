# SPDX-License-Identifier: Apache-2.0
"""What is asked of a padder."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class PadParams(CoreParams):
    """Padding of images, each side by its own amount."""

    name: str = name_param("finn_pad")
    ifm_ch: int = param(8, "channels of the image", low=1, high=4096)
    bits: int = param(1, "bits of an element", low=1, high=32)
    simd: int = param(8, "elements of a word", low=1, high=4096)
    ifm_h: int = param(8, "rows of the image", low=1, high=4096)
    ifm_w: int = param(8, "columns of the image", low=1, high=4096)
    top: int = param(1, "pixels added at the top", low=0, high=256)
    bottom: int = param(1, "pixels added at the bottom", low=0, high=256)
    left: int = param(1, "pixels added at the left", low=0, high=256)
    right: int = param(1, "pixels added at the right", low=0, high=256)
    value: str = param("auto", "value of an added element: a number, or auto for -1 in bits and 0 in numbers")
    tlast: bool = param(False, "mark the last word of an image at the output")
