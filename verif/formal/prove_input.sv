// SPDX-License-Identifier: Apache-2.0
//
// prove_input: a rendered input stage with its properties: every frame leaves as WORDS words, each of them what the
// source sent or, behind the end of a frame that is too short, what zeros become; flags; the rules of AXI-Stream.
//
// The solver picks one output word: that of any input word, or any of those that fill up a frame behind it. How many
// words are to leave before it tells when it leaves. The macros Q17, THRESHOLD and UPPER say what becomes of a byte: the
// number from LEAST on that its upper BITS bits count; without one of them bits pass as they are. With ONE_WORD a frame is one word and cannot be too short.
`default_nettype none

module prove_input #(
    parameter integer IN_WIDTH = 8,
    parameter integer OUT_WIDTH = 8,
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer OUT_TDATA_WIDTH = 8,
    parameter integer WORDS = 2,
    parameter integer LAST_BITS = IN_WIDTH
) (
    input wire                      aclk,
    input wire                      aresetn,
    input wire [IN_TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                      s_axis_tlast,
    input wire                      s_axis_tvalid,
    input wire                      m_axis_tready
);

    // Words that lie in the core or will follow from what it took, at most: one of a frame before, and a whole frame.
    localparam integer CAPACITY    = WORDS + 1;
    localparam integer COUNT_WIDTH = $clog2(2 * CAPACITY + 2);

    wire                       s_axis_tready;
    wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata;
    wire                       m_axis_tvalid;
    wire                       short_frame;
    wire                       long_frame;
    wire                       started;

    finn_input u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tlast  (s_axis_tlast),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .short_frame   (short_frame),
        .long_frame    (long_frame)
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
        .m_axis_tlast  (1'b0),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .started       (started)
    );

    reg [COUNT_WIDTH-1:0] place_q;   // words of the frame that came; WORDS: it is complete, but has not ended
    reg [COUNT_WIDTH-1:0] held_q;    // words that are still to leave

    axis_progress #(
        .OFFER_WITHIN  (0),
        .ACCEPT_WITHIN (WORDS)
    ) u_progress (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .whole         (held_q != 0)
    );

    wire take     = s_axis_tvalid && s_axis_tready;
    wire give     = m_axis_tvalid && m_axis_tready;
    wire surplus  = place_q == WORDS;
    wire complete = place_q == WORDS - 1;
    wire [COUNT_WIDTH-1:0] arriving = surplus ? 0 : s_axis_tlast ? WORDS - place_q : 1;

    // What becomes of a word.
    localparam [IN_WIDTH-1:0] LAST_MASK = {IN_WIDTH{1'b1}} >> (IN_WIDTH - LAST_BITS);
    function [OUT_WIDTH-1:0] elements(input [IN_WIDTH-1:0] word);
        integer i;
        integer number;
        begin
            elements = word;
`ifdef Q17
            for (i = 0; i < IN_WIDTH / 8; i = i + 1) begin
                number = word[8*i +: 8] < 128 ? word[8*i +: 8] - 128 : word[8*i +: 8] - 127;
                elements[8*i +: 8] = number > 127 ? 127 : number;
            end
`endif
`ifdef UPPER
            elements = 0;
            for (i = 0; i < IN_WIDTH / 8; i = i + 1) begin
                number = word[8*i +: 8] / (1 << 8 - `BITS) + `LEAST;
                elements[`BITS*i +: `BITS] = number;
            end
`endif
`ifdef THRESHOLD
            for (i = 0; i < IN_WIDTH / 8; i = i + 1)
                elements[i] = word[8*i +: 8] >= 128;
`endif
        end
    endfunction

    // The word that is followed: its value, and how many leave before it.
    (* anyconst *) wire [COUNT_WIDTH-1:0] behind;   // words behind the one that comes in
    (* anyseq *)   wire                   pick;
    reg                   follow_q;
    reg [OUT_WIDTH-1:0]   value_q;
    reg [COUNT_WIDTH-1:0] ahead_q;
    wire offered = follow_q && m_axis_tvalid && ahead_q == 0;

    reg short_q, long_q, flagged_q;
    initial follow_q = 1'b0;
    always @(posedge aclk) begin
        if (!aresetn) begin
            place_q   <= 0;
            held_q    <= 0;
            short_q   <= 1'b0;
            long_q    <= 1'b0;
            flagged_q <= 1'b0;
        end else begin
            if (take)
                place_q <= s_axis_tlast ? 0 : surplus ? WORDS : place_q + 1;
            held_q    <= held_q + (take ? arriving : 0) - give;
            short_q   <= take && s_axis_tlast && place_q < WORDS - 1;
            long_q    <= take && !s_axis_tlast && complete;
            flagged_q <= flagged_q || short_frame;
        end

        if (!aresetn || (offered && m_axis_tready))
            follow_q <= 1'b0;
        else if (!follow_q)
            follow_q <= pick && take && behind < arriving;
        if (follow_q)
            ahead_q <= ahead_q - give;
        else begin
            ahead_q <= held_q + behind - give;
            value_q <= elements(behind != 0 ? {IN_WIDTH{1'b0}} :
                                complete ? s_axis_tdata[IN_WIDTH-1:0] & LAST_MASK : s_axis_tdata[IN_WIDTH-1:0]);
        end

        if (started) begin
            no_word_from_nothing: assert (!m_axis_tvalid || held_q != 0);
            no_word_too_many:     assert (held_q <= CAPACITY);
            if (offered)
                the_word_is_right: assert (m_axis_tdata[OUT_WIDTH-1:0] == value_q);
            if (aresetn) begin
                short_is_flagged: assert (short_frame == short_q);
                long_is_flagged:  assert (long_frame == long_q);
                // What must be reachable, or the proof would say nothing.
`ifdef ONE_WORD
                a_long_frame:     cover (offered && long_frame);
`else
                both_flags:       cover (flagged_q && long_frame);
                a_word_fills_up:  cover (offered && flagged_q);
`endif
            end
        end
    end

endmodule

`default_nettype wire
