// SPDX-License-Identifier: Apache-2.0
//
// finn_lut_rom: read-only memory in LUTs, filled from a file, without a register.
//
// Latency      none, combinational
// Limits       none
//
// Yosys keeps it a module of its own. It then takes a LUT a bit for every 64 words, and MUXF7 and MUXF8 join four of
// those; flattened into deeper logic it takes a LUT for every 15 words. The unit of CNV's last layer, with weights of
// 1280 words of 4 bits, takes 172 LCs, and flattened 447. Define FINN_FLATTEN where everything has to be flat. To
// other tools this is a module like any other; Vivado was not tried.
`default_nettype none

`ifdef YOSYS
`ifndef FINN_FLATTEN
(* keep_hierarchy = "yes" *)
`endif
`endif
module finn_lut_rom #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Number of words.
    parameter integer DEPTH = 64,
    // Hexadecimal words for $readmemh, address 0 first.
    parameter         INIT_FILE = ""
) (
    input  wire [(DEPTH > 1 ? $clog2(DEPTH) : 1)-1:0] address,
    output wire [WIDTH-1:0]                           data
);

    // verilator lint_off WIDTHEXPAND
    // Strings of different lengths are compared.
    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
        if (DEPTH < 1) begin
            $display("ERROR %m: DEPTH=%0d, but it must be at least 1", DEPTH);
            $finish;
        end
        if (INIT_FILE == "") begin
            $display("ERROR %m: INIT_FILE is empty, but a ROM must be filled from a file");
            $finish;
        end
    end
    // synthesis translate_on

`ifdef YOSYS
    // Yosys' "distributed" is LUT RAM alone; a ROM in LUTs is "logic" to it.
    (* rom_style = "logic" *)
`else
    (* rom_style = "distributed", ram_style = "distributed" *)
`endif
    reg [WIDTH-1:0] mem [0:DEPTH-1];

    initial
        if (INIT_FILE != "")
            $readmemh(INIT_FILE, mem);
    // verilator lint_on WIDTHEXPAND

    assign data = mem[address];

endmodule

`default_nettype wire
