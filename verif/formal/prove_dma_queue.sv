// SPDX-License-Identifier: Apache-2.0
//
// prove_dma_queue: the queue of a DMA channel with its properties: every job that is legal and has room is queued, none
// that is not, and the two ends get what was programmed, by the definition: images times length, by multiplication.
`default_nettype none

module prove_dma_queue #(
    parameter integer ADDRESS_WIDTH = 6,
    parameter integer SIZE_WIDTH = 4,
    parameter integer WORD_BYTES = 4
) (
    input wire                     aclk,
    input wire                     aresetn,
    input wire                     start,
    input wire [ADDRESS_WIDTH-1:0] base,
    input wire                     beyond,
    input wire [SIZE_WIDTH-1:0]    length,
    input wire [SIZE_WIDTH-1:0]    count,
    input wire                     blocked,
    input wire                     drop,
    input wire                     memory_ready,
    input wire                     stream_ready
);

    localparam integer WIDE = ADDRESS_WIDTH + 2 * SIZE_WIDTH + 1;

    wire                     answer;
    wire                     misaligned;
    wire                     bad_length;
    wire                     bad_count;
    wire                     oversized;
    wire                     overrun;
    wire                     full;
    wire                     memory_valid;
    wire [ADDRESS_WIDTH-4:0] memory_address;
    wire [SIZE_WIDTH-3:0]    memory_beats;
    wire [2:0]               memory_tail;
    wire                     stream_valid;
    wire [SIZE_WIDTH-1:0]    stream_words;
    wire [SIZE_WIDTH-1:0]    stream_images;

    finn_dma_queue #(
        .ADDRESS_WIDTH  (ADDRESS_WIDTH),
        .SIZE_WIDTH     (SIZE_WIDTH),
        .WORD_BYTES     (WORD_BYTES)
    ) u_dut (
        .aclk           (aclk),
        .aresetn        (aresetn),
        .start          (start),
        .answer         (answer),
        .base           (base),
        .beyond         (beyond),
        .length         (length),
        .count          (count),
        .misaligned     (misaligned),
        .bad_length     (bad_length),
        .bad_count      (bad_count),
        .oversized      (oversized),
        .overrun        (overrun),
        .blocked        (blocked),
        .drop           (drop),
        .full           (full),
        .memory_valid   (memory_valid),
        .memory_ready   (memory_ready),
        .memory_address (memory_address),
        .memory_beats   (memory_beats),
        .memory_tail    (memory_tail),
        .stream_valid   (stream_valid),
        .stream_ready   (stream_ready),
        .stream_words   (stream_words),
        .stream_images  (stream_images)
    );

    reg started_q;
    initial started_q = 1'b0;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!started_q)
            reset_first: assume (!aresetn);
    end

    // A job stays as it is until it is answered.
    axis_rules #(.WIDTH (ADDRESS_WIDTH + 2 * SIZE_WIDTH + 1), .ASSUME (1)) u_job (
        .aclk (aclk), .aresetn (aresetn), .tdata ({base, beyond, length, count}), .tvalid (start), .tready (answer)
    );

    // ------------------------------------------------------------------ the definition
    wire [WIDE-1:0] total = length * count;
    wire [WIDE-1:0] past  = base + total;
    wire is_misaligned = base % 8 != 0;
    wire is_bad_length = length == 0 || length % WORD_BYTES != 0;
    wire is_bad_count  = count == 0;
    wire is_oversized  = beyond || total >= 1 << SIZE_WIDTH || past > 1 << ADDRESS_WIDTH;
    wire legal         = !is_misaligned && !is_bad_length && !is_bad_count && !is_oversized;
    wire queued        = answer && legal && !full && !blocked;

    reg                     memory_waits_q;
    reg                     stream_waits_q;
    reg [ADDRESS_WIDTH-1:0] base_q;
    reg [SIZE_WIDTH-1:0]    total_q;
    reg [SIZE_WIDTH-1:0]    length_q;
    reg [SIZE_WIDTH-1:0]    count_q;

    always @(posedge aclk)
        if (!aresetn || drop) begin
            memory_waits_q <= 1'b0;
            stream_waits_q <= 1'b0;
        end else begin
            memory_waits_q <= queued || (memory_waits_q && !memory_ready);
            stream_waits_q <= queued || (stream_waits_q && !stream_ready);
        end

    always @(posedge aclk)
        if (queued) begin
            base_q   <= base;
            total_q  <= total[SIZE_WIDTH-1:0];
            length_q <= length;
            count_q  <= count;
        end

`ifdef INDUCTION
    // What no prover finds: the sum after the highest bits of count.
    localparam integer INDEX_WIDTH = $clog2(SIZE_WIDTH);
    (* hierconn *) wire [1:0]             \u_dut.state_q ;
    (* hierconn *) wire [INDEX_WIDTH-1:0] \u_dut.index_q ;
    (* hierconn *) wire [SIZE_WIDTH-1:0]  \u_dut.total_q ;
    (* hierconn *) wire                   \u_dut.too_many_q ;
    (* hierconn *) wire [ADDRESS_WIDTH:0] \u_dut.end_q ;
    (* hierconn *) wire [ADDRESS_WIDTH-4:0] \u_dut.address_q ;

    wire [1:0]      state   = \u_dut.state_q ;
    wire [WIDE-1:0] partial = length * (state == 2'd1 ? {1'b0, count} >> (\u_dut.index_q + 1) : {1'b0, count});
    reg             waited_q;   // the job has been there since the cycle before

    always @(posedge aclk) begin
        waited_q <= aresetn && start && !answer;
        if (started_q && aresetn) begin
            index_in_range:  assert (state != 2'd1 || \u_dut.index_q < SIZE_WIDTH);
            work_is_on_a_job: assert (state == 2'd0 || waited_q);
            if (state != 2'd0) begin
                sum_is_partial:  assert (\u_dut.too_many_q || \u_dut.total_q == partial);
                sum_overflows:   assert (\u_dut.too_many_q == (partial >= 1 << SIZE_WIDTH));
            end
            if (state == 2'd3)
                end_is_behind: assert (\u_dut.end_q == {1'b0, base} + \u_dut.total_q );
        end
    end
`endif

    always @(posedge aclk)
        if (started_q) begin
            answers_a_job_alone: assert (!answer || start || !aresetn);
            if (answer && start) begin
                misaligned_is_told: assert (misaligned == is_misaligned);
                bad_length_is_told: assert (bad_length == is_bad_length);
                bad_count_is_told:  assert (bad_count == is_bad_count);
                oversized_is_told:  assert (oversized == is_oversized);
                overrun_is_told:    assert (overrun == (full || blocked));
            end else
                nothing_else_is_told: assert (!misaligned && !bad_length && !bad_count && !oversized && !overrun
                                              || !aresetn);
            memory_waits: assert (memory_valid == memory_waits_q);
            stream_waits: assert (stream_valid == stream_waits_q);
            is_full:      assert (full == (memory_waits_q || stream_waits_q));
            if (memory_valid) begin
                address_is_the_base:  assert (memory_address == base_q / 8);
                beats_hold_the_job:   assert (memory_beats == (total_q + 7) / 8);
                tail_is_what_is_left: assert (memory_tail == total_q % 8);
            end
            if (stream_valid) begin
                words_of_an_image: assert (stream_words == length_q / WORD_BYTES);
                images_of_the_job: assert (stream_images == count_q);
            end
            if (aresetn) begin
                taken_at_once:     cover (memory_valid && memory_ready && stream_ready && (memory_tail == 4 || WORD_BYTES == 8));
                a_job_of_two:      cover (stream_valid && !memory_valid && count_q == 2);
                the_last_address:  cover (memory_valid && base_q + total_q == 1 << ADDRESS_WIDTH);
                too_long:          cover (answer && oversized && !beyond && !misaligned && !bad_length);
                too_many:          cover (overrun);
            end
        end

endmodule

`default_nettype wire
