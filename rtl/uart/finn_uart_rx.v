// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_rx: bits and bytes from a serial line, 8N1, the lowest bit first.
//
// Throughput   a byte in 10 bit times, without a pause between bytes
// Latency      a byte is out in the middle of its stop bit, 2 cycles later for the synchroniser
// Errors       a byte whose stop bit is low is left out; the next one begins once the line has been high
// Limits       DIVISOR >= 4; the sender's bit may be off by 1 part in 20, less half a cycle a bit
`default_nettype none

module finn_uart_rx #(
    // Cycles of a bit.
    parameter integer DIVISOR = 16
) (
    input  wire       aclk,
    input  wire       aresetn,

    // The line, of no clock.
    input  wire       rxd,

    // A bit of data, for a cycle; the last of a byte comes a bit time before the byte.
    output wire       bit_valid,
    output wire       bit_value,
    output wire       byte_valid,
    output wire [7:0] byte_value
);

    localparam integer COUNT_WIDTH = DIVISOR > 1 ? $clog2(DIVISOR) : 1;
    localparam integer WHOLE_BIT   = DIVISOR - 1;
    // From the edge of the start bit, which is seen a cycle late, to its middle.
    localparam integer HALF_BIT    = DIVISOR / 2 - 1;
    localparam [COUNT_WIDTH-1:0] WHOLE = WHOLE_BIT[COUNT_WIDTH-1:0];
    localparam [COUNT_WIDTH-1:0] HALF  = HALF_BIT[COUNT_WIDTH-1:0];
    localparam [3:0] START = 4'd0, STOP = 4'd9;

    // synthesis translate_off
    initial begin
        if (DIVISOR < 4) begin
            $display("ERROR %m: DIVISOR=%0d, but it must be at least 4", DIVISOR);
            $finish;
        end
    end
    // synthesis translate_on

    reg [1:0]             line_q;    // the line, synchronised
    reg                   busy_q;
    reg [3:0]             place_q;   // of the bit: start, 1 to 8, stop
    reg [COUNT_WIDTH-1:0] count_q;
    reg [7:0]             byte_q;

    wire line   = line_q[1];
    wire sample = busy_q && count_q == {COUNT_WIDTH{1'b0}};

    assign bit_valid  = sample && place_q != START && place_q != STOP;
    assign bit_value  = line;
    assign byte_valid = sample && place_q == STOP && line;
    assign byte_value = byte_q;

    always @(posedge aclk)
        if (!aresetn)
            line_q <= 2'b11;
        else
            line_q <= {line_q[0], rxd};

    // A start bit that is over by its middle was none. Behind a low stop bit the line is waited for.
    always @(posedge aclk)
        if (!aresetn)
            busy_q <= 1'b0;
        else if (!busy_q)
            busy_q <= !line;
        else if (sample && line && (place_q == START || place_q == STOP))
            busy_q <= 1'b0;

    always @(posedge aclk)
        if (!busy_q) begin
            count_q <= HALF;
            place_q <= START;
        end else if (!sample)
            count_q <= count_q - 1'b1;
        else if (place_q != STOP) begin
            count_q <= WHOLE;
            place_q <= place_q + 1'b1;
        end

    always @(posedge aclk)
        if (bit_valid)
            byte_q <= {line, byte_q[7:1]};

endmodule

`default_nettype wire
