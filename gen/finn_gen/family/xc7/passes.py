# SPDX-License-Identifier: Apache-2.0
"""Run Yosys commands, the arguments of this program; `finn_gen.family.xc7.synthesis.run_yosys` calls it.

`synth_xilinx` reads four seconds of Verilog before and between its passes, whatever the design: cells of all families
that few designs name, and how a block RAM of any shape is made of RAMB18E1 and RAMB36E1. Here its stages follow one
another, and the former are read where a cell is none of the common ones, the latter where a block RAM is in the design.
The passes are the same; numbers in names of cells are others, by which ABC breaks ties: of 38 points of `make levels`
one has other LUTs, 8 of 3,117 cells, and as many.
"""

import sys

from pyosys import libyosys

WHOLE = "synth_xilinx -family xc7 -flatten -noiopad -top "
"""What is taken apart; a module's name follows."""
MEMORIES = (
    "memory_libmap -logic-cost-rom 0.015625 -lib +/xilinx/lutrams_xc5v.txt -lib +/xilinx/brams_xc4v.txt"
    " -D HAS_SIZE_36 -D HAS_CASCADE -D HAS_MIXWIDTH_SDP"
)
"""As `synth_xilinx` of Yosys 0.70 calls it for 7-series: tests/estimates/test_synthesis.py holds it."""


def kinds(design: libyosys.Design) -> set[str]:
    """The types of the cells of a design."""
    return {cell.type.str() for module in design.modules_.values() for cell in module.cells_.values()}


def unknown(design: libyosys.Design) -> set[str]:
    """The types of cells that are neither Yosys' own nor modules."""
    modules = {name.str() for name in design.modules_}
    return {kind for kind in kinds(design) - modules if not kind.startswith("$")}


def synthesize(design: libyosys.Design, top: str) -> None:
    """Do what WHOLE does."""
    design.run_pass("read_verilog -lib -specify +/xilinx/cells_sim.v")
    design.run_pass(f"hierarchy -top {top}")
    if unknown(design):
        design.run_pass("read_verilog -lib +/xilinx/cells_xtra.v")
    design.run_pass(f"hierarchy -check -top {top}")
    design.run_pass(f"{WHOLE}{top} -run prepare:map_memory")
    design.run_pass(MEMORIES)
    design.run_pass("techmap -map +/xilinx/lutrams_xc5v_map.v")
    if any(kind.startswith("$__XILINX_BLOCKRAM") for kind in kinds(design)):
        design.run_pass("techmap -map +/xilinx/brams_xc6v_map.v")
    design.run_pass(f"{WHOLE}{top} -run map_ffram:")


def main() -> None:
    """Run the commands; Yosys ends the process on an error."""
    design = libyosys.Design()
    for command in sys.argv[1:]:
        if command.startswith(WHOLE):
            synthesize(design, command.removeprefix(WHOLE))
        else:
            design.run_pass(command)


if __name__ == "__main__":
    main()
