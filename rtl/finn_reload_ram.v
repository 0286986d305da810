// SPDX-License-Identifier: Apache-2.0
//
// finn_reload_ram: memory filled from a file, written through one port and read through another, which reads
// zero unless it is enabled.
//
// Latency      1 cycle; read_data is zero in the cycle after one without read_enable
// Limits       reading the word that is just being written gives the old one in simulation and an
//              undefined one in hardware: the user keeps the two apart
`default_nettype none

module finn_reload_ram #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Number of words.
    parameter integer DEPTH = 16,
    // "distributed", "block" or "auto".
    // verilator lint_off UNUSEDPARAM
    parameter         RAM_STYLE = "auto",
    // verilator lint_on UNUSEDPARAM
    // Hexadecimal words for $readmemh, address 0 first.
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
        // verilator lint_off WIDTHEXPAND
        if (INIT_FILE == "") begin
            $display("ERROR %m: INIT_FILE is empty, but the memory must be filled from a file");
            // verilator lint_on WIDTHEXPAND
            $finish;
        end
    end
    // synthesis translate_on

    (* ram_style = RAM_STYLE *)
    reg [WIDTH-1:0] mem [0:DEPTH-1];

    initial
        if (INIT_FILE != "")
            $readmemh(INIT_FILE, mem);

    always @(posedge aclk)
        if (write_enable)
            mem[write_address] <= write_data;

    always @(posedge aclk)
        if (!read_enable)
            read_data <= {WIDTH{1'b0}};
        else
            read_data <= mem[read_address];

endmodule

`default_nettype wire
