# SPDX-License-Identifier: Apache-2.0
"""Xilinx 7-series."""

from finn_gen.family import Family
from finn_gen.family.resources import Resources
from finn_gen.family.xc7.costs import Xc7Costs
from finn_gen.family.xc7.delays import DELAYS

FAMILY = Family(
    name="xc7",
    title="Xilinx 7-series",
    costs=Xc7Costs(),
    # DS190 for Zynq, DS180 for the others: four LUTs and eight flip-flops a slice, two RAMB18 a block RAM.
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
        "xc7a12t": Resources(8_000, 16_000, 40),
        "xc7a15t": Resources(10_400, 20_800, 50),
        "xc7a25t": Resources(14_600, 29_200, 90),
        "xc7a35t": Resources(20_800, 41_600, 100),
        "xc7a50t": Resources(32_600, 65_200, 150),
        "xc7a75t": Resources(47_200, 94_400, 210),
        "xc7a100t": Resources(63_400, 126_800, 270),
        "xc7a200t": Resources(134_600, 269_200, 730),
        "xc7k70t": Resources(41_000, 82_000, 270),
        "xc7k160t": Resources(101_400, 202_800, 650),
        "xc7k325t": Resources(203_800, 407_600, 890),
        "xc7k355t": Resources(222_600, 445_200, 1_430),
        "xc7k410t": Resources(254_200, 508_400, 1_590),
        "xc7k420t": Resources(260_600, 521_200, 1_670),
        "xc7k480t": Resources(298_600, 597_200, 1_910),
    },
    cells="+/xilinx/cells_sim.v",
    delays=DELAYS,
)
