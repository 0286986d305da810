# SPDX-License-Identifier: Apache-2.0
"""What is asked of the control core."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param

MOST_BOUNDARIES = 126
"""With the counters of frames these are 256 counters."""
_WORD = (1 << 32) - 1


@dataclass(frozen=True)
class CtrlParams(CoreParams):
    """AXI4-Lite control of an accelerator: identity, counters, soft reset, interrupt, windows."""

    name: str = name_param("finn_ctrl")
    boundaries: int = param(2, "stage boundaries that are counted", low=1, high=MOST_BOUNDARIES)
    windows: str = param("dma:12", "slaves behind the registers, each as name:bits of its address")
    counter_width: int = param(48, "bits of a counter", low=10, high=64)
    network: str = param("network", "name of the network, of which the digest is kept")
    digest: str = param("0" * 16, "16 hexadecimal digits that stand for the network's plan")
    image_bytes: int = param(0, "bytes of an image in memory", low=0, high=_WORD)
    result_bytes: int = param(0, "bytes of a result in memory", low=0, high=_WORD)
    interval: int = param(0, "planned cycles from one image to the next", low=0, high=_WORD)
    clock_khz: int = param(200_000, "planned clock in kHz", low=0, high=_WORD)
