// SPDX-License-Identifier: Apache-2.0
//
// expect_pad: what a padder of one element a pixel gives.
`default_nettype none

module expect_pad #(
    parameter integer IFM_H = 1,
    parameter integer IFM_W = 1,
    parameter integer OFM_W = 1,
    parameter integer TOP = 1,
    parameter integer LEFT = 1,
    parameter integer ELEMENT = 1,
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

    integer word, y, x;
    always @* begin
        expected = 0;
        needs    = 1;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word) begin
                y = word / OFM_W - TOP;
                x = word % OFM_W - LEFT;
                if (y >= 0 && y < IFM_H && x >= 0 && x < IFM_W) begin
                    expected = words[(y*IFM_W + x)*IN_WIDTH +: IN_WIDTH];
                    needs    = y * IFM_W + x + 1;
                end else
                    expected = {IN_WIDTH{ELEMENT[0]}};
            end
    end

endmodule

`default_nettype wire
