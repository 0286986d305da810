// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_images: counts the words and images of a job at the stream's end of a DMA channel.
//
// Throughput   one word a cycle; one cycle between two jobs
// Latency      1 cycle from a job to its first word
// Limits       none
`default_nettype none

module finn_dma_images #(
    // Bits of the numbers of words and images.
    parameter integer SIZE_WIDTH = 32
) (
    input  wire                  aclk,
    input  wire                  aresetn,

    // Forget the job.
    input  wire                  drop,

    // A job begins, only while not busy. Words of an image, and images: at least 1.
    input  wire                  begins,
    input  wire [SIZE_WIDTH-1:0] words,
    input  wire [SIZE_WIDTH-1:0] images,
    // Either is 1.
    input  wire                  one_word,
    input  wire                  one_image,

    // A word passes, only while busy; if it does, the job is forgotten with it.
    input  wire                  step,
    input  wire                  spoilt,
    // A word of the job is to come; the next one is the last of its image; and of the job.
    output wire                  busy,
    output wire                  image_ends,
    output wire                  job_ends
);

    localparam integer UNSIZED_TWO = 2;
    localparam [SIZE_WIDTH-1:0] TWO = UNSIZED_TWO[SIZE_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (SIZE_WIDTH < 2) begin
            $display("ERROR %m: SIZE_WIDTH=%0d, but it must be at least 2", SIZE_WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    reg                  busy_q;
    reg [SIZE_WIDTH-1:0] words_q;         // words of an image
    reg [SIZE_WIDTH-1:0] words_left_q;    // of this image, the next word included
    reg [SIZE_WIDTH-1:0] images_left_q;   // this one included
    reg                  one_word_q;      // an image is one word
    reg                  image_ends_q;    // one word is left
    reg                  last_image_q;    // one image is left

    assign busy       = busy_q;
    assign image_ends = image_ends_q;
    assign job_ends   = image_ends_q && last_image_q;

    always @(posedge aclk)
        if (!aresetn || drop)
            busy_q <= 1'b0;
        else
            busy_q <= busy_q ? !(step && (job_ends || spoilt)) : begins;

    always @(posedge aclk)
        if (!busy_q) begin
            words_q       <= words;
            words_left_q  <= words;
            images_left_q <= images;
            one_word_q    <= one_word;
            image_ends_q  <= one_word;
            last_image_q  <= one_image;
        end else if (step) begin
            words_left_q <= image_ends_q ? words_q : words_left_q - 1'b1;
            image_ends_q <= image_ends_q ? one_word_q : words_left_q == TWO;
            if (image_ends_q) begin
                images_left_q <= images_left_q - 1'b1;
                last_image_q  <= images_left_q == TWO;
            end
        end

endmodule

`default_nettype wire
