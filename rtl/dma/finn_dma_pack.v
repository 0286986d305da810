// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_pack: the words of an AXI-Stream to beats of 64 bits, with a check that TLAST ends each image.
//
// Throughput   a word a cycle; one cycle without a word between two jobs
// Latency      from the last word of a beat to the beat 1 cycle, none where a word is a beat
// Order        the first word in the lowest bytes; images follow each other without a gap, a job begins with a beat
// Limits       none
`default_nettype none

module finn_dma_pack #(
    // Bits of a word: 8, 16, 32 or 64.
    parameter integer WIDTH = 64,
    // Bits of the numbers of words and images.
    parameter integer SIZE_WIDTH = 32
) (
    input  wire                  aclk,
    input  wire                  aresetn,

    // Forget the job.
    input  wire                  drop,

    input  wire                  job_valid,
    output wire                  job_ready,
    // Words of an image, and images: at least 1.
    input  wire [SIZE_WIDTH-1:0] job_words,
    input  wire [SIZE_WIDTH-1:0] job_images,
    // Either is 1.
    input  wire                  job_one_word,
    input  wire                  job_one_image,
    // The last word of the job has not come.
    output wire                  running,

    input  wire [WIDTH-1:0]      s_axis_tdata,
    input  wire                  s_axis_tlast,
    input  wire                  s_axis_tvalid,
    output wire                  s_axis_tready,

    // A beat follows the last one of its words, which is taken with beat_ready.
    output wire                  beat_valid,
    input  wire                  beat_ready,
    output wire [63:0]           beat_data,

    // High for the cycle in which the last word of an image comes.
    output wire                  image_done,
    // High for the cycle of a word whose TLAST is wrong; the job is forgotten, its beats are void.
    output wire                  frame_error
);

    // synthesis translate_off
    initial begin
        if (WIDTH != 8 && WIDTH != 16 && WIDTH != 32 && WIDTH != 64) begin
            $display("ERROR %m: WIDTH=%0d, but it must be 8, 16, 32 or 64", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    wire busy;
    wire image_ends;
    wire job_ends;
    // What an error makes void is not held back by it, since TLAST comes late.
    wire wrong = s_axis_tlast != image_ends;
    wire come  = s_axis_tvalid && busy && beat_ready;

    assign job_ready     = !busy;
    assign running       = busy;
    assign s_axis_tready = busy && beat_ready;
    assign image_done    = s_axis_tvalid && beat_ready && (busy && image_ends && s_axis_tlast);
    assign frame_error   = come && wrong;

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
        .step       (come),
        .spoilt     (wrong),
        .busy       (busy),
        .image_ends (image_ends),
        .job_ends   (job_ends)
    );

    generate
        if (WIDTH == 64) begin : g_beat
            assign beat_valid = come;
            assign beat_data  = s_axis_tdata;
            wire unused_ends = &{1'b0, job_ends};
        end else begin : g_lanes
            localparam integer LANES      = 64 / WIDTH;
            localparam integer LANE_WIDTH = $clog2(LANES);

            reg [63:0]           beat_q;
            reg                  valid_q;
            reg [LANE_WIDTH-1:0] lane_q;   // where the next word goes

            // Lanes behind the last word of a job, which its last beat does not write, hold what they held: never
            // anything unknown, hence the reset.
            assign beat_valid = valid_q;
            assign beat_data  = beat_q;

            always @(posedge aclk)
                valid_q <= aresetn && come && (&lane_q || job_ends);

            genvar lane;
            for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
                localparam integer UNSIZED_HERE = lane;
                localparam [LANE_WIDTH-1:0] HERE = UNSIZED_HERE[LANE_WIDTH-1:0];
                always @(posedge aclk)
                    if (!aresetn)
                        beat_q[lane*WIDTH +: WIDTH] <= {WIDTH{1'b0}};
                    else if (come && lane_q == HERE)
                        beat_q[lane*WIDTH +: WIDTH] <= s_axis_tdata;
            end

            always @(posedge aclk)
                if (!busy)
                    lane_q <= {LANE_WIDTH{1'b0}};
                else if (come)
                    lane_q <= lane_q + 1'b1;
        end
    endgenerate

endmodule

`default_nettype wire
