// SPDX-License-Identifier: Apache-2.0
//
// finn_ram: simple dual-port memory, one port writes and one reads synchronously.
//
// Latency      1 cycle; read_data keeps its value while read_enable is low
// Limits       reading the word that is just being written gives the old one in simulation and an
//              undefined one in hardware: the user keeps the two apart
`default_nettype none

module finn_ram #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Number of words.
    parameter integer DEPTH = 16,
    // "distributed", "block" or "auto".
    // verilator lint_off UNUSEDPARAM
    parameter         RAM_STYLE = "auto"
    // verilator lint_on UNUSEDPARAM
) (
    input  wire                                    aclk,

    input  wire                                    write_enable,
    input  wire [(DEPTH > 1 ? $clog2(DEPTH) : 1)-1:0] write_address,
    input  wire [WIDTH-1:0]                        write_data,

    input  wire                                    read_enable,
    input  wire [(DEPTH > 1 ? $clog2(DEPTH) : 1)-1:0] read_address,
    output reg  [WIDTH-1:0]                        read_data
);

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
    end
    // synthesis translate_on

    (* ram_style = RAM_STYLE *)
    reg [WIDTH-1:0] mem [0:DEPTH-1];

    always @(posedge aclk)
        if (write_enable)
            mem[write_address] <= write_data;

    always @(posedge aclk)
        if (read_enable)
            read_data <= mem[read_address];

endmodule

`default_nettype wire
