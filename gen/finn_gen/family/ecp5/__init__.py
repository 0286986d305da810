# SPDX-License-Identifier: Apache-2.0
"""Lattice ECP5."""

from finn_gen.family import Family
from finn_gen.family.ecp5.costs import Ecp5Costs
from finn_gen.family.resources import Resources

FAMILY = Family(
    name="ecp5",
    title="Lattice ECP5",
    costs=Ecp5Costs(),
    # LUT4 as nextpnr-ecp5 counts a die's sites (TRELLIS_COMB), with a flip-flop each; memory blocks of 18 kbit as in
    # FPGA-DS-02012, the data sheet. Of the 12F it promises half of the 25F's die: 12,000 LUTs, 32 blocks.
    devices={
        "lfe5u-12f": Resources(12_000, 12_000, 32),
        "lfe5u-25f": Resources(24_288, 24_288, 56),
        "lfe5u-45f": Resources(43_848, 43_848, 108),
        "lfe5u-85f": Resources(83_640, 83_640, 208),
    },
    cells="+/ecp5/cells_sim.v",
    lut="LUT4",
    block="DP16K",
    block_parts=1,
)
