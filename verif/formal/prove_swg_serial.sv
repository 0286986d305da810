// SPDX-License-Identifier: Apache-2.0
//
// prove_swg_serial: a rendered window generator of the serial structure, with its properties and, since no prover finds
// them, the invariants that tie its registers to the streams. With them the properties are inductive: no search.
//
// Positions count the words of the ring from the first word of the image whose output leaves. With EARLY the next
// image lies GAP words behind it: its own words are at IN_WORDS + GAP and up.
`default_nettype none

module prove_swg_serial #(
    parameter integer IFM_H = 3,
    parameter integer IFM_W = 3,
    parameter integer K_W = 2,
    parameter integer STRIDE_H = 1,
    parameter integer STRIDE_W = 1,
    parameter integer DILATION_H = 1,
    parameter integer DILATION_W = 1,
    parameter integer OFM_H = 2,
    parameter integer OFM_W = 2,
    // How many windows before the last one the next image enters, with GAP words of the buffer left out and BONUS set
    // free at once; 0: none.
    parameter integer EARLY = 0,
    parameter integer GAP = 0,
    parameter integer BONUS = 0,
    // Words of the buffer and its addresses, passes of its loops, widths of its registers.
    parameter integer DEPTH = 2,
    parameter integer ADDRESSES = 2,
    parameter integer WORD_PASSES = 1,
    parameter integer KX_PASSES = 1,
    parameter integer ADDRESS_WIDTH = 1,
    parameter integer AHEAD_WIDTH = 2,
    parameter integer ROOM_WIDTH = 2,
    parameter integer GAP_WIDTH = 1,
    // Of prove_image.
    parameter integer IN_WIDTH = 1,
    parameter integer IN_TDATA_WIDTH = 8,
    parameter integer IN_WORDS = 9,
    parameter integer OUT_WORDS = 16,
    parameter integer MOST = 18,
    parameter integer OFFER_WITHIN = 1,
    parameter integer ACCEPT_WITHIN = 1
) (
    input wire                      aclk,
    input wire                      aresetn,
    input wire [IN_TDATA_WIDTH-1:0] s_axis_tdata,
    input wire                      s_axis_tvalid,
    input wire                      m_axis_tready
);

    localparam integer INDEX_WIDTH = $clog2((MOST > OUT_WORDS ? MOST : OUT_WORDS) + 1);
    localparam integer COUNT_WIDTH = $clog2(OFFER_WITHIN + ACCEPT_WITHIN + 2);
    localparam integer WINDOW      = OUT_WORDS / (OFM_H * OFM_W);
    localparam integer PIXEL       = IN_WORDS / (IFM_H * IFM_W);
    localparam integer LAST        = OFM_H * OFM_W - 1;
    // The window whose end waits until the image is complete.
    localparam integer ENTRY       = LAST - EARLY;
    // Positions that are compared with the buffer may lie so many rounds of it apart.
    localparam integer ROUNDS      = (MOST + GAP) / ADDRESSES + 1;
    // From an image's address to the next one's.
    localparam integer PITCH       = (IN_WORDS + GAP) % ADDRESSES;
    localparam integer CALC_WIDTH  = $clog2(4 * (MOST + ADDRESSES + IN_WORDS + GAP)) + 2;

    wire                        m_axis_tvalid;
    wire [INDEX_WIDTH-1:0]      index;
    wire [MOST*IN_WIDTH-1:0]    words;
    wire signed [INDEX_WIDTH:0] taken;
    wire                        finish;

    prove_image u_core (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (s_axis_tvalid),
        .m_axis_tready (m_axis_tready),
        .m_axis_tvalid (m_axis_tvalid),
        .index         (index),
        .words         (words),
        .taken         (taken),
        .finish        (finish)
    );

`ifndef COVER
    (* hierconn *) wire [ADDRESS_WIDTH-1:0]  \u_core.u_dut.write_q ;
    (* hierconn *) wire [ADDRESS_WIDTH-1:0]  \u_core.u_dut.read_q ;
    (* hierconn *) wire [AHEAD_WIDTH-1:0]    \u_core.u_dut.ahead_q ;
    (* hierconn *) wire [ROOM_WIDTH-1:0]     \u_core.u_dut.room_q ;
    (* hierconn *) wire [ADDRESSES*IN_WIDTH-1:0] \u_core.u_dut.u_buffer.contents ;
    (* hierconn *) wire [COUNT_WIDTH-1:0]    \u_core.u_image.u_progress.hidden_q ;
    (* hierconn *) wire [COUNT_WIDTH-1:0]    \u_core.u_image.u_progress.refused_q ;
`ifdef WORD
    (* hierconn *) wire [`WORD-1:0] \u_core.u_dut.word_q ;
`endif
`ifdef WORD_LAST
    (* hierconn *) wire \u_core.u_dut.word_last_q ;
`endif
`ifdef KX
    (* hierconn *) wire [`KX-1:0]   \u_core.u_dut.kx_q ;
`endif
`ifdef KX_LAST
    (* hierconn *) wire \u_core.u_dut.kx_last_q ;
`endif
`ifdef KY
    (* hierconn *) wire [`KY-1:0]   \u_core.u_dut.ky_q ;
