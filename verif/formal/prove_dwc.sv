// SPDX-License-Identifier: Apache-2.0
//
// prove_dwc: a rendered width converter with its properties.
`default_nettype none

module prove_dwc #(
    parameter integer IN_WIDTH = 8,
    parameter integer OUT_WIDTH = 8,
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer OUT_TDATA_WIDTH = 8,
    parameter integer TLAST = 0,
    parameter integer CAPACITY = 16,
    parameter integer OFFER_WITHIN = 1,
    parameter integer ACCEPT_WITHIN = 1,
    parameter integer OUTPUT_FULL_AFTER = 0,
    parameter integer INPUT_FULL_AFTER = 0
) (
    input wire                      aclk,
    input wire                      aresetn,
    input wire [IN_TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                      s_axis_tlast,
    input wire                      s_axis_tvalid,
    input wire                      m_axis_tready
);

    wire                       s_axis_tready;
    wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata;
    wire                       m_axis_tlast;
    wire                       m_axis_tvalid;

    finn_dwc u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
`ifdef TLAST
        .s_axis_tlast  (s_axis_tlast),
        .m_axis_tlast  (m_axis_tlast),
`endif
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );
`ifndef TLAST
    assign m_axis_tlast = 1'b0;
`endif

    axis_core #(
        .IN_WIDTH          (IN_WIDTH),
        .OUT_WIDTH         (OUT_WIDTH),
        .TLAST             (TLAST),
        .CAPACITY          (CAPACITY),
        .OFFER_WITHIN      (OFFER_WITHIN),
        .ACCEPT_WITHIN     (ACCEPT_WITHIN),
        .OUTPUT_FULL_AFTER (OUTPUT_FULL_AFTER),
        .INPUT_FULL_AFTER  (INPUT_FULL_AFTER),
        .IN_TDATA_WIDTH    (IN_TDATA_WIDTH),
        .OUT_TDATA_WIDTH   (OUT_TDATA_WIDTH)
    ) u_core (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tlast  (s_axis_tlast),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tlast  (m_axis_tlast),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .started       (),
        .held          ()
    );

endmodule

`default_nettype wire
