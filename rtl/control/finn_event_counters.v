// SPDX-License-Identifier: Apache-2.0
//
// finn_event_counters: a bank of wide counters of events that may all happen in every cycle.
//
// Throughput   every event in every cycle
// Latency      up to a cycle for each place and 2 more for a reading, twice as many places while enable is low
// Function     counter i counts the cycles with enable and events[i], modulo 2^WIDTH
// Storage      each event turns a Johnson counter in a shift register, of as many stages as the bank has places.
//              Its last stage changes once in so many events; a memory counts these half turns, one place a cycle
// Reading      read_valid and read_index stay until read_done. While enable is low the value is exact; while it
//              is high, it is a multiple of the number of places, and less than that number behind when read_valid rose
// Clear        takes a cycle for each place, after reset too; events meanwhile are not counted, reads wait
// Limits       enable must not change while read_valid is high
`default_nettype none

module finn_event_counters #(
    // Number of counters.
    parameter integer EVENTS = 8,
    // Width of a counter in bits, more than $clog2(EVENTS).
    parameter integer WIDTH = 48
) (
    input  wire                      aclk,
    input  wire                      aresetn,

    input  wire [EVENTS-1:0]         events,
    input  wire                      enable,
    input  wire                      clear,
    output wire                      clearing,

    input  wire                      read_valid,
    input  wire [$clog2(EVENTS)-1:0] read_index,
    output wire                      read_done,
    output wire [WIDTH-1:0]          read_value
);

    // A wrong number must elaborate for the check below to name it.
    localparam integer INDEX_WIDTH = EVENTS > 1 ? $clog2(EVENTS) : 1;
    localparam integer PLACES      = 1 << INDEX_WIDTH;
    localparam integer TURNS_WIDTH = WIDTH > INDEX_WIDTH ? WIDTH - INDEX_WIDTH : 1;
    localparam [INDEX_WIDTH-1:0] LAST = {INDEX_WIDTH{1'b1}};

    // synthesis translate_off
    initial begin
        if (EVENTS < 2) begin
            $display("ERROR %m: EVENTS=%0d, but it must be at least 2", EVENTS);
            $finish;
        end
        if (WIDTH <= INDEX_WIDTH) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least %0d", WIDTH, INDEX_WIDTH + 1);
            $finish;
        end
    end
    // synthesis translate_on

    localparam [1:0] SEEK = 2'd0, TAKE = 2'd1, SCAN = 2'd2;

    reg  [1:0]             state_q;
    reg                    clearing_q;
    reg  [INDEX_WIDTH-1:0] index_q;    // the place that is looked at
    reg  [INDEX_WIDTH-1:0] tap_q;      // the stage of all shift registers that is looked at
    wire [PLACES-1:0]      tapped;
    wire                   now = tapped[index_q];

    assign clearing = clearing_q;

    // ------------------------------------------------------------------ low bits
    // n events after a clear the first n stages are set, and so on, until all are; then the first n are not.
    genvar i;
    generate
        for (i = 0; i < EVENTS; i = i + 1) begin : g_event
            reg [PLACES-1:0] ring_q;
            assign tapped[i] = ring_q[tap_q];
            always @(posedge aclk)
                if (clearing_q || (enable && events[i]))
                    ring_q <= {ring_q[PLACES-2:0], !clearing_q && !tapped[i]};
        end
        if (EVENTS < PLACES) begin : g_unused
            assign tapped[PLACES-1:EVENTS] = {PLACES - EVENTS{1'b0}};
        end
    endgenerate

    // ------------------------------------------------------------------ high bits
    // A cycle after its last stage was looked at, the half turns of a place are brought up to date: their lowest
    // bit is that stage, unless it has changed since.
    reg  [INDEX_WIDTH-1:0] place_q;
    reg                    valid_q;
    reg                    clear_q;
    reg                    last_stage_q;

    always @(posedge aclk) begin
        place_q      <= index_q;
        valid_q      <= state_q != SCAN || enable;
        clear_q      <= clearing_q;
        last_stage_q <= now && !clearing_q;
    end

    (* ram_style = "distributed" *)
    reg  [TURNS_WIDTH-1:0] memory [0:PLACES-1];
    wire [TURNS_WIDTH-1:0] held   = clear_q ? {TURNS_WIDTH{1'b0}} : memory[place_q];
    wire                   turned = held[0] != last_stage_q;
    wire [TURNS_WIDTH-1:0] turns  = held + {{TURNS_WIDTH - 1{1'b0}}, turned};

    always @(posedge aclk)
        if (valid_q)
            memory[place_q] <= turns;

    // ------------------------------------------------------------------ reading
    // Wait until the place comes by, take its half turns; unless events go on, look for the stage that differs
    // from those before it.
    reg [TURNS_WIDTH-1:0] turns_q;
    reg                   running_q;
    wire here  = read_valid && index_q == read_index;
    wire found = running_q || now == turns_q[0];

    assign read_done  = state_q == SCAN && found;
    assign read_value = {turns_q, running_q ? {INDEX_WIDTH{1'b0}} : tap_q};

    always @(posedge aclk)
        if (state_q == TAKE) begin
            turns_q   <= turns;
            running_q <= enable;
        end

    always @(posedge aclk)
        if (!aresetn || clear)
            state_q <= SEEK;
        else
            case (state_q)
                SEEK:
                    if (here && !clearing_q)
                        state_q <= TAKE;
                TAKE: state_q <= SCAN;
                default:
                    if (found)
                        state_q <= SEEK;
            endcase

    always @(posedge aclk)
        if (!aresetn || clear || enable || state_q == SEEK || read_done)
            tap_q <= LAST;
        else
            tap_q <= tap_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn || clear)
            index_q <= {INDEX_WIDTH{1'b0}};
        else if (clearing_q || enable || !here)
            index_q <= index_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn || clear)
            clearing_q <= 1'b1;
        else if (index_q == LAST)
            clearing_q <= 1'b0;

endmodule

`default_nettype wire
