// SPDX-License-Identifier: Apache-2.0
//
// finn_frame_marker: sets TLAST on every WORDS-th word of an AXI-Stream.
//
// Throughput   one word a cycle
// Latency      none; the stream goes through as it is
// Limits       none
`default_nettype none

module finn_frame_marker #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Words of a frame.
    parameter integer WORDS = 1
) (
    input  wire             aclk,
    input  wire             aresetn,

    input  wire [WIDTH-1:0] s_axis_tdata,
    input  wire             s_axis_tvalid,
    output wire             s_axis_tready,

    output wire [WIDTH-1:0] m_axis_tdata,
    output wire             m_axis_tlast,
    output wire             m_axis_tvalid,
    input  wire             m_axis_tready
);

    localparam integer COUNT_WIDTH = WORDS > 1 ? $clog2(WORDS) : 1;
    localparam integer LAST_WORD   = WORDS - 1;
    localparam [COUNT_WIDTH-1:0] LAST = LAST_WORD[COUNT_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
        if (WORDS < 1) begin
            $display("ERROR %m: WORDS=%0d, but it must be at least 1", WORDS);
            $finish;
        end
    end
    // synthesis translate_on

    reg [COUNT_WIDTH-1:0] word_q;

    assign m_axis_tdata  = s_axis_tdata;
    assign m_axis_tlast  = word_q == LAST;
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready;

    always @(posedge aclk)
        if (!aresetn)
            word_q <= {COUNT_WIDTH{1'b0}};
        else if (s_axis_tvalid && m_axis_tready)
            word_q <= m_axis_tlast ? {COUNT_WIDTH{1'b0}} : word_q + 1'b1;

endmodule

`default_nettype wire
