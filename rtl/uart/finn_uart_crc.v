// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_crc: CRC-16/MCRF4XX of a stream of bits: polynomial 0x1021, reflected, from a register of ones.
//
// Throughput   a bit a cycle
// Latency      1 cycle
// Order        the lowest bit of a byte first. The lower byte of the CRC is sent first; behind it the CRC is zero
// Limits       none
`default_nettype none

module finn_uart_crc (
    input  wire        aclk,

    // Begin anew; wins.
    input  wire        clear,
    input  wire        bit_valid,
    input  wire        bit_value,

    output wire [15:0] crc
);

    reg [15:0] crc_q;

    assign crc = crc_q;

    wire feedback = crc_q[0] ^ bit_value;

    always @(posedge aclk)
        if (clear)
            crc_q <= 16'hffff;
        else if (bit_valid)
            crc_q <= {feedback, crc_q[15:12], crc_q[11] ^ feedback, crc_q[10:5], crc_q[4] ^ feedback, crc_q[3:1]};

endmodule

`default_nettype wire
