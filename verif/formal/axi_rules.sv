// SPDX-License-Identifier: Apache-2.0
//
// axi_rules: the rules of AXI4 (ARM IHI 0022, A3.2 to A3.4) for a master with one id that sends INCR bursts of whole
// beats. What the master sends is asserted, what the slave answers is assumed. A port that only reads, or only
// writes, leaves the valids of the other side low.
//
// Both     a valid is low after a reset; what waits for its ready stays valid and as it is
// Master   bursts of at most BURST beats, aligned to a beat, that do not cross a multiple of BOUNDARY bytes; WLAST with
//          the last beat of a burst and with no other; no data without a burst that was requested before; no more
//          than READS and WRITES bursts under way
// Slave    answers no burst that it has not taken whole in a cycle before; each once, in order, RLAST on its last beat
`default_nettype none

module axi_rules #(
    parameter integer ADDRESS_WIDTH = 32,
    parameter integer DATA_WIDTH = 64,
    // Most beats of a burst: a power of two.
    parameter integer BURST = 16,
    // Bytes: 4096, or what is a stronger promise.
    parameter integer BOUNDARY = 4096,
    // Bursts of a kind that may be under way, from the first cycle of the request to the last one of the answer.
    parameter integer READS = 3,
    parameter integer WRITES = 3
) (
    input wire                     aclk,
    input wire                     aresetn,

    input wire [ADDRESS_WIDTH-1:0] awaddr,
    input wire [7:0]               awlen,
    input wire                     awvalid,
    input wire                     awready,
    input wire [DATA_WIDTH-1:0]    wdata,
    input wire [DATA_WIDTH/8-1:0]  wstrb,
    input wire                     wlast,
    input wire                     wvalid,
    input wire                     wready,
    input wire [1:0]               bresp,
    input wire                     bvalid,
    input wire                     bready,
    input wire [ADDRESS_WIDTH-1:0] araddr,
    input wire [7:0]               arlen,
    input wire                     arvalid,
    input wire                     arready,
    input wire [DATA_WIDTH-1:0]    rdata,
    input wire [1:0]               rresp,
    input wire                     rlast,
    input wire                     rvalid,
    input wire                     rready,

    // The write burst whose request begins now is the one whose data are followed.
    input wire                     pick,

    // The first cycle of a request.
    output wire                    write_begins,
    output wire                    read_begins,
    // Bursts under way; bursts whose last data were not taken.
    output wire [$clog2(READS+2)-1:0]  reads,
    output wire [$clog2(WRITES+2)-1:0] writes,
    output wire [$clog2(WRITES+2)-1:0] owed
);

    localparam integer BEAT        = DATA_WIDTH / 8;
    localparam integer BEAT_BITS   = $clog2(BEAT);
    localparam integer LEN_WIDTH   = $clog2(BURST);
    localparam integer READ_WIDTH  = $clog2(READS + 2);
    localparam integer WRITE_WIDTH = $clog2(WRITES + 2);

    // ------------------------------------------------------------------ every channel as a stream
    axis_rules #(.WIDTH (ADDRESS_WIDTH + 8)) u_aw (
        .aclk (aclk), .aresetn (aresetn), .tdata ({awlen, awaddr}), .tvalid (awvalid), .tready (awready)
    );
    axis_rules #(.WIDTH (DATA_WIDTH + BEAT + 1)) u_w (
        .aclk (aclk), .aresetn (aresetn), .tdata ({wlast, wstrb, wdata}), .tvalid (wvalid), .tready (wready)
    );
    axis_rules #(.WIDTH (ADDRESS_WIDTH + 8)) u_ar (
        .aclk (aclk), .aresetn (aresetn), .tdata ({arlen, araddr}), .tvalid (arvalid), .tready (arready)
    );
    axis_rules #(.WIDTH (2), .ASSUME (1)) u_b (
        .aclk (aclk), .aresetn (aresetn), .tdata (bresp), .tvalid (bvalid), .tready (bready)
    );
    axis_rules #(.WIDTH (DATA_WIDTH + 3), .ASSUME (1)) u_r (
        .aclk (aclk), .aresetn (aresetn), .tdata ({rlast, rresp, rdata}), .tvalid (rvalid), .tready (rready)
    );

    // ------------------------------------------------------------------ requests
    reg aw_waits_q;
    reg ar_waits_q;
    reg started_q;
    initial started_q = 1'b0;

    assign write_begins = awvalid && !aw_waits_q;
    assign read_begins  = arvalid && !ar_waits_q;

    always @(posedge aclk) begin
        started_q  <= 1'b1;
        aw_waits_q <= aresetn && awvalid && !awready;
        ar_waits_q <= aresetn && arvalid && !arready;
    end

    wire [ADDRESS_WIDTH:0] aw_last = {1'b0, awaddr} + awlen * BEAT + BEAT - 1;
    wire [ADDRESS_WIDTH:0] ar_last = {1'b0, araddr} + arlen * BEAT + BEAT - 1;

    always @(posedge aclk)
        if (started_q) begin
            if (awvalid) begin
                write_is_aligned:       assert (awaddr[BEAT_BITS-1:0] == 0);
                write_is_short:         assert (awlen < BURST);
                write_crosses_nothing:  assert (aw_last / BOUNDARY == awaddr / BOUNDARY);
            end
            if (arvalid) begin
                read_is_aligned:        assert (araddr[BEAT_BITS-1:0] == 0);
                read_is_short:          assert (arlen < BURST);
                read_crosses_nothing:   assert (ar_last / BOUNDARY == araddr / BOUNDARY);
            end
        end

    // ------------------------------------------------------------------ writes
    reg [WRITE_WIDTH-1:0] writes_q;      // requests begun, not answered
    reg [WRITE_WIDTH-1:0] owed_q;        // requests begun whose last data were not taken
    reg [WRITE_WIDTH-1:0] taken_q;       // requests taken, not answered
    reg [WRITE_WIDTH-1:0] sent_q;        // bursts whose last data were taken, not answered

    wire aw_taken = awvalid && awready;
    wire w_ends   = wvalid && wready && wlast;
    wire b_taken  = bvalid && bready;

    assign writes = writes_q;
    assign owed   = owed_q;

    always @(posedge aclk)
        if (!aresetn) begin
            writes_q <= 0;
            owed_q   <= 0;
            taken_q  <= 0;
            sent_q   <= 0;
        end else begin
            writes_q <= writes_q + write_begins - b_taken;
            owed_q   <= owed_q + write_begins - w_ends;
            taken_q  <= taken_q + aw_taken - b_taken;
            sent_q   <= sent_q + w_ends - b_taken;
        end

    // The burst that is followed.
    reg                   picked_q;
    reg                   over_q;
    reg [WRITE_WIDTH-1:0] ahead_q;       // bursts whose data come before its own
    reg [LEN_WIDTH-1:0]   left_q;        // beats behind the next one

    wire own = picked_q && !over_q && ahead_q == 0;

    always @(posedge aclk)
        if (!aresetn) begin
            picked_q <= 1'b0;
            over_q   <= 1'b0;
        end else if (write_begins && pick && !picked_q) begin
            picked_q <= 1'b1;
            ahead_q  <= owed_q - w_ends;
            left_q   <= awlen[LEN_WIDTH-1:0];
        end else if (own && wvalid && wready) begin
            over_q <= left_q == 0;
            left_q <= left_q - 1;
        end else if (w_ends && ahead_q != 0)
            ahead_q <= ahead_q - 1;

    always @(posedge aclk)
        if (started_q) begin
            few_writes: assert (writes_q <= WRITES);
            if (wvalid)
                no_data_without_a_request: assert (owed_q != 0);
            if (own && wvalid)
                last_beat_is_marked: assert (wlast == (left_q == 0));
            if (bvalid)
                no_answer_without_a_write: assume (taken_q != 0 && sent_q != 0);
        end

    // ------------------------------------------------------------------ reads
    reg [READ_WIDTH-1:0]       reads_q;      // requests begun, not answered to their last beat
    reg [READ_WIDTH-1:0]       granted_q;    // of these, those that were taken
    reg [READS*LEN_WIDTH-1:0]  lengths_q;    // beats less one of these, the oldest lowest
    reg [LEN_WIDTH-1:0]        beat_q;       // of the oldest

    wire ar_taken = arvalid && arready;
    wire r_ends   = rvalid && rready && rlast;
    wire [READS*LEN_WIDTH-1:0] kept  = r_ends ? lengths_q >> LEN_WIDTH : lengths_q;
    wire [READ_WIDTH-1:0]      place = granted_q - r_ends;

    assign reads = reads_q;

    integer i;
    always @(posedge aclk)
        if (!aresetn) begin
            reads_q   <= 0;
            granted_q <= 0;
            beat_q    <= 0;
        end else begin
            reads_q   <= reads_q + read_begins - r_ends;
            granted_q <= granted_q + ar_taken - r_ends;
            lengths_q <= kept;
            for (i = 0; i < READS; i = i + 1)
                if (ar_taken && place == i)
                    lengths_q[i*LEN_WIDTH +: LEN_WIDTH] <= arlen[LEN_WIDTH-1:0];
            if (rvalid && rready)
                beat_q <= rlast ? 0 : beat_q + 1;
        end

    always @(posedge aclk)
        if (started_q) begin
            few_reads: assert (reads_q <= READS);
            if (rvalid) begin
                no_beat_without_a_read: assume (granted_q != 0);
                last_read_beat_is_marked: assume (rlast == (beat_q == lengths_q[LEN_WIDTH-1:0]));
            end
        end

endmodule

`default_nettype wire
