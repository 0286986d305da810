# SPDX-License-Identifier: Apache-2.0
"""The synthesis for 7-series that leaves out what a design does not need, against Yosys' own."""

import json
import shutil
from collections import Counter
from pathlib import Path

from finn_gen.base.library import building_block
from finn_gen.family.xc7.synthesis import run_yosys

# Block RAM, a pair of them for one bit, LUT RAM, a ROM that may be any, shift registers, a carry chain, and a cell that
# is none of the common ones.
TOP = """
module top (input aclk, input write, input [15:0] to, input [15:0] from, input [31:0] in,
            output [31:0] block, output [8:0] few, output one, output reg [7:0] value, output [3:0] shifted,
            output gated);
    finn_ram #(.WIDTH(32), .DEPTH(422), .RAM_STYLE("block")) u_block (
        .aclk(aclk), .write_enable(write), .write_address(to[8:0]), .write_data(in),
        .read_enable(1'b1), .read_address(from[8:0]), .read_data(block));
    finn_ram #(.WIDTH(1), .DEPTH(65536), .RAM_STYLE("block")) u_one (
        .aclk(aclk), .write_enable(write), .write_address(to), .write_data(in[0]),
        .read_enable(1'b1), .read_address(from), .read_data(one));
    finn_ram #(.WIDTH(9), .DEPTH(40), .RAM_STYLE("distributed")) u_few (
        .aclk(aclk), .write_enable(write), .write_address(to[5:0]), .write_data(in[8:0]),
        .read_enable(1'b1), .read_address(from[5:0]), .read_data(few));
    BUFGCE u_gated (.I(aclk), .CE(write), .O(gated));
    reg [7:0] squares [0:255];
    integer i;
    initial for (i = 0; i < 256; i = i + 1) squares[i] = i * i >> 3;
    reg [79:0] taps;
    always @(posedge aclk) begin
        value <= squares[from[7:0]];
        taps <= {taps, in[3:0] + to[3:0]};
    end
    assign shifted = taps[79:76];
endmodule
"""
KINDS = {"RAMB18E1", "RAMB36E1", "RAM64M", "CARRY4", "BUFGCE", "FDRE", "SRLC32E"}


def cells(folder: Path, synthesis: str, name: str) -> Counter[tuple[str, str]]:
    """How many cells there are of a type with the same parameters."""
    run_yosys(
        [f"read_verilog {path.name}" for path in sorted(folder.glob("*.v"))] + [synthesis, f"write_json {name}"], folder
    )
    found = json.loads((folder / name).read_text())["modules"]["top"]["cells"].values()
    return Counter((cell["type"], json.dumps(cell["parameters"], sort_keys=True)) for cell in found)


def test_what_is_not_read_changes_no_cell(tmp_path: Path) -> None:
    (tmp_path / "top.v").write_text(TOP)
    shutil.copy(building_block("finn_ram"), tmp_path)
    ours = cells(tmp_path, "synth_xilinx -family xc7 -flatten -noiopad -top top", "ours.json")
    # With its options in another order it is not taken apart.
    theirs = cells(tmp_path, "synth_xilinx -flatten -noiopad -family xc7 -top top", "theirs.json")
    assert ours == theirs
    assert {kind for kind, _ in ours} >= KINDS
