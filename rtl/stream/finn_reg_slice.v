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

    // Every LANE bits have a flag of their own, so that none drives more than 64 pins. The attributes keep the copies
    // apart: for Vivado that of the net, for Yosys that of the process.
    localparam integer LANE  = 60;
    localparam integer LANES = WIDTH < 1 ? 1 : (WIDTH + LANE - 1) / LANE;

    reg              out_valid_q;
    wire [LANES-1:0] skid_free;
    wire             out_free = !out_valid_q || m_axis_tready;

    assign s_axis_tready = skid_free[0];
    assign m_axis_tvalid = out_valid_q;

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            localparam integer BITS = lane < LANES - 1 ? LANE : WIDTH < 1 ? 1 : WIDTH - lane * LANE;

            reg [BITS-1:0] out_q;
            reg [BITS-1:0] skid_q;
            (* keep = "true" *)
            reg            skid_free_q;
            assign m_axis_tdata[lane*LANE +: BITS] = out_q;
            assign skid_free[lane] = skid_free_q;

            always @(posedge aclk) begin
                if (out_free)
                    out_q <= skid_free_q ? s_axis_tdata[lane*LANE +: BITS] : skid_q;
                if (skid_free_q)
                    skid_q <= s_axis_tdata[lane*LANE +: BITS];
            end

            (* keep *)
            always @(posedge aclk)
                if (!aresetn)
                    skid_free_q <= 1'b1;
                else if (out_free)
                    skid_free_q <= 1'b1;
                else if (s_axis_tvalid)
                    skid_free_q <= 1'b0;
        end
    endgenerate

    always @(posedge aclk)
        if (!aresetn)
            out_valid_q <= 1'b0;
        else if (out_free)
            out_valid_q <= s_axis_tvalid || !skid_free[0];

endmodule

`default_nettype wire
