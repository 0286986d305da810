// SPDX-License-Identifier: Apache-2.0
//
// finn_lut6: one function of six bits, as a LUT6 of Xilinx 7-series.
//
// Order        bit k of INIT is the value of o where i = k
// Latency      none, combinational
// Size         one LUT6
// Twin         rtl/arithmetic/finn_lut6.v
// Limits       none
`default_nettype none

module finn_lut6 #(
    // Truth table.
    parameter [63:0] INIT = 64'h0
) (
    input  wire [5:0] i,
    output wire       o
);

    LUT6 #(
        .INIT(INIT)
    ) u_lut (
        .I0(i[0]),
        .I1(i[1]),
        .I2(i[2]),
        .I3(i[3]),
        .I4(i[4]),
        .I5(i[5]),
        .O (o)
    );

endmodule

`default_nettype wire
