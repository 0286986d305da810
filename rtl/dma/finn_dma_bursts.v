// SPDX-License-Identifier: Apache-2.0
//
// finn_dma_bursts: cuts a run of beats of 8 bytes into AXI4 bursts.
//
// Throughput   a burst every 2 cycles
// Latency      2 cycles from the run to its first burst
// Bursts       up to BURST beats; all but the first begin at a multiple of BURST beats, so that none crosses 4 KiB
// Limits       BURST is a power of two, at least 2 and at most 128; an address has more bits than a burst's bytes, a
//              number of beats as many as a burst's at least
`default_nettype none

module finn_dma_bursts #(
    // Bits of an address in bytes.
    parameter integer ADDRESS_WIDTH = 32,
    // Bits of the number of beats.
    parameter integer BEATS_WIDTH = 30,
    // Beats of a burst.
    parameter integer BURST = 16
) (
    input  wire                     aclk,
    input  wire                     aresetn,

    // Forget the run.
    input  wire                     drop,

    // The run: address in beats, and at least one beat.
    input  wire                     run_valid,
    output wire                     run_ready,
    input  wire [ADDRESS_WIDTH-4:0] run_address,
    input  wire [BEATS_WIDTH-1:0]   run_beats,

    output wire                     burst_valid,
    input  wire                     burst_ready,
    output wire [ADDRESS_WIDTH-4:0] burst_address,
    output wire [$clog2(BURST):0]   burst_beats,
    // The last one of the run.
    output wire                     burst_last
);

    localparam integer INDEX_WIDTH = $clog2(BURST);
    localparam [INDEX_WIDTH:0] WHOLE = BURST[INDEX_WIDTH:0];
    // Bits of an address and of a span above those of an index; a wrong number must elaborate to be named.
    localparam integer ADDRESS_UPPER = ADDRESS_WIDTH > INDEX_WIDTH + 4 ? ADDRESS_WIDTH - INDEX_WIDTH - 3 : 1;
    localparam integer SPAN_UPPER    = BEATS_WIDTH > INDEX_WIDTH ? BEATS_WIDTH - INDEX_WIDTH + 1 : 1;
    localparam integer SPAN_WIDTH    = SPAN_UPPER + INDEX_WIDTH;

    // synthesis translate_off
    initial begin
        if (BURST != 1 << INDEX_WIDTH || BURST < 2 || BURST > 128) begin
            $display("ERROR %m: BURST=%0d, but it must be a power of two from 2 to 128", BURST);
            $finish;
        end
        if (ADDRESS_WIDTH < INDEX_WIDTH + 4) begin
            $display("ERROR %m: ADDRESS_WIDTH=%0d, but it must be at least %0d", ADDRESS_WIDTH, INDEX_WIDTH + 4);
            $finish;
        end
        if (BEATS_WIDTH < INDEX_WIDTH + 1) begin
            $display("ERROR %m: BEATS_WIDTH=%0d, but it must be at least %0d", BEATS_WIDTH, INDEX_WIDTH + 1);
            $finish;
        end
    end
    // synthesis translate_on

    reg                     busy_q;
    reg                     cut_q;       // beats_q and last_q are those of the burst at address_q
    reg [ADDRESS_WIDTH-4:0] address_q;
    reg [SPAN_WIDTH-1:0]    span_q;      // beats from the multiple of a burst at or before address_q to the run's end
    reg [INDEX_WIDTH:0]     left_q;      // beats from address_q to the run's end, if this burst reaches it
    reg [INDEX_WIDTH:0]     beats_q;
    reg                     last_q;

    // Beats up to the next multiple of a burst; the run's end is at such a multiple; it is no farther than the next.
    wire [INDEX_WIDTH:0] room    = WHOLE - {1'b0, address_q[INDEX_WIDTH-1:0]};
    wire                 aligned = span_q[INDEX_WIDTH-1:0] == {INDEX_WIDTH{1'b0}};
    wire                 ends    = span_q >> (INDEX_WIDTH + 1) == {SPAN_WIDTH{1'b0}}
                                && (!span_q[INDEX_WIDTH] || aligned);
    wire                 go      = burst_valid && burst_ready;

    // From one multiple to the next an index stays as it is: it is added when the run comes, and only what lies above
    // it is counted then, so that one addition does for both.
    wire [SPAN_WIDTH-1:0] current = busy_q ? span_q : {{(SPAN_WIDTH-BEATS_WIDTH){1'b0}}, run_beats};
    wire [SPAN_WIDTH-1:0] change =
        {{SPAN_UPPER{busy_q}}, busy_q ? {INDEX_WIDTH{1'b0}} : run_address[INDEX_WIDTH-1:0]};

    assign run_ready     = !busy_q;
    assign burst_valid   = cut_q;
    assign burst_address = address_q;
    assign burst_beats   = beats_q;
    assign burst_last    = last_q;

    always @(posedge aclk)
        if (!aresetn || drop) begin
            busy_q <= 1'b0;
            cut_q  <= 1'b0;
        end else begin
            busy_q <= busy_q ? !(go && last_q) : run_valid;
            cut_q  <= busy_q && !go;
        end

    always @(posedge aclk)
        if (!busy_q) begin
            address_q <= run_address;
            left_q    <= run_beats[INDEX_WIDTH:0];
        end else if (go) begin
            address_q <= {address_q[INDEX_WIDTH +: ADDRESS_UPPER] + 1'b1, {INDEX_WIDTH{1'b0}}};
            left_q    <= {aligned, span_q[INDEX_WIDTH-1:0]};
        end

    always @(posedge aclk)
        if (!busy_q || go)
            span_q <= current + change;

    always @(posedge aclk)
        if (!cut_q) begin
            beats_q <= ends ? left_q : room;
            last_q  <= ends;
        end

endmodule

`default_nettype wire
