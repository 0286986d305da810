// SPDX-License-Identifier: Apache-2.0
//
// mvtu_harness: runs a unit at the simulator's own speed on words from files, and checks words and cycles.
//
// Use          +words=N +results=M +rounds=R: N words of in.mem go in R times, M words of out.mem must come each
//              time; +interval=I: cycles from the first result of the first round to the last of the last
// Result       prints PASS and the cycles, or what is wrong, and then fails
`default_nettype none

module mvtu_harness #(
    parameter integer IN_WIDTH  = 8,
    parameter integer OUT_WIDTH = 8,
    parameter integer MOST      = 65536
);
    reg aclk = 1'b0;
    reg aresetn = 1'b0;
    always #5 aclk = !aclk;

    reg [IN_WIDTH-1:0]  in  [0:MOST-1];
    reg [OUT_WIDTH-1:0] out [0:MOST-1];
    integer words, results, rounds, interval;
    integer sent = 0, sent_rounds = 0, got = 0, got_rounds = 0, cycle = 0, first = -1;

    wire                 s_axis_tvalid = aresetn && sent_rounds < rounds;
    wire                 s_axis_tready;
    wire [OUT_WIDTH-1:0] m_axis_tdata;
    wire                 m_axis_tvalid;

    finn_mvtu dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (in[sent]),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (1'b1)
    );

    initial begin
        if (!$value$plusargs("words=%d", words) || !$value$plusargs("results=%d", results)
                || !$value$plusargs("rounds=%d", rounds) || !$value$plusargs("interval=%d", interval)) begin
            $display("ERROR: +words= +results= +rounds= +interval= are needed");
            $finish;
        end
        $readmemh("in.mem", in, 0, words - 1);
        $readmemh("out.mem", out, 0, results - 1);
    end

    always @(posedge aclk) begin
        cycle <= cycle + 1;
        aresetn <= cycle > 3;
        if (s_axis_tvalid && s_axis_tready) begin
            sent <= sent == words - 1 ? 0 : sent + 1;
            if (sent == words - 1)
                sent_rounds <= sent_rounds + 1;
        end
        if (aresetn && m_axis_tvalid) begin
            if (first < 0)
                first <= cycle;
            if (m_axis_tdata !== out[got]) begin
                $display("ERROR: result %0d of round %0d is %h, must be %h", got, got_rounds, m_axis_tdata, out[got]);
                $finish;
            end
            got <= got == results - 1 ? 0 : got + 1;
            if (got == results - 1)
                got_rounds <= got_rounds + 1;
            if (got == results - 1 && got_rounds == rounds - 1) begin
                if ((first < 0 ? 0 : cycle - first) != interval)
                    $display("ERROR: %0d cycles from the first result to the last, must be %0d", cycle - first, interval);
                else
                    $display("PASS %0d results in %0d cycles", results * rounds, cycle);
                $finish;
            end
        end
        if (cycle > interval + 100000) begin
            $display("ERROR: hangs after %0d words and %0d results", sent, got);
            $finish;
        end
    end
endmodule

`default_nettype wire
