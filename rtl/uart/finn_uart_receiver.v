// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_receiver: takes frames from the host to slots of a memory, each of them once and in order.
//
// Frame        MAGIC, {ACKNOWLEDGE, SEQUENCE}, KIND, LENGTH, LENGTH bytes, two bytes of CRC
// Slot         KIND, LENGTH and the bytes, at the addresses {SEQUENCE modulo 8, 0 and up}
// Order        a frame of a command is taken where its CRC held, it is the next in sequence, and a slot is free;
//              `received` counts it then. Any other one is left out, and `dropped` counts it
// Throughput   a frame behind the other, without a pause
// Latency      1 cycle from a frame's last byte to its count
// Limits       254 bytes a frame, 8 frames in slots
`default_nettype none

module finn_uart_receiver (
    input  wire        aclk,
    input  wire        aresetn,

    input  wire        byte_valid,
    input  wire [7:0]  byte_value,
    // Of what came since crc_clear, byte_value included.
    output wire        crc_clear,
    input  wire        crc_holds,

    output wire        write_enable,
    output wire [10:0] write_address,
    output wire [7:0]  write_data,

    // The next frame in sequence, and the next that is carried out: 8 slots lie between them at most.
    output wire [3:0]  received,
    input  wire [3:0]  done,
    // Frames left out, modulo 256.
    output wire [7:0]  dropped,

    // A frame has been judged.
    output wire        heard,
    // It was whole: its acknowledgement, and whether the host asks for what it has not acknowledged.
    output wire        acknowledge_valid,
    output wire [3:0]  acknowledge,
    output wire        again,
    // SEQUENCE of the last frame that polled, or opened the link.
    output wire [3:0]  echo,
    // The link is to be opened, from `echo` on, when all is at rest; until `clear` nothing is taken.
    output wire        opening,
    input  wire        clear
);

    localparam [7:0] MAGIC = 8'ha7;
    localparam [2:0] POLL = 3'd0, OPEN = 3'd1, READ = 3'd2, WRITE = 3'd3, STREAM = 3'd4;
    localparam [2:0] HUNT = 3'd0, SEQUENCE = 3'd2, KIND = 3'd3, LENGTH = 3'd4, BYTES = 3'd5, CRC_LOW = 3'd6,
                     CRC_HIGH = 3'd7;

    reg [2:0] state_q;
    reg [3:0] sequence_q;
    reg [3:0] acknowledge_q;
    reg       again_q;
    reg [2:0] kind_q;
    reg [7:0] left_q;      // bytes of the frame
    reg [7:0] offset_q;    // in the slot
    reg       fits_q;      // next in sequence, with a free slot
    reg [3:0] received_q;
    reg [7:0] dropped_q;
    reg [3:0] echo_q;
    reg       opening_q;

    wire full    = received_q[2:0] == done[2:0] && received_q[3] != done[3];
    wire whole   = byte_valid && state_q == CRC_HIGH && crc_holds && !opening_q;
    wire command = kind_q == READ || kind_q == WRITE || kind_q == STREAM;
    wire take    = whole && command && fits_q;

    assign crc_clear         = state_q == HUNT;
    assign write_enable      = byte_valid && fits_q && (state_q == KIND || state_q == LENGTH || state_q == BYTES);
    assign write_address     = {received_q[2:0], offset_q};
    assign write_data        = byte_value;
    assign received          = received_q;
    assign dropped           = dropped_q;
    assign heard             = byte_valid && state_q == CRC_HIGH;
    assign acknowledge_valid = whole && kind_q != OPEN;
    assign acknowledge       = acknowledge_q;
    assign again             = again_q;
    assign echo              = echo_q;
    assign opening           = opening_q;

    always @(posedge aclk)
        if (!aresetn)
            state_q <= HUNT;
        else if (byte_valid)
            case (state_q)
                HUNT:
                    if (byte_value == MAGIC)
                        state_q <= SEQUENCE;
                LENGTH:
                    state_q <= byte_value == 8'd0 ? CRC_LOW : BYTES;
                BYTES:
                    if (left_q == 8'd1)
                        state_q <= CRC_LOW;
                default:
                    state_q <= state_q + 1'b1;
            endcase

    always @(posedge aclk)
        if (byte_valid) begin
            if (state_q == SEQUENCE)
                {acknowledge_q, sequence_q} <= byte_value;
            if (state_q == KIND) begin
                kind_q  <= byte_value[2:0];
                again_q <= byte_value[7];
            end
            left_q <= state_q == LENGTH ? byte_value : left_q - 1'b1;
        end

    // A slot that is free when a frame begins stays so. A frame that is longer than a slot does not fit.
    always @(posedge aclk)
        if (!aresetn || opening_q)
            fits_q <= 1'b0;
        else if (byte_valid && state_q == SEQUENCE)
            fits_q <= byte_value[3:0] == received_q && !full;
        else if (heard || (byte_valid && state_q == LENGTH && byte_value == 8'd255))
            fits_q <= 1'b0;

    always @(posedge aclk)
        if (byte_valid)
            offset_q <= state_q == SEQUENCE ? 8'd0 : offset_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn) begin
            received_q <= 4'd0;
            dropped_q  <= 8'd0;
            echo_q     <= 4'd0;
            opening_q  <= 1'b0;
        end else begin
            if (clear)
                received_q <= echo_q;
            else if (take)
                received_q <= received_q + 1'b1;
            if (heard && !take && !(whole && (kind_q == POLL || kind_q == OPEN)))
                dropped_q <= dropped_q + 1'b1;
            if (whole && (kind_q == POLL || kind_q == OPEN))
                echo_q <= sequence_q;
            if (clear)
                opening_q <= 1'b0;
            else if (whole && kind_q == OPEN)
                opening_q <= 1'b1;
        end

endmodule

`default_nettype wire
