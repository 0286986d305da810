// SPDX-License-Identifier: Apache-2.0
//
// finn_rom: read-only memory, filled from a file, with a synchronous read.
//
// Throughput   one word a cycle
// Latency      1 cycle; in the cycle after one without enable, data keeps its value or is zero: GATED
// Limits       none
`default_nettype none

module finn_rom #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Number of words.
    parameter integer DEPTH = 16,
    // "distributed", "block" or "auto".
    parameter         ROM_STYLE = "auto",
    // 1: data is zero in the cycle after one without enable. 0: it keeps its value.
    parameter integer GATED = 0,
    // Hexadecimal words for $readmemh, address 0 first.
    parameter         INIT_FILE = ""
) (
    input  wire                                       aclk,
    input  wire                                       enable,
    input  wire [(DEPTH > 1 ? $clog2(DEPTH) : 1)-1:0] address,
    output reg  [WIDTH-1:0]                           data
);

    // verilator lint_off WIDTHEXPAND
    // Strings of different lengths are compared; a replication may be too long for Verilator.
    localparam [WIDTH-1:0] ZERO = 1'b0;

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
        if (ROM_STYLE != "distributed" && ROM_STYLE != "block" && ROM_STYLE != "auto") begin
            $display("ERROR %m: ROM_STYLE=%0s, but it must be distributed, block or auto", ROM_STYLE);
            $finish;
        end
        if (GATED != 0 && GATED != 1) begin
            $display("ERROR %m: GATED=%0d, but it must be 0 or 1", GATED);
            $finish;
        end
        if (INIT_FILE == "") begin
            $display("ERROR %m: INIT_FILE is empty, but a ROM must be filled from a file");
            $finish;
        end
    end
    // synthesis translate_on

    generate
        // A column of up to 32 words is a LUT in any surroundings, and equal ones may merge there.
        if (ROM_STYLE == "distributed" && DEPTH > 32) begin : g_lut
            wire [WIDTH-1:0] word;

            finn_lut_rom #(
                .WIDTH     (WIDTH),
                .DEPTH     (DEPTH),
                .INIT_FILE (INIT_FILE)
            ) u_rom (
                .address (address),
                .data    (word)
            );

            always @(posedge aclk)
                if (enable)
                    data <= word;
                else if (GATED != 0)
                    data <= ZERO;
        end else begin : g_memory
`ifdef YOSYS
            // Yosys' "distributed" is LUT RAM alone; a ROM in LUTs is "logic" to it.
            (* rom_style = ROM_STYLE == "distributed" ? "logic" : ROM_STYLE *)
`else
            (* rom_style = ROM_STYLE, ram_style = ROM_STYLE *)
`endif
            reg [WIDTH-1:0] mem [0:DEPTH-1];

            initial
                if (INIT_FILE != "")
                    $readmemh(INIT_FILE, mem);

            always @(posedge aclk)
                if (enable)
                    data <= mem[address];
                else if (GATED != 0)
                    data <= ZERO;
        end
    endgenerate
    // verilator lint_on WIDTHEXPAND

endmodule

`default_nettype wire
