// SPDX-License-Identifier: Apache-2.0
//
// finn_ram: simple dual-port memory, one port writes and one reads synchronously.
//
// Throughput   one word a cycle at each port
// Latency      1 cycle; in the cycle after one without read_enable, read_data keeps its value or is zero: GATED
// Limits       reading the word that is just being written gives the old one in simulation and an
//              undefined one in hardware: the user keeps the two apart
`default_nettype none

module finn_ram #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Number of words.
    parameter integer DEPTH = 16,
    // "distributed", "block" or "auto".
    parameter         RAM_STYLE = "auto",
    // 1: read_data is zero in the cycle after one without read_enable. 0: it keeps its value.
    parameter integer GATED = 0,
    // Hexadecimal words for $readmemh, address 0 first, or empty: the memory is unknown until it is written.
    parameter         INIT_FILE = ""
) (
    input  wire                                       aclk,

    input  wire                                       write_enable,
    input  wire [(DEPTH > 1 ? $clog2(DEPTH) : 1)-1:0] write_address,
    input  wire [WIDTH-1:0]                           write_data,

    input  wire                                       read_enable,
    input  wire [(DEPTH > 1 ? $clog2(DEPTH) : 1)-1:0] read_address,
    output reg  [WIDTH-1:0]                           read_data
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
        if (RAM_STYLE != "distributed" && RAM_STYLE != "block" && RAM_STYLE != "auto") begin
            $display("ERROR %m: RAM_STYLE=%0s, but it must be distributed, block or auto", RAM_STYLE);
            $finish;
        end
        if (GATED != 0 && GATED != 1) begin
            $display("ERROR %m: GATED=%0d, but it must be 0 or 1", GATED);
            $finish;
        end
    end
    // synthesis translate_on

    // no_rw_check: Yosys need not make a block RAM give the old word where both ports meet.
    (* ram_style = RAM_STYLE, no_rw_check *)
    reg [WIDTH-1:0] mem [0:DEPTH-1];

    initial
        if (INIT_FILE != "")
            $readmemh(INIT_FILE, mem);
    // verilator lint_on WIDTHEXPAND

    always @(posedge aclk)
        if (write_enable)
            mem[write_address] <= write_data;

    always @(posedge aclk)
        if (read_enable)
            read_data <= mem[read_address];
        else if (GATED != 0)
            read_data <= ZERO;

endmodule

`default_nettype wire
