// SPDX-License-Identifier: Apache-2.0
//
// axis_image: all that is proved of a core that turns every image of IN_WORDS words into one of OUT_WORDS words:
// the rules of AXI-Stream, every output word right, none too early or too many, TLAST, progress at both ends.
//
// It keeps the words from the start of the image whose output leaves, and says which output word comes next. The
// harness of the core says what that word must be, and how many words of its image it needs. No counter grows
// with time, so the proof holds for streams of any length.
`default_nettype none

module axis_image #(
    parameter integer IN_WIDTH = 8,
    parameter integer OUT_WIDTH = 8,
    parameter integer IN_WORDS = 4,
    parameter integer OUT_WORDS = 4,
    // Words that the core may have taken since the start of the image whose output leaves.
    parameter integer MOST = 8,
    // So many it takes in any case, whatever becomes of its output.
    parameter integer TAKES = 0,
    // 1: the output carries TLAST.
    parameter integer TLAST = 0,
    // Cycles that an output word that has all it needs may stay in the core.
    parameter integer OFFER_WITHIN = 1,
    // Cycles in a row that the input may be refused while nobody stalls the output.
    parameter integer ACCEPT_WITHIN = 1,
    // Without bubbles, as axis_progress has it; 0: no promise.
    parameter integer OUTPUT_FULL_AFTER = 0,
    parameter integer INPUT_FULL_AFTER = 0,
    // Width of the ports; the bits above IN_WIDTH are ignored, those above OUT_WIDTH are zero.
    parameter integer IN_TDATA_WIDTH = IN_WIDTH,
    parameter integer OUT_TDATA_WIDTH = OUT_WIDTH,
    parameter integer INDEX_WIDTH = 8
) (
    input wire                       aclk,
    input wire                       aresetn,

    input wire [IN_TDATA_WIDTH-1:0]  s_axis_tdata,
    input wire                       s_axis_tvalid,
    input wire                       s_axis_tready,

    input wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata,
    input wire                       m_axis_tlast,
    input wire                       m_axis_tvalid,
    input wire                       m_axis_tready,

    // The output word that comes next, and the words taken since the start of its image, the first one lowest.
    output wire [INDEX_WIDTH-1:0]    index,
    output wire [MOST*IN_WIDTH-1:0]  words,
    // How many these are; negative where words of the image before, that no output needs, are still to come.
    output wire signed [INDEX_WIDTH:0] taken,
    output wire                      finish,
    // What it must be in the bits that are promised, and how many of its image's words must have been taken.
    input wire [OUT_WIDTH-1:0]       expected,
    input wire [OUT_WIDTH-1:0]       care,
    input wire [INDEX_WIDTH-1:0]     needs
);

    wire started;

    axis_ends #(
        .OUT_WIDTH       (OUT_WIDTH),
        .IN_TDATA_WIDTH  (IN_TDATA_WIDTH),
        .OUT_TDATA_WIDTH (OUT_TDATA_WIDTH)
    ) u_ends (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tlast  (1'b0),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tlast  (m_axis_tlast),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .started       (started)
    );

    reg signed [INDEX_WIDTH:0]     taken_q;
    reg        [INDEX_WIDTH-1:0]   index_q;
    reg        [MOST*IN_WIDTH-1:0] words_q;

    wire take   = s_axis_tvalid && s_axis_tready;
    wire give   = m_axis_tvalid && m_axis_tready;
    assign finish = give && index_q == OUT_WORDS - 1;
    wire ready  = taken_q >= $signed({1'b0, needs});

    wire signed [INDEX_WIDTH:0]    place = finish ? taken_q - IN_WORDS : taken_q;
    wire        [MOST*IN_WIDTH-1:0] kept = finish ? words_q >> IN_WORDS * IN_WIDTH : words_q;
    reg         [MOST*IN_WIDTH-1:0] words_d;
    integer i;
    always @* begin
        words_d = kept;
        for (i = 0; i < MOST; i = i + 1)
            if (take && place == i)
                words_d[i*IN_WIDTH +: IN_WIDTH] = s_axis_tdata[IN_WIDTH-1:0];
    end

    assign index = index_q;
    assign words = words_q;
    assign taken = taken_q;

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
        .whole         (ready)
    );

    reg stalled_q;
    reg image_q;   // one has left

    always @(posedge aclk) begin
        if (!aresetn) begin
            taken_q   <= 0;
            index_q   <= 0;
            stalled_q <= 1'b0;
            image_q   <= 1'b0;
        end else begin
            taken_q <= place + $signed({1'b0, take});
            if (give)
                index_q <= finish ? 0 : index_q + 1;
            if (m_axis_tvalid && !m_axis_tready)
                stalled_q <= 1'b1;
            if (finish)
                image_q <= 1'b1;
        end
        words_q <= words_d;

        if (started) begin
            no_word_too_many: assert (taken_q <= MOST);
            index_in_range:   assert (index_q < OUT_WORDS);
            if (taken_q < TAKES)
                takes_so_many: assert (s_axis_tready);
            if (m_axis_tvalid) begin
                no_word_from_nothing: assert (ready);
                the_word_is_right:    assert (((m_axis_tdata[OUT_WIDTH-1:0] ^ expected) & care) == 0);
                if (TLAST)
                    tlast_is_right:   assert (m_axis_tlast == (index_q == OUT_WORDS - 1));
            end
            if (aresetn) begin
                // What must be reachable, or the proof would say nothing.
                an_image_and_a_stall:  cover (m_axis_tvalid && image_q && stalled_q);
                the_next_image_enters: cover (taken_q > IN_WORDS);
            end
        end
    end

endmodule

`default_nettype wire
