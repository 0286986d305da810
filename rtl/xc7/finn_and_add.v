// SPDX-License-Identifier: Apache-2.0
//
// finn_and_add: adds two products of bits and a bit, in a LUT of 7-series and its carry chain.
//
// Function     sum = (a[0] & b[0]) + (a[1] & b[1]) + ci
// Latency      none, combinational
// Size         one LUT6_2, one position of the carry chain
// Twin         rtl/arithmetic/finn_and_add.v
// Limits       none
//
// O6 is whether the products differ; where they do not, the chain takes O5, the first of them.
`default_nettype none

module finn_and_add (
    input  wire [1:0] a,
    input  wire [1:0] b,
    input  wire       ci,
    output wire [1:0] sum
);

    wire       s;
    wire       di;
    wire [3:0] co;
    wire [3:0] o;

    LUT6_2 #(
        .INIT(64'h78887888_88888888)
    ) u_lut (
        .I0(a[0]),
        .I1(b[0]),
        .I2(a[1]),
        .I3(b[1]),
        .I4(1'b0),
        .I5(1'b1),
        .O5(di),
        .O6(s)
    );

    CARRY4 u_carry (
        .CI(1'b0),
        .CYINIT(ci),
        .DI({3'b0, di}),
        .S({3'b0, s}),
        .O(o),
        .CO(co)
    );

    assign sum = {co[0], o[0]};
    wire unused = &{1'b0, co[3:1], o[3:1]};

endmodule

`default_nettype wire
