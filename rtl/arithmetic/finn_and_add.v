// SPDX-License-Identifier: Apache-2.0
//
// finn_and_add: adds two products of bits and a bit.
//
// Function     sum = (a[0] & b[0]) + (a[1] & b[1]) + ci
// Latency      none, combinational
// Limits       none
`default_nettype none

module finn_and_add (
    input  wire [1:0] a,
    input  wire [1:0] b,
    input  wire       ci,
    output wire [1:0] sum
);

    wire [1:0] products = a & b;

    assign sum = {1'b0, products[0]} + {1'b0, products[1]} + {1'b0, ci};

endmodule

`default_nettype wire
