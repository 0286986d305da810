// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_read: AXI4 read bursts into a buffer that always has room for what was requested.
//
// Throughput   a beat a cycle, as long as a memory's latency is covered by the room of BURSTS bursts
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

    // Bursts to request: address in beats of 8 bytes.
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
    localparam integer UNDER_WAY   = BURSTS < 3 ? 3 : BURSTS;
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
    reg                     arvalid_q;
    reg [ADDRESS_WIDTH-4:0] araddr_q;
    reg [INDEX_WIDTH-1:0]   arlen_q;
    reg [ROOM_WIDTH-1:0]    room_q;   // beats neither in the buffer nor requested

    wire queue_ready;
    wire pop = beat_valid && beat_ready;
    wire go  = burst_valid && burst_ready;

    assign burst_ready   = !hold && (!arvalid_q || m_axi_arready) && queue_ready
                           && room_q[ROOM_WIDTH-1:INDEX_WIDTH] != {(ROOM_WIDTH-INDEX_WIDTH){1'b0}};
    assign m_axi_arvalid = arvalid_q;
    assign m_axi_araddr  = {araddr_q, 3'd0};
    assign m_axi_arlen   = {{(8-INDEX_WIDTH){1'b0}}, arlen_q};

    always @(posedge aclk)
        if (!aresetn)
            arvalid_q <= 1'b0;
        else if (go)
            arvalid_q <= 1'b1;
        else if (m_axi_arready)
            arvalid_q <= 1'b0;

    always @(posedge aclk)
        if (go) begin
            araddr_q <= burst_address;
            arlen_q  <= burst_beats[INDEX_WIDTH-1:0] - 1'b1;
        end

    always @(posedge aclk)
        if (!aresetn || clear)
            room_q <= ALL;
        else
            room_q <= room_q - (go ? {{(ROOM_WIDTH-INDEX_WIDTH-1){1'b0}}, burst_beats} : {ROOM_WIDTH{1'b0}})
                             + {{(ROOM_WIDTH-1){1'b0}}, pop};

    // ------------------------------------------------------------------ answers
    // The addresses of the bursts under way, in whose order the beats come.
    wire [$clog2(UNDER_WAY+1)-1:0] under_way;
    wire [ADDRESS_WIDTH-4:0]       oldest_address;

    // verilator lint_off PINCONNECTEMPTY
    finn_fifo_srl #(
        .WIDTH         (ADDRESS_WIDTH - 3),
        .DEPTH         (UNDER_WAY)
    ) u_addresses (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (burst_address),
        .s_axis_tvalid (go),
        .s_axis_tready (queue_ready),
        .m_axis_tdata  (oldest_address),
        .m_axis_tvalid (),
        .m_axis_tready (m_axi_rvalid && m_axi_rlast),
        .count         (under_way),
        .high_water    ()
    );
    // verilator lint_on PINCONNECTEMPTY

    assign idle          = under_way == 0;
    assign slave_error   = m_axi_rvalid && m_axi_rresp == 2'b10;
    assign decode_error  = m_axi_rvalid && m_axi_rresp == 2'b11;
    assign error_address = {oldest_address, 3'd0};

    // ------------------------------------------------------------------ buffer
    assign m_axi_rready = 1'b1;

    // verilator lint_off PINCONNECTEMPTY
    finn_fifo_ram #(
        .WIDTH         (64),
        .DEPTH         (ROOM + 1),
        .RAM_STYLE     (RAM_STYLE)
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
