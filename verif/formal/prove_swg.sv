// SPDX-License-Identifier: Apache-2.0
//
// prove_swg: a rendered window generator with its properties.
`default_nettype none

module prove_swg #(
    parameter integer IFM_CH = 1,
    parameter integer BITS = 1,
    parameter integer SIMD = 1,
    parameter integer IFM_H = 3,
    parameter integer IFM_W = 3,
    parameter integer K_H = 2,
    parameter integer K_W = 2,
    parameter integer STRIDE_H = 1,
    parameter integer STRIDE_W = 1,
    parameter integer DILATION_H = 1,
    parameter integer DILATION_W = 1,
    parameter integer OFM_H = 2,
    parameter integer OFM_W = 2,
    parameter integer TLAST = 0,
    parameter integer IN_WIDTH = 1,
    parameter integer OUT_WIDTH = 1,
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer OUT_TDATA_WIDTH = 8,
    parameter integer IN_WORDS = 9,
    parameter integer OUT_WORDS = 16,
    parameter integer MOST = 18,
    parameter integer OFFER_WITHIN = 1,
    parameter integer ACCEPT_WITHIN = 1,
    // How many windows before the last one the next image enters, with GAP words of the buffer left out; 0: none.
    parameter integer EARLY = 0,
    parameter integer GAP = 0,
    // Of the serial structure: words of the buffer, and widths of its registers.
    parameter integer DEPTH = 2,
    parameter integer WORD_PASSES = 1,
    parameter integer KX_PASSES = 1,
    parameter integer ADDRESS_WIDTH = 1,
    parameter integer AHEAD_WIDTH = 2,
    parameter integer ROOM_WIDTH = 2
) (
    input wire                      aclk,
    input wire                      aresetn,
    input wire [IN_TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                      s_axis_tvalid,
    input wire                      m_axis_tready
);

    localparam integer INDEX_WIDTH = $clog2((MOST > OUT_WORDS ? MOST : OUT_WORDS) + 1);
    localparam integer WINDOW = OUT_WORDS / (OFM_H * OFM_W);

    wire                       s_axis_tready;
    wire [OUT_TDATA_WIDTH-1:0] m_axis_tdata;
    wire                       m_axis_tlast;
    wire                       m_axis_tvalid;
    wire [INDEX_WIDTH-1:0]     index;
    wire [MOST*IN_WIDTH-1:0]   words;
    wire signed [INDEX_WIDTH:0] taken;
    wire                       finish;

    finn_swg u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
`ifdef TLAST
        .m_axis_tlast  (m_axis_tlast),
`endif
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready)
    );
`ifndef TLAST
    assign m_axis_tlast = 1'b0;
`endif

    // What every output word is made of.
    reg [OUT_WIDTH-1:0]   expected;
    reg [INDEX_WIDTH-1:0] needs;
    integer word, lane, window, element, pixel, source;
    always @* begin
        expected = 0;
        needs    = 0;
        for (word = 0; word < OUT_WORDS; word = word + 1)
            if (index == word) begin
                for (lane = 0; lane < SIMD; lane = lane + 1) begin
                    window  = word / WINDOW;
                    element = word % WINDOW * SIMD + lane;
                    pixel   = (window / OFM_W * STRIDE_H + element / IFM_CH / K_W * DILATION_H) * IFM_W
                            + window % OFM_W * STRIDE_W + element / IFM_CH % K_W * DILATION_W;
                    source  = pixel * IFM_CH + element % IFM_CH;
                    expected[lane*BITS +: BITS] = words[source*BITS +: BITS];
                    needs   = source * BITS / IN_WIDTH + 1;
                end
                // A window of several words leaves when it is complete.
                if (SIMD > IFM_CH)
                    needs = (window / OFM_W * STRIDE_H + (K_H - 1) * DILATION_H) * IFM_W
                          + window % OFM_W * STRIDE_W + (K_W - 1) * DILATION_W + 1;
                if (EARLY != 0 && word == OUT_WORDS - EARLY * WINDOW - 1)
                    needs = IN_WORDS;
            end
    end

    axis_image #(
        .IN_WIDTH        (IN_WIDTH),
        .OUT_WIDTH       (OUT_WIDTH),
        .IN_WORDS        (IN_WORDS),
        .OUT_WORDS       (OUT_WORDS),
        .MOST            (MOST),
        .TLAST           (TLAST),
        .OFFER_WITHIN    (OFFER_WITHIN),
        .ACCEPT_WITHIN   (ACCEPT_WITHIN),
        .IN_TDATA_WIDTH  (IN_TDATA_WIDTH),
        .OUT_TDATA_WIDTH (OUT_TDATA_WIDTH),
        .INDEX_WIDTH     (INDEX_WIDTH)
    ) u_image (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tlast  (m_axis_tlast),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .index         (index),
        .words         (words),
        .taken         (taken),
        .finish        (finish),
        .expected      (expected),
        .needs         (needs)
    );

`ifdef SERIAL
    // The relations between the core's registers and the streams; with them the proof needs no search. While the
    // output register holds a word the reader is one word further than the output.
    (* hierconn *) wire [ADDRESS_WIDTH-1:0] \u_dut.write_q ;
    (* hierconn *) wire [ADDRESS_WIDTH-1:0] \u_dut.read_q ;
    (* hierconn *) wire [AHEAD_WIDTH-1:0]   \u_dut.ahead_q ;
    (* hierconn *) wire [ROOM_WIDTH-1:0]    \u_dut.room_q ;
    (* hierconn *) wire [DEPTH*IN_WIDTH-1:0] \u_dut.u_buffer.contents ;
