# SPDX-License-Identifier: Apache-2.0
"""Xilinx 7-series."""

from finn_gen.family import Family
from finn_gen.family.resources import Resources
from finn_gen.family.xc7.costs import Xc7Costs

FAMILY = Family(
    name="xc7",
    title="Xilinx 7-series",
    costs=Xc7Costs(),
    # DS190 for Zynq, DS180 for the others.
    devices={
        "xc7z010": Resources(17_600, 35_200, 120),
        "xc7z020": Resources(53_200, 106_400, 280),
        "xc7z045": Resources(218_600, 437_200, 1_090),
        "xc7a35t": Resources(20_800, 41_600, 100),
        "xc7a100t": Resources(63_400, 126_800, 270),
        "xc7k325t": Resources(203_800, 407_600, 890),
    },
)