`endif
`ifdef KY_LAST
    (* hierconn *) wire \u_core.u_dut.ky_last_q ;
`endif
`ifdef OX
    (* hierconn *) wire [`OX-1:0]   \u_core.u_dut.ox_q ;
`endif
`ifdef OX_LAST
    (* hierconn *) wire \u_core.u_dut.ox_last_q ;
`endif
`ifdef OY
    (* hierconn *) wire [`OY-1:0]   \u_core.u_dut.oy_q ;
`endif
`ifdef OY_LAST
    (* hierconn *) wire \u_core.u_dut.oy_last_q ;
`endif
`ifdef EARLY
    (* hierconn *) wire [GAP_WIDTH-1:0] \u_core.u_dut.gap_q ;
    (* hierconn *) wire                 \u_core.u_dut.entered_q ;
    (* hierconn *) wire                 \u_core.u_dut.ox_early_q ;
    wire [GAP_WIDTH-1:0] gap     = \u_core.u_dut.gap_q ;
    wire                 entered = \u_core.u_dut.entered_q ;
`else
    wire [GAP_WIDTH-1:0] gap     = 0;
    wire                 entered = 1'b0;
`endif

`ifdef WORD_LAST
    wire word_flag = \u_core.u_dut.word_last_q == (\u_core.u_dut.word_q == `WORD_LAST);
`else
    wire word_flag = 1'b1;
`endif
`ifdef KX_LAST
    wire kx_flag = \u_core.u_dut.kx_last_q == (\u_core.u_dut.kx_q == `KX_LAST);
`else
    wire kx_flag = 1'b1;
`endif
`ifdef KY_LAST
    wire ky_flag = \u_core.u_dut.ky_last_q == (\u_core.u_dut.ky_q == `KY_LAST);
`else
    wire ky_flag = 1'b1;
`endif
`ifdef OX_LAST
    wire ox_flag = \u_core.u_dut.ox_last_q == (\u_core.u_dut.ox_q == `OX_LAST);
`else
    wire ox_flag = 1'b1;
`endif
`ifdef OY_LAST
    wire oy_flag = \u_core.u_dut.oy_last_q == (\u_core.u_dut.oy_q == `OY_LAST);
`else
    wire oy_flag = 1'b1;
`endif
`ifdef EARLY
    wire early_flag = \u_core.u_dut.ox_early_q == (\u_core.u_dut.ox_q == OFM_W - 1 - EARLY);
`else
    wire early_flag = 1'b1;
`endif
    // What registers say of the counters.
    wire flags_are_right = word_flag && kx_flag && ky_flag && ox_flag && oy_flag && early_flag;

    // While the output register holds a word the reader is one word further than the output.
    wire [INDEX_WIDTH:0] reader = index + m_axis_tvalid;
    wire                 beyond = reader == OUT_WORDS;

    // The word that is read next, once for all words: its window, its place in it, its row, its position and its
    // window's. Tables of constants, of which the reader picks one.
    wire [OUT_WORDS-1:0]             here;
    wire [OUT_WORDS-1:0]             in_last, in_top, in_entry, in_later, walks;
    wire [OUT_WORDS*CALC_WIDTH-1:0]  places, corners, parts;
    genvar n;
    generate
        for (n = 0; n < OUT_WORDS; n = n + 1) begin : g_word
            localparam integer WIN    = n / WINDOW;
            localparam integer PART   = n % WINDOW;
            localparam integer ROW    = PART / PIXEL / K_W;
            localparam integer CORNER = ((WIN / OFM_W) * STRIDE_H * IFM_W + (WIN % OFM_W) * STRIDE_W) * PIXEL;
            localparam integer PLACE  = CORNER + PART % PIXEL
                                      + (ROW * DILATION_H * IFM_W + PART / PIXEL % K_W * DILATION_W) * PIXEL;
            assign here[n]     = reader == n || (n == 0 && beyond);
            assign in_last[n]  = here[n] && WIN == LAST;
            assign in_top[n]   = here[n] && ROW == 0;
            assign in_entry[n] = here[n] && WIN == ENTRY;
            assign in_later[n] = here[n] && WIN > ENTRY;
            assign places[n*CALC_WIDTH +: CALC_WIDTH]  = here[n] ? PLACE : 0;
            assign corners[n*CALC_WIDTH +: CALC_WIDTH] = here[n] ? CORNER : 0;
            assign parts[n*CALC_WIDTH +: CALC_WIDTH]   = here[n] ? PART : 0;
            assign walks[n] = here[n]
`ifdef WORD
                && \u_core.u_dut.word_q == PART % WORD_PASSES
`endif
`ifdef KX
                && \u_core.u_dut.kx_q == PART / WORD_PASSES % KX_PASSES
`endif
`ifdef KY
                && \u_core.u_dut.ky_q == PART / WORD_PASSES / KX_PASSES
`endif
`ifdef OX
                && \u_core.u_dut.ox_q == WIN % OFM_W
`endif
`ifdef OY
                && \u_core.u_dut.oy_q == WIN / OFM_W
