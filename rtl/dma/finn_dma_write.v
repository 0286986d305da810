// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_write: AXI4 write bursts from a buffer; a burst is requested only when all its data are there.
//
// Throughput   a beat a cycle, as long as a memory answers within the time of BURSTS bursts
// Latency      2 cycles through the buffer, 3 cycles from a burst whose data are there to its request
// Buffer       WVALID waits for nothing once a burst is requested, so that a stream that stops never blocks the memory
// Limits       BURSTS >= 2
`default_nettype none

module finn_dma_write #(
    // Bits of an address in bytes.
    parameter integer ADDRESS_WIDTH = 32,
    // Most beats of a burst.
    parameter integer BURST = 16,
    // Bursts that the buffer has room for.
    parameter integer BURSTS = 4,
    // "distributed" or "block": where the buffer lies.
    parameter         RAM_STYLE = "distributed"
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // Request no further burst.
    input  wire                     hold,
    // Empty the buffer; only while idle.
    input  wire                     clear,
    // No burst is under way.
    output wire                     idle,

    // Bursts to request: address in beats of 8 bytes, whether it is the last one of a job, and the bytes of
    // the last beat of that one, 0 for 8. No burst is valid in the cycle after one was taken.
    input  wire                     burst_valid,
    output wire                     burst_ready,
    input  wire [ADDRESS_WIDTH-4:0] burst_address,
    input  wire [$clog2(BURST):0]   burst_beats,
    input  wire                     burst_last,
    input  wire [2:0]               burst_tail,

    // A beat comes at most a cycle after beat_ready, and is taken then whatever it is.
    input  wire                     beat_valid,
    output wire                     beat_ready,
    input  wire [63:0]              beat_data,

    output wire                     m_axi_awvalid,
    input  wire                     m_axi_awready,
    output wire [ADDRESS_WIDTH-1:0] m_axi_awaddr,
    output wire [7:0]               m_axi_awlen,
    output wire                     m_axi_wvalid,
    input  wire                     m_axi_wready,
    output wire [63:0]              m_axi_wdata,
    output wire [7:0]               m_axi_wstrb,
    output wire                     m_axi_wlast,
    input  wire                     m_axi_bvalid,
    output wire                     m_axi_bready,
    input  wire [1:0]               m_axi_bresp,

    // High for the cycle of the answer: all of a job is in memory; a burst failed, and its address.
    output wire                     finished,
    output wire                     slave_error,
    output wire                     decode_error,
    output wire [ADDRESS_WIDTH-1:0] error_address
);

    localparam integer INDEX_WIDTH = $clog2(BURST);
    localparam integer ROOM        = BURST * BURSTS;
    localparam integer COUNT_WIDTH = $clog2(ROOM + 2);
    localparam [INDEX_WIDTH-1:0] ONE = 1;
    localparam [COUNT_WIDTH-1:0] ALL = ROOM[COUNT_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (BURSTS < 2) begin
            $display("ERROR %m: BURSTS=%0d, but it must be at least 2", BURSTS);
            $finish;
        end
    end
    // synthesis translate_on

    // ------------------------------------------------------------------ buffer
    wire        room;
    wire        held_valid;
    wire        held_ready;
    wire [63:0] held_data;
    wire [COUNT_WIDTH-1:0] held;
    reg         ready_q;
    reg         came_q;         // a beat has come into the buffer

    // verilator lint_off PINCONNECTEMPTY
    finn_fifo_ram #(
        .WIDTH         (64),
        .DEPTH         (ROOM + 1),
        .RAM_STYLE     (RAM_STYLE),
        .SURE          (1)
    ) u_buffer (
        .aclk          (aclk),
        .aresetn       (aresetn && !clear),
        .s_axis_tdata  (beat_data),
        .s_axis_tvalid (beat_valid),
        .s_axis_tready (room),
        .m_axis_tdata  (held_data),
        .m_axis_tvalid (held_valid),
        .m_axis_tready (held_ready),
        .count         (held),
        .high_water    ()
    );
    // verilator lint_on PINCONNECTEMPTY

    // There is a place for a beat of the next cycle or the one after it, even if one comes now.
    always @(posedge aclk) begin
        ready_q <= held < ALL;
        came_q  <= aresetn && !clear && beat_valid;
    end

    assign beat_ready = ready_q;
    wire unused_room = &{1'b0, room};

    // ------------------------------------------------------------------ requests
    reg                   next_valid_q;   // a burst was requested whose data have not begun to leave
    reg [2:0]             next_tail_q;
    reg [COUNT_WIDTH-1:0] free_q;         // beats in the buffer that belong to no burst yet

    wire load;
    wire ends_job;
    // Enough for the longest burst, or for this one.
    wire whole  = free_q[COUNT_WIDTH-1:INDEX_WIDTH] != {(COUNT_WIDTH-INDEX_WIDTH){1'b0}};
    wire enough = burst_valid && free_q >= {{(COUNT_WIDTH-INDEX_WIDTH-1){1'b0}}, burst_beats};
    wire go     = burst_valid && burst_ready;

    always @(posedge aclk)
        if (!aresetn)
            next_valid_q <= 1'b0;
        else if (go)
            next_valid_q <= 1'b1;
        else if (load)
            next_valid_q <= 1'b0;

    always @(posedge aclk)
        if (go)
            next_tail_q <= burst_last ? burst_tail : 3'd0;

    // One addition, `go` late: free - beats is free + ~beats + 1, the 1 a carry from below.
    wire [INDEX_WIDTH:0]   taken     = burst_beats - {{INDEX_WIDTH{1'b0}}, came_q};
    wire [COUNT_WIDTH-1:0] less      = go ? ~{{(COUNT_WIDTH-INDEX_WIDTH-1){1'b0}}, taken} : {COUNT_WIDTH{1'b0}};
    wire [COUNT_WIDTH:0]   next_free = {free_q, 1'b1} + {less, go || came_q};
    wire unused_free = &{1'b0, next_free[0]};

    always @(posedge aclk)
        if (!aresetn || clear)
            free_q <= {COUNT_WIDTH{1'b0}};
        else
            free_q <= next_free[COUNT_WIDTH:1];

    finn_dma_requests #(
        .ADDRESS_WIDTH (ADDRESS_WIDTH),
        .BURST         (BURST),
        .BURSTS        (BURSTS)
    ) u_requests (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .hold          (hold),
        .allowed       ((whole || enough) && (!next_valid_q || load)),
        .idle          (idle),
        .burst_valid   (burst_valid),
        .burst_ready   (burst_ready),
        .burst_address (burst_address),
        .burst_beats   (burst_beats),
        .burst_last    (burst_last),
        .m_axi_avalid  (m_axi_awvalid),
        .m_axi_aready  (m_axi_awready),
        .m_axi_aaddr   (m_axi_awaddr),
        .m_axi_alen    (m_axi_awlen),
        .answer_valid  (m_axi_bvalid),
        .answer_last   (1'b1),
        .answer_resp   (m_axi_bresp),
        .ends_job      (ends_job),
        .slave_error   (slave_error),
        .decode_error  (decode_error),
        .error_address (error_address)
    );

    // ------------------------------------------------------------------ data
    reg                   sending_q;
    reg [INDEX_WIDTH-1:0] left_q;   // beats behind this one
    reg                   last_q;   // none is
    reg [2:0]             tail_q;

    wire       send   = m_axi_wvalid && m_axi_wready;
    wire [7:0] masked = ~(8'hff << tail_q);

    assign load         = next_valid_q && (!sending_q || (send && m_axi_wlast));
    assign held_ready   = sending_q && m_axi_wready;
    assign m_axi_wvalid = sending_q && held_valid;
    assign m_axi_wdata  = held_data;
    assign m_axi_wlast  = last_q;
    assign m_axi_wstrb  = m_axi_wlast && tail_q != 3'd0 ? masked : 8'hff;

    always @(posedge aclk)
        if (!aresetn)
            sending_q <= 1'b0;
        else if (load)
            sending_q <= 1'b1;
        else if (send && m_axi_wlast)
            sending_q <= 1'b0;

    // Between `go` and `load` the length stays on AWLEN: no other burst is requested meanwhile.
    always @(posedge aclk)
        if (load) begin
            left_q <= m_axi_awlen[INDEX_WIDTH-1:0];
            last_q <= m_axi_awlen[INDEX_WIDTH-1:0] == {INDEX_WIDTH{1'b0}};
            tail_q <= next_tail_q;
        end else if (send) begin
            left_q <= left_q - 1'b1;
            last_q <= left_q == ONE;
        end

    // ------------------------------------------------------------------ answers
    // A job that lost a burst does not finish.
    reg spoiled_q;
    always @(posedge aclk)
        if (!aresetn || clear)
            spoiled_q <= 1'b0;
        else if (m_axi_bvalid)
            spoiled_q <= !ends_job && (spoiled_q || m_axi_bresp[1]);

    assign m_axi_bready = 1'b1;
    assign finished     = m_axi_bvalid && ends_job && !spoiled_q && !m_axi_bresp[1];

endmodule

`default_nettype wire
