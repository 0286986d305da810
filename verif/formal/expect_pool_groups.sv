// SPDX-License-Identifier: Apache-2.0
//
// expect_pool_groups: what max pooling of one element a pixel, unsigned or bits, gives of several pixels of a row a word.
`default_nettype none

module expect_pool_groups #(
    parameter integer BITS = 1,
    parameter integer IFM_W = 1,
    parameter integer OFM_W = 1,
    parameter integer K_H = 1,
    parameter integer K_W = 1,
    parameter integer STRIDE_H = 1,
    parameter integer STRIDE_W = 1,
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

    localparam integer OUT_PIXELS = PIXELS / STRIDE_W;
    localparam integer ROW_IN     = (IFM_W + PIXELS - 1) / PIXELS;
    localparam integer ROW_OUT    = (OFM_W + OUT_PIXELS - 1) / OUT_PIXELS;

    integer word, lane, ky, kx, row, column, window, source;
    always @* begin
        expected = 0;
        care     = 0;
        needs    = 0;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word)
                for (lane = 0; lane < OUT_PIXELS; lane = lane + 1) begin
                    window = word % ROW_OUT * OUT_PIXELS + lane;
                    if (window < OFM_W)
                        for (ky = 0; ky < K_H; ky = ky + 1)
                            for (kx = 0; kx < K_W; kx = kx + 1) begin
                                row    = word / ROW_OUT * STRIDE_H + ky;
                                column = window * STRIDE_W + kx;
                                source = row * ROW_IN * PIXELS + column;
                                needs  = row * ROW_IN + column / PIXELS + 1;
                                care[lane*BITS +: BITS] = {BITS{1'b1}};
                                if (words[source*BITS +: BITS] > expected[lane*BITS +: BITS])
                                    expected[lane*BITS +: BITS] = words[source*BITS +: BITS];
                            end
                end
    end

endmodule

`default_nettype wire
