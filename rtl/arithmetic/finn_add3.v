// SPDX-License-Identifier: Apache-2.0
//
// finn_add3: adds two rows of bits, an accumulator and its initial value.
//
// Function     sum = first + second + (acc | init) + ci, modulo 2^WIDTH
// Use          where acc is zero, init is what the accumulator starts from; elsewhere init is zero
// Latency      none, combinational
// Limits       none
`default_nettype none

module finn_add3 #(
    // Number of columns.
    parameter integer WIDTH = 8
) (
    input  wire [WIDTH-1:0] first,
    input  wire [WIDTH-1:0] second,
    input  wire [WIDTH-1:0] acc,
    input  wire [WIDTH-1:0] init,
    input  wire             ci,
    output wire [WIDTH-1:0] sum
);

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    // A wrong number must elaborate for the check above to name it.
    localparam integer UPPER = WIDTH > 1 ? WIDTH - 1 : 0;
    assign sum = first + second + (acc | init) + {{UPPER{1'b0}}, ci};

endmodule

`default_nettype wire
