// SPDX-License-Identifier: Apache-2.0
//
// finn_q17: bytes of pixels as Q1.7 numbers, x = min(floor((512 p - 65025) / 510), 127).
//
// That is 2 p / 255 - 1, rounded half up to steps of 1/128 and saturated. For bytes it is p - 128 below 128, and
// p - 127 from there on, with 255 as 127 (checked for all bytes).
//
// Latency      none, combinational
// Limits       none
`default_nettype none

module finn_q17 #(
    // Number of pixels side by side.
    parameter integer LANES = 8
) (
    input  wire [8*LANES-1:0] pixels,
    output wire [8*LANES-1:0] numbers
);

    // synthesis translate_off
    initial begin
        if (LANES < 1) begin
            $display("ERROR %m: LANES=%0d, but it must be at least 1", LANES);
            $finish;
        end
    end
    // synthesis translate_on

    genvar i;
    generate
        for (i = 0; i < LANES; i = i + 1) begin : g_lane
            wire       upper = pixels[8*i+7];
            wire [6:0] low   = pixels[8*i +: 7];
            assign numbers[8*i +: 8] = {!upper, low == 7'd127 ? low : low + {6'd0, upper}};
        end
    endgenerate

endmodule

`default_nettype wire
