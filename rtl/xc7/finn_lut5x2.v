// SPDX-License-Identifier: Apache-2.0
//
// finn_lut5x2: two functions of the same five bits, as a LUT6_2 of Xilinx 7-series.
//
// Order        bit k of INIT0 is the value of o[0] where i = k, bit k of INIT1 that of o[1]
// Latency      none, combinational
// Size         one LUT6_2
// Twin         rtl/arithmetic/finn_lut5x2.v
// Limits       none
`default_nettype none

module finn_lut5x2 #(
    // Truth table of o[0].
    parameter [31:0] INIT0 = 32'h0,
    // Truth table of o[1].
    parameter [31:0] INIT1 = 32'h0
) (
    input  wire [4:0] i,
    output wire [1:0] o
);

    LUT6_2 #(
        .INIT({INIT1, INIT0})
    ) u_lut (
        .I0(i[0]),
        .I1(i[1]),
        .I2(i[2]),
        .I3(i[3]),
        .I4(i[4]),
        .I5(1'b1),
        .O5(o[0]),
        .O6(o[1])
    );

endmodule

`default_nettype wire
