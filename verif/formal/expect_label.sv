// SPDX-License-Identifier: Apache-2.0
//
// expect_label: what a label selection of unsigned scores without the score gives.
`default_nettype none

module expect_label #(
    parameter integer LABELS = 1,
    parameter integer BITS = 1,
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

    integer score;
    reg [BITS-1:0] best;
    always @* begin
        expected = 0;
        needs    = IN_WORDS;
        best     = words[BITS-1:0];
        for (score = 1; score < LABELS; score = score + 1)
            if (words[score*BITS +: BITS] > best) begin
                best     = words[score*BITS +: BITS];
                expected = score;
            end
    end

endmodule

`default_nettype wire
