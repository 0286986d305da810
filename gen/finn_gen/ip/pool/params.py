# SPDX-License-Identifier: Apache-2.0
"""What is asked of a max pooling."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param

MAX_SIDE = 64


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
    k: int = param(2, "rows of a window, and its columns unless `k_w` says otherwise", low=1, high=MAX_SIDE)
    stride: int = param(
        2, "rows from a window to the next, and columns unless `stride_w` says otherwise", low=1, high=MAX_SIDE
    )
    k_w: int = param(0, "columns of a window; 0: as many as rows", low=0, high=MAX_SIDE, later=True)
    stride_w: int = param(0, "columns from a window to the next; 0: as many as rows", low=0, high=MAX_SIDE, later=True)
    tlast: bool = param(False, "mark the last word of an image at the output")
    pixels: int = param(1, "neighbouring pixels of an input word: 1, 2, 4 or 8", low=1, high=8, later=True)

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of a window."""
        return self.k, self.k_w or self.k

    @property
    def steps(self) -> tuple[int, int]:
        """Rows and columns from a window to the next."""
        return self.stride, self.stride_w or self.stride

    @property
    def out_pixels(self) -> int:
        """Neighbouring pixels of an output word: with one a word in, each window has a word, else as many as fit."""
        return self.pixels // self.steps[1] if self.pixels > 1 else 1
