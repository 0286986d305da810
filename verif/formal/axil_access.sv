// SPDX-License-Identifier: Apache-2.0
//
// axil_access: a slave port that has one access under way at a time: the rules of the port, and the access, remembered
// as it is taken until it is answered, for a harness that judges it by a map.
//
// Asserted that no two accesses are under way, that a write is taken whole, that each is answered as what it is; and that
//          the core takes one that waits within two cycles, and answers it within ANSWER_WITHIN cycles that are its own
// Assumed  the master's rules; a reset comes first
`default_nettype none

module axil_access #(
    parameter integer ADDRESS_WIDTH = 12,
    // Cycles in which the core alone is to act, from taking an access to answering it.
    parameter integer ANSWER_WITHIN = 2
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    input  wire [ADDRESS_WIDTH-1:0] awaddr,
    input  wire                     awvalid,
    input  wire                     awready,
    input  wire [31:0]              wdata,
    input  wire [3:0]               wstrb,
    input  wire                     wvalid,
    input  wire                     wready,
    input  wire [1:0]               bresp,
    input  wire                     bvalid,
    input  wire                     bready,
    input  wire [ADDRESS_WIDTH-1:0] araddr,
    input  wire                     arvalid,
    input  wire                     arready,
    input  wire [31:0]              rdata,
    input  wire [1:0]               rresp,
    input  wire                     rvalid,
    input  wire                     rready,

    // The access waits for something that is not the core's.
    input  wire                     held_up,

    output wire                     started,     // it is not the first cycle, in which all is unknown
    output wire                     takes_write,
    output wire                     takes_read,
    output wire                     under_way,
    output wire                     fresh,       // it was taken in the cycle before: it is judged now
    output wire                     write,
    output wire [ADDRESS_WIDTH-1:0] address,
    output wire [31:0]              data,
    output wire [3:0]               strobe
);

    reg started_q;
    initial started_q = 1'b0;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        reset_comes_first: assume (started_q || !aresetn);
    end

    axil_rules #(
        .ADDRESS_WIDTH (ADDRESS_WIDTH)
    ) u_rules (
        .aclk    (aclk),   .aresetn (aresetn),
        .awaddr  (awaddr), .awvalid (awvalid), .awready (awready),
        .wdata   (wdata),  .wstrb   (wstrb),   .wvalid  (wvalid), .wready (wready),
        .bresp   (bresp),  .bvalid  (bvalid),  .bready  (bready),
        .araddr  (araddr), .arvalid (arvalid), .arready (arready),
        .rdata   (rdata),  .rresp   (rresp),   .rvalid  (rvalid), .rready (rready),
        .addresses (), .words (), .reads ()
    );

    // ------------------------------------------------------------------ the access under way
    reg                     under_way_q;
    reg                     fresh_q;
    reg                     write_q;
    reg [ADDRESS_WIDTH-1:0] address_q;
    reg [31:0]              data_q;
    reg [3:0]               strobe_q;
    wire                    takes   = takes_write || takes_read;
    wire                    answers = (bvalid && bready) || (rvalid && rready);

    assign started     = started_q;
    assign takes_write = awvalid && awready;
    assign takes_read  = arvalid && arready;
    assign under_way   = under_way_q;
    assign fresh       = fresh_q;
    assign write       = write_q;
    assign address     = address_q;
    assign data        = data_q;
    assign strobe      = strobe_q;

    always @(posedge aclk) begin
        under_way_q <= aresetn && (takes || (under_way_q && !answers));
        fresh_q     <= aresetn && takes;
        if (takes) begin
            write_q   <= takes_write;
            address_q <= takes_write ? awaddr : araddr;
            data_q    <= wdata;
            strobe_q  <= wstrb;
        end
        if (started_q && aresetn) begin
            one_at_a_time:        assert (!(takes_write && takes_read) && !(under_way_q && takes));
            a_write_is_whole:     assert (takes_write == (wvalid && wready));
            answers_what_it_took: assert (!bvalid || (under_way_q && write_q && !fresh_q));
            reads_what_it_took:   assert (!rvalid || (under_way_q && !write_q && !fresh_q));
        end
    end

    // ------------------------------------------------------------------ progress
    reg [$clog2(ANSWER_WITHIN+1)-1:0] age_q;  // cycles in which the access waits for nobody but the core
    reg [1:0]                         waiting_q;  // cycles in which accesses wait to be taken
    wire waits = (awvalid && wvalid) || arvalid;
    always @(posedge aclk) begin
        age_q     <= !aresetn || !under_way_q ? 0 : age_q + (!held_up && age_q != ANSWER_WITHIN);
        waiting_q <= !aresetn || under_way_q || takes || !waits ? 0 : waiting_q + (waiting_q != 3);
        if (started_q && aresetn) begin
            answers_in_time: assert (age_q < ANSWER_WITHIN);
            takes_in_time:   assert (waiting_q < 2);
        end
    end

endmodule

`default_nettype wire
