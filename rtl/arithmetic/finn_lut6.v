// SPDX-License-Identifier: Apache-2.0
//
// finn_lut6: one function of six bits, given as its truth table.
//
// Order        bit k of INIT is the value of o where i = k
// Latency      none, combinational
// Limits       none
`default_nettype none

module finn_lut6 #(
    // Truth table.
    parameter [63:0] INIT = 64'h0
) (
    input  wire [5:0] i,
    output wire       o
);

    assign o = INIT[i];

endmodule

`default_nettype wire
