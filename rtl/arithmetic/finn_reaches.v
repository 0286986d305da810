// SPDX-License-Identifier: Apache-2.0
//
// finn_reaches: whether a number reaches the one or exceeds the other of two bounds.
//
// Function     reached = choice ? number >= least : number > below, unsigned
// Latency      none, combinational
// Limits       none
`default_nettype none

module finn_reaches #(
    // Bits of the numbers.
    parameter integer WIDTH = 8
) (
    input  wire [WIDTH-1:0] number,
    input  wire [WIDTH-1:0] below,
    input  wire [WIDTH-1:0] least,
    input  wire             choice,
    output wire             reached
);

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    assign reached = choice ? number >= least : number > below;

endmodule

`default_nettype wire
