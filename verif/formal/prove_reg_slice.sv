// SPDX-License-Identifier: Apache-2.0
//
// prove_reg_slice: the register slice with its properties. It holds two words, offers a word in the cycle after
// it was taken, and neither side ever waits for it.
`default_nettype none

module prove_reg_slice #(
    parameter integer WIDTH = 8
) (
    input wire             aclk,
    input wire             aresetn,
    input wire [WIDTH-1:0] s_axis_tdata,
    input wire             s_axis_tvalid,
    input wire             m_axis_tready
);

    wire             s_axis_tready;
    wire [WIDTH-1:0] m_axis_tdata;
    wire             m_axis_tvalid;

    finn_reg_slice #(
        .WIDTH (WIDTH)
    ) u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );

    axis_core #(
        .IN_WIDTH          (WIDTH),
        .OUT_WIDTH         (WIDTH),
        .CAPACITY          (2 * WIDTH),
        .OFFER_WITHIN      (0),
        .ACCEPT_WITHIN     (1),
        .OUTPUT_FULL_AFTER (1),
        .INPUT_FULL_AFTER  (1)
    ) u_core (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tlast  (1'b0),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tlast  (1'b0),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .started       (),
        .held          ()
    );

endmodule

`default_nettype wire
