// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_replies: puts results of the stream, and replies to commands, into the slots that the sender sends.
//
// Slot         the number of bytes behind it, what they are, and the bytes: at the addresses {frame modulo 8, 0 and up}
// Order        results and replies as they come. A slot of results is closed when it is full, when a reply waits, and
//              when the sender has nothing else to do and most slots are free; a reply is one slot
// Throughput   a byte a cycle, and 3 cycles a slot
// Latency      2 cycles from a byte that waits to its place in a slot
// Limits       254 bytes of results a slot, replies of at most as many; 8 slots
`default_nettype none

module finn_uart_replies (
    input  wire        aclk,
    input  wire        aresetn,

    input  wire [7:0]  s_axis_tdata,
    input  wire        s_axis_tvalid,
    output wire        s_axis_tready,

    input  wire [7:0]  reply_tdata,
    input  wire        reply_tlast,
    input  wire        reply_tvalid,
    output wire        reply_tready,

    output wire        write_enable,
    output wire [10:0] write_address,
    output wire [7:0]  write_data,

    // The next frame to be written, and the first that is not acknowledged: 8 slots lie between them at most.
    output wire [3:0]  written,
    input  wire [3:0]  acknowledged,
    // Nothing waits to be sent.
    input  wire        all_sent,

    // While opening, the slot that is being filled is given up.
    input  wire        opening,
    output wire        idle,
    input  wire        clear,
    input  wire [3:0]  first
);

    localparam [1:0] IDLE = 2'd0, CLOSE = 2'd1, RESULTS = 2'd2, REPLY = 2'd3;

    reg [1:0] state_q;
    reg [7:0] fill_q;        // address of the next byte
    reg [3:0] written_q;

    wire [3:0] held = written_q - acknowledged;
    wire full    = held == 4'd8;
    // More than half of the slots are free: results need not be gathered to spare them.
    wire few     = held < 4'd4;
    wire begins  = state_q == IDLE && !full && !opening && (reply_tvalid || s_axis_tvalid);
    wire take    = state_q == REPLY ? reply_tvalid : state_q == RESULTS && s_axis_tvalid;
    wire last    = state_q == REPLY ? reply_tlast : fill_q == 8'd255;

    assign s_axis_tready = state_q == RESULTS;
    assign reply_tready  = state_q == REPLY;
    assign write_enable  = begins || take || state_q == CLOSE;
    assign write_address = {written_q[2:0], state_q == CLOSE ? 8'd0 : state_q == IDLE ? 8'd1 : fill_q};
    assign write_data    = state_q == CLOSE ? fill_q - 1'b1 : state_q == IDLE ? {7'd0, reply_tvalid}
                         : state_q == REPLY ? reply_tdata : s_axis_tdata;
    assign written       = written_q;
    assign idle          = state_q == IDLE;

    always @(posedge aclk)
        if (!aresetn)
            state_q <= IDLE;
        else
            case (state_q)
                IDLE:
                    if (begins)
                        state_q <= reply_tvalid ? REPLY : RESULTS;
                CLOSE:
                    state_q <= IDLE;
                default:
                    if (opening)
                        state_q <= IDLE;
                    else if (take ? last : state_q == RESULTS && (reply_tvalid || (all_sent && few)))
                        state_q <= CLOSE;
            endcase

    always @(posedge aclk)
        if (state_q == IDLE)
            fill_q <= 8'd2;
        else if (take)
            fill_q <= fill_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn)
            written_q <= 4'd0;
        else if (clear)
            written_q <= first;
        else if (state_q == CLOSE)
            written_q <= written_q + 1'b1;

endmodule

`default_nettype wire
