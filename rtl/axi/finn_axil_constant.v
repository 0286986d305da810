// SPDX-License-Identifier: Apache-2.0
//
// finn_axil_constant: AXI4-Lite slave of one constant: every read gives it, every write is refused with SLVERR.
//
// Throughput   an access every 2 cycles
// Latency      1 cycle
// Limits       none
`default_nettype none

module finn_axil_constant #(
    // What reads give.
    parameter [31:0] VALUE = 32'd0
) (
    input  wire        aclk,
    input  wire        aresetn,

    input  wire        s_axil_awvalid,
    output wire        s_axil_awready,
    input  wire        s_axil_wvalid,
    output wire        s_axil_wready,
    output wire [1:0]  s_axil_bresp,
    output wire        s_axil_bvalid,
    input  wire        s_axil_bready,
    input  wire        s_axil_arvalid,
    output wire        s_axil_arready,
    output wire [31:0] s_axil_rdata,
    output wire [1:0]  s_axil_rresp,
    output wire        s_axil_rvalid,
    input  wire        s_axil_rready
);

    reg address_taken_q;
    reg data_taken_q;
    reg read_q;

    assign s_axil_awready = !address_taken_q;
    assign s_axil_wready  = !data_taken_q;
    assign s_axil_bvalid  = address_taken_q && data_taken_q;
    assign s_axil_bresp   = 2'b10;
    assign s_axil_arready = !read_q;
    assign s_axil_rvalid  = read_q;
    assign s_axil_rdata   = VALUE;
    assign s_axil_rresp   = 2'b00;

    wire answered = s_axil_bvalid && s_axil_bready;

    always @(posedge aclk) begin
        address_taken_q <= aresetn && !answered && (address_taken_q || s_axil_awvalid);
        data_taken_q    <= aresetn && !answered && (data_taken_q || s_axil_wvalid);
        read_q          <= aresetn && (read_q ? !s_axil_rready : s_axil_arvalid);
    end

endmodule

`default_nettype wire
