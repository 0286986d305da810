// SPDX-License-Identifier: Apache-2.0
//
// expect_swg_groups: what a window generator gives that passes several pixels of a row a word.
`default_nettype none

module expect_swg_groups #(
    parameter integer IFM_CH = 1,
    parameter integer BITS = 1,
    parameter integer SIMD = 1,
    parameter integer IFM_W = 1,
    parameter integer K_H = 1,
    parameter integer K_W = 1,
    parameter integer DILATION_H = 1,
    parameter integer DILATION_W = 1,
    parameter integer OFM_W = 1,
    parameter integer PIXELS = 1,
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
    output reg  [OUT_WIDTH-1:0]     care,
    output reg  [INDEX_WIDTH-1:0]   needs
);

    localparam integer ROW_IN  = (IFM_W + PIXELS - 1) / PIXELS;
    localparam integer ROW_OUT = (OFM_W + PIXELS - 1) / PIXELS;

    integer word, lane, element, row, column, channel, window, source;
    always @* begin
        expected = 0;
        care     = 0;
        needs    = 0;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word)
                for (lane = 0; lane < PIXELS; lane = lane + 1) begin
                    window = word % ROW_OUT * PIXELS + lane;
                    if (window < OFM_W)
                        for (element = 0; element < SIMD; element = element + 1) begin
                            row     = word / ROW_OUT + element / IFM_CH / K_W * DILATION_H;
                            column  = window + element / IFM_CH % K_W * DILATION_W;
                            channel = element % IFM_CH;
                            source  = (row * ROW_IN * PIXELS + column) * IFM_CH + channel;
                            expected[(lane*SIMD+element)*BITS +: BITS] = words[source*BITS +: BITS];
                            care[(lane*SIMD+element)*BITS +: BITS]     = {BITS{1'b1}};
                            needs   = row * ROW_IN + column / PIXELS + 1;
                        end
                end
    end

endmodule

`default_nettype wire
