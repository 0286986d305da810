// SPDX-License-Identifier: Apache-2.0
//
// prove_pad: a rendered padder of one element a pixel with its properties.
`default_nettype none

module prove_pad #(
    parameter integer IFM_H = 1,
    parameter integer IFM_W = 1,
    parameter integer OFM_W = 1,
    parameter integer TOP = 1,
    parameter integer LEFT = 1,
    parameter integer ELEMENT = 1,
    parameter integer TLAST = 0,
    parameter integer IN_WIDTH = 1,
    parameter integer OUT_WIDTH = 1,
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer OUT_TDATA_WIDTH = 8,
    parameter integer IN_WORDS = 1,
    parameter integer OUT_WORDS = 1,
    parameter integer MOST = 2,
    parameter integer OFFER_WITHIN = 1,
    parameter integer ACCEPT_WITHIN = 1
) (
    input wire                      aclk,
    input wire                      aresetn,
    input wire [IN_TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                      s_axis_tvalid,
    input wire                      m_axis_tready
);

    localparam integer INDEX_WIDTH = $clog2((MOST > OUT_WORDS ? MOST : OUT_WORDS) + 1);

    wire                       s_axis_tready;
    wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata;
    wire                       m_axis_tlast;
    wire                       m_axis_tvalid;
    wire [INDEX_WIDTH-1:0]     index;
    wire [MOST*IN_WIDTH-1:0]   words;
    // verilator lint_off UNUSEDSIGNAL
    wire signed [INDEX_WIDTH:0] taken;
    wire                       finish;
    // verilator lint_on UNUSEDSIGNAL

    finn_pad u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
`ifdef TLAST
        .m_axis_tlast  (m_axis_tlast),
`endif
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );
`ifndef TLAST
    assign m_axis_tlast = 1'b0;
`endif

    reg [OUT_WIDTH-1:0]   expected;
    reg [INDEX_WIDTH-1:0] needs;
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

    axis_image #(
        .IN_WIDTH        (IN_WIDTH),
        .OUT_WIDTH       (OUT_WIDTH),
        .IN_WORDS        (IN_WORDS),
        .OUT_WORDS       (OUT_WORDS),
        .MOST            (MOST),
        .TLAST           (TLAST),
        .OFFER_WITHIN    (OFFER_WITHIN),
        .ACCEPT_WITHIN   (ACCEPT_WITHIN),
        .IN_TDATA_WIDTH  (IN_TDATA_WIDTH),
        .OUT_TDATA_WIDTH (OUT_TDATA_WIDTH),
        .INDEX_WIDTH     (INDEX_WIDTH)
    ) u_image (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tlast  (m_axis_tlast),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .index         (index),
        .words         (words),
        .taken         (taken),
        .finish        (finish),
        .expected      (expected),
        .needs         (needs)
    );

endmodule

`default_nettype wire
