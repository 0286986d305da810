// SPDX-License-Identifier: Apache-2.0
//
// finn_reg_slice: AXI-Stream register slice that cuts data, valid and ready.
//
// Throughput   one word a cycle
// Latency      1 cycle
// Capacity     2 words: the second catches the word that arrives while tready is still falling
// Limits       none
`default_nettype none

module finn_reg_slice #(
    // Width of a word in bits; put TLAST or other side-band signals beside the data.
    parameter integer WIDTH = 8
) (
    input  wire             aclk,
    input  wire             aresetn,

    input  wire [WIDTH-1:0] s_axis_tdata,
    input  wire             s_axis_tvalid,
    output wire             s_axis_tready,

    output wire [WIDTH-1:0] m_axis_tdata,
    output wire             m_axis_tvalid,
    input  wire             m_axis_tready
);

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    reg [WIDTH-1:0] out_q;
    reg [WIDTH-1:0] skid_q;
    reg             out_valid_q;
    reg             skid_free_q;

    wire out_free = !out_valid_q || m_axis_tready;

    assign s_axis_tready = skid_free_q;
    assign m_axis_tvalid = out_valid_q;
    assign m_axis_tdata  = out_q;

    always @(posedge aclk) begin
        if (out_free)
            out_q <= skid_free_q ? s_axis_tdata : skid_q;
        if (skid_free_q)
            skid_q <= s_axis_tdata;
    end

    always @(posedge aclk) begin
        if (!aresetn) begin
            out_valid_q <= 1'b0;
            skid_free_q <= 1'b1;
        end else begin
            if (out_free)
                out_valid_q <= s_axis_tvalid || !skid_free_q;
            if (out_free)
                skid_free_q <= 1'b1;
            else if (s_axis_tvalid)
                skid_free_q <= 1'b0;
        end
    end

endmodule

`default_nettype wire
