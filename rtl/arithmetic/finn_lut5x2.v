// SPDX-License-Identifier: Apache-2.0
//
// finn_lut5x2: two functions of the same five bits, given as their truth tables.
//
// Order        bit k of INIT0 is the value of o[0] where i = k, bit k of INIT1 that of o[1]
// Latency      none, combinational
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

    assign o = {INIT1[i], INIT0[i]};

endmodule

`default_nettype wire
