// SPDX-License-Identifier: Apache-2.0
//
// axil_rules: the rules of AXI4-Lite (ARM IHI 0022, A3.2, A3.3 and B1.1) for one port. The core's side of the port
// is asserted, the other side assumed.
//
// Both     a valid is low after a reset; what waits for its ready stays valid and as it is
// Slave    answers no access that it has not taken whole, address and data, in a cycle before; answers each once;
//          never EXOKAY
// Core     has no more than OUTSTANDING accesses of a kind under way, takes no data far ahead of their address
//
// Combine it with cover statements of the harness: assumptions that nobody can keep prove everything.
`default_nettype none

module axil_rules #(
    parameter integer ADDRESS_WIDTH = 12,
    parameter integer DATA_WIDTH = 32,
    // 1: the core is the slave (s_axil_*), its master is assumed. 0: the core is the master (m_axil_*).
    parameter integer SLAVE = 1,
    // Addresses of a kind that the core takes, or sends, before their responses have passed.
    parameter integer OUTSTANDING = 1
) (
    input wire                     aclk,
    input wire                     aresetn,

    input wire [ADDRESS_WIDTH-1:0] awaddr,
    input wire                     awvalid,
    input wire                     awready,
    input wire [DATA_WIDTH-1:0]    wdata,
    input wire [DATA_WIDTH/8-1:0]  wstrb,
    input wire                     wvalid,
    input wire                     wready,
    input wire [1:0]               bresp,
    input wire                     bvalid,
    input wire                     bready,
    input wire [ADDRESS_WIDTH-1:0] araddr,
    input wire                     arvalid,
    input wire                     arready,
    input wire [DATA_WIDTH-1:0]    rdata,
    input wire [1:0]               rresp,
    input wire                     rvalid,
    input wire                     rready,

    // Taken and not answered yet: addresses of writes, their data, addresses of reads.
    output wire [$clog2(OUTSTANDING+2)-1:0] addresses,
    output wire [$clog2(OUTSTANDING+2)-1:0] words,
    output wire [$clog2(OUTSTANDING+2)-1:0] reads
);

    localparam integer COUNT_WIDTH = $clog2(OUTSTANDING + 2);

    // ------------------------------------------------------------------ every channel as a stream
    axis_rules #(.WIDTH (ADDRESS_WIDTH), .ASSUME (SLAVE)) u_aw (
        .aclk (aclk), .aresetn (aresetn), .tdata (awaddr), .tvalid (awvalid), .tready (awready)
    );
    axis_rules #(.WIDTH (DATA_WIDTH + DATA_WIDTH / 8), .ASSUME (SLAVE)) u_w (
        .aclk (aclk), .aresetn (aresetn), .tdata ({wstrb, wdata}), .tvalid (wvalid), .tready (wready)
    );
    axis_rules #(.WIDTH (ADDRESS_WIDTH), .ASSUME (SLAVE)) u_ar (
        .aclk (aclk), .aresetn (aresetn), .tdata (araddr), .tvalid (arvalid), .tready (arready)
    );
    axis_rules #(.WIDTH (2), .ASSUME (!SLAVE)) u_b (
        .aclk (aclk), .aresetn (aresetn), .tdata (bresp), .tvalid (bvalid), .tready (bready)
    );
    axis_rules #(.WIDTH (DATA_WIDTH + 2), .ASSUME (!SLAVE)) u_r (
        .aclk (aclk), .aresetn (aresetn), .tdata ({rresp, rdata}), .tvalid (rvalid), .tready (rready)
    );

    // ------------------------------------------------------------------ responses
    reg [COUNT_WIDTH-1:0] addresses_q;
    reg [COUNT_WIDTH-1:0] words_q;
    reg [COUNT_WIDTH-1:0] reads_q;
    reg                   started_q;
    initial started_q = 1'b0;

    assign addresses = addresses_q;
    assign words     = words_q;
    assign reads     = reads_q;

    wire write_ends = bvalid && bready;
    wire read_ends  = rvalid && rready;

    always @(posedge aclk) begin
        started_q   <= 1'b1;
        addresses_q <= !aresetn ? 0 : addresses_q + (awvalid && awready) - write_ends;
        words_q     <= !aresetn ? 0 : words_q + (wvalid && wready) - write_ends;
        reads_q     <= !aresetn ? 0 : reads_q + (arvalid && arready) - read_ends;
    end

    wire answers_a_write  = !bvalid || (addresses_q != 0 && words_q != 0);
    wire answers_a_read   = !rvalid || reads_q != 0;
    wire legal_responses  = (!bvalid || bresp != 2'b01) && (!rvalid || rresp != 2'b01);

    generate
        if (SLAVE) begin : g_slave
            always @(posedge aclk)
                if (started_q) begin
                    no_response_without_a_write: assert (answers_a_write);
                    no_response_without_a_read:  assert (answers_a_read);
                    responses_are_legal:         assert (legal_responses);
                end
        end else begin : g_master
            always @(posedge aclk)
                if (started_q) begin
                    no_response_without_a_write: assume (answers_a_write);
                    no_response_without_a_read:  assume (answers_a_read);
                    responses_are_legal:         assume (legal_responses);
                end
        end
    endgenerate

    // The other side may send, or take, any number: the core is who sees to it that no count overflows.
    always @(posedge aclk)
        if (started_q) begin
            few_addresses: assert (addresses_q <= OUTSTANDING);
            few_words:     assert (words_q <= OUTSTANDING);
            few_reads:     assert (reads_q <= OUTSTANDING);
        end

endmodule

`default_nettype wire