`ifdef WORD
    (* hierconn *) wire [`WORD-1:0] \u_dut.word_q ;
`endif
`ifdef KX
    (* hierconn *) wire [`KX-1:0]   \u_dut.kx_q ;
`endif
`ifdef KY
    (* hierconn *) wire [`KY-1:0]   \u_dut.ky_q ;
`endif
`ifdef OX
    (* hierconn *) wire [`OX-1:0]   \u_dut.ox_q ;
`endif
`ifdef OY
    (* hierconn *) wire [`OY-1:0]   \u_dut.oy_q ;
`endif

    localparam integer CALC_WIDTH = $clog2(4 * (MOST + DEPTH + IN_WORDS)) + 2;
    localparam integer PIXEL = IN_WORDS / (IFM_H * IFM_W);

    reg signed [CALC_WIDTH-1:0]      base_q;     // address of the first word of the image whose output leaves
    reg                              started_q;
    initial started_q = 1'b0;

    // Of the word that is read next: its place in the image, and up to where the image is set free.
    reg signed [CALC_WIDTH-1:0] place;
    reg signed [CALC_WIDTH-1:0] free;
    integer next, win, in_window, row;
    reg     walk_is_right;
    always @* begin
        place = IN_WORDS;
        free  = IN_WORDS;
        walk_is_right = 1'b1;
        for (next = 0; next < OUT_WORDS; next = next + 1)
            if (index + m_axis_tvalid == next || (next == 0 && index + m_axis_tvalid == OUT_WORDS)) begin
                win       = next / WINDOW;
                in_window = next % WINDOW;
                row       = in_window / PIXEL / K_W;
                free      = ((win / OFM_W) * STRIDE_H * IFM_W + (win % OFM_W) * STRIDE_W) * PIXEL;
                place     = free + (row * DILATION_H * IFM_W + in_window / PIXEL % K_W * DILATION_W) * PIXEL + in_window % PIXEL;
                if (win == OFM_H * OFM_W - 1)
                    free = place;
                if (index + m_axis_tvalid == OUT_WORDS) begin
                    free  = IN_WORDS;
                    place = IN_WORDS;
                end
`ifdef WORD
                walk_is_right = walk_is_right && \u_dut.word_q == in_window % WORD_PASSES;
`endif
`ifdef KX
                walk_is_right = walk_is_right && \u_dut.kx_q == in_window / WORD_PASSES % KX_PASSES;
`endif
`ifdef KY
                walk_is_right = walk_is_right && \u_dut.ky_q == in_window / WORD_PASSES / KX_PASSES;
`endif
`ifdef OX
                walk_is_right = walk_is_right && \u_dut.ox_q == win % OFM_W;
`endif
`ifdef OY
                walk_is_right = walk_is_right && \u_dut.oy_q == win / OFM_W;
`endif
            end
    end

    integer j;
    reg signed [CALC_WIDTH-1:0] written, read;
    reg                         lost;   // a word that the buffer must hold is not in its place
    always @* begin
        lost    = 1'b0;
        for (j = 0; j < MOST; j = j + 1)
            if (j < taken && j >= taken - DEPTH
                && ((\u_dut.u_buffer.contents >> (base_q + j) % DEPTH * IN_WIDTH) & {IN_WIDTH{1'b1}}) != words[j*IN_WIDTH +: IN_WIDTH])
                lost = 1'b1;
        written = (base_q + taken + DEPTH * IN_WORDS) % DEPTH;
        read    = (base_q + place) % DEPTH;
    end

    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!aresetn)
            base_q <= 0;
        else if (finish)
            base_q <= (base_q + IN_WORDS) % DEPTH;
        if (started_q) begin
            base_in_ring:  assert (base_q >= 0 && base_q < DEPTH);
            walk:          assert (walk_is_right);
            write_address: assert ($signed({1'b0, \u_dut.write_q }) == written);
            read_address:  assert ($signed({1'b0, \u_dut.read_q }) == read);
            ahead:         assert ($signed(\u_dut.ahead_q ) == taken - place - 1);
            room:          assert ($signed(\u_dut.room_q ) == DEPTH - 1 - taken + free);
            room_is_there: assert ($signed(\u_dut.room_q ) >= -1);
            stored:        assert (!lost);
        end
    end
`endif

endmodule

`default_nettype wire