`endif
                ;
        end
    endgenerate

    // The image is complete and the gap behind it begun.
    wire begun         = EARLY != 0 && (beyond || |in_later || (|in_entry && entered));

    // The place of that word, and up to where all is set free.
    reg signed [CALC_WIDTH-1:0] place, corner, free, in_window;
    integer k;
    always @* begin
        place     = 0;
        corner    = 0;
        in_window = 0;
        for (k = 0; k < OUT_WORDS; k = k + 1) begin
            place     = place | places[k*CALC_WIDTH +: CALC_WIDTH];
            corner    = corner | corners[k*CALC_WIDTH +: CALC_WIDTH];
            in_window = in_window | parts[k*CALC_WIDTH +: CALC_WIDTH];
        end
        // The last window sets free word by word, but for its top row where that was done at once.
        free = |in_last && !(EARLY != 0 && |in_top) ? place : begun ? corner + BONUS : corner;
        if (beyond) begin
            place = IN_WORDS + GAP;
            free  = IN_WORDS + GAP;
        end
    end
    wire flag_is_right = beyond ? !entered
                       : |in_entry || (|in_last && in_window == 0) || entered == (|in_later && !(|in_last));
    wire walk_is_right = |walks;

    // Up to where words have entered, those of the gap included.
    wire signed [CALC_WIDTH-1:0] entry = begun ? taken + GAP - $signed({1'b0, gap}) : taken;

    reg signed [CALC_WIDTH-1:0] base_q;   // address of position 0
    reg signed [CALC_WIDTH-1:0] position, address;
    reg                         write_is_right, read_is_right;
    reg                         lost;     // a word that nothing has overwritten is not in its place
    reg                         overwritten;
    integer j, round;
    always @* begin
        lost = 1'b0;
        for (j = 0; j < MOST; j = j + 1) begin
            position    = j < IN_WORDS ? j : j + GAP;
            address     = base_q + position % ADDRESSES;
            if (address >= ADDRESSES)
                address = address - ADDRESSES;
            overwritten = 1'b0;
            for (round = 1; round <= ROUNDS; round = round + 1)
                if (position + round * ADDRESSES < entry
                    && (position + round * ADDRESSES < IN_WORDS || position + round * ADDRESSES >= IN_WORDS + GAP))
                    overwritten = 1'b1;
            if (j < taken && !overwritten
                && ((\u_core.u_dut.u_buffer.contents >> address * IN_WIDTH) & {IN_WIDTH{1'b1}})
                    != words[j*IN_WIDTH +: IN_WIDTH])
                lost = 1'b1;
        end
        // Modulo ADDRESSES, but without a division.
        write_is_right = 1'b0;
        read_is_right  = 1'b0;
        for (round = 0; round <= ROUNDS + 1; round = round + 1) begin
            if (base_q + entry == $signed({1'b0, \u_core.u_dut.write_q }) + round * ADDRESSES)
                write_is_right = \u_core.u_dut.write_q < ADDRESSES;
            if (base_q + place == $signed({1'b0, \u_core.u_dut.read_q }) + round * ADDRESSES)
                read_is_right = \u_core.u_dut.read_q < ADDRESSES;
        end
    end

    reg started_q;
    initial started_q = 1'b0;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        if (!aresetn)
            base_q <= 0;
        else if (finish)
            base_q <= base_q + PITCH < ADDRESSES ? base_q + PITCH : base_q + PITCH - ADDRESSES;
        if (started_q) begin
            base_in_ring:  assert (base_q >= 0 && base_q < ADDRESSES);
            walk:          assert (walk_is_right);
            flags:         assert (flags_are_right);
            write_address: assert (write_is_right);
            read_address:  assert (read_is_right);
            ahead:         assert ($signed(\u_core.u_dut.ahead_q ) == entry - place - 1);
            room:          assert ($signed(\u_core.u_dut.room_q ) == DEPTH - 1 - entry + free);
            room_is_there: assert ($signed(\u_core.u_dut.room_q ) >= -1);
            stored:        assert (!lost);

            // The reader goes on in every cycle that is refused, and nothing is hidden for longer than it takes to read.
            if (gap == 0 && \u_core.u_dut.room_q [ROOM_WIDTH-1])
                refused_a_window: assert (\u_core.u_image.u_progress.refused_q <= in_window);
            if (!m_axis_tvalid)
                hidden_a_cycle:   assert (\u_core.u_image.u_progress.hidden_q
                                          <= (EARLY != 0 && begun && reader == (ENTRY + 1) * WINDOW - 1));
            if (EARLY != 0) begin
                entry_flag:       assert (flag_is_right);
                complete:         assert (!begun || taken >= IN_WORDS);
                if (gap != 0) begin
                    gap_begins:   assert (begun && !beyond && taken == IN_WORDS && gap <= GAP);
                    gap_is_short: assert (reader <= (ENTRY + 1) * WINDOW - 1 + GAP - gap);
                    refused_gap:  assert (\u_core.u_image.u_progress.refused_q <= GAP - gap + 1);
                end
            end
        end
    end
`endif

endmodule

`default_nettype wire
