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

    reg [WIDTH-1:0] out_q;
    reg [WIDTH-1:0] skid_q;
    reg             out_valid_q;
    (* keep = "true" *)
    reg [LANES-1:0] skid_free_q;

    wire [WIDTH-1:0] next;   // the older one of the words in the skid register and at the input
    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            localparam integer BITS = lane < LANES - 1 ? LANE : WIDTH < 1 ? 1 : WIDTH - lane * LANE;
            assign next[lane*LANE +: BITS] =
                skid_free_q[lane] ? s_axis_tdata[lane*LANE +: BITS] : skid_q[lane*LANE +: BITS];
        end
    endgenerate

    wire out_free = !out_valid_q || m_axis_tready;

    assign s_axis_tready = skid_free_q[0];
    assign m_axis_tvalid = out_valid_q;
    assign m_axis_tdata  = out_q;

    always @(posedge aclk) begin
        if (out_free)
            out_q <= next;
        skid_q <= next;
    end

    (* keep *)
    always @(posedge aclk)
        if (!aresetn)
            skid_free_q <= {LANES{1'b1}};
        else if (out_free)
            skid_free_q <= {LANES{1'b1}};
        else if (s_axis_tvalid)
            skid_free_q <= {LANES{1'b0}};

    always @(posedge aclk)
        if (!aresetn)
            out_valid_q <= 1'b0;
        else if (out_free)
            out_valid_q <= s_axis_tvalid || !skid_free_q[0];

endmodule

`default_nettype wire
