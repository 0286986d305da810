// SPDX-License-Identifier: Apache-2.0
//
// prove_fifo: a rendered FIFO with its properties. Beside those of every stream: it takes a word whenever it holds
// fewer than its capacity, and count and high_water are exact.
`default_nettype none

module prove_fifo #(
    parameter integer WIDTH = 8,
    parameter integer TDATA_WIDTH = 8,
    parameter integer TLAST = 0,
    // In words.
    parameter integer CAPACITY = 2,
    parameter integer LATENCY = 1,
    parameter integer COUNT_WIDTH = 2
) (
    input wire                   aclk,
    input wire                   aresetn,
    input wire [TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                   s_axis_tlast,
    input wire                   s_axis_tvalid,
    input wire                   m_axis_tready
);

    localparam integer HELD_WIDTH = $clog2(CAPACITY * WIDTH + 2 * WIDTH + 1);

    wire                   s_axis_tready;
    wire [TDATA_WIDTH-1:0] m_axis_tdata;
    wire                   m_axis_tlast;
    wire                   m_axis_tvalid;
    wire [COUNT_WIDTH-1:0] count;
    wire [COUNT_WIDTH-1:0] high_water;
    wire                   started;
    wire [HELD_WIDTH-1:0]  held;

    finn_axis_fifo u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
`ifdef TLAST
        .s_axis_tlast  (s_axis_tlast),
        .m_axis_tlast  (m_axis_tlast),
`endif
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .count         (count),
        .high_water    (high_water)
    );
`ifndef TLAST
    assign m_axis_tlast = 1'b0;
`endif

    axis_core #(
        .IN_WIDTH          (WIDTH),
        .OUT_WIDTH         (WIDTH),
        .TLAST             (TLAST),
        .CAPACITY          (CAPACITY * WIDTH),
        .OFFER_WITHIN      (LATENCY - 1),
        .ACCEPT_WITHIN     (1),
        .OUTPUT_FULL_AFTER (LATENCY),
        .INPUT_FULL_AFTER  (1),
        .IN_TDATA_WIDTH    (TDATA_WIDTH),
        .OUT_TDATA_WIDTH   (TDATA_WIDTH)
    ) u_core (
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
        .started       (started),
        .held          (held)
    );

    // The most words since reset, up to the cycle before.
    reg [HELD_WIDTH-1:0] most_q;
    always @(posedge aclk) begin
        if (!aresetn)
            most_q <= 0;
        else if (held > most_q)
            most_q <= held;

        if (started) begin
            takes_until_full:    assert (s_axis_tready == (held < CAPACITY * WIDTH));
            count_is_exact:      assert (count * WIDTH == held);
            high_water_is_exact: assert (high_water * WIDTH == most_q);
            if (aresetn)
                past_high_water: cover (high_water == CAPACITY && count == 0);
        end
    end

endmodule

`default_nettype wire
