// SPDX-License-Identifier: Apache-2.0
//
// finn_fifo_ram: AXI-Stream FIFO in LUT RAM or block RAM with an output register.
//
// Throughput   one word a cycle
// Latency      2 cycles
// Capacity     DEPTH words: DEPTH - 1 in the memory, one in the output register
// Limits       DEPTH >= 3; finn_reg_slice holds two words
`default_nettype none

module finn_fifo_ram #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // Words that the FIFO holds; 2^n + 1 fill a memory of 2^n.
    parameter integer DEPTH = 513,
    // "distributed" or "block".
    parameter         RAM_STYLE = "block",
    // 1: a word comes only when there is room, TREADY need not hold it back.
    parameter integer SURE = 0
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

    // verilator lint_off WIDTHEXPAND
    // Strings of different lengths are compared.
    localparam integer ADDRESS_WIDTH = DEPTH < 3 ? 1 : $clog2(DEPTH - 1); // a wrong depth must elaborate to be named
    // LUT RAM comes in powers of two anyway, and its pointers then wrap for nothing.
    localparam integer WORDS         = RAM_STYLE == "distributed" ? 1 << ADDRESS_WIDTH : DEPTH - 1;
    localparam integer LAST_WORD     = WORDS - 1;
    localparam [ADDRESS_WIDTH-1:0] LAST = LAST_WORD[ADDRESS_WIDTH-1:0];
    localparam integer LANE          = RAM_STYLE == "distributed" ? 60 : WIDTH < 1 ? 1 : WIDTH;
    localparam integer LANES         = WIDTH < 1 ? 1 : (WIDTH + LANE - 1) / LANE;

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
        if (RAM_STYLE != "distributed" && RAM_STYLE != "block") begin
            $display("ERROR %m: RAM_STYLE=%0s, but it must be distributed or block", RAM_STYLE);
            $finish;
        end
    end
    // synthesis translate_on
    // verilator lint_on WIDTHEXPAND

    wire push;
    wire pop;

    finn_fifo_control #(
        .DEPTH (DEPTH),
        .SURE  (SURE)
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

    // LUT RAM has an address pin a few bits. So every LANE bits have pointers of their own; none drives more than 64
    // pins. The attributes keep the copies apart: for Vivado that of the net, for Yosys that of the process.
    wire [LANES*ADDRESS_WIDTH-1:0] writes;
    wire [LANES*ADDRESS_WIDTH-1:0] reads;
    wire [ADDRESS_WIDTH-1:0]       write      = writes[ADDRESS_WIDTH-1:0];
    wire [ADDRESS_WIDTH-1:0]       read       = reads[ADDRESS_WIDTH-1:0];
    wire [ADDRESS_WIDTH-1:0]       write_next = write == LAST ? {ADDRESS_WIDTH{1'b0}} : write + 1'b1;
    wire [ADDRESS_WIDTH-1:0]       read_next  = read == LAST ? {ADDRESS_WIDTH{1'b0}} : read + 1'b1;
    wire unused = &{1'b0, writes, reads};

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            localparam integer BITS = lane < LANES - 1 ? LANE : WIDTH < 1 ? 1 : WIDTH - lane * LANE;

            // A word is never read while it is written, says no_rw_check to Yosys, which would add logic for that.
            (* ram_style = RAM_STYLE, no_rw_check *)
            reg [BITS-1:0]          mem [0:WORDS-1];
            reg [BITS-1:0]          out_q;
            (* keep = "true" *)
            reg [ADDRESS_WIDTH-1:0] write_q;
            (* keep = "true" *)
            reg [ADDRESS_WIDTH-1:0] read_q;
            assign m_axis_tdata[lane*LANE +: BITS]             = out_q;
            assign writes[lane*ADDRESS_WIDTH +: ADDRESS_WIDTH] = write_q;
            assign reads[lane*ADDRESS_WIDTH +: ADDRESS_WIDTH]  = read_q;

            always @(posedge aclk)
                if (push)
                    mem[write_q] <= s_axis_tdata[lane*LANE +: BITS];

            always @(posedge aclk)
                if (pop)
                    out_q <= mem[read_q];

            (* keep *)
            always @(posedge aclk)
                if (!aresetn) begin
                    write_q <= {ADDRESS_WIDTH{1'b0}};
                    read_q  <= {ADDRESS_WIDTH{1'b0}};
                end else begin
                    if (push)
                        write_q <= write_next;
                    if (pop)
                        read_q <= read_next;
                end
        end
    endgenerate

endmodule

`default_nettype wire
