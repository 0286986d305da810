// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_tx: bytes to a serial line, 8N1, the lowest bit first.
//
// Throughput   a byte in 10 bit times, without a pause between bytes
// Latency      1 cycle from a byte to its start bit
// Limits       DIVISOR >= 4
`default_nettype none

module finn_uart_tx #(
    // Cycles of a bit.
    parameter integer DIVISOR = 16
) (
    input  wire       aclk,
    input  wire       aresetn,

    // A byte is taken in a cycle with both; ready comes from registers.
    input  wire       byte_valid,
    input  wire [7:0] byte_value,
    output wire       byte_ready,
    // A bit of data begins on the line, for a cycle; the last of a byte a bit time or more before the next byte_ready.
    output wire       bit_valid,
    output wire       bit_value,

    output wire       txd
);

    localparam integer COUNT_WIDTH = DIVISOR > 1 ? $clog2(DIVISOR) : 1;
    localparam integer LAST_CYCLE  = DIVISOR - 1;
    localparam [COUNT_WIDTH-1:0] LAST = LAST_CYCLE[COUNT_WIDTH-1:0];
    localparam [3:0] STOP = 4'd9;

    // synthesis translate_off
    initial begin
        if (DIVISOR < 4) begin
            $display("ERROR %m: DIVISOR=%0d, but it must be at least 4", DIVISOR);
            $finish;
        end
    end
    // synthesis translate_on

    reg                   busy_q;
    reg [3:0]             place_q;   // of the bit on the line: start, 1 to 8, stop
    reg [COUNT_WIDTH-1:0] count_q;   // cycles that it still takes
    reg [7:0]             byte_q;    // bits to come
    reg                   txd_q;

    wire next = count_q == {COUNT_WIDTH{1'b0}};

    assign byte_ready = !busy_q || (next && place_q == STOP);
    assign bit_valid  = busy_q && next && !place_q[3];
    assign bit_value  = byte_q[0];
    assign txd        = txd_q;

    wire take = byte_valid && byte_ready;

    always @(posedge aclk)
        if (!aresetn)
            busy_q <= 1'b0;
        else if (take)
            busy_q <= 1'b1;
        else if (byte_ready)
            busy_q <= 1'b0;

    always @(posedge aclk)
        if (!aresetn)
            txd_q <= 1'b1;
        else if (take)
            txd_q <= 1'b0;
        else if (next)
            txd_q <= byte_q[0] || !busy_q;

    always @(posedge aclk)
        if (take) begin
            count_q <= LAST;
            place_q <= 4'd0;
            byte_q  <= byte_value;
        end else if (!next)
            count_q <= count_q - 1'b1;
        else begin
            count_q <= LAST;
            place_q <= place_q + 1'b1;
            // Behind the bits of data comes the stop bit.
            byte_q  <= {1'b1, byte_q[7:1]};
        end

endmodule

`default_nettype wire
