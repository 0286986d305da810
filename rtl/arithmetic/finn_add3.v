// SPDX-License-Identifier: Apache-2.0
//
// finn_add3: adds two rows of bits, an accumulator and its initial value.
//
// Function     sum = first + second + (acc | init) + ci, modulo 2^WIDTH
// Use          where acc is zero, init is what the accumulator starts from; elsewhere init is zero
`default_nettype none

module finn_add3 #(
    // number of columns
    parameter WIDTH = 8
) (
    input  wire [WIDTH-1:0] first,
    input  wire [WIDTH-1:0] second,
    input  wire [WIDTH-1:0] acc,
    input  wire [WIDTH-1:0] init,
    input  wire             ci,
    output wire [WIDTH-1:0] sum
);
    assign sum = first + second + (acc | init) + {{WIDTH - 1{1'b0}}, ci};
endmodule

`default_nettype wire
