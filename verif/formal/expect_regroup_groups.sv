// SPDX-License-Identifier: Apache-2.0
//
// expect_regroup_groups: what a converter between words of several pixels of a row gives.
`default_nettype none

module expect_regroup_groups #(
    parameter integer IFM_CH = 1,
    parameter integer BITS = 1,
    parameter integer IFM_W = 1,
    parameter integer IN_PIXELS = 1,
    parameter integer OUT_PIXELS = 1,
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

    localparam integer PIXEL   = IFM_CH * BITS;
    localparam integer ROW_IN  = (IFM_W + IN_PIXELS - 1) / IN_PIXELS;
    localparam integer ROW_OUT = (IFM_W + OUT_PIXELS - 1) / OUT_PIXELS;

    integer word, lane, column;
    always @* begin
        expected = 0;
        care     = 0;
        needs    = 0;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word)
                for (lane = 0; lane < OUT_PIXELS; lane = lane + 1) begin
                    column = word % ROW_OUT * OUT_PIXELS + lane;
                    if (column < IFM_W) begin
                        expected[lane*PIXEL +: PIXEL] =
                            words[(word / ROW_OUT * ROW_IN * IN_PIXELS + column)*PIXEL +: PIXEL];
                        care[lane*PIXEL +: PIXEL]     = {PIXEL{1'b1}};
                        needs = word / ROW_OUT * ROW_IN + column / IN_PIXELS + 1;
                    end
                end
    end

endmodule

`default_nettype wire
