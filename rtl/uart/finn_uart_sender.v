// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_sender: sends the slots of the replies to the host, and keeps each until the host has acknowledged it.
//
// Frame        MAGIC, {ECHO, SEQUENCE}, {RECEIVED, DONE}, DROPPED, LENGTH, LENGTH bytes, two bytes of CRC
// Order        as the slots; from the first that is not acknowledged on again, when the host asks for that
// Status       a frame of no bytes, which is none in sequence, where something is to be told and nothing to be sent
// Throughput   a frame behind the other, with a pause of 1 cycle
// Latency      2 cycles from a slot that is written to the first byte of its frame
// Limits       8 frames in slots
`default_nettype none

module finn_uart_sender (
    input  wire        aclk,
    input  wire        aresetn,

    // Slots; data come the cycle after their address.
    output wire [10:0] read_address,
    input  wire [7:0]  read_data,
    input  wire [3:0]  written,
    output wire [3:0]  acknowledged,
    output wire        all_sent,

    // From the host.
    input  wire        acknowledge_valid,
    input  wire [3:0]  acknowledge,
    input  wire        again,

    // What every frame tells, at the latest after `tell`. ECHO comes first, so that the others are not older.
    input  wire        tell,
    input  wire [3:0]  done,
    input  wire [3:0]  received,
    input  wire [3:0]  echo,
    input  wire [7:0]  dropped,

    // While opening, no frame begins.
    input  wire        opening,
    output wire        idle,
    input  wire        clear,

    output wire        crc_clear,
    output wire        crc_enable,
    input  wire [15:0] crc,

    output wire        byte_valid,
    output wire [7:0]  byte_value,
    input  wire        byte_ready
);

    localparam [7:0] MAGIC = 8'ha7;
    localparam [3:0] IDLE = 4'd0, START = 4'd1, SEQUENCE = 4'd2, DONE = 4'd3, DROPPED = 4'd4, LENGTH = 4'd5,
                     BYTES = 4'd6, CRC_LOW = 4'd7, CRC_HIGH = 4'd8;

    reg [3:0] state_q;
    reg [3:0] acknowledged_q;
    reg [3:0] sent_q;          // the frame that is sent, or is next
    reg       again_q;         // go back when this frame is over
    reg       tell_q;
    reg       slot_q;          // the frame is a slot
    reg [7:0] offset_q;
    reg [7:0] length_q;
    reg [7:0] byte_c;

    wire waiting     = sent_q != written;
    // An acknowledgement of what was not sent since the host asked again is not believed.
    wire [3:0] newly = acknowledge - acknowledged_q;
    wire [3:0] most  = sent_q - acknowledged_q;
    wire believed    = acknowledge_valid && newly <= most;
    wire goes_back   = state_q == IDLE && again_q && !acknowledge_valid;
    wire begins      = state_q == IDLE && !opening && !again_q && (waiting || tell_q);
    wire next        = byte_ready && byte_valid;

    assign read_address = {sent_q[2:0], offset_q};
    assign acknowledged = acknowledged_q;
    assign all_sent     = state_q == IDLE && !waiting;
    assign idle         = state_q == IDLE;
    // The byte of a state is on the line in the state behind it.
    assign crc_clear    = state_q == SEQUENCE;
    assign crc_enable   = state_q != IDLE && state_q != CRC_HIGH;
    assign byte_valid   = state_q != IDLE;
    assign byte_value   = byte_c;

    always @*
        case (state_q)
            START:    byte_c = MAGIC;
            SEQUENCE: byte_c = {echo, sent_q};
            DONE:     byte_c = {received, done};
            DROPPED:  byte_c = dropped;
            CRC_LOW:  byte_c = crc[7:0];
            CRC_HIGH: byte_c = crc[15:8];
            default:  byte_c = slot_q ? read_data : 8'd0;
        endcase

    always @(posedge aclk)
        if (!aresetn)
            state_q <= IDLE;
        else if (state_q == IDLE) begin
            if (begins)
                state_q <= START;
        end else if (next)
            case (state_q)
                LENGTH:
                    state_q <= slot_q ? BYTES : CRC_LOW;
                BYTES:
                    if (offset_q == length_q)
                        state_q <= CRC_LOW;
                CRC_HIGH:
                    state_q <= IDLE;
                default:
                    state_q <= state_q + 1'b1;
            endcase

    always @(posedge aclk) begin
        if (state_q == IDLE) begin
            slot_q   <= waiting;
            offset_q <= 8'd0;
        end else if (next && (state_q == LENGTH || state_q == BYTES))
            offset_q <= offset_q + 1'b1;
        if (next && state_q == LENGTH)
            length_q <= read_data;
    end

    always @(posedge aclk)
        if (!aresetn) begin
            acknowledged_q <= 4'd0;
            sent_q         <= 4'd0;
            again_q        <= 1'b0;
            tell_q         <= 1'b0;
        end else begin
            if (clear)
                acknowledged_q <= echo;
            else if (believed)
                acknowledged_q <= acknowledge;
            if (clear)
                sent_q <= echo;
            else if (goes_back)
                sent_q <= acknowledged_q;
            else if (next && state_q == CRC_HIGH && slot_q)
                sent_q <= sent_q + 1'b1;
            if (acknowledge_valid && again)
                again_q <= 1'b1;
            else if (clear || goes_back)
                again_q <= 1'b0;
            if (tell || clear)
                tell_q <= 1'b1;
            else if (begins)
                tell_q <= 1'b0;
        end

endmodule

`default_nettype wire
