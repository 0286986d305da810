# SPDX-License-Identifier: Apache-2.0
"""Copies of a register are still there after synthesis, which merges registers that are equal."""

import json
from pathlib import Path

import pytest

from finn_gen.base.library import building_block
from finn_gen.family.xc7.synthesis import run_yosys

TOP = """
module top (input aclk, input clear, input enable, input [3:0] next, output [11:0] q);
    finn_copies #(.WIDTH(4), .COPIES(3)) u_copies (
        .aclk(aclk), .clear(clear), .enable({3{enable}}), .next(next), .copies(q)
    );
endmodule
"""


@pytest.mark.parametrize(
    ("synthesis", "register"),
    [("synth_xilinx -family xc7 -flatten -noiopad", "FDRE"), ("synth_ecp5", "TRELLIS_FF")],
)
def test_synthesis_keeps_every_copy(tmp_path: Path, synthesis: str, register: str) -> None:
    (tmp_path / "top.v").write_text(TOP)
    netlist = tmp_path / "netlist.json"
    read = f"read_verilog {tmp_path / 'top.v'} {building_block('finn_copies')}"
    run_yosys([read, f"{synthesis} -top top", f"write_json {netlist}"])
    cells = json.loads(netlist.read_text())["modules"]["top"]["cells"].values()
    assert sum(cell["type"] == register for cell in cells) == 12
