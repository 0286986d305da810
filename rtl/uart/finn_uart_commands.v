// SPDX-License-Identifier: Apache-2.0
//
// finn_uart_commands: carries out the commands in the slots of the receiver, one after the other.
//
// STREAM       the bytes go to the stream
// READ         for every four bytes, an address: a read, whose 32 bits are replied; at the end the response
// WRITE        for every eight bytes, address and data: a write; the response is replied at the end
// Response     the OR of those of all accesses: 0 where each was OKAY. Numbers have their lowest byte first
// Throughput   a byte of the stream every 2 cycles
// Latency      6 cycles from a frame's count to its first byte at the stream
// Opening      while `opening`, nothing new begins and a stream or reply is broken off; an access under way is not, and
//              a byte that is offered to the stream stays until it is taken, or until stream_aresetn is low
// Limits       bytes at the end of a frame that are no whole address or write are left out
`default_nettype none

module finn_uart_commands #(
    // Bits of an address.
    parameter integer ADDRESS_WIDTH = 16
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // The slots; data come the cycle after their address.
    output wire [10:0]              read_address,
    input  wire [7:0]               read_data,
    input  wire [3:0]               received,
    output wire [3:0]               done,
    // A command has been carried out.
    output wire                     finished,

    input  wire                     opening,
    output wire                     idle,
    // The sequence begins at `first`; only while opening and idle.
    input  wire                     clear,
    input  wire [3:0]               first,

    // Low in a reset of what takes the stream; a word that waits is dropped then.
    input  wire                     stream_aresetn,
    output wire [7:0]               stream_tdata,
    output wire                     stream_tvalid,
    input  wire                     stream_tready,

    // Bytes of a reply, up to the one that is marked as the last.
    output wire [7:0]               reply_tdata,
    output wire                     reply_tlast,
    output wire                     reply_tvalid,
    input  wire                     reply_tready,

    output wire [ADDRESS_WIDTH-1:0] m_axil_awaddr,
    output wire                     m_axil_awvalid,
    input  wire                     m_axil_awready,
    output wire [31:0]              m_axil_wdata,
    output wire [3:0]               m_axil_wstrb,
    output wire                     m_axil_wvalid,
    input  wire                     m_axil_wready,
    input  wire [1:0]               m_axil_bresp,
    input  wire                     m_axil_bvalid,
    output wire                     m_axil_bready,
    output wire [ADDRESS_WIDTH-1:0] m_axil_araddr,
    output wire                     m_axil_arvalid,
    input  wire                     m_axil_arready,
    input  wire [31:0]              m_axil_rdata,
    input  wire [1:0]               m_axil_rresp,
    input  wire                     m_axil_rvalid,
    output wire                     m_axil_rready
);

    localparam [3:0] IDLE = 4'd0, KIND = 4'd1, LENGTH = 4'd2, FETCH = 4'd3, PASS = 4'd4, TAKE = 4'd5, ACCESS = 4'd6,
                     REPLY = 4'd7, RESPONSE = 4'd8, NEXT = 4'd9;

    // synthesis translate_off
    initial begin
        if (ADDRESS_WIDTH < 4 || ADDRESS_WIDTH > 32) begin
            $display("ERROR %m: ADDRESS_WIDTH=%0d, but it must be from 4 to 32", ADDRESS_WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    reg [3:0]  state_q;
    reg [3:0]  done_q;
    reg [7:0]  offset_q;     // in the slot
    reg [7:0]  left_q;       // bytes of the frame behind the one that is looked at
    reg        stream_q;     // kind of the command
    reg        write_q;
    reg [2:0]  place_q;      // of a byte in an access, or in what is replied
    reg [31:0] address_q;
    reg [31:0] data_q;
    reg [1:0]  response_q;
    reg [7:0]  out_q;
    reg        out_valid_q;

    wire response_valid;
    wire empty     = left_q == 8'd0;
    wire last_byte = place_q[1:0] == 2'd3 && place_q[2] == write_q;
    wire pass      = state_q == PASS && stream_aresetn && (!out_valid_q || stream_tready);
    wire replied   = state_q == REPLY && reply_tready;

    assign read_address  = {done_q[2:0], offset_q};
    assign done          = done_q;
    assign finished      = state_q == NEXT;
    assign idle          = state_q == IDLE;
    assign stream_tdata  = out_q;
    assign stream_tvalid = out_valid_q;
    assign reply_tvalid  = state_q == REPLY || state_q == RESPONSE;
    assign reply_tlast   = state_q == RESPONSE;
    assign reply_tdata   = reply_tlast ? {6'd0, response_q} : data_q[7:0];
    assign m_axil_awaddr = address_q[ADDRESS_WIDTH-1:0];
    assign m_axil_araddr = address_q[ADDRESS_WIDTH-1:0];
    assign m_axil_wdata  = data_q;
    assign m_axil_wstrb  = 4'hf;
    wire unused_address  = &{1'b0, address_q};

    // ------------------------------------------------------------------ an access
    reg  address_taken_q;
    reg  data_taken_q;
    wire request = state_q == ACCESS;

    assign m_axil_awvalid = request && write_q && !address_taken_q;
    assign m_axil_wvalid  = request && write_q && !data_taken_q;
    assign m_axil_bready  = request && write_q;
    assign m_axil_arvalid = request && !write_q && !address_taken_q;
    assign m_axil_rready  = request && !write_q;
    assign response_valid = (m_axil_bvalid && m_axil_bready) || (m_axil_rvalid && m_axil_rready);

    always @(posedge aclk) begin
        address_taken_q <= request && (address_taken_q || (write_q ? m_axil_awready : m_axil_arready));
        data_taken_q    <= request && (data_taken_q || m_axil_wready);
    end

    // ------------------------------------------------------------------ the slots, byte by byte
    // A byte is fetched in FETCH and looked at behind it: passed on in PASS, or taken as part of an access in TAKE.
    always @(posedge aclk)
        if (!aresetn)
            state_q <= IDLE;
        else
            case (state_q)
                IDLE:
                    if (done_q != received && !opening)
                        state_q <= KIND;
                KIND:
                    state_q <= LENGTH;
                LENGTH:
                    state_q <= read_data != 8'd0 ? FETCH : stream_q ? NEXT : RESPONSE;
                FETCH:
                    state_q <= opening ? IDLE : stream_q ? PASS : TAKE;
                PASS:
                    if (opening)
                        state_q <= IDLE;
                    else if (pass)
                        state_q <= empty ? NEXT : FETCH;
                TAKE:
                    state_q <= last_byte ? ACCESS : empty ? RESPONSE : FETCH;
                ACCESS:
                    if (response_valid)
                        state_q <= !write_q ? REPLY : empty ? RESPONSE : FETCH;
                REPLY:
                    if (opening)
                        state_q <= IDLE;
                    else if (reply_tready && last_byte)
                        state_q <= empty ? RESPONSE : FETCH;
                RESPONSE:
                    if (opening)
                        state_q <= IDLE;
                    else if (reply_tready)
                        state_q <= NEXT;
                default:
                    state_q <= IDLE;
            endcase

    always @(posedge aclk)
        if (!aresetn)
            done_q <= 4'd0;
        else if (clear)
            done_q <= first;
        else if (state_q == NEXT)
            done_q <= done_q + 1'b1;

    always @(posedge aclk)
        if (state_q == IDLE && (opening || done_q == received))
            offset_q <= 8'd0;
        else if (state_q == NEXT)
            offset_q <= 8'd0;
        else if (state_q == IDLE || state_q == KIND || pass || state_q == TAKE)
            offset_q <= offset_q + 1'b1;

    always @(posedge aclk)
        if (state_q == LENGTH)
            left_q <= read_data;
        else if (state_q == FETCH)
            left_q <= left_q - 1'b1;

    always @(posedge aclk)
        if (state_q == KIND) begin
            stream_q   <= read_data[2];
            write_q    <= read_data[0];
            place_q    <= 3'd0;
            response_q <= 2'd0;
        end else begin
            if (state_q == TAKE || replied)
                place_q <= last_byte ? 3'd0 : place_q + 1'b1;
            if (response_valid)
                response_q <= response_q | (write_q ? m_axil_bresp : m_axil_rresp);
        end

    always @(posedge aclk) begin
        if (state_q == TAKE && !place_q[2])
            address_q <= {read_data, address_q[31:8]};
        if (response_valid && !write_q)
            data_q <= m_axil_rdata;
        else if ((state_q == TAKE && place_q[2]) || replied)
            data_q <= {read_data, data_q[31:8]};
    end

    always @(posedge aclk) begin
        if (pass)
            out_q <= read_data;
        if (!stream_aresetn)
            out_valid_q <= 1'b0;
        else if (pass || stream_tready)
            out_valid_q <= pass;
    end

endmodule

`default_nettype wire
