// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_read: AXI4 read bursts into a buffer that always has room for what was requested.
//
// Throughput   a beat a cycle, as long as a memory's latency is covered by the room of BURSTS bursts
// Latency      1 cycle from a burst to its request, 2 cycles from a beat of the memory to the buffer's output
// Buffer       a burst is requested when there is room for BURST beats more: RREADY is always high
// Limits       BURSTS >= 2
`default_nettype none

module finn_dma_read #(
    // Bits of an address in bytes.
    parameter integer ADDRESS_WIDTH = 32,
    // Most beats of a burst.
    parameter integer BURST = 16,
    // Bursts that the buffer has room for.
    parameter integer BURSTS = 8,
    // "distributed" or "block": where the buffer lies.
    parameter         RAM_STYLE = "block"
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // Request no further burst.
    input  wire                     hold,
    // Empty the buffer; only while idle.
    input  wire                     clear,
    // No burst is under way.
    output wire                     idle,

    // Bursts to request: address in beats of 8 bytes. No burst is valid in the cycle after one was taken.
    input  wire                     burst_valid,
    output wire                     burst_ready,
    input  wire [ADDRESS_WIDTH-4:0] burst_address,
    input  wire [$clog2(BURST):0]   burst_beats,

    output wire                     m_axi_arvalid,
    input  wire                     m_axi_arready,
    output wire [ADDRESS_WIDTH-1:0] m_axi_araddr,
    output wire [7:0]               m_axi_arlen,
    input  wire                     m_axi_rvalid,
    output wire                     m_axi_rready,
    input  wire [63:0]              m_axi_rdata,
    input  wire [1:0]               m_axi_rresp,
    input  wire                     m_axi_rlast,

    // High for the cycle of a beat that failed, and the first address of its burst.
    output wire                     slave_error,
    output wire                     decode_error,
    output wire [ADDRESS_WIDTH-1:0] error_address,

    output wire                     beat_valid,
    input  wire                     beat_ready,
    output wire [63:0]              beat_data
);

    localparam integer INDEX_WIDTH = $clog2(BURST);
    localparam integer ROOM        = BURST * BURSTS;
    localparam integer ROOM_WIDTH  = $clog2(ROOM + 1);
    localparam [ROOM_WIDTH-1:0] ALL = ROOM[ROOM_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (BURSTS < 2) begin
            $display("ERROR %m: BURSTS=%0d, but it must be at least 2", BURSTS);
            $finish;
        end
    end
    // synthesis translate_on

    // ------------------------------------------------------------------ requests
    reg [ROOM_WIDTH-1:0] room_q;   // beats neither in the buffer nor requested
    reg                  popped_q; // a beat has left the buffer

    wire room = room_q[ROOM_WIDTH-1:INDEX_WIDTH] != {(ROOM_WIDTH-INDEX_WIDTH){1'b0}};
    wire go   = burst_valid && burst_ready;

    always @(posedge aclk)
        popped_q <= aresetn && beat_valid && beat_ready;

    // One addition, `go` late: room - beats is room + ~beats + 1, the 1 a carry from below.
    wire [INDEX_WIDTH:0] asked     = burst_beats - {{INDEX_WIDTH{1'b0}}, popped_q};
    wire [ROOM_WIDTH-1:0] less     = go ? ~{{(ROOM_WIDTH-INDEX_WIDTH-1){1'b0}}, asked} : {ROOM_WIDTH{1'b0}};
    wire [ROOM_WIDTH:0]  next_room = {room_q, 1'b1} + {less, go || popped_q};
    wire unused_room = &{1'b0, next_room[0]};

    always @(posedge aclk)
        if (!aresetn || clear)
            room_q <= ALL;
        else
            room_q <= next_room[ROOM_WIDTH:1];

    // verilator lint_off PINCONNECTEMPTY
    finn_dma_requests #(
        .ADDRESS_WIDTH (ADDRESS_WIDTH),
        .BURST         (BURST),
        .BURSTS        (BURSTS)
    ) u_requests (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .hold          (hold),
        .allowed       (room),
        .idle          (idle),
        .burst_valid   (burst_valid),
        .burst_ready   (burst_ready),
        .burst_address (burst_address),
        .burst_beats   (burst_beats),
        .burst_last    (1'b0),
        .m_axi_avalid  (m_axi_arvalid),
        .m_axi_aready  (m_axi_arready),
        .m_axi_aaddr   (m_axi_araddr),
        .m_axi_alen    (m_axi_arlen),
        .answer_valid  (m_axi_rvalid),
        .answer_last   (m_axi_rlast),
        .answer_resp   (m_axi_rresp),
        .ends_job      (),
        .slave_error   (slave_error),
        .decode_error  (decode_error),
        .error_address (error_address)
    );
    // verilator lint_on PINCONNECTEMPTY

    // ------------------------------------------------------------------ buffer
    assign m_axi_rready = 1'b1;

    // verilator lint_off PINCONNECTEMPTY
    finn_fifo_ram #(
        .WIDTH         (64),
        .DEPTH         (ROOM + 1),
        .RAM_STYLE     (RAM_STYLE),
        .SURE          (1)
    ) u_buffer (
        .aclk          (aclk),
        .aresetn       (aresetn && !clear),
        .s_axis_tdata  (m_axi_rdata),
        .s_axis_tvalid (m_axi_rvalid),
        .s_axis_tready (),
        .m_axis_tdata  (beat_data),
        .m_axis_tvalid (beat_valid),
        .m_axis_tready (beat_ready),
        .count         (),
        .high_water    ()
    );
    // verilator lint_on PINCONNECTEMPTY

endmodule

`default_nettype wire
