// SPDX-License-Identifier: Apache-2.0
//
// finn_axil_master: hands one access after the other to an AXI4-Lite slave, as finn_axil_slave takes them.
//
// Request      request_valid stays high with the access until response_valid, then it is low for a cycle at least;
//              address and data go to the slave straight from there, as does its answer back
// Throughput   an access as soon as the slave has answered the one before, and a cycle
// Latency      none, combinational
// Order        one access at a time; address and data of a write are offered together
// Limits       none
`default_nettype none

module finn_axil_master (
    input  wire aclk,

    input  wire request_valid,
    input  wire request_write,
    output wire response_valid,   // means something while request_valid is high

    output wire m_axil_awvalid,
    input  wire m_axil_awready,
    output wire m_axil_wvalid,
    input  wire m_axil_wready,
    input  wire m_axil_bvalid,
    output wire m_axil_bready,
    output wire m_axil_arvalid,
    input  wire m_axil_arready,
    input  wire m_axil_rvalid,
    output wire m_axil_rready
);

    reg address_taken_q;
    reg data_taken_q;

    assign m_axil_awvalid = request_valid && request_write && !address_taken_q;
    assign m_axil_wvalid  = request_valid && request_write && !data_taken_q;
    assign m_axil_bready  = request_valid && request_write;
    assign m_axil_arvalid = request_valid && !request_write && !address_taken_q;
    assign m_axil_rready  = request_valid && !request_write;
    assign response_valid = request_write ? m_axil_bvalid : m_axil_rvalid;

    always @(posedge aclk)
        if (!request_valid)
            address_taken_q <= 1'b0;
        else if ((m_axil_awvalid && m_axil_awready) || (m_axil_arvalid && m_axil_arready))
            address_taken_q <= 1'b1;

    always @(posedge aclk)
        if (!request_valid)
            data_taken_q <= 1'b0;
        else if (m_axil_wvalid && m_axil_wready)
            data_taken_q <= 1'b1;

endmodule

`default_nettype wire
