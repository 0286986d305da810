# SPDX-License-Identifier: Apache-2.0
"""What is asked of the host link."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class UartParams(CoreParams):
    """Frames over a serial line, to AXI4-Lite and to streams."""

    name: str = name_param("finn_uart")
    clock_khz: int = param(62_500, "clock in kHz", low=1_000, high=1_000_000)
    baud: int = param(3_000_000, "bits a second on the line", low=9_600, high=50_000_000)
    address_width: int = param(12, "bits of an AXI4-Lite address", low=4, high=32)
    frame_bytes: int = param(784, "bytes from TLAST to TLAST of the stream to the accelerator", low=1, high=1 << 30)
