// SPDX-License-Identifier: Apache-2.0
//
// finn_fifo: AXI-Stream FIFO in a storage of choice, with fill level and high-water mark.
//
// Throughput   one word a cycle
// Latency      1 cycle in registers, 2 cycles in a memory
// Capacity     DEPTH words, but 2 for a depth of 1: a single register cannot pass a word a cycle without a path from
//              ready to ready
// Limits       DEPTH is 1 or 2 in registers, at least 3 in a memory
`default_nettype none

module finn_fifo #(
    // Width of a word in bits; put TLAST or other side-band signals beside the data.
    parameter integer WIDTH = 8,
    // Words that the FIFO holds.
    parameter integer DEPTH = 16,
    // "reg" for registers, "srl" for shift registers, "lut" for LUT RAM, "block" for block RAM.
    parameter         STYLE = "srl"
) (
    input  wire                                           aclk,
    input  wire                                           aresetn,

    input  wire [WIDTH-1:0]                               s_axis_tdata,
    input  wire                                           s_axis_tvalid,
    output wire                                           s_axis_tready,

    output wire [WIDTH-1:0]                               m_axis_tdata,
    output wire                                           m_axis_tvalid,
    input  wire                                           m_axis_tready,

    // Words held now, and the most since reset (it follows count one cycle later).
    output wire [(DEPTH < 3 ? 2 : $clog2(DEPTH + 1))-1:0] count,
    output wire [(DEPTH < 3 ? 2 : $clog2(DEPTH + 1))-1:0] high_water
);

    // verilator lint_off WIDTHEXPAND
    // Strings of different lengths are compared.
    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
        if (STYLE != "reg" && STYLE != "srl" && STYLE != "lut" && STYLE != "block") begin
            $display("ERROR %m: STYLE=%0s, but it must be reg, srl, lut or block", STYLE);
            $finish;
        end
        if (STYLE == "reg" && DEPTH != 1 && DEPTH != 2) begin
            $display("ERROR %m: DEPTH=%0d, but registers hold 1 or 2 words", DEPTH);
            $finish;
        end
        if (STYLE != "reg" && DEPTH < 3) begin
            $display("ERROR %m: DEPTH=%0d, but it must be at least 3 in a memory", DEPTH);
            $finish;
        end
    end
    // synthesis translate_on

    generate
        if (STYLE == "reg") begin : g_reg
            finn_reg_slice #(
                .WIDTH         (WIDTH)
            ) u_storage (
                .aclk          (aclk),
                .aresetn       (aresetn),
                .s_axis_tdata  (s_axis_tdata),
                .s_axis_tvalid (s_axis_tvalid),
                .s_axis_tready (s_axis_tready),
                .m_axis_tdata  (m_axis_tdata),
                .m_axis_tvalid (m_axis_tvalid),
                .m_axis_tready (m_axis_tready)
            );

            // A register slice holds two words just when it takes no more.
            reg [1:0] high_water_q;
            assign count      = {!s_axis_tready, s_axis_tready && m_axis_tvalid};
            assign high_water = high_water_q;
            always @(posedge aclk)
                if (!aresetn)
                    high_water_q <= 2'd0;
                else if (count > high_water_q)
                    high_water_q <= count;
        end else if (STYLE == "srl") begin : g_srl
            finn_fifo_srl #(
                .WIDTH         (WIDTH),
                .DEPTH         (DEPTH)
            ) u_storage (
                .aclk          (aclk),
                .aresetn       (aresetn),
                .s_axis_tdata  (s_axis_tdata),
                .s_axis_tvalid (s_axis_tvalid),
                .s_axis_tready (s_axis_tready),
                .m_axis_tdata  (m_axis_tdata),
                .m_axis_tvalid (m_axis_tvalid),
                .m_axis_tready (m_axis_tready),
                .count         (count),
                .high_water    (high_water)
            );
        end else if (STYLE == "lut") begin : g_lut
            finn_fifo_ram #(
                .WIDTH         (WIDTH),
                .DEPTH         (DEPTH),
                .RAM_STYLE     ("distributed")
            ) u_storage (
                .aclk          (aclk),
                .aresetn       (aresetn),
                .s_axis_tdata  (s_axis_tdata),
                .s_axis_tvalid (s_axis_tvalid),
                .s_axis_tready (s_axis_tready),
                .m_axis_tdata  (m_axis_tdata),
                .m_axis_tvalid (m_axis_tvalid),
                .m_axis_tready (m_axis_tready),
                .count         (count),
                .high_water    (high_water)
            );
        end else begin : g_block
            finn_fifo_ram #(
                .WIDTH         (WIDTH),
                .DEPTH         (DEPTH),
                .RAM_STYLE     ("block")
            ) u_storage (
                .aclk          (aclk),
                .aresetn       (aresetn),
                .s_axis_tdata  (s_axis_tdata),
                .s_axis_tvalid (s_axis_tvalid),
                .s_axis_tready (s_axis_tready),
                .m_axis_tdata  (m_axis_tdata),
                .m_axis_tvalid (m_axis_tvalid),
                .m_axis_tready (m_axis_tready),
                .count         (count),
                .high_water    (high_water)
            );
        end
    endgenerate
    // verilator lint_on WIDTHEXPAND

endmodule

`default_nettype wire
