# SPDX-License-Identifier: Apache-2.0
"""Xilinx UltraScale+. LUTs, SRLs and block RAMs are those of 7-series, so costs are estimated as there."""

from finn_gen.family import Family
from finn_gen.family.resources import Resources
from finn_gen.family.xc7.costs import Xc7Costs

FAMILY = Family(
    name="xcup",
    title="Xilinx UltraScale+",
    costs=Xc7Costs(),
    # DS891, Zynq UltraScale+ MPSoC: CLB LUTs, CLB flip-flops, two RAMB18 a block RAM. UltraRAM is not used.
    devices={
        "xczu1cg": Resources(37_440, 74_880, 216),
        "xczu2eg": Resources(47_232, 94_464, 300),
        "xczu3eg": Resources(70_560, 141_120, 432),
        "xczu4ev": Resources(87_840, 175_680, 256),
        "xczu5ev": Resources(117_120, 234_240, 288),
        "xczu7ev": Resources(230_400, 460_800, 624),
        "xczu9eg": Resources(274_080, 548_160, 1_824),
    },
    cells="+/xilinx/cells_sim.v",
)
