// SPDX-License-Identifier: Apache-2.0
//
// finn_axil_slave: AXI4-Lite slave that hands one access after the other to registers and memories.
//
// Throughput   an access every 4 cycles, and what the answer takes beyond the first cycle
// Latency      2 cycles from an access to its request, 1 cycle from response_valid to the answer
// Request      request_valid stays high with the access until response_valid answers it; a read has no request_data
// Order        one access at a time; reads and writes that wait together take turns
// Limits       none
`default_nettype none

module finn_axil_slave #(
    // Width of an address in bits.
    parameter integer ADDRESS_WIDTH = 12
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    input  wire [ADDRESS_WIDTH-1:0] s_axil_awaddr,
    input  wire                     s_axil_awvalid,
    output wire                     s_axil_awready,
    input  wire [31:0]              s_axil_wdata,
    input  wire [3:0]               s_axil_wstrb,
    input  wire                     s_axil_wvalid,
    output wire                     s_axil_wready,
    output wire [1:0]               s_axil_bresp,
    output wire                     s_axil_bvalid,
    input  wire                     s_axil_bready,
    input  wire [ADDRESS_WIDTH-1:0] s_axil_araddr,
    input  wire                     s_axil_arvalid,
    output wire                     s_axil_arready,
    output wire [31:0]              s_axil_rdata,
    output wire [1:0]               s_axil_rresp,
    output wire                     s_axil_rvalid,
    input  wire                     s_axil_rready,

    output wire                     request_valid,
    output wire                     request_write,
    output wire [ADDRESS_WIDTH-1:0] request_address,
    output wire [31:0]              request_data,
    output wire [3:0]               request_strobe,

    input  wire                     response_valid,
    // The access was refused: SLVERR.
    input  wire                     response_error,
    input  wire [31:0]              response_data
);

    // synthesis translate_off
    initial begin
        if (ADDRESS_WIDTH < 1) begin
            $display("ERROR %m: ADDRESS_WIDTH=%0d, but it must be at least 1", ADDRESS_WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    localparam [1:0] IDLE = 2'd0, TAKE = 2'd1, WAIT = 2'd2, RESPOND = 2'd3;

    reg [1:0]               state_q;
    reg                     write_q;     // this access, or the one before while idle
    reg [ADDRESS_WIDTH-1:0] address_q;
    reg [31:0]              data_q;
    reg [3:0]               strobe_q;
    reg                     error_q;

    wire writable = s_axil_awvalid && s_axil_wvalid;

    assign s_axil_awready  = state_q == TAKE && write_q;
    assign s_axil_wready   = state_q == TAKE && write_q;
    assign s_axil_arready  = state_q == TAKE && !write_q;
    assign s_axil_bvalid   = state_q == RESPOND && write_q;
    assign s_axil_rvalid   = state_q == RESPOND && !write_q;
    assign s_axil_bresp    = {error_q, 1'b0};
    assign s_axil_rresp    = {error_q, 1'b0};
    assign s_axil_rdata    = data_q;
    assign request_valid   = state_q == WAIT;
    assign request_write   = write_q;
    assign request_address = address_q;
    assign request_data    = data_q;
    assign request_strobe  = strobe_q;

    always @(posedge aclk)
        if (!aresetn) begin
            state_q <= IDLE;
            write_q <= 1'b0;
        end else
            case (state_q)
                IDLE: begin
                    if (writable || s_axil_arvalid)
                        state_q <= TAKE;
                    if (writable && s_axil_arvalid)
                        write_q <= !write_q;
                    else if (writable || s_axil_arvalid)
                        write_q <= writable;
                end
                TAKE: state_q <= WAIT;
                WAIT:
                    if (response_valid)
                        state_q <= RESPOND;
                default:
                    if (write_q ? s_axil_bready : s_axil_rready)
                        state_q <= IDLE;
            endcase

    always @(posedge aclk)
        if (state_q == TAKE) begin
            address_q <= write_q ? s_axil_awaddr : s_axil_araddr;
            data_q    <= s_axil_wdata;
            strobe_q  <= s_axil_wstrb;
        end else if (request_valid) begin
            // Until the answer comes; what is written stays.
            if (!write_q)
                data_q <= response_data;
            error_q   <= response_error;
        end

endmodule

`default_nettype wire
