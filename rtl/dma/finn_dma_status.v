// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_status: what a DMA channel tells about its jobs, and how it stops after an error.
//
// Throughput   every event in every cycle
// Latency      1 cycle from an event to its flag
// Stop         after an error of a transfer `stop` drops all jobs and requests no bursts; when those under way have
//              been answered, `clear` empties the buffer for a cycle
// Limits       none
`default_nettype none

module finn_dma_status #(
    // Bits of an address.
    parameter integer ADDRESS_WIDTH = 32,
    // Bits of the number of images.
    parameter integer SIZE_WIDTH = 32
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // Flags, set by their event and kept until they are acknowledged; the event wins. From bit 0 on: done, slave_error,
    // decode_error, misaligned, bad_length, bad_count, oversized, overrun, frame.
    input  wire [8:0]               events,
    input  wire [8:0]               acknowledge,
    output wire [8:0]               flags,
    // A flag of a transfer's error (slave_error, decode_error or frame) stands, or the channel is stopping.
    output wire                     blocked,

    input  wire [ADDRESS_WIDTH-1:0] error_address,
    // Address of the burst that failed first since slave_error and decode_error were acknowledged.
    output wire [ADDRESS_WIDTH-1:0] first_error_address,

    // A job begins at the stream's end, and an image ends there.
    input  wire                     job_begins,
    input  wire                     image_done,
    // Images of the job, and jobs (modulo 16) since reset.
    output wire [SIZE_WIDTH-1:0]    images,
    output wire [3:0]               jobs,

    // No burst is under way.
    input  wire                     idle,
    output wire                     stop,
    output wire                     clear
);

    // synthesis translate_off
    initial begin
        if (ADDRESS_WIDTH < 4) begin
            $display("ERROR %m: ADDRESS_WIDTH=%0d, but it must be at least 4", ADDRESS_WIDTH);
            $finish;
        end
        if (SIZE_WIDTH < 2) begin
            $display("ERROR %m: SIZE_WIDTH=%0d, but it must be at least 2", SIZE_WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    reg                     stop_q;
    reg                     clear_q;     // the last cycle of a stop
    reg [8:0]               flags_q;
    reg [ADDRESS_WIDTH-1:0] error_address_q;
    reg [SIZE_WIDTH-1:0]    images_q;
    reg [3:0]               jobs_q;

    wire bus_error = events[1] || events[2];

    assign flags               = flags_q;
    assign stop                = stop_q;
    assign clear               = clear_q;
    assign blocked             = stop || flags_q[1] || flags_q[2] || flags_q[8];
    assign first_error_address = error_address_q;
    assign images              = images_q;
    assign jobs                = jobs_q;

    always @(posedge aclk)
        if (!aresetn)
            flags_q <= 9'd0;
        else
            flags_q <= (flags_q & ~acknowledge) | events;

    always @(posedge aclk)
        if (!aresetn) begin
            stop_q  <= 1'b0;
            clear_q <= 1'b0;
        end else begin
            stop_q  <= stop_q ? !clear_q : bus_error || events[8];
            clear_q <= stop_q && !clear_q && idle;
        end

    always @(posedge aclk)
        if (!aresetn)
            error_address_q <= {ADDRESS_WIDTH{1'b0}};
        else if (bus_error && !flags_q[1] && !flags_q[2])
            error_address_q <= error_address;

    always @(posedge aclk)
        if (!aresetn)
            images_q <= {SIZE_WIDTH{1'b0}};
        else if (job_begins)
            images_q <= {SIZE_WIDTH{1'b0}};
        else if (image_done)
            images_q <= images_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn)
            jobs_q <= 4'd0;
        else if (events[0])
            jobs_q <= jobs_q + 1'b1;

endmodule

`default_nettype wire
