// SPDX-License-Identifier: Apache-2.0
//
// join_streams: takes a word of each input, gives their sum and, at a second output, the larger one with TLAST.
//
// A core with two inputs and two outputs, to test the environment with.
`default_nettype none

module join_streams (
    input  wire        aclk,
    input  wire        aresetn,

    input  wire [7:0]  s_axis_a_tdata,
    input  wire        s_axis_a_tvalid,
    output wire        s_axis_a_tready,
    input  wire        s_axis_a_tlast,

    input  wire [7:0]  s_axis_b_tdata,
    input  wire        s_axis_b_tvalid,
    output wire        s_axis_b_tready,

    output wire [15:0] m_axis_sum_tdata,
    output wire        m_axis_sum_tvalid,
    input  wire        m_axis_sum_tready,

    output wire [7:0]  m_axis_max_tdata,
    output wire        m_axis_max_tvalid,
    input  wire        m_axis_max_tready,
    output wire        m_axis_max_tlast
);

    reg  [8:0] a_q;
    reg        a_full_q;
    reg  [7:0] b_q;
    reg        b_full_q;
    reg  [8:0] sum_q;
    reg        sum_valid_q;
    reg  [8:0] max_q;
    reg        max_valid_q;

    wire sum_free = !sum_valid_q || m_axis_sum_tready;
    wire max_free = !max_valid_q || m_axis_max_tready;
    wire go       = a_full_q && b_full_q && sum_free && max_free;

    assign s_axis_a_tready   = !a_full_q;
    assign s_axis_b_tready   = !b_full_q;
    assign m_axis_sum_tdata  = {7'd0, sum_q};
    assign m_axis_sum_tvalid = sum_valid_q;
    assign m_axis_max_tdata  = max_q[7:0];
    assign m_axis_max_tlast  = max_q[8];
    assign m_axis_max_tvalid = max_valid_q;

    always @(posedge aclk) begin
        if (!a_full_q)
            a_q <= {s_axis_a_tlast, s_axis_a_tdata};
        if (!b_full_q)
            b_q <= s_axis_b_tdata;
        if (go) begin
            sum_q <= a_q[7:0] + b_q;
            max_q <= {a_q[8], a_q[7:0] > b_q ? a_q[7:0] : b_q};
        end
    end

    always @(posedge aclk) begin
        if (!aresetn) begin
            a_full_q    <= 1'b0;
            b_full_q    <= 1'b0;
            sum_valid_q <= 1'b0;
            max_valid_q <= 1'b0;
        end else begin
            a_full_q <= a_full_q ? !go : s_axis_a_tvalid;
            b_full_q <= b_full_q ? !go : s_axis_b_tvalid;
            if (sum_free)
                sum_valid_q <= go;
            if (max_free)
                max_valid_q <= go;
        end
    end

endmodule

`default_nettype wire
