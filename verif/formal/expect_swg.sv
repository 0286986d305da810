// SPDX-License-Identifier: Apache-2.0
//
// expect_swg: what a window generator gives.
`default_nettype none

module expect_swg #(
    parameter integer IFM_CH = 1,
    parameter integer BITS = 1,
    parameter integer SIMD = 1,
    parameter integer IFM_W = 1,
    parameter integer K_H = 1,
    parameter integer K_W = 1,
    parameter integer STRIDE_H = 1,
    parameter integer STRIDE_W = 1,
    parameter integer DILATION_H = 1,
    parameter integer DILATION_W = 1,
    parameter integer OFM_H = 1,
    parameter integer OFM_W = 1,
    // How many windows before the last one the next image enters; 0: behind it.
    parameter integer EARLY = 0,
    // Of prove_image.
    parameter integer IN_WIDTH = 1,
    parameter integer OUT_WIDTH = 1,
    parameter integer IN_WORDS = 1,
    parameter integer OUT_WORDS = 1,
    parameter integer MOST = 2,
    parameter integer INDEX_WIDTH = 2
) (
    input  wire [INDEX_WIDTH-1:0]   index,
    input  wire [MOST*IN_WIDTH-1:0] words,
    output reg  [OUT_WIDTH-1:0]     expected,
    output reg  [INDEX_WIDTH-1:0]   needs
);

    localparam integer WINDOW = OUT_WORDS / (OFM_H * OFM_W);

    integer word, lane, window, element, pixel, source;
    always @* begin
        expected = 0;
        needs    = 0;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word) begin
                for (lane = 0; lane < SIMD; lane = lane + 1) begin
                    window  = word / WINDOW;
                    element = word % WINDOW * SIMD + lane;
                    pixel   = (window / OFM_W * STRIDE_H + element / IFM_CH / K_W * DILATION_H) * IFM_W
                            + window % OFM_W * STRIDE_W + element / IFM_CH % K_W * DILATION_W;
                    source  = pixel * IFM_CH + element % IFM_CH;
                    expected[lane*BITS +: BITS] = words[source*BITS +: BITS];
                    needs   = source * BITS / IN_WIDTH + 1;
                end
                // A window of several words leaves when it is complete.
                if (SIMD > IFM_CH)
                    needs = (window / OFM_W * STRIDE_H + (K_H - 1) * DILATION_H) * IFM_W
                          + window % OFM_W * STRIDE_W + (K_W - 1) * DILATION_W + 1;
                if (EARLY != 0 && word == OUT_WORDS - EARLY * WINDOW - 1)
                    needs = IN_WORDS;
            end
    end

endmodule

`default_nettype wire
