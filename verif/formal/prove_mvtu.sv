// SPDX-License-Identifier: Apache-2.0
//
// prove_mvtu: a rendered matrix-vector-threshold unit with its properties.
//
// The solver picks one input vector, or word of several. Its words are remembered as the unit takes them, and the output
// words that are owed before its own are counted off; its own must then be what the definition says of it.
`default_nettype none

module prove_mvtu #(
    parameter integer MW = 2,
    parameter integer MH = 2,
    parameter integer PE = 1,
    parameter integer SIMD = 1,
    parameter integer OUT_BITS = 1,
    // Vectors of a word, 1 unless a vector is a word and so are its outputs.
    parameter integer PIXELS = 1,
    // Row-major weights, 1 for +1, and thresholds of 8 bits, signed.
    parameter [MH*MW-1:0] WEIGHTS = 0,
    parameter [8*MH*(2**OUT_BITS-1)-1:0] THRESHOLDS = 0,
    // Output words that the unit can owe: of vectors that have begun, less what has left.
    parameter integer CAPACITY = 8,
    parameter integer OFFER_WITHIN = 8,
    parameter integer ACCEPT_WITHIN = 8,
    parameter integer TDATA_WIDTH = 8
) (
    input wire                   aclk,
    input wire                   aresetn,
    input wire [TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                   s_axis_tvalid,
    input wire                   m_axis_tready,
    // The vector that begins now is the one that is followed.
    input wire                   pick
);

    localparam integer SF = MW / SIMD;
    localparam integer NF = MH / PE;
    localparam integer LEVELS = 2**OUT_BITS - 1;
    // No wider than they must be: the solver has to find what they have to do with the unit's own.
    localparam integer COLUMN_WIDTH = $clog2(SF + 1);
    localparam integer ROW_WIDTH    = $clog2(NF + 1);
    localparam integer OWED_WIDTH   = $clog2(CAPACITY + NF + 1);

    wire                   s_axis_tready;
    wire [TDATA_WIDTH-1:0] m_axis_tdata;
    wire                   m_axis_tvalid;

    finn_mvtu u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );

    wire started;

    axis_ends #(
        .OUT_WIDTH       (PIXELS*PE*OUT_BITS),
        .IN_TDATA_WIDTH  (TDATA_WIDTH),
        .OUT_TDATA_WIDTH (TDATA_WIDTH)
    ) u_ends (
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
        .started       (started)
    );

    // ------------------------------------------------------------------ counting
    wire take = s_axis_tvalid && s_axis_tready;
    wire give = m_axis_tvalid && m_axis_tready;

    reg [COLUMN_WIDTH-1:0] column_q;   // the word of the vector that is taken next
    reg [OWED_WIDTH-1:0] owed_q;     // output words of whole vectors that have been taken, less those that have left
    wire ends = take && column_q == SF - 1;

    always @(posedge aclk)
        if (!aresetn) begin
            column_q <= 0;
            owed_q   <= 0;
        end else begin
            if (take)
                column_q <= ends ? 0 : column_q + 1;
            owed_q <= owed_q + (ends ? NF : 0) - (give ? 1 : 0);
        end

    // ------------------------------------------------------------------ one vector
    reg          followed_q;   // a vector has been picked
    reg          whole_q;      // and taken
    reg [PIXELS*MW-1:0] vector_q;
    reg [OWED_WIDTH-1:0] ahead_q;      // output words before its own
    reg [ROW_WIDTH-1:0] row_q;        // its output word that comes next, NF when all have left
    wire picks = take && column_q == 0 && pick && !followed_q;
    wire reads = take && (picks || (followed_q && !whole_q));

    integer c;
    always @(posedge aclk)
        if (!aresetn) begin
            followed_q <= 1'b0;
            whole_q    <= 1'b0;
            row_q      <= 0;
            ahead_q    <= 0;
        end else begin
            if (picks) begin
                followed_q <= 1'b1;
                ahead_q    <= owed_q - give;
            end else if (give && ahead_q != 0)
                ahead_q <= ahead_q - 1;
            else if (give && whole_q && row_q != NF)
                row_q <= row_q + 1;
            if (reads && ends)
                whole_q <= 1'b1;
        end

    always @(posedge aclk)
        for (c = 0; c < SF; c = c + 1)
            if (reads && column_q == c)
                vector_q[c*SIMD+:PIXELS*SIMD] <= s_axis_tdata[PIXELS*SIMD-1:0];

    // The definition: how many thresholds the number of inputs that equal their weight reaches.
    reg [PIXELS*PE*OUT_BITS-1:0] expected;
    reg [OUT_BITS-1:0] reached;
    reg signed [7:0] matching;
    integer x, p, i, t;
    always @* begin
        expected = 0;
        for (x = 0; x < PIXELS; x = x + 1)
            for (p = 0; p < MH; p = p + 1) begin
                matching = 0;
                for (i = 0; i < MW; i = i + 1)
                    matching = matching + (vector_q[x*MW+i] == WEIGHTS[p*MW+i]);
                reached = 0;
                for (t = 0; t < LEVELS; t = t + 1)
                    reached = reached + (matching >= $signed(THRESHOLDS[8*(p*LEVELS+t)+:8]));
                if (p / PE == row_q)
                    expected[(x*PE+p%PE)*OUT_BITS+:OUT_BITS] = reached;
            end
    end

    wire own = m_axis_tvalid && whole_q && ahead_q == 0 && row_q != NF;

    always @(posedge aclk)
        if (started) begin
            no_word_without_a_vector: assert (!m_axis_tvalid || owed_q != 0);
            no_more_than_fits:        assert (owed_q <= CAPACITY);
            if (own)
                what_the_vector_says: assert (m_axis_tdata[PIXELS*PE*OUT_BITS-1:0] == expected);
        end

    axis_progress #(
        .OFFER_WITHIN  (OFFER_WITHIN),
        .ACCEPT_WITHIN (ACCEPT_WITHIN)
    ) u_progress (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .whole         (owed_q != 0)
    );

    // What must be reachable, or the proof would say nothing.
    reg stalled_q;
    always @(posedge aclk) begin
        stalled_q <= aresetn && (stalled_q || (m_axis_tvalid && !m_axis_tready));
        if (started && aresetn) begin
            a_vector_behind_others: cover (own && give && stalled_q && row_q == NF - 1);
            an_output_of_ones:      cover (own && &m_axis_tdata[PIXELS*PE*OUT_BITS-1:0]);
            an_output_of_zeros:     cover (own && m_axis_tdata[PIXELS*PE*OUT_BITS-1:0] == 0);
            input_refused:          cover (s_axis_tvalid && !s_axis_tready);
        end
    end

endmodule

`default_nettype wire
