// SPDX-License-Identifier: Apache-2.0
//
// finn_fifo_srl: AXI-Stream FIFO in shift registers (SRL16E, SRLC32E) with an output register.
//
// Throughput   one word a cycle
// Latency      2 cycles
// Capacity     DEPTH words: DEPTH - 1 in the shift registers, one in the output register
// Limits       DEPTH >= 3; finn_reg_slice holds two words
`default_nettype none

module finn_fifo_srl #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Words that the FIFO holds.
    parameter integer DEPTH = 16
) (
    input  wire                       aclk,
    input  wire                       aresetn,

    input  wire [WIDTH-1:0]           s_axis_tdata,
    input  wire                       s_axis_tvalid,
    output wire                       s_axis_tready,

    output wire [WIDTH-1:0]           m_axis_tdata,
    output wire                       m_axis_tvalid,
    input  wire                       m_axis_tready,

    // Words held now, and the most since reset (it follows count one cycle later).
    output wire [$clog2(DEPTH+1)-1:0] count,
    output wire [$clog2(DEPTH+1)-1:0] high_water
);

    // A wrong depth must elaborate for the check below to name it.
    localparam integer STAGES        = DEPTH < 3 ? 2 : DEPTH - 1;
    localparam integer ADDRESS_WIDTH = $clog2(STAGES);
    localparam integer UNSIZED_TWO   = 2;
    localparam [ADDRESS_WIDTH-1:0] TWO = UNSIZED_TWO[ADDRESS_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    wire push;
    wire pop;

    finn_fifo_control #(
        .DEPTH (DEPTH)
    ) u_control (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .push          (push),
        .pop           (pop),
        .count         (count),
        .high_water    (high_water)
    );

    // The newest word is in stage 0. While the output register holds a word, the memory holds count - 1, and
    // the oldest is in stage count - 2; without one it can hold a single word only.
    reg  [WIDTH-1:0]         out_q;
    wire [ADDRESS_WIDTH-1:0] behind = count[ADDRESS_WIDTH-1:0] - TWO;
    wire [ADDRESS_WIDTH-1:0] oldest = m_axis_tvalid ? behind : {ADDRESS_WIDTH{1'b0}};

    assign m_axis_tdata = out_q;

    // One vector a bit, since that is the form in which synthesis finds shift registers with an address.
    genvar b;
    generate
        for (b = 0; b < WIDTH; b = b + 1) begin : g_bit
            reg [STAGES-1:0] stage_q;
            always @(posedge aclk)
                if (push)
                    stage_q <= {stage_q[STAGES-2:0], s_axis_tdata[b]};
            always @(posedge aclk)
                if (pop)
                    out_q[b] <= stage_q[oldest];
        end
    endgenerate

endmodule

`default_nettype wire
