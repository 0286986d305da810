// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_mm2s: a DMA channel from memory to an AXI-Stream.
//
// Throughput   a beat of 64 bits a cycle, if the room of BURSTS bursts covers the memory's latency; a queued job
//              follows the one before after one cycle without a word
// Latency      3 cycles from a beat of the memory to its first word
// Errors       a job that is wrong is not queued; a bus error stops the channel
// Limits       BURSTS >= 2
`default_nettype none

module finn_dma_mm2s #(
    // Bits of an address in bytes.
    parameter integer ADDRESS_WIDTH = 32,
    // Bits of length and count, and of their product.
    parameter integer SIZE_WIDTH = 32,
    // Bits of a stream's word: 8, 16, 32 or 64.
    parameter integer WIDTH = 64,
    // Most beats of a burst: a power of two.
    parameter integer BURST = 16,
    // Bursts that the buffer has room for, and that may be under way.
    parameter integer BURSTS = 8,
    // "distributed" or "block": where the buffer lies.
    parameter         RAM_STYLE = "block"
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // A job: finn_dma_queue.
    input  wire                     start,
    output wire                     answer,
    input  wire [ADDRESS_WIDTH-1:0] base,
    input  wire                     beyond,
    input  wire [SIZE_WIDTH-1:0]    length,
    input  wire [SIZE_WIDTH-1:0]    count,

    // What became of it: finn_dma_status.
    input  wire [8:0]               acknowledge,
    output wire [8:0]               flags,
    output wire                     busy,
    output wire                     full,
    output wire [SIZE_WIDTH-1:0]    images,
    output wire [3:0]               jobs,
    output wire [ADDRESS_WIDTH-1:0] error_address,

    // Request no further burst; no burst is under way.
    input  wire                     hold,
    output wire                     idle,

    output wire                     m_axi_arvalid,
    input  wire                     m_axi_arready,
    output wire [ADDRESS_WIDTH-1:0] m_axi_araddr,
    output wire [7:0]               m_axi_arlen,
    input  wire                     m_axi_rvalid,
    output wire                     m_axi_rready,
    input  wire [63:0]              m_axi_rdata,
    input  wire [1:0]               m_axi_rresp,
    input  wire                     m_axi_rlast,

    output wire [WIDTH-1:0]         m_axis_tdata,
    output wire                     m_axis_tlast,
    output wire                     m_axis_tvalid,
    input  wire                     m_axis_tready
);

    wire                       stop;
    wire                       clear;
    wire                       blocked;
    wire                       misaligned;
    wire                       bad_length;
    wire                       bad_count;
    wire                       oversized;
    wire                       overrun;
    wire                       memory_valid;
    wire                       memory_ready;
    wire [ADDRESS_WIDTH-4:0]   memory_address;
    wire [SIZE_WIDTH-3:0]      memory_beats;
    wire [2:0]                 memory_tail;
    wire                       stream_valid;
    wire                       stream_ready;
    wire [SIZE_WIDTH-1:0]      stream_words;
    wire [SIZE_WIDTH-1:0]      stream_images;
    wire                       stream_one_word;
    wire                       stream_one_image;
    wire                       burst_valid;
    wire                       burst_ready;
    wire [ADDRESS_WIDTH-4:0]   burst_address;
    wire [$clog2(BURST):0]     burst_beats;
    wire                       burst_last;
    wire                       beat_valid;
    wire                       beat_ready;
    wire [63:0]                beat_data;
    wire                       image_done;
    wire                       job_done;
    wire                       running;
    wire                       slave_error;
    wire                       decode_error;
    wire [ADDRESS_WIDTH-1:0]   failed_address;

    // A read may go beyond the job's last byte to the end of its beat.
    wire unused = &{1'b0, memory_tail, burst_last};

    assign busy = full || !memory_ready || running || !idle || stop;

    finn_dma_queue #(
        .ADDRESS_WIDTH       (ADDRESS_WIDTH),
        .SIZE_WIDTH          (SIZE_WIDTH),
        .WORD_BYTES          (WIDTH / 8)
    ) u_queue (
        .aclk                (aclk),
        .aresetn             (aresetn),
        .start               (start),
        .answer              (answer),
        .base                (base),
        .beyond              (beyond),
        .length              (length),
        .count               (count),
        .misaligned          (misaligned),
        .bad_length          (bad_length),
        .bad_count           (bad_count),
        .oversized           (oversized),
        .overrun             (overrun),
        .blocked             (blocked),
        .drop                (stop),
        .full                (full),
        .memory_valid        (memory_valid),
        .memory_ready        (memory_ready),
        .memory_address      (memory_address),
        .memory_beats        (memory_beats),
        .memory_tail         (memory_tail),
        .stream_valid        (stream_valid),
        .stream_ready        (stream_ready),
        .stream_words        (stream_words),
        .stream_images       (stream_images),
        .stream_one_word     (stream_one_word),
        .stream_one_image    (stream_one_image)
    );

    finn_dma_bursts #(
        .ADDRESS_WIDTH       (ADDRESS_WIDTH),
        .BEATS_WIDTH         (SIZE_WIDTH - 2),
        .BURST               (BURST)
    ) u_bursts (
        .aclk                (aclk),
        .aresetn             (aresetn),
        .drop                (stop),
        .run_valid           (memory_valid),
        .run_ready           (memory_ready),
        .run_address         (memory_address),
        .run_beats           (memory_beats),
        .burst_valid         (burst_valid),
        .burst_ready         (burst_ready),
        .burst_address       (burst_address),
        .burst_beats         (burst_beats),
        .burst_last          (burst_last)
    );

    finn_dma_read #(
        .ADDRESS_WIDTH       (ADDRESS_WIDTH),
        .BURST               (BURST),
        .BURSTS              (BURSTS),
        .RAM_STYLE           (RAM_STYLE)
    ) u_read (
        .aclk                (aclk),
        .aresetn             (aresetn),
        .hold                (hold || stop),
        .clear               (clear),
        .idle                (idle),
        .burst_valid         (burst_valid),
        .burst_ready         (burst_ready),
        .burst_address       (burst_address),
        .burst_beats         (burst_beats),
        .m_axi_arvalid       (m_axi_arvalid),
        .m_axi_arready       (m_axi_arready),
        .m_axi_araddr        (m_axi_araddr),
        .m_axi_arlen         (m_axi_arlen),
        .m_axi_rvalid        (m_axi_rvalid),
        .m_axi_rready        (m_axi_rready),
        .m_axi_rdata         (m_axi_rdata),
        .m_axi_rresp         (m_axi_rresp),
        .m_axi_rlast         (m_axi_rlast),
        .slave_error         (slave_error),
        .decode_error        (decode_error),
        .error_address       (failed_address),
        .beat_valid          (beat_valid),
        .beat_ready          (beat_ready),
        .beat_data           (beat_data)
    );

    finn_dma_unpack #(
        .WIDTH               (WIDTH),
        .SIZE_WIDTH          (SIZE_WIDTH)
    ) u_unpack (
        .aclk                (aclk),
        .aresetn             (aresetn),
        .drop                (stop),
        .job_valid           (stream_valid),
        .job_ready           (stream_ready),
        .job_words           (stream_words),
        .job_images          (stream_images),
        .job_one_word        (stream_one_word),
        .job_one_image       (stream_one_image),
        .running             (running),
        .beat_valid          (beat_valid),
        .beat_ready          (beat_ready),
        .beat_data           (beat_data),
        .m_axis_tdata        (m_axis_tdata),
        .m_axis_tlast        (m_axis_tlast),
        .m_axis_tvalid       (m_axis_tvalid),
        .m_axis_tready       (m_axis_tready),
        .image_done          (image_done),
        .job_done            (job_done)
    );

    finn_dma_status #(
        .ADDRESS_WIDTH       (ADDRESS_WIDTH),
        .SIZE_WIDTH          (SIZE_WIDTH)
    ) u_status (
        .aclk                (aclk),
        .aresetn             (aresetn),
        .events              ({1'b0, overrun, oversized, bad_count, bad_length, misaligned,
                               decode_error, slave_error, job_done}),
        .acknowledge         (acknowledge),
        .flags               (flags),
        .blocked             (blocked),
        .error_address       (failed_address),
        .first_error_address (error_address),
        .job_begins          (stream_valid && stream_ready && !stop),
        .image_done          (image_done),
        .images              (images),
        .jobs                (jobs),
        .idle                (idle),
        .stop                (stop),
        .clear               (clear)
    );

endmodule

`default_nettype wire
