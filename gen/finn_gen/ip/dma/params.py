# SPDX-License-Identifier: Apache-2.0
"""What is asked of the DMA."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class DmaParams(CoreParams):
    """AXI4 memory to stream and stream to memory, by images."""

    name: str = name_param("finn_dma")
    address_width: int = param(32, "bits of a memory address", low=32, high=64)
    mm2s_width: int = param(64, "bits of a word to the accelerator: 8, 16, 32 or 64", low=8, high=64)
    s2mm_width: int = param(64, "bits of a word from the accelerator: 8, 16, 32 or 64", low=8, high=64)
    burst: int = param(16, "most beats of a burst: 2, 4, 8 or 16", low=2, high=16)
    mm2s_bursts: int = param(8, "bursts that the read buffer has room for", low=2, high=64)
    s2mm_bursts: int = param(4, "bursts that the write buffer has room for", low=2, high=64)
