// SPDX-License-Identifier: Apache-2.0
//
// axis_core: all that is proved of a core with one input and one output that passes a stream on: the rules of
// AXI-Stream, every bit in its place, progress. Its parameters are those of axis_bits and axis_progress.
`default_nettype none

module axis_core #(
    parameter integer IN_WIDTH = 8,
    parameter integer OUT_WIDTH = 8,
    parameter integer TLAST = 0,
    parameter integer CAPACITY = 16,
    parameter integer OFFER_WITHIN = 1,
    parameter integer ACCEPT_WITHIN = 1,
    parameter integer OUTPUT_FULL_AFTER = 0,
    parameter integer INPUT_FULL_AFTER = 0,
    // Width of the ports; the bits above IN_WIDTH are ignored, those above OUT_WIDTH are zero.
    parameter integer IN_TDATA_WIDTH = IN_WIDTH,
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
    output wire                      started,
    // Bits that the core holds, padding included.
    output wire [$clog2(CAPACITY+IN_WIDTH+OUT_WIDTH+1)-1:0] held
);

    axis_ends #(
        .OUT_WIDTH       (OUT_WIDTH),
        .IN_TDATA_WIDTH  (IN_TDATA_WIDTH),
        .OUT_TDATA_WIDTH (OUT_TDATA_WIDTH)
    ) u_ends (
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
        .started       (started)
    );

    wire arrives;

    axis_bits #(
        .IN_WIDTH  (IN_WIDTH),
        .OUT_WIDTH (OUT_WIDTH),
        .TLAST     (TLAST),
        .CAPACITY  (CAPACITY)
    ) u_bits (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata[IN_WIDTH-1:0]),
        .s_axis_tlast  (s_axis_tlast),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata[OUT_WIDTH-1:0]),
        .m_axis_tlast  (m_axis_tlast),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .held          (held),
        .arrives       (arrives)
    );

    axis_progress #(
        .OFFER_WITHIN      (OFFER_WITHIN),
        .ACCEPT_WITHIN     (ACCEPT_WITHIN),
        .OUTPUT_FULL_AFTER (OUTPUT_FULL_AFTER),
        .INPUT_FULL_AFTER  (INPUT_FULL_AFTER)
    ) u_progress (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .whole         (held >= OUT_WIDTH)
    );

    // What must be reachable, or the proof would say nothing.
    reg       stalled_q;
    reg       after_reset_q;
    reg [1:0] frames_q;
    initial after_reset_q = 1'b0;
    always @(posedge aclk) begin
        if (!aresetn)
            stalled_q <= 1'b0;
        else if (m_axis_tvalid && !m_axis_tready)
            stalled_q <= 1'b1;
        if (!aresetn)
            frames_q <= 0;
        else if (m_axis_tvalid && m_axis_tready && m_axis_tlast && frames_q != 3)
            frames_q <= frames_q + 1;
        if (started && aresetn && m_axis_tvalid && m_axis_tready)
            after_reset_q <= 1'b1;

        if (started && aresetn) begin
            a_bit_arrives:         cover (arrives && stalled_q);
            the_core_is_full:      cover (held == CAPACITY && m_axis_tvalid && !m_axis_tready);
            a_reset_in_the_middle: cover (after_reset_q && held == 0 && frames_q == 0);
            if (TLAST)
                three_frames:      cover (frames_q == 3);
        end
    end

endmodule

`default_nettype wire
