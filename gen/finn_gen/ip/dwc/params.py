# SPDX-License-Identifier: Apache-2.0
"""What is asked of a width converter."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param

MAX_WIDTH = 8192


@dataclass(frozen=True)
class DwcParams(CoreParams):
    """AXI-Stream width converter, any ratio."""

    name: str = name_param("finn_dwc")
    in_width: int = param(64, "payload bits of an input word", low=1, high=MAX_WIDTH)
    out_width: int = param(8, "payload bits of an output word", low=1, high=MAX_WIDTH)
    tlast: bool = param(False, "carry TLAST; the last word of a frame is padded with zeros")
