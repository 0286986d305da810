// SPDX-License-Identifier: Apache-2.0
//
// finn_frame_guard: makes every AXI-Stream frame WORDS words long, so that what follows may count words.
//
// A frame that ends too early is filled with zeros, one that is too long is cut and dropped up to its TLAST.
// Either is flagged for a cycle, and the next frame is whole again. Bits of the last word that belong to no
// frame are zero, whatever the source sends there.
//
// Throughput   one word a cycle
// Latency      1 cycle
// Limits       none
`default_nettype none

module finn_frame_guard #(
    // Width of a word in bits.
    parameter integer WIDTH = 64,
    // Words of a frame.
    parameter integer WORDS = 384,
    // Bits of the last word that belong to the frame, the lowest ones.
    parameter integer LAST_BITS = WIDTH
) (
    input  wire             aclk,
    input  wire             aresetn,

    input  wire [WIDTH-1:0] s_axis_tdata,
    input  wire             s_axis_tlast,
    input  wire             s_axis_tvalid,
    output wire             s_axis_tready,

    output wire [WIDTH-1:0] m_axis_tdata,
    output wire             m_axis_tlast,
    output wire             m_axis_tvalid,
    input  wire             m_axis_tready,

    // High for a cycle after a frame ended too early, or went on for too long.
    output wire             short_frame,
    output wire             long_frame
);

    localparam integer BITS        = WIDTH > 0 ? WIDTH : 1; // a wrong width must elaborate to be named
    localparam integer COUNT_WIDTH = WORDS > 1 ? $clog2(WORDS) : 1;
    localparam integer LAST_WORD   = WORDS - 1;
    localparam [COUNT_WIDTH-1:0] LAST = LAST_WORD[COUNT_WIDTH-1:0];

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
        if (WORDS < 1) begin
            $display("ERROR %m: WORDS=%0d, but it must be at least 1", WORDS);
            $finish;
        end
        if (LAST_BITS < 1 || LAST_BITS > WIDTH) begin
            $display("ERROR %m: LAST_BITS=%0d, but it must be from 1 to WIDTH=%0d", LAST_BITS, WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    reg  [COUNT_WIDTH-1:0] word_q;
    reg                    fill_q;   // the frame ended too early, zeros complete it
    reg                    drop_q;   // the frame is complete, but has not ended
    reg                    short_q;
    reg                    long_q;

    wire slice_ready;
    wire room       = drop_q || slice_ready;
    wire offer      = fill_q || (s_axis_tvalid && !drop_q);
    wire move       = offer && slice_ready;
    wire last_word  = word_q == LAST;
    wire ends_early = move && !fill_q && s_axis_tlast && !last_word;
    wire ends_late  = move && !fill_q && !s_axis_tlast && last_word;

    // What the source sends, and what of it belongs to the frame.
    localparam [BITS-1:0] LAST_MASK = {BITS{1'b1}} >> (BITS - LAST_BITS);
    wire [WIDTH-1:0] word = last_word ? s_axis_tdata & LAST_MASK : s_axis_tdata;

    assign s_axis_tready = room && !fill_q;
    assign short_frame   = short_q;
    assign long_frame    = long_q;

    finn_reg_slice #(
        .WIDTH         (WIDTH + 1)
    ) u_slice (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  ({last_word, fill_q ? {BITS{1'b0}} : word}),
        .s_axis_tvalid (offer),
        .s_axis_tready (slice_ready),
        .m_axis_tdata  ({m_axis_tlast, m_axis_tdata}),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );

    always @(posedge aclk) begin
        if (!aresetn) begin
            word_q  <= {COUNT_WIDTH{1'b0}};
            fill_q  <= 1'b0;
            drop_q  <= 1'b0;
            short_q <= 1'b0;
            long_q  <= 1'b0;
        end else begin
            if (move)
                word_q <= last_word ? {COUNT_WIDTH{1'b0}} : word_q + 1'b1;
            if (ends_early)
                fill_q <= 1'b1;
            else if (move && last_word)
                fill_q <= 1'b0;
            if (ends_late)
                drop_q <= 1'b1;
            else if (s_axis_tvalid && s_axis_tlast)
                drop_q <= 1'b0;
            short_q <= ends_early;
            long_q  <= ends_late;
        end
    end

endmodule

`default_nettype wire
