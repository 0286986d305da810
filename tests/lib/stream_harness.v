// SPDX-License-Identifier: Apache-2.0
//
// stream_harness: runs a core with one input and one output stream at the simulator's own speed on words from files,
// and checks words, handshakes and cycles.
//
// Use          the macro DUT names the core; +words=N +results=M +rounds=R: N words of in.mem go in R times, M words
//              of out.mem must come each time
// Cycles       +interval=I, if there: cycles from the first result of the first round to the last of the last
// Throttles    +source=S, +sink=S: a word is offered, or taken, in S of 256 cycles at random (256 unless given);
//              +hold=H: the sink takes nothing in the first H cycles; +seed=N chooses the moments
// Result       prints PASS and the cycles, or ERROR and what is wrong
`default_nettype none

module stream_harness #(
    parameter integer IN_WIDTH  = 8,
    parameter integer OUT_WIDTH = 8,
    parameter integer MOST      = 65536
);
    // Cycles after the last word in which nothing may come, and those without a word that count as hanging.
    localparam integer SILENCE = 64;
    localparam integer HANGS   = 100000;

    reg aclk = 1'b0;
    reg aresetn = 1'b0;
    always #5 aclk = !aclk;

    reg [IN_WIDTH-1:0]  in  [0:MOST-1];
    reg [OUT_WIDTH-1:0] out [0:MOST-1];
    integer words, results, rounds, interval, source, sink, hold, seed;
    integer sent = 0, sent_rounds = 0, got = 0, got_rounds = 0, cycle = 0, first = -1, last = 0, quiet = 0;

    reg                  s_axis_tvalid = 1'b0;
    wire                 s_axis_tready;
    wire [OUT_WIDTH-1:0] m_axis_tdata;
    wire                 m_axis_tvalid;
    reg                  m_axis_tready = 1'b0;

    `DUT dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (in[sent]),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );

    initial begin
        if (!$value$plusargs("words=%d", words) || !$value$plusargs("results=%d", results)
                || !$value$plusargs("rounds=%d", rounds)) begin
            $display("ERROR: +words= +results= +rounds= are needed");
            $finish;
        end
        if (!$value$plusargs("interval=%d", interval))
            interval = -1;
        if (!$value$plusargs("source=%d", source))
            source = 256;
        if (!$value$plusargs("sink=%d", sink))
            sink = 256;
        if (!$value$plusargs("hold=%d", hold))
            hold = 0;
        if (!$value$plusargs("seed=%d", seed))
            seed = 1;
        $readmemh("in.mem", in, 0, words - 1);
        $readmemh("out.mem", out, 0, results - 1);
    end

    // Marsaglia's xorshift of 32 bits: the same moments in every simulator.
    function [31:0] shifted;
        input [31:0] x;
        begin
            shifted = x ^ (x << 13);
            shifted = shifted ^ (shifted >> 17);
            shifted = shifted ^ (shifted << 5);
        end
    endfunction
    reg [31:0] random = 32'd0;
    always @(posedge aclk)
        random <= random == 32'd0 ? {seed[30:0], 1'b1} : shifted(random);

    wire take      = s_axis_tvalid && s_axis_tready;
    wire all_sent  = sent_rounds == rounds || (take && sent == words - 1 && sent_rounds == rounds - 1);
    wire may_offer = {24'd0, random[7:0]} < source;
    wire give      = m_axis_tvalid && m_axis_tready;

    // The word that was refused in the cycle before.
    reg                 refused_q = 1'b0;
    reg [OUT_WIDTH-1:0] refused_word_q;

    always @(posedge aclk) begin
        cycle   <= cycle + 1;
        quiet   <= take || give || cycle < hold ? 0 : quiet + 1;
        aresetn <= cycle > 3;

        if (aresetn) begin
            if (take || !s_axis_tvalid)
                s_axis_tvalid <= !all_sent && may_offer;
            m_axis_tready <= cycle > hold && {24'd0, random[23:16]} < sink;
        end
        if (take) begin
            sent <= sent == words - 1 ? 0 : sent + 1;
            if (sent == words - 1)
                sent_rounds <= sent_rounds + 1;
        end

        refused_q      <= aresetn && m_axis_tvalid && !m_axis_tready;
        refused_word_q <= m_axis_tdata;
        if (aresetn && (m_axis_tvalid === 1'bx || s_axis_tready === 1'bx)) begin
            $display("ERROR: tvalid or tready is x in cycle %0d", cycle);
            $finish;
        end
        if (refused_q && (!m_axis_tvalid || m_axis_tdata !== refused_word_q)) begin
            $display("ERROR: a refused word went or changed in cycle %0d", cycle);
            $finish;
        end
        if (aresetn && m_axis_tvalid && got_rounds == rounds) begin
            $display("ERROR: a word after the last result");
            $finish;
        end
        if (aresetn && give && got_rounds != rounds) begin
            if (first < 0)
                first <= cycle;
            last <= cycle;
            if (m_axis_tdata !== out[got]) begin
                $display("ERROR: result %0d of round %0d is %h, must be %h", got, got_rounds, m_axis_tdata, out[got]);
                $finish;
            end
            got <= got == results - 1 ? 0 : got + 1;
            if (got == results - 1)
                got_rounds <= got_rounds + 1;
        end
        if (got_rounds == rounds && sent_rounds == rounds && quiet > SILENCE) begin
            if (interval >= 0 && last - first != interval)
                $display("ERROR: %0d cycles from the first result to the last, must be %0d", last - first, interval);
            else
                $display("PASS %0d results in %0d cycles", results * rounds, last);
            $finish;
        end
        if (quiet > HANGS) begin
            $display("ERROR: hangs after %0d words and %0d results of rounds %0d and %0d",
                     sent, got, sent_rounds, got_rounds);
            $finish;
        end
    end
endmodule

`default_nettype wire
