// SPDX-License-Identifier: Apache-2.0
//
// axis_ends: what holds at the two ends of any core: reset comes first, both streams keep the rules of AXI-Stream,
// and unused bits of the output are zero.
`default_nettype none

module axis_ends #(
    parameter integer OUT_WIDTH = 8,
    // Width of the ports; the bits above OUT_WIDTH are zero.
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer OUT_TDATA_WIDTH = OUT_WIDTH
) (
    input wire                       aclk,
    input wire                       aresetn,

    input wire [IN_TDATA_WIDTH-1:0]  s_axis_tdata,
    input wire                       s_axis_tlast,
    input wire                       s_axis_tvalid,
    input wire                       s_axis_tready,

    input wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata,
    input wire                       m_axis_tlast,
    input wire                       m_axis_tvalid,
    input wire                       m_axis_tready,

    // Low in the first cycle, before the reset: the core's outputs mean nothing yet.
    output wire                      started
);

    // Reset comes first, and again whenever the solver likes.
    reg started_q;
    initial started_q = 1'b0;
    assign started = started_q;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!started_q)
            reset_comes_first: assume (!aresetn);
    end

    axis_rules #(
        .WIDTH  (IN_TDATA_WIDTH + 1),
        .ASSUME (1)
    ) u_input (
        .aclk    (aclk),
        .aresetn (aresetn),
        .tdata   ({s_axis_tlast, s_axis_tdata}),
        .tvalid  (s_axis_tvalid),
        .tready  (s_axis_tready)
    );

    axis_rules #(
        .WIDTH (OUT_TDATA_WIDTH + 1)
    ) u_output (
        .aclk    (aclk),
        .aresetn (aresetn),
        .tdata   ({m_axis_tlast, m_axis_tdata}),
        .tvalid  (m_axis_tvalid),
        .tready  (m_axis_tready)
    );

    generate
        if (OUT_TDATA_WIDTH > OUT_WIDTH) begin : g_unused
            always @(posedge aclk)
                if (started_q && m_axis_tvalid)
                    unused_bits_are_zero: assert (m_axis_tdata[OUT_TDATA_WIDTH-1:OUT_WIDTH] == 0);
        end
    endgenerate

endmodule

`default_nettype wire
