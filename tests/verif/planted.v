// SPDX-License-Identifier: Apache-2.0
//
// planted: a register slice for 12-bit words with TLAST into which a bug can be planted, to test the tests.
//
// The plusarg +bug=NAME chooses the bug; without it the module is a correct, full-throughput register slice
// with latency 1 and capacity 2.
`default_nettype none

module planted (
    input  wire        aclk,
    input  wire        aresetn,

    input  wire [15:0] s_axis_tdata, // the upper four bits are padding
    input  wire        s_axis_tvalid,
    output wire        s_axis_tready,
    input  wire        s_axis_tlast,

    output wire [15:0] m_axis_tdata,
    output wire        m_axis_tvalid,
    input  wire        m_axis_tready,
    output wire        m_axis_tlast
);

    reg [8*24-1:0] bug;
    initial
        if (!$value$plusargs("bug=%s", bug))
            bug = "none";

    // A correct slice: out_q is offered, skid_q catches the word that arrives while the output is stalled.
    reg [12:0] out_q;
    reg [12:0] skid_q;
    reg        out_valid_q;
    reg        skid_valid_q;
    initial begin // so that a bug in the reset does not show before the first reset
        out_valid_q  = 1'b0;
        skid_valid_q = 1'b0;
    end

    // What the bugs need to know: words taken since reset, cycles stalled, cycles after a stall, cycles idle.
    reg [7:0]  taken_q;
    reg [7:0]  stalled_q;
    reg [1:0]  restart_q;
    reg [7:0]  idle_q;

    // "endless_loop" stops the time.
    reg spin = 1'b0;
    always @(spin or taken_q)
        if (bug == "endless_loop" && taken_q == 3)
            spin <= !spin;

    // One more stage, for the bug "late".
    reg [12:0] late_q;
    reg        late_valid_q;

    wire       seventh = taken_q % 7 == 6;
    wire       glitch  = out_valid_q && stalled_q == 2;
    wire       late    = bug == "late";
    wire       again   = bug == "surplus_word" && idle_q == 3 && taken_q != 0
                      || bug == "word_after_reset" && idle_q == 1 && taken_q == 0;
    wire       pause   = bug == "bubble" && taken_q % 5 == 4 && out_valid_q
                      || bug == "slow_restart" && restart_q != 0
                      || bug == "hang" && taken_q == 11
                      || bug == "combinational_ready" && !(m_axis_tready || !out_valid_q);

    // "reordered_words" puts every sixth word into skid_q and lets the seventh overtake it.
    wire       aside    = bug == "reordered_words" && taken_q % 7 == 5;
    wire       overtake = bug == "reordered_words" && seventh && skid_valid_q;

    wire [12:0] in    = {s_axis_tlast, s_axis_tdata[11:0]};
    wire        take  = s_axis_tvalid && s_axis_tready;
    wire        fresh = take && !(bug == "lost_word" && seventh);
    wire        room  = late ? !late_valid_q || m_axis_tready : m_axis_tready;
    wire        free  = !out_valid_q || room && !(bug == "repeated_word" && seventh && stalled_q == 0);
    wire        skip  = fresh && (aside || !free);

    assign s_axis_tready = bug == "unknown_ready" && taken_q == 3 ? 1'bx
                         : overtake ? !out_valid_q
                         : !skid_valid_q && !pause;

    wire [12:0] out       = late ? late_q : out_q;
    wire        out_valid = late ? late_valid_q : out_valid_q;

    assign m_axis_tvalid = bug == "valid_falls" && glitch ? 1'b0
                         : bug == "valid_waits_for_ready" ? out_valid && m_axis_tready
                         : bug == "unknown_valid" && taken_q == 3 ? 1'bx
                         : out_valid;
    assign m_axis_tdata  = bug == "padding" ? {4'b0010, out[11:0]}
                         : bug == "unknown_data" && taken_q == 3 ? {4'b0000, 12'bx}
                         : bug == "data_changes" && glitch ? {4'b0000, ~out[11:0]}
                         : {4'b0000, out[11:0]};
    assign m_axis_tlast  = bug == "no_last" ? 1'b0
                         : bug == "early_last" && out[11:0] == 12'hfff ? 1'b1
                         : bug == "last_changes" && glitch ? !out[12]
                         : out[12];

    always @(posedge aclk) begin
        if (free) begin
            out_q       <= skid_valid_q && !overtake ? skid_q : in;
            out_valid_q <= skid_valid_q && !overtake || fresh && !aside || again;
        end
        if (skip) begin
            skid_q       <= in;
            skid_valid_q <= 1'b1;
        end else if (free && !overtake)
            skid_valid_q <= 1'b0;
        if (!aresetn) begin
            if (bug != "valid_in_reset")
                out_valid_q <= 1'b0;
            if (bug != "word_outlives_reset")
                skid_valid_q <= 1'b0;
        end
    end

    always @(posedge aclk) begin
        if (!late_valid_q || m_axis_tready) begin
            late_q       <= out_q;
            late_valid_q <= out_valid_q;
        end
        if (!aresetn)
            late_valid_q <= 1'b0;
    end

    always @(posedge aclk) begin
        taken_q   <= taken_q + {7'd0, take};
        stalled_q <= m_axis_tvalid && !m_axis_tready ? stalled_q + 8'd1 : 8'd0;
        restart_q <= m_axis_tvalid && !m_axis_tready ? 2'd3 : restart_q - {1'b0, restart_q != 0};
        idle_q    <= m_axis_tvalid || take ? 8'd0 : idle_q + {7'd0, idle_q != 8'hff};
        if (!aresetn) begin
            taken_q   <= 8'd0;
            stalled_q <= 8'd0;
            restart_q <= 2'd0;
            idle_q    <= 8'd0;
        end
    end

endmodule

`default_nettype wire
