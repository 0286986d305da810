// SPDX-License-Identifier: Apache-2.0
//
// axis_bits: a core that passes a stream on, in words of the same or another width, loses, repeats and reorders
// no bit of it.
//
// The solver picks one bit of one input word, any bit at any time. How many bits the core holds before it tells
// in which output word and in which lane it must leave; there it is compared. No counter grows with time, so the
// proof holds for streams of any length.
//
// With TLAST the last word of a frame is filled up with zeros. This padding is counted with the input word that
// ends the frame, so the solver picks it too, and the frame is ceil(k * IN_WIDTH / OUT_WIDTH) words long. The
// last bit of an output word tells whether TLAST belongs there.
`default_nettype none

module axis_bits #(
    parameter integer IN_WIDTH = 8,
    parameter integer OUT_WIDTH = 8,
    // 1: the streams carry TLAST.
    parameter integer TLAST = 0,
    // The most bits, padding included, that the core ever holds.
    parameter integer CAPACITY = 16
) (
    input  wire                 aclk,
    input  wire                 aresetn,

    input  wire [IN_WIDTH-1:0]  s_axis_tdata,
    input  wire                 s_axis_tlast,
    input  wire                 s_axis_tvalid,
    input  wire                 s_axis_tready,

    input  wire [OUT_WIDTH-1:0] m_axis_tdata,
    input  wire                 m_axis_tlast,
    input  wire                 m_axis_tvalid,
    input  wire                 m_axis_tready,

    // Bits that the core holds, padding included.
    output wire [$clog2(CAPACITY+IN_WIDTH+OUT_WIDTH+1)-1:0] held,
    // The bit that was picked leaves now.
    output wire                 arrives
);

    localparam integer COUNT_WIDTH = $clog2(CAPACITY + IN_WIDTH + OUT_WIDTH + 1);

    (* anyconst *) wire [COUNT_WIDTH-1:0] lane;
    (* anyseq *)   wire                   pick;

    reg                   started_q;
    reg [COUNT_WIDTH-1:0] held_q;
    reg [COUNT_WIDTH-1:0] position_q;
    initial started_q = 1'b0;

    wire take = s_axis_tvalid && s_axis_tready;
    wire give = m_axis_tvalid && m_axis_tready;

    // Where in an output word the next input word begins, and where it ends: 0 is the end of an output word.
    wire [COUNT_WIDTH-1:0] sum      = position_q + IN_WIDTH % OUT_WIDTH;
    wire [COUNT_WIDTH-1:0] position = sum < OUT_WIDTH ? sum : sum - OUT_WIDTH;
    wire [COUNT_WIDTH-1:0] padding  = TLAST && s_axis_tlast && position != 0 ? OUT_WIDTH - position : 0;
    wire [COUNT_WIDTH-1:0] arriving = IN_WIDTH + padding;
    wire [COUNT_WIDTH-1:0] leaving  = give ? OUT_WIDTH : 0;

    assign held = held_q;

    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!aresetn)
            held_q <= 0;
        else
            held_q <= held_q + (take ? arriving : 0) - leaving;
        if (!aresetn)
            position_q <= 0;
        else if (take)
            position_q <= TLAST && s_axis_tlast ? 0 : position;
        if (started_q) begin
            no_word_from_nothing: assert (!m_axis_tvalid || held_q >= OUT_WIDTH);
            no_word_too_many:     assert (held_q <= CAPACITY);
        end
    end

    // The bit that is followed: its value, how many bits leave before it, and what it says on TLAST.
    reg                   follow_q;
    reg                   value_q;
    reg                   ends_frame_q;
    reg [COUNT_WIDTH-1:0] ahead_q;
    initial follow_q = 1'b0;

    wire offered = follow_q && m_axis_tvalid && ahead_q < OUT_WIDTH;
    assign arrives = offered && m_axis_tready;

    always @(posedge aclk) begin
        if (!aresetn || arrives)
            follow_q <= 1'b0;
        else if (!follow_q)
            follow_q <= pick && take && lane < arriving;

        if (follow_q)
            ahead_q <= ahead_q - leaving;
        else begin
            ahead_q      <= held_q + lane - leaving;
            value_q      <= lane < IN_WIDTH && ((s_axis_tdata >> lane) & 1) != 0;
            ends_frame_q <= s_axis_tlast && lane + 1 == arriving;
        end

        if (started_q && offered) begin
            the_bit_is_right: assert (((m_axis_tdata >> ahead_q) & 1) == value_q);
            if (TLAST && ahead_q == OUT_WIDTH - 1)
                tlast_is_right: assert (m_axis_tlast == ends_frame_q);
        end
    end

endmodule

`default_nettype wire
