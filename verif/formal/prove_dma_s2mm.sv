// SPDX-License-Identifier: Apache-2.0
//
// prove_dma_s2mm: a DMA channel from a stream to memory with its properties. Beside the rules of AXI4: no byte is written
// and no beat requested outside the buffers of the jobs under way, whatever the stream does; data of a burst wait for
// nothing but the memory; `hold` and errors stop the requests, and the channel is idle when all are answered.
`default_nettype none

module prove_dma_s2mm #(
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
    input wire [WIDTH-1:0]         s_axis_tdata,
    input wire                     s_axis_tlast,
    input wire                     s_axis_tvalid,
    input wire                     awready,
    input wire                     wready,
    input wire [1:0]               bresp,
    input wire                     bvalid,
    input wire                     pick
);

    localparam integer WRITES = BURSTS < 3 ? 3 : BURSTS;
    // Cycles from a request to its data.
    localparam integer OFFER_WITHIN = 3;

    (* anyconst *) wire [ADDRESS_WIDTH-1:0] watch;

    wire                     answer;
    wire [8:0]               flags;
    wire                     busy;
    wire                     full;
    wire                     idle;
    wire [SIZE_WIDTH-1:0]    images;
    wire [3:0]               jobs;
    wire [ADDRESS_WIDTH-1:0] error_address;
    wire                     s_axis_tready;
    wire                     awvalid;
    wire [ADDRESS_WIDTH-1:0] awaddr;
    wire [7:0]               awlen;
    wire                     wvalid;
    wire [63:0]              wdata;
    wire [7:0]               wstrb;
    wire                     wlast;
    wire                     bready;

    finn_dma_s2mm #(
        .ADDRESS_WIDTH (ADDRESS_WIDTH),
        .SIZE_WIDTH    (SIZE_WIDTH),
        .WIDTH         (WIDTH),
        .BURST         (BURST),
        .BURSTS        (BURSTS)
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
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tlast  (s_axis_tlast),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axi_awvalid (awvalid),
        .m_axi_awready (awready),
        .m_axi_awaddr  (awaddr),
        .m_axi_awlen   (awlen),
        .m_axi_wvalid  (wvalid),
        .m_axi_wready  (wready),
        .m_axi_wdata   (wdata),
        .m_axi_wstrb   (wstrb),
        .m_axi_wlast   (wlast),
        .m_axi_bvalid  (bvalid),
        .m_axi_bready  (bready),
        .m_axi_bresp   (bresp)
    );

    // ------------------------------------------------------------------ the ends
    reg started_q;
    initial started_q = 1'b0;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!started_q)
            reset_first: assume (!aresetn);
    end

    wire                        write_begins;
    wire [$clog2(WRITES+2)-1:0] writes;
    wire [$clog2(WRITES+2)-1:0] owed;

    wire [ADDRESS_WIDTH-4:0] watched    = watch[ADDRESS_WIDTH-1:3];
    wire [ADDRESS_WIDTH:0]   last_beat  = awaddr[ADDRESS_WIDTH-1:3] + awlen;
    wire                     requested  = write_begins && watched >= awaddr[ADDRESS_WIDTH-1:3] && watched <= last_beat;

    axi_rules #(
        .ADDRESS_WIDTH    (ADDRESS_WIDTH),
        .BURST            (BURST),
        // Bursts are aligned: none crosses a multiple of their length, which 4096 is.
        .BOUNDARY         (8 * BURST),
        .WRITES           (WRITES)
    ) u_rules (
        .aclk             (aclk),
        .aresetn          (aresetn),
        .awaddr           (awaddr),
        .awlen            (awlen),
        .awvalid          (awvalid),
        .awready          (awready),
        .wdata            (wdata),
        .wstrb            (wstrb),
        .wlast            (wlast),
        .wvalid           (wvalid),
        .wready           (wready),
        .bresp            (bresp),
        .bvalid           (bvalid),
        .bready           (bready),
        .araddr           ({ADDRESS_WIDTH{1'b0}}),
        .arlen            (8'd0),
        .arvalid          (1'b0),
        .arready          (1'b0),
        .rdata            (64'd0),
        .rresp            (2'd0),
        .rlast            (1'b0),
        .rvalid           (1'b0),
        .rready           (1'b0),
        .pick             (pick),
        .write_begins     (write_begins),
        .read_begins      (),
        .reads            (),
        .writes           (writes),
        .owed             (owed)
    );

    axis_rules #(.WIDTH (WIDTH + 1), .ASSUME (1)) u_stream (
        .aclk (aclk), .aresetn (aresetn), .tdata ({s_axis_tlast, s_axis_tdata}), .tvalid (s_axis_tvalid),
        .tready (s_axis_tready)
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
    (* hierconn *) wire [2:0]               \u_dut.memory_tail ;

    wire [ADDRESS_WIDTH:0] first  = {\u_dut.memory_address , 3'd0};
    wire [ADDRESS_WIDTH:0] past   = first + 8 * \u_dut.memory_beats ;
    wire                   taken  = \u_dut.memory_valid && \u_dut.memory_ready ;
    wire                   others = writes + write_begins != 0;

    // The beat of `watch` lies in the buffer of a job under way.
    reg allowed;
    always @(posedge aclk)
        if (!aresetn)
            allowed <= 1'b0;
        else if (taken)
            allowed <= (watch >= first && watch < past) || (others && allowed);

    // The last beat of the job whose bursts are cut, and the strobes that leave out the bytes behind it.
    reg [ADDRESS_WIDTH-4:0] end_q;
    reg [7:0]               strobe_q;
    always @(posedge aclk)
        if (taken) begin
            end_q    <= \u_dut.memory_address + \u_dut.memory_beats - 1;
            strobe_q <= \u_dut.memory_tail == 0 ? 8'hff : (9'd1 << \u_dut.memory_tail ) - 1;
        end

    // Strobes of the last beat of the bursts whose data are owed, the oldest first.
    wire       w_ends = wvalid && wready && wlast;
    wire [7:0] newest = last_beat[ADDRESS_WIDTH-4:0] == end_q ? strobe_q : 8'hff;
    reg [7:0]  oldest_q;
    reg [7:0]  second_q;
    always @(posedge aclk) begin
        if (w_ends)
            oldest_q <= second_q;
        if (write_begins && owed == w_ends)
            oldest_q <= newest;
        if (write_begins && owed != w_ends)
            second_q <= newest;
    end

    // ------------------------------------------------------------------ room
    // The FIFOs rely on it (SURE): none is full when a word comes.
    (* hierconn *) wire \u_dut.u_write.beat_valid ;
    (* hierconn *) wire \u_dut.u_write.room ;
    (* hierconn *) wire \u_dut.u_write.u_requests.go ;
    (* hierconn *) wire \u_dut.u_write.u_requests.queue_ready ;

    // ------------------------------------------------------------------ stopping
    reg       held_q;      // the cycle before had hold
    reg       failed_q;    // the cycle before had the flag of an error of a transfer
    reg [2:0] silent_q;    // cycles in a row without data that are owed
    wire      failed = flags[1] || flags[2] || flags[8];

    always @(posedge aclk) begin
        held_q   <= aresetn && hold;
        failed_q <= aresetn && failed;
        silent_q <= !aresetn || owed == 0 || wvalid ? 0 : silent_q + (silent_q != 7);
        if (started_q) begin
            if (requested)
                no_request_outside: assert (allowed);
            if (wvalid)
                no_byte_behind_the_job: assert (wstrb == (wlast ? oldest_q : 8'hff));
            few_are_owed: assert (owed <= 2);
            if (held_q || failed_q)
                no_request_after_a_stop: assert (!write_begins);
            if (failed_q)
                no_word_after_an_error: assert (!s_axis_tready);
            if (aresetn && \u_dut.u_write.beat_valid )
                a_beat_has_room: assert (\u_dut.u_write.room );
            if (aresetn && \u_dut.u_write.u_requests.go )
                a_request_has_room: assert (\u_dut.u_write.u_requests.queue_ready );
            answers_are_awaited: assert (idle == (writes + write_begins == 0));
            idle_is_not_busy_with_data: assert (!idle || !wvalid);
            data_wait_for_no_stream: assert (silent_q <= OFFER_WITHIN);
            answers_are_taken: assert (bready);
        end
    end

    // ------------------------------------------------------------------ what must be reachable
    reg erred_q;
    always @(posedge aclk) begin
        erred_q <= aresetn && (erred_q || failed);
        if (started_q && aresetn) begin
            part_of_a_beat:    cover (wvalid && wstrb == 8'h0f);
            two_under_way:     cover (writes == 2 && full);
            a_job_is_done:     cover (flags[0] && !busy);
            again_after_error: cover (erred_q && !failed && wvalid);
            a_wrong_frame:     cover (flags[8] && !busy && images != 0);
        end
    end

endmodule

`default_nettype wire
