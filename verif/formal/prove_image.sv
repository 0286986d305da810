// SPDX-License-Identifier: Apache-2.0
//
// prove_image: a rendered core that turns images into images, with its properties. The macro DUT names the core, EXPECT
// the module that says what each output word must be, and how many words of its image it needs; with the macro CARE it
// says too which bits are promised.
`default_nettype none

module prove_image #(
    parameter integer IN_WIDTH = 1,
    parameter integer OUT_WIDTH = 1,
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer OUT_TDATA_WIDTH = 8,
    parameter integer IN_WORDS = 1,
    parameter integer OUT_WORDS = 1,
    parameter integer MOST = 2,
    parameter integer TAKES = 0,
    parameter integer OFFER_WITHIN = 1,
    parameter integer ACCEPT_WITHIN = 1,
    parameter integer OUTPUT_FULL_AFTER = 0,
    parameter integer INPUT_FULL_AFTER = 0,
    parameter integer INDEX_WIDTH = $clog2((MOST > OUT_WORDS ? MOST : OUT_WORDS) + 1)
) (
    input wire                        aclk,
    input wire                        aresetn,
    input wire [IN_TDATA_WIDTH-1:0]   s_axis_tdata,
    input wire                        s_axis_tvalid,
    input wire                        m_axis_tready,

    // Of axis_image, for invariants of the core.
    output wire                       m_axis_tvalid,
    output wire [INDEX_WIDTH-1:0]     index,
    output wire [MOST*IN_WIDTH-1:0]   words,
    output wire signed [INDEX_WIDTH:0] taken,
    output wire                       finish
);

    wire                       s_axis_tready;
    wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata;
    wire                       m_axis_tlast;
    wire [OUT_WIDTH-1:0]       expected;
    wire [OUT_WIDTH-1:0]       care;
    wire [INDEX_WIDTH-1:0]     needs;

    `DUT u_dut (
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
`ifdef TLAST
    localparam integer TLAST = 1;
`else
    localparam integer TLAST = 0;
    assign m_axis_tlast = 1'b0;
`endif

    `EXPECT #(
        .IN_WIDTH    (IN_WIDTH),
        .OUT_WIDTH   (OUT_WIDTH),
        .IN_WORDS    (IN_WORDS),
        .OUT_WORDS   (OUT_WORDS),
        .MOST        (MOST),
        .INDEX_WIDTH (INDEX_WIDTH)
    ) u_expect (
        .index    (index),
        .words    (words),
`ifdef CARE
        .care     (care),
`endif
        .expected (expected),
        .needs    (needs)
    );
`ifndef CARE
    assign care = {OUT_WIDTH{1'b1}};
`endif

    axis_image #(
        .IN_WIDTH          (IN_WIDTH),
        .OUT_WIDTH         (OUT_WIDTH),
        .IN_WORDS          (IN_WORDS),
        .OUT_WORDS         (OUT_WORDS),
        .MOST              (MOST),
        .TAKES             (TAKES),
        .TLAST             (TLAST),
        .OFFER_WITHIN      (OFFER_WITHIN),
        .ACCEPT_WITHIN     (ACCEPT_WITHIN),
        .OUTPUT_FULL_AFTER (OUTPUT_FULL_AFTER),
        .INPUT_FULL_AFTER  (INPUT_FULL_AFTER),
        .IN_TDATA_WIDTH    (IN_TDATA_WIDTH),
        .OUT_TDATA_WIDTH   (OUT_TDATA_WIDTH),
        .INDEX_WIDTH       (INDEX_WIDTH)
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
        .care          (care),
        .needs         (needs)
    );

endmodule

`default_nettype wire
