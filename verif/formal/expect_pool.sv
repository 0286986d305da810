// SPDX-License-Identifier: Apache-2.0
//
// expect_pool: what max pooling of one element a pixel, unsigned or bits, gives.
`default_nettype none

module expect_pool #(
    parameter integer IFM_W = 1,
    parameter integer OFM_W = 1,
    parameter integer K_H = 1,
    parameter integer K_W = 1,
    parameter integer STRIDE_H = 1,
    parameter integer STRIDE_W = 1,
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

    integer word, ky, kx, source;
    always @* begin
        expected = 0;
        needs    = 0;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word)
                for (ky = 0; ky < K_H; ky = ky + 1)
                    for (kx = 0; kx < K_W; kx = kx + 1) begin
                        source = (word / OFM_W * STRIDE_H + ky) * IFM_W + word % OFM_W * STRIDE_W + kx;
                        needs  = source + 1;
                        if (words[source*IN_WIDTH +: IN_WIDTH] > expected)
                            expected = words[source*IN_WIDTH +: IN_WIDTH];
                    end
    end

endmodule

`default_nettype wire
