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
    wire                     stream_one_word;
    wire                     stream_one_image;

    finn_dma_queue #(
        .ADDRESS_WIDTH    (ADDRESS_WIDTH),
        .SIZE_WIDTH       (SIZE_WIDTH),
        .WORD_BYTES       (WORD_BYTES)
    ) u_dut (
        .aclk             (aclk),
        .aresetn          (aresetn),
        .start            (start),
        .answer           (answer),
        .base             (base),
        .beyond           (beyond),
        .length           (length),
        .count            (count),
        .misaligned       (misaligned),
        .bad_length       (bad_length),
        .bad_count        (bad_count),
        .oversized        (oversized),
        .overrun          (overrun),
        .blocked          (blocked),
        .drop             (drop),
        .full             (full),
        .memory_valid     (memory_valid),
        .memory_ready     (memory_ready),
        .memory_address   (memory_address),
        .memory_beats     (memory_beats),
        .memory_tail      (memory_tail),
        .stream_valid     (stream_valid),
        .stream_ready     (stream_ready),
        .stream_words     (stream_words),
        .stream_images    (stream_images),
        .stream_one_word  (stream_one_word),
        .stream_one_image (stream_one_image)
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
    localparam [2:0] MULTIPLY = 3'd1, ADD = 3'd2, JUDGE = 3'd3, TELL = 3'd4;
    localparam integer INDEX_WIDTH = $clog2(SIZE_WIDTH);
    localparam [INDEX_WIDTH-1:0] NONE = {INDEX_WIDTH{1'b1}};
    (* hierconn *) wire [2:0]             \u_dut.state_q ;
    (* hierconn *) wire                   \u_dut.bit_q ;
    (* hierconn *) wire [INDEX_WIDTH-1:0] \u_dut.index_q ;
    (* hierconn *) wire [SIZE_WIDTH+1:0]  \u_dut.total_q ;
    (* hierconn *) wire                   \u_dut.too_many_q ;
    (* hierconn *) wire [ADDRESS_WIDTH:0] \u_dut.end_q ;
    (* hierconn *) wire                   \u_dut.short_q ;
    (* hierconn *) wire                   \u_dut.few_q ;
    (* hierconn *) wire                   \u_dut.legal_q ;
    (* hierconn *) wire                   \u_dut.oversized_q ;

    wire [2:0]             state = \u_dut.state_q ;
    wire [INDEX_WIDTH-1:0] index = \u_dut.index_q ;
    wire [SIZE_WIDTH+1:0]  sum   = \u_dut.total_q ;
    // Bits of count that are still to come: the one that was fetched, and those from `index` down.
    wire [INDEX_WIDTH:0]   left     = state != MULTIPLY ? 0 : index == NONE ? 1 : index + 2;
    wire [WIDE-1:0]        partial  = length * ({1'b0, count} >> left);
    wire                   overflow = partial >= 1 << SIZE_WIDTH;
    wire                   grown    = sum >= 1 << SIZE_WIDTH;
    reg                    waited_q;   // the job has been there since the cycle before
    reg                    ran_q;      // no reset in the cycle before

    always @(posedge aclk) begin
        waited_q <= aresetn && start && !answer;
        ran_q    <= aresetn;
        if (started_q && aresetn) begin
            index_in_range:   assert (state != MULTIPLY || index == NONE || index < SIZE_WIDTH - 1);
            index_waits:      assert (state == MULTIPLY || state == ADD || !ran_q || index == SIZE_WIDTH - 1);
            states_are_known: assert (state <= TELL);
            work_is_on_a_job: assert (state == 3'd0 || waited_q);
            if (state == MULTIPLY)
                the_bit_is_fetched: assert (\u_dut.bit_q == count[left-1]);
            if (state != 3'd0) begin
                sum_is_partial:  assert (overflow || sum == partial);
                sum_overflows:   assert ((\u_dut.too_many_q || grown) == overflow);
                length_is_known: assert (\u_dut.short_q == (length < 2 * WORD_BYTES));
                count_is_known:  assert (\u_dut.few_q == (count < 2));
            end
            if (state == JUDGE || state == TELL) begin
                end_is_behind:   assert (\u_dut.end_q == {1'b0, base} + sum[SIZE_WIDTH-1:0]);
                overflow_stays:  assert (\u_dut.too_many_q == overflow);
            end
            if (state == TELL) begin
                size_is_judged:  assert (\u_dut.oversized_q == is_oversized);
                rest_is_judged:  assert (\u_dut.legal_q == (!is_misaligned && !is_bad_length && !is_bad_count));
            end
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
                one_word_is_told:  assert (stream_one_word == (length_q == WORD_BYTES));
                one_image_is_told: assert (stream_one_image == (count_q == 1));
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
