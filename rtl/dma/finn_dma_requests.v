// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_requests: requests bursts on the read or the write address channel of AXI4, and keeps those under way.
//
// Throughput   a burst every 2 cycles
// Latency      1 cycle
// Order        bursts are answered in the order of their requests
// Limits       BURSTS >= 2, BURST is a power of two from 2 to 128
`default_nettype none

module finn_dma_requests #(
    // Bits of an address in bytes.
    parameter integer ADDRESS_WIDTH = 32,
    // Most beats of a burst: a power of two.
    parameter integer BURST = 16,
    // Bursts that may be under way; 2 count as 3.
    parameter integer BURSTS = 8
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // No burst may be requested now; one may be in the next cycle, unless one is taken now.
    input  wire                     hold,
    input  wire                     allowed,
    // No burst is under way.
    output wire                     idle,

    // Bursts to request: address in beats of 8 bytes, and whether it is the last one of a job. No burst is valid in the
    // cycle after one was taken.
    input  wire                     burst_valid,
    output wire                     burst_ready,
    input  wire [ADDRESS_WIDTH-4:0] burst_address,
    input  wire [$clog2(BURST):0]   burst_beats,
    input  wire                     burst_last,

    output wire                     m_axi_avalid,
    input  wire                     m_axi_aready,
    output wire [ADDRESS_WIDTH-1:0] m_axi_aaddr,
    output wire [7:0]               m_axi_alen,

    // An answer to the oldest burst under way, and whether it is the last one to it.
    input  wire                     answer_valid,
    input  wire                     answer_last,
    input  wire [1:0]               answer_resp,

    // That burst: whether it is the last one of its job; high for the cycle of an answer that tells an error; the
    // burst's address.
    output wire                     ends_job,
    output wire                     slave_error,
    output wire                     decode_error,
    output wire [ADDRESS_WIDTH-1:0] error_address
);

    localparam integer INDEX_WIDTH = $clog2(BURST);
    localparam integer UNDER_WAY   = BURSTS < 3 ? 3 : BURSTS;

    // synthesis translate_off
    initial begin
        if (BURST != 1 << INDEX_WIDTH || BURST < 2 || BURST > 128) begin
            $display("ERROR %m: BURST=%0d, but it must be a power of two from 2 to 128", BURST);
            $finish;
        end
        if (ADDRESS_WIDTH < 4) begin
            $display("ERROR %m: ADDRESS_WIDTH=%0d, but it must be at least 4", ADDRESS_WIDTH);
            $finish;
        end
        if (BURSTS < 2) begin
            $display("ERROR %m: BURSTS=%0d, but it must be at least 2", BURSTS);
            $finish;
        end
    end
    // synthesis translate_on

    reg                     valid_q;
    reg [ADDRESS_WIDTH-4:0] address_q;
    reg [INDEX_WIDTH-1:0]   length_q;

    // A whole burst is as long as none, modulo its length.
    wire unused_whole = &{1'b0, burst_beats[INDEX_WIDTH]};

    wire queue_ready;
    reg  allowed_q;   // and there was a place in the queue in the cycle before, in which no burst was taken
    wire go = burst_valid && burst_ready;

    assign burst_ready  = allowed_q && !hold && (!valid_q || m_axi_aready);
    assign m_axi_avalid = valid_q;
    assign m_axi_aaddr  = {address_q, 3'd0};
    assign m_axi_alen   = {{(8-INDEX_WIDTH){1'b0}}, length_q};

    always @(posedge aclk)
        allowed_q <= allowed && queue_ready;

    always @(posedge aclk)
        if (!aresetn)
            valid_q <= 1'b0;
        else if (go)
            valid_q <= 1'b1;
        else if (m_axi_aready)
            valid_q <= 1'b0;

    // An address is taken whether its burst may be requested or not: it counts once valid_q is set.
    always @(posedge aclk)
        if (!valid_q || m_axi_aready)
            address_q <= burst_address;

    always @(posedge aclk)
        if (go)
            length_q <= burst_beats[INDEX_WIDTH-1:0] - 1'b1;

    // The bursts under way, in whose order the answers come.
    wire [$clog2(UNDER_WAY+1)-1:0] under_way;
    wire [ADDRESS_WIDTH-4:0]       oldest_address;

    // verilator lint_off PINCONNECTEMPTY
    finn_fifo_ram #(
        .WIDTH         (ADDRESS_WIDTH - 2),
        .DEPTH         (UNDER_WAY),
        .RAM_STYLE     ("distributed"),
        .SURE          (1)
    ) u_under_way (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  ({burst_last, burst_address}),
        .s_axis_tvalid (go),
        .s_axis_tready (queue_ready),
        .m_axis_tdata  ({ends_job, oldest_address}),
        .m_axis_tvalid (),
        .m_axis_tready (answer_valid && answer_last),
        .count         (under_way),
        .high_water    ()
    );
    // verilator lint_on PINCONNECTEMPTY

    assign idle          = under_way == 0;
    assign slave_error   = answer_valid && answer_resp == 2'b10;
    assign decode_error  = answer_valid && answer_resp == 2'b11;
    assign error_address = {oldest_address, 3'd0};

endmodule

`default_nettype wire
