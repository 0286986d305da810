// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_queue: checks a DMA job as it was programmed and holds it until both ends of the channel have taken it.
//
// Throughput   a job every SIZE_WIDTH + 4 cycles
// Latency      SIZE_WIDTH + 4 cycles from `start` to `answer`: one addition a cycle gives length * count
// Queue        one job; the memory end and the stream end take it when each is ready
// Limits       SIZE_WIDTH is at least 4, and no more than ADDRESS_WIDTH
`default_nettype none

module finn_dma_queue #(
    // Bits of an address.
    parameter integer ADDRESS_WIDTH = 32,
    // Bits of length and count, and of their product.
    parameter integer SIZE_WIDTH = 32,
    // Bytes of a stream's word: 1, 2, 4 or 8.
    parameter integer WORD_BYTES = 8
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // The job: high, with the values below, until `answer`.
    input  wire                     start,
    output wire                     answer,
    input  wire [ADDRESS_WIDTH-1:0] base,
    // The base has bits above ADDRESS_WIDTH.
    input  wire                     beyond,
    // Bytes of an image, and images.
    input  wire [SIZE_WIDTH-1:0]    length,
    input  wire [SIZE_WIDTH-1:0]    count,

    // What is wrong with the job, high for the cycle of `answer`; such a job is not queued.
    output wire                     misaligned,
    output wire                     bad_length,
    output wire                     bad_count,
    output wire                     oversized,
    output wire                     overrun,

    // No job may be queued now.
    input  wire                     blocked,
    // Drop the job that waits.
    input  wire                     drop,
    output wire                     full,

    // For the memory end: beats of 8 bytes, and bytes of the last one, 0 for 8.
    output wire                     memory_valid,
    input  wire                     memory_ready,
    output wire [ADDRESS_WIDTH-4:0] memory_address,
    output wire [SIZE_WIDTH-3:0]    memory_beats,
    output wire [2:0]               memory_tail,

    // For the stream end: words of an image, and images.
    output wire                     stream_valid,
    input  wire                     stream_ready,
    output wire [SIZE_WIDTH-1:0]    stream_words,
    output wire [SIZE_WIDTH-1:0]    stream_images,
    // Either is 1.
    output wire                     stream_one_word,
    output wire                     stream_one_image
);

    localparam integer WORD_BITS   = $clog2(WORD_BYTES);
    localparam integer INDEX_WIDTH = $clog2(SIZE_WIDTH);
    localparam integer TOP_INDEX   = SIZE_WIDTH - 1;

    // synthesis translate_off
    initial begin
        if (WORD_BYTES != 1 && WORD_BYTES != 2 && WORD_BYTES != 4 && WORD_BYTES != 8) begin
            $display("ERROR %m: WORD_BYTES=%0d, but it must be 1, 2, 4 or 8", WORD_BYTES);
            $finish;
        end
        if (SIZE_WIDTH < 4 || ADDRESS_WIDTH < SIZE_WIDTH) begin
            $display("ERROR %m: SIZE_WIDTH=%0d ADDRESS_WIDTH=%0d, but sizes have 4 bits or more, addresses no fewer",
                     SIZE_WIDTH, ADDRESS_WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    // ------------------------------------------------------------------ check
    localparam [2:0] IDLE = 3'd0, MULTIPLY = 3'd1, ADD = 3'd2, JUDGE = 3'd3, TELL = 3'd4;

    reg [2:0]             state_q;
    reg                   bit_q;        // the bit of count that comes next, the highest first
    reg [INDEX_WIDTH-1:0] index_q;      // the place of the one behind it, -1 when there is none
    reg [SIZE_WIDTH+1:0]  total_q;      // length times the bits of count so far, and what has left SIZE_WIDTH bits
    reg                   too_many_q;   // something has
    reg [ADDRESS_WIDTH:0] end_q;        // the address behind the last byte
    reg                   short_q;      // the length is less than two words
    reg                   few_q;        // the count is less than two
    reg                   legal_q;      // but for its size
    reg                   oversized_q;

    wire [SIZE_WIDTH-1:0] total = total_q[SIZE_WIDTH-1:0];

    always @(posedge aclk)
        if (!aresetn)
            state_q <= IDLE;
        else
            case (state_q)
                IDLE:
                    if (start)
                        state_q <= MULTIPLY;
                MULTIPLY:
                    if (index_q == {INDEX_WIDTH{1'b1}})
                        state_q <= ADD;
                ADD: state_q <= JUDGE;
                JUDGE: state_q <= TELL;
                default: state_q <= IDLE;
            endcase

    always @(posedge aclk) begin
        bit_q   <= count[index_q];
        index_q <= state_q == MULTIPLY || (state_q == IDLE && start) ? index_q - 1'b1 : TOP_INDEX[INDEX_WIDTH-1:0];
    end

    always @(posedge aclk)
        if (state_q == IDLE)
            total_q <= {(SIZE_WIDTH+2){1'b0}};
        else if (state_q == MULTIPLY)
            total_q <= {1'b0, total, 1'b0} + {2'd0, bit_q ? length : {SIZE_WIDTH{1'b0}}};

    // The job stands from `start` on: what is wrong with it is told when all of it is known.
    always @(posedge aclk) begin
        too_many_q  <= state_q != IDLE && (too_many_q || total_q[SIZE_WIDTH+1:SIZE_WIDTH] != 2'd0);
        end_q       <= {1'b0, base} + {{(ADDRESS_WIDTH-SIZE_WIDTH+1){1'b0}}, total};
        short_q     <= length >> (WORD_BITS + 1) == {SIZE_WIDTH{1'b0}};
        few_q       <= count >> 1 == {SIZE_WIDTH{1'b0}};
        legal_q     <= base[2:0] == 3'd0 && !ragged && (length[WORD_BITS] || !short_q) && (count[0] || !few_q);
        oversized_q <= beyond || too_many_q || past_the_end;
    end

    // The last byte may be the last one that there is.
    wire past_the_end = end_q[ADDRESS_WIDTH] && end_q[ADDRESS_WIDTH-1:0] != {ADDRESS_WIDTH{1'b0}};
    wire ragged;

    assign answer     = state_q == TELL;
    assign misaligned = answer && base[2:0] != 3'd0;
    assign bad_length = answer && (ragged || (short_q && !length[WORD_BITS]));
    assign bad_count  = answer && few_q && !count[0];
    assign oversized  = answer && oversized_q;
    assign overrun    = answer && (full || blocked);

    generate
        if (WORD_BITS == 0) begin : g_bytes
            assign ragged       = 1'b0;
            assign stream_words = length_q;
        end else begin : g_words
            assign ragged       = length[WORD_BITS-1:0] != {WORD_BITS{1'b0}};
            assign stream_words = length_q >> WORD_BITS;
        end
    endgenerate

    // ------------------------------------------------------------------ queue
    reg                     memory_waits_q;   // the job has not been taken by the memory end
    reg                     stream_waits_q;
    reg [ADDRESS_WIDTH-4:0] address_q;
    reg [SIZE_WIDTH-3:0]    beats_q;
    reg [2:0]               tail_q;
    reg [SIZE_WIDTH-1:0]    length_q;
    reg [SIZE_WIDTH-1:0]    images_q;
    reg                     one_word_q;
    reg                     one_image_q;

    wire [SIZE_WIDTH-1:0] whole_beats = total >> 3;
    wire unused_beats = &{1'b0, whole_beats[SIZE_WIDTH-1:SIZE_WIDTH-2]};
    wire queue = answer && legal_q && !oversized_q && !overrun;

    assign full             = memory_waits_q || stream_waits_q;
    assign memory_valid     = memory_waits_q;
    assign memory_address   = address_q;
    assign memory_beats     = beats_q;
    assign memory_tail      = tail_q;
    assign stream_valid     = stream_waits_q;
    assign stream_images    = images_q;
    assign stream_one_word  = one_word_q;
    assign stream_one_image = one_image_q;

    always @(posedge aclk)
        if (!aresetn || drop) begin
            memory_waits_q <= 1'b0;
            stream_waits_q <= 1'b0;
        end else if (queue) begin
            memory_waits_q <= 1'b1;
            stream_waits_q <= 1'b1;
        end else begin
            if (memory_ready)
                memory_waits_q <= 1'b0;
            if (stream_ready)
                stream_waits_q <= 1'b0;
        end

    // A job that is refused lies here too, as long as none waits.
    always @(posedge aclk)
        if (answer && !full) begin
            address_q   <= base[ADDRESS_WIDTH-1:3];
            beats_q     <= whole_beats[SIZE_WIDTH-3:0] + {{(SIZE_WIDTH-3){1'b0}}, total[2:0] != 3'd0};
            tail_q      <= total[2:0];
            length_q    <= length;
            images_q    <= count;
            one_word_q  <= short_q;
            one_image_q <= few_q;
        end

endmodule

`default_nettype wire
