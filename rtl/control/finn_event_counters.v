// SPDX-License-Identifier: Apache-2.0
//
// finn_event_counters: a bank of wide counters of events that may all happen in every cycle.
//
// Throughput   every event in every cycle
// Latency      for a reading up to two cycles for each place and 3 more, 4 while enable is low
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

    // Steps of a read: the stages of a place, and until what was looked at last has been brought up to date.
    localparam integer STEPS_WIDTH = $clog2(PLACES + 3);
    localparam [STEPS_WIDTH-1:0] STAGES = PLACES[STEPS_WIDTH-1:0];
    // Places among which the first of two multiplexers selects.
    localparam integer NEAR_WIDTH = INDEX_WIDTH < 4 ? INDEX_WIDTH : 4;
    localparam integer NEAR       = 1 << NEAR_WIDTH;

    reg                    reading_q;
    reg                    clearing_q;
    reg                    turning_q;  // all shift registers take a step, whatever happens
    reg  [INDEX_WIDTH-1:0] index_q;    // the place that is looked at
    wire [PLACES-1:0]      last;       // the last stages

    assign clearing = clearing_q;

    // ------------------------------------------------------------------ low bits
    // n events after a clear the first n stages are set, and so on, until all are; then the first n are not. A step
    // fills them with zeros while they are cleared, and turns them as a plain ring while one of them is read.
    genvar i;
    generate
        for (i = 0; i < EVENTS; i = i + 1) begin : g_event
            reg [PLACES-1:0] ring_q;
            assign last[i] = ring_q[PLACES-1];
            always @(posedge aclk)
                if (turning_q || (enable && events[i]))
                    ring_q <= {ring_q[PLACES-2:0], turning_q ? !clearing_q && last[i] : !last[i]};
        end
        if (EVENTS < PLACES) begin : g_unused
            assign last[PLACES-1:EVENTS] = {PLACES - EVENTS{1'b0}};
        end
    endgenerate

    // ------------------------------------------------------------------ high bits
    // Two cycles after its last stage was looked at, the half turns of a place are brought up to date: their lowest
    // bit is that stage, unless it has changed since. Looking at a place again before that gives the same again.
    reg  [INDEX_WIDTH-1:0]       place_q;
    reg  [INDEX_WIDTH-1:0]       held_place_q;
    reg  [PLACES/NEAR-1:0]       near_q;      // the last stage of a place in each group of NEAR
    wire                         looked;      // that of place_q
    reg                          clear_q;
    reg                          last_q;
    reg                          scanned_q;   // last_q is another stage, or has been one
    reg  [TURNS_WIDTH-1:0]       held_q;

    (* ram_style = "distributed" *)
    reg  [TURNS_WIDTH-1:0]       memory [0:PLACES-1];
    wire                         turned = held_q[0] != last_q;
    wire [TURNS_WIDTH-1:0]       turns  = held_q + {{TURNS_WIDTH - 1{1'b0}}, turned};

    genvar n;
    generate
        for (n = 0; n < PLACES / NEAR; n = n + 1) begin : g_near
            wire [NEAR-1:0] stages = last[n*NEAR +: NEAR];
            always @(posedge aclk)
                near_q[n] <= stages[index_q[NEAR_WIDTH-1:0]];
        end
        if (INDEX_WIDTH > NEAR_WIDTH) begin : g_far
            assign looked = near_q[place_q[INDEX_WIDTH-1:NEAR_WIDTH]];
        end else begin : g_no_far
            assign looked = near_q[0];
        end
    endgenerate

    always @(posedge aclk) begin
        place_q      <= index_q;
        held_place_q <= place_q;
        clear_q      <= clearing_q;
        last_q       <= looked && !clear_q;
        held_q       <= clear_q ? {TURNS_WIDTH{1'b0}} : memory[place_q];
    end

    always @(posedge aclk)
        if (!scanned_q)
            memory[held_place_q] <= turns;

    // ------------------------------------------------------------------ reading
    // Wait until the place comes by, and as many cycles as there are places. Then its half turns have been brought up
    // to date: while events go on it comes by again. Else it stays, and its stages come by instead, the last one
    // first: those that differ from it are the low bits.
    reg  [STEPS_WIDTH-1:0] steps_q;
    reg  [INDEX_WIDTH-1:0] low_q;
    reg                    done_q;
    wire here  = read_valid && index_q == read_index;
    wire found = here && !reading_q && !clearing_q;

    assign read_done  = done_q;
    assign read_value = {held_q, low_q};

    always @(posedge aclk)
        if (!aresetn || clear) begin
            reading_q <= 1'b0;
            done_q    <= 1'b0;
        end else begin
            reading_q <= found || (reading_q && !done_q);
            done_q    <= reading_q && steps_q == (enable ? STAGES : STAGES + 1'b1);
        end

    always @(posedge aclk) begin
        steps_q   <= reading_q && !done_q ? steps_q + 1'b1 : {STEPS_WIDTH{1'b0}};
        scanned_q <= reading_q && !enable && steps_q > 1 && steps_q <= STAGES;
    end

    always @(posedge aclk)
        if (!scanned_q)
            low_q <= {INDEX_WIDTH{1'b0}};
        else if (turned)
            low_q <= low_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn || clear)
            index_q <= {INDEX_WIDTH{1'b0}};
        else if (clearing_q || enable || !here)
            index_q <= index_q + 1'b1;

    always @(posedge aclk)
        if (!aresetn || clear) begin
            clearing_q <= 1'b1;
            turning_q  <= 1'b1;
        end else begin
            if (index_q == LAST)
                clearing_q <= 1'b0;
            turning_q <= clearing_q ? index_q != LAST : !enable && (found || (reading_q && steps_q < STAGES - 1'b1));
        end

endmodule

`default_nettype wire
