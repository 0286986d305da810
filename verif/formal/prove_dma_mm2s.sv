// SPDX-License-Identifier: Apache-2.0
//
// prove_dma_mm2s: a DMA channel from memory to a stream with its properties. Beside the rules of AXI4: no beat is read
// outside the buffers of the jobs under way; memory is never refused, and no beat is lost, whatever the stream
// does; `hold` and errors stop the requests, and the channel is idle when all are answered.
`default_nettype none

module prove_dma_mm2s #(
    parameter integer ADDRESS_WIDTH = 7,
    parameter integer SIZE_WIDTH = 5,
    parameter integer WIDTH = 32,
    parameter integer BURST = 2,
    parameter integer BURSTS = 2
) (
    input wire                     aclk,
    input wire                     aresetn,
    input wire                     start,
    input wire [ADDRESS_WIDTH-1:0] base,
    input wire                     beyond,
    input wire [SIZE_WIDTH-1:0]    length,
    input wire [SIZE_WIDTH-1:0]    count,
    input wire [8:0]               acknowledge,
    input wire                     hold,
    input wire                     arready,
    input wire [63:0]              rdata,
    input wire [1:0]               rresp,
    input wire                     rlast,
    input wire                     rvalid,
    input wire                     m_axis_tready
);

    localparam integer READS = BURSTS < 3 ? 3 : BURSTS;

    (* anyconst *) wire [ADDRESS_WIDTH-1:0] watch;

    wire                     answer;
    wire [8:0]               flags;
    wire                     busy;
    wire                     full;
    wire                     idle;
    wire [SIZE_WIDTH-1:0]    images;
    wire [3:0]               jobs;
    wire [ADDRESS_WIDTH-1:0] error_address;
    wire                     arvalid;
    wire [ADDRESS_WIDTH-1:0] araddr;
    wire [7:0]               arlen;
    wire                     rready;
    wire [WIDTH-1:0]         m_axis_tdata;
    wire                     m_axis_tlast;
    wire                     m_axis_tvalid;

    finn_dma_mm2s #(
        .ADDRESS_WIDTH (ADDRESS_WIDTH),
        .SIZE_WIDTH    (SIZE_WIDTH),
        .WIDTH         (WIDTH),
        .BURST         (BURST),
        .BURSTS        (BURSTS),
        .RAM_STYLE     ("distributed")
    ) u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .start         (start),
        .answer        (answer),
        .base          (base),
        .beyond        (beyond),
        .length        (length),
        .count         (count),
        .acknowledge   (acknowledge),
        .flags         (flags),
        .busy          (busy),
        .full          (full),
        .images        (images),
        .jobs          (jobs),
        .error_address (error_address),
        .hold          (hold),
        .idle          (idle),
        .m_axi_arvalid (arvalid),
        .m_axi_arready (arready),
        .m_axi_araddr  (araddr),
        .m_axi_arlen   (arlen),
        .m_axi_rvalid  (rvalid),
        .m_axi_rready  (rready),
        .m_axi_rdata   (rdata),
        .m_axi_rresp   (rresp),
        .m_axi_rlast   (rlast),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tlast  (m_axis_tlast),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );

    // ------------------------------------------------------------------ the ends
    reg started_q;
    initial started_q = 1'b0;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!started_q)
            reset_first: assume (!aresetn);
    end

    wire                       read_begins;
    wire [$clog2(READS+2)-1:0] reads;

    axi_rules #(
        .ADDRESS_WIDTH    (ADDRESS_WIDTH),
        .BURST            (BURST),
        // Bursts are aligned: none crosses a multiple of their length, which 4096 is.
        .BOUNDARY         (8 * BURST),
        .READS            (READS)
    ) u_rules (
        .aclk             (aclk),
        .aresetn          (aresetn),
        .awaddr           ({ADDRESS_WIDTH{1'b0}}),
        .awlen            (8'd0),
        .awvalid          (1'b0),
        .awready          (1'b0),
        .wdata            (64'd0),
        .wstrb            (8'd0),
        .wlast            (1'b0),
        .wvalid           (1'b0),
        .wready           (1'b0),
        .bresp            (2'd0),
        .bvalid           (1'b0),
        .bready           (1'b0),
        .araddr           (araddr),
        .arlen            (arlen),
        .arvalid          (arvalid),
        .arready          (arready),
        .rdata            (rdata),
        .rresp            (rresp),
        .rlast            (rlast),
        .rvalid           (rvalid),
        .rready           (rready),
        .pick             (1'b0),
        .write_begins     (),
        .read_begins      (read_begins),
        .reads            (reads),
        .writes           (),
        .owed             ()
    );

    axis_rules #(.WIDTH (WIDTH + 1)) u_stream (
        .aclk (aclk), .aresetn (aresetn), .tdata ({m_axis_tlast, m_axis_tdata}), .tvalid (m_axis_tvalid),
        .tready (m_axis_tready)
    );

    // ------------------------------------------------------------------ the buffer
    // A job stays as it is until it is answered.
    axis_rules #(.WIDTH (ADDRESS_WIDTH + 2 * SIZE_WIDTH + 1), .ASSUME (1)) u_job (
        .aclk (aclk), .aresetn (aresetn), .tdata ({base, beyond, length, count}), .tvalid (start), .tready (answer)
    );

    // What the queue hands on, which prove_dma_queue shows to be the job as it was programmed.
    (* hierconn *) wire                     \u_dut.memory_valid ;
    (* hierconn *) wire                     \u_dut.memory_ready ;
    (* hierconn *) wire [ADDRESS_WIDTH-4:0] \u_dut.memory_address ;
    (* hierconn *) wire [SIZE_WIDTH-3:0]    \u_dut.memory_beats ;

    wire [ADDRESS_WIDTH:0] first     = {\u_dut.memory_address , 3'd0};
    wire [ADDRESS_WIDTH:0] past_beat = first + 8 * \u_dut.memory_beats ;
    wire                   taken     = \u_dut.memory_valid && \u_dut.memory_ready ;
    wire                   others    = reads + read_begins != 0;

    // The beat of `watch` lies in the buffer of a job under way.
    reg allowed_beat;
    always @(posedge aclk)
        if (!aresetn) begin
            allowed_beat <= 1'b0;
        end else if (taken) begin
            allowed_beat <= (watch >= first && watch < past_beat) || (others && allowed_beat);
        end

    wire [ADDRESS_WIDTH-4:0] watched   = watch[ADDRESS_WIDTH-1:3];
    wire [ADDRESS_WIDTH:0]   last_beat = araddr[ADDRESS_WIDTH-1:3] + arlen;
    wire                     requested = read_begins && watched >= araddr[ADDRESS_WIDTH-1:3] && watched <= last_beat;

    // ------------------------------------------------------------------ room
    // The FIFOs rely on it (SURE): none is full when a word comes.
    (* hierconn *) wire \u_dut.u_read.u_buffer.s_axis_tready ;
    (* hierconn *) wire \u_dut.u_read.u_requests.go ;
    (* hierconn *) wire \u_dut.u_read.u_requests.queue_ready ;

    // ------------------------------------------------------------------ stopping
    reg  held_q;     // the cycle before had hold
    reg  failed_q;   // the cycle before had the flag of an error of a transfer
    wire failed = flags[1] || flags[2];

    always @(posedge aclk) begin
        held_q   <= aresetn && hold;
        failed_q <= aresetn && failed;
        if (started_q) begin
            if (requested)
                no_request_outside: assert (allowed_beat);
            if (held_q || failed_q)
                no_request_after_a_stop: assert (!read_begins);
            if (rvalid)
                every_beat_has_its_place: assert (\u_dut.u_read.u_buffer.s_axis_tready );
            if (aresetn && \u_dut.u_read.u_requests.go )
                a_request_has_room: assert (\u_dut.u_read.u_requests.queue_ready );
            answers_are_awaited: assert (idle == (reads + read_begins == 0));
            answers_are_taken: assert (rready);
        end
    end

    // ------------------------------------------------------------------ what must be reachable
    reg erred_q;
    always @(posedge aclk) begin
        erred_q <= aresetn && (erred_q || failed);
        if (started_q && aresetn) begin
            two_under_way:     cover (reads == 2 && full);
            a_job_is_done:     cover (flags[0] && !busy);
            again_after_error: cover (erred_q && !failed && m_axis_tvalid && m_axis_tlast);
            images_follow:     cover (images == 2 && m_axis_tvalid);
        end
    end

endmodule

`default_nettype wire
