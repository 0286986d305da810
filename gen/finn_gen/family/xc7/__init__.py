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
        "xc7z015": Resources(46_200, 92_400, 190),
        "xc7z020": Resources(53_200, 106_400, 280),
        "xc7z030": Resources(78_600, 157_200, 530),
        "xc7z035": Resources(171_900, 343_800, 1_000),
        "xc7z045": Resources(218_600, 437_200, 1_090),
        "xc7z100": Resources(277_400, 554_800, 1_510),
        "xc7z007s": Resources(14_400, 28_800, 100),
        "xc7z012s": Resources(34_400, 68_800, 144),
        "xc7z014s": Resources(40_600, 81_200, 214),
        "xc7a35t": Resources(20_800, 41_600, 100),
        "xc7a100t": Resources(63_400, 126_800, 270),
        "xc7k325t": Resources(203_800, 407_600, 890),
    },
    cells="+/xilinx/cells_sim.v",
)
