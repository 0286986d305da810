// SPDX-License-Identifier: Apache-2.0
//
// finn_half_slice: AXI-Stream register slice for sparse words, half of what finn_reg_slice costs.
//
// Throughput   one word every second cycle
// Latency      1 cycle
// Capacity     1 word
// Limits       none
`default_nettype none

module finn_half_slice #(
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

    wire [LANES-1:0] valid;
    assign s_axis_tready = !valid[0];
    assign m_axis_tvalid = valid[0];

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            localparam integer BITS = lane < LANES - 1 ? LANE : WIDTH < 1 ? 1 : WIDTH - lane * LANE;

            reg [BITS-1:0] out_q;
            (* keep = "true" *)
            reg            out_valid_q;
            assign m_axis_tdata[lane*LANE +: BITS] = out_q;
            assign valid[lane] = out_valid_q;

            always @(posedge aclk)
                if (!out_valid_q)
                    out_q <= s_axis_tdata[lane*LANE +: BITS];

            (* keep *)
            always @(posedge aclk)
                if (!aresetn)
                    out_valid_q <= 1'b0;
                else
                    out_valid_q <= valid[0] ? !m_axis_tready : s_axis_tvalid;
        end
    endgenerate

endmodule

`default_nettype wire
