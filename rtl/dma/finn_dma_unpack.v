// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_unpack: beats of 64 bits to the words of an AXI-Stream, with TLAST at the end of each image.
//
// Throughput   a word a cycle; one cycle without a word between two jobs
// Latency      1 cycle
// Order        the lowest bytes of a beat first; images follow each other without a gap, a job begins with a beat
// Limits       none
`default_nettype none

module finn_dma_unpack #(
    // Bits of a word: 8, 16, 32 or 64.
    parameter integer WIDTH = 64,
    // Bits of the numbers of words and images.
    parameter integer SIZE_WIDTH = 32
) (
    input  wire                  aclk,
    input  wire                  aresetn,

    // Forget the job; the word that is offered stays.
    input  wire                  drop,

    input  wire                  job_valid,
    output wire                  job_ready,
    // Words of an image, and images: at least 1.
    input  wire [SIZE_WIDTH-1:0] job_words,
    input  wire [SIZE_WIDTH-1:0] job_images,
    // Either is 1.
    input  wire                  job_one_word,
    input  wire                  job_one_image,
    // The last word of the job has not left.
    output wire                  running,

    input  wire                  beat_valid,
    output wire                  beat_ready,
    input  wire [63:0]           beat_data,

    output wire [WIDTH-1:0]      m_axis_tdata,
    output wire                  m_axis_tlast,
    output wire                  m_axis_tvalid,
    input  wire                  m_axis_tready,

    // High for the cycle in which the last word of an image, and of the job, leaves.
    output wire                  image_done,
    output wire                  job_done
);

    // synthesis translate_off
    initial begin
        if (WIDTH != 8 && WIDTH != 16 && WIDTH != 32 && WIDTH != 64) begin
            $display("ERROR %m: WIDTH=%0d, but it must be 8, 16, 32 or 64", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    reg  valid_q;
    reg  last_q;          // the word that is offered is the last one of its image
    reg  final_q;         // and of the job

    wire busy;
    wire image_ends;
    wire job_ends;
    wire more;            // the beat has further words
    wire free = !valid_q || m_axis_tready;
    wire step = free && busy && (more || beat_valid);

    assign job_ready     = !busy && free;
    assign beat_ready    = free && busy && !more;
    assign running       = busy || (valid_q && final_q);
    assign m_axis_tvalid = valid_q;
    assign m_axis_tlast  = last_q;
    assign image_done    = valid_q && m_axis_tready && last_q;
    assign job_done      = valid_q && m_axis_tready && final_q;

    finn_dma_images #(
        .SIZE_WIDTH (SIZE_WIDTH)
    ) u_images (
        .aclk       (aclk),
        .aresetn    (aresetn),
        .drop       (drop),
        .begins     (job_valid && job_ready),
        .words      (job_words),
        .images     (job_images),
        .one_word   (job_one_word),
        .one_image  (job_one_image),
        .step       (step),
        .spoilt     (1'b0),
        .busy       (busy),
        .image_ends (image_ends),
        .job_ends   (job_ends)
    );

    always @(posedge aclk)
        if (!aresetn)
            valid_q <= 1'b0;
        else if (free)
            valid_q <= step;

    always @(posedge aclk)
        if (step) begin
            last_q  <= image_ends;
            final_q <= job_ends;
        end

    generate
        if (WIDTH == 64) begin : g_beat
            reg [63:0] beat_q;
            assign more         = 1'b0;
            assign m_axis_tdata = beat_q;
            always @(posedge aclk)
                if (step)
                    beat_q <= beat_data;
        end else begin : g_lanes
            localparam integer LANES      = 64 / WIDTH;
            localparam integer LANE_WIDTH = $clog2(LANES);
            localparam integer LAST_LANE  = LANES - 1;

            reg [63:0]           beat_q;
            reg [LANE_WIDTH-1:0] lanes_q;   // words of the beat behind the one that is offered

            assign more         = lanes_q != {LANE_WIDTH{1'b0}};
            assign m_axis_tdata = beat_q[WIDTH-1:0];

            always @(posedge aclk)
                if (step)
                    beat_q <= more ? {{WIDTH{1'b0}}, beat_q[63:WIDTH]} : beat_data;

            // What is left of a beat behind the end of a job is thrown away.
            always @(posedge aclk)
                if (!busy)
                    lanes_q <= {LANE_WIDTH{1'b0}};
                else if (step)
                    lanes_q <= more ? lanes_q - 1'b1 : LAST_LANE[LANE_WIDTH-1:0];
        end
    endgenerate

endmodule

`default_nettype wire
