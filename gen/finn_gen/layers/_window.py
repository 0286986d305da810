# SPDX-License-Identifier: Apache-2.0
"""What layers with a window share: its place in the image."""

from __future__ import annotations

from finn_gen.base.errors import InputError
from finn_gen.base.yaml_file import Fields
from finn_gen.network.model import Shape


def places(fields: Fields, source: Shape, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of windows, rounded down; InputError if not one fits."""
    if kernel[0] > source.height or kernel[1] > source.width:
        raise InputError(
            f"{fields.where}: kernel: {kernel[0]}x{kernel[1]}; it must fit the image of {source.height}x{source.width}"
        )
    return (source.height - kernel[0]) // stride[0] + 1, (source.width - kernel[1]) // stride[1] + 1
