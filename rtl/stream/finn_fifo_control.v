// SPDX-License-Identifier: Apache-2.0
//
// finn_fifo_control: what all FIFOs share, everything but the storage: handshakes, fill level, high-water mark.
//
// The FIFO is a memory of DEPTH - 1 words and an output register. `push` writes the word at the input into
// the memory; `pop` moves the oldest word from there to the output register.
//
// Throughput   one word a cycle
// Latency      2 cycles: through the memory, then through the output register
// Limits       DEPTH >= 3; finn_reg_slice holds two words
`default_nettype none

module finn_fifo_control #(
    // Words that the FIFO holds, the one in the output register included.
    parameter integer DEPTH = 16,
    // 1: a word comes only when there is room, TREADY need not hold it back.
    parameter integer SURE = 0
) (
    input  wire                       aclk,
    input  wire                       aresetn,

    input  wire                       s_axis_tvalid,
    output wire                       s_axis_tready,
    output wire                       m_axis_tvalid,
    input  wire                       m_axis_tready,

    output wire                       push,
    output wire                       pop,

    // Words held now, and the most since reset (it follows count one cycle later).
    output wire [$clog2(DEPTH+1)-1:0] count,
    output wire [$clog2(DEPTH+1)-1:0] high_water
);

    localparam integer COUNT_WIDTH = $clog2(DEPTH + 1);
    localparam [COUNT_WIDTH-1:0] FULL = DEPTH[COUNT_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (DEPTH < 3) begin
            $display("ERROR %m: DEPTH=%0d, but it must be at least 3", DEPTH);
            $finish;
        end
        if (SURE != 0 && SURE != 1) begin
            $display("ERROR %m: SURE=%0d, but it must be 0 or 1", SURE);
            $finish;
        end
    end
    // synthesis translate_on

    reg [COUNT_WIDTH-1:0] count_q;
    reg [COUNT_WIDTH-1:0] high_water_q;
    reg                   out_valid_q;

    wire take = out_valid_q && m_axis_tready;

    assign s_axis_tready = count_q != FULL;
    assign m_axis_tvalid = out_valid_q;
    assign push          = s_axis_tvalid && (SURE != 0 || s_axis_tready);
    // Two words or more are never without one in the output register.
    assign pop           = out_valid_q ? m_axis_tready && count_q[COUNT_WIDTH-1:1] != 0 : count_q[0];
    assign count         = count_q;
    assign high_water    = high_water_q;

    always @(posedge aclk) begin
        if (!aresetn) begin
            count_q      <= {COUNT_WIDTH{1'b0}};
            high_water_q <= {COUNT_WIDTH{1'b0}};
            out_valid_q  <= 1'b0;
        end else begin
            if (push != take)
                count_q <= count_q + {{(COUNT_WIDTH-1){take}}, 1'b1};
            if (count_q > high_water_q)
                high_water_q <= count_q;
            if (pop)
                out_valid_q <= 1'b1;
            else if (m_axis_tready)
                out_valid_q <= 1'b0;
        end
    end

endmodule

`default_nettype wire
