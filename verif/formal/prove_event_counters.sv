// SPDX-License-Identifier: Apache-2.0
//
// prove_event_counters: the bank of event counters with its properties. The solver picks one counter; beside it counts
// a plain one, and every read must be of that, or behind it by no more than is said.
`default_nettype none

module prove_event_counters #(
    parameter integer EVENTS = 2,
    parameter integer WIDTH = 4
) (
    input wire                      aclk,
    input wire                      aresetn,
    input wire [EVENTS-1:0]         events,
    input wire                      enable,
    input wire                      clear,
    input wire                      read_valid,
    input wire [$clog2(EVENTS)-1:0] read_index,
    // The counter that is followed.
    input wire [$clog2(EVENTS)-1:0] pick
);

    localparam integer PLACES = 1 << $clog2(EVENTS);
    // A read waits for a clear, for its place, and for the stages.
    localparam integer WITHIN = 3 * PLACES + 4;

    wire             clearing;
    wire             read_done;
    wire [WIDTH-1:0] read_value;

    finn_event_counters #(
        .EVENTS     (EVENTS),
        .WIDTH      (WIDTH)
    ) u_dut (
        .aclk       (aclk),
        .aresetn    (aresetn),
        .events     (events),
        .enable     (enable),
        .clear      (clear),
        .clearing   (clearing),
        .read_valid (read_valid),
        .read_index (read_index),
        .read_done  (read_done),
        .read_value (read_value)
    );

    // ------------------------------------------------------------------ what is assumed
    reg                      started_q;
    reg                      reading_q;
    reg                      enable_q;
    reg [$clog2(EVENTS)-1:0] index_q;
    reg [$clog2(EVENTS)-1:0] pick_q;
    initial started_q = 1'b0;
    initial reading_q = 1'b0;

    always @(posedge aclk) begin
        started_q <= 1'b1;
        reading_q <= aresetn && read_valid && !read_done;
        enable_q  <= enable;
        index_q   <= read_index;
        pick_q    <= pick;
        reset_comes_first:    assume (started_q || !aresetn);
        pick_stays:           assume (!started_q || pick == pick_q);
        counters_exist:       assume (pick < EVENTS && read_index < EVENTS);
        if (reading_q && aresetn) begin
            a_read_stays:     assume (read_valid && read_index == index_q);
            enable_stays:     assume (enable == enable_q);
        end
    end

    // ------------------------------------------------------------------ what is counted
    reg  [WIDTH-1:0] count_q;
    reg  [WIDTH-1:0] since_q;      // events since the read began, as far as they fit
    reg  [$clog2(WITHIN+1)-1:0] age_q;
    wire             counts  = enable && !clearing && events[pick];
    wire [WIDTH-1:0] lag     = count_q - read_value;
    wire             followed = read_done && read_index == pick;

    always @(posedge aclk) begin
        count_q <= !aresetn || clear || clearing ? 0 : count_q + counts;
        since_q <= !aresetn || clear || clearing || !read_valid || read_done ? 0 : since_q + counts;
        age_q   <= !aresetn || clear || !read_valid || read_done ? 0 : age_q + (age_q != WITHIN);
        if (started_q && aresetn) begin
            no_answer_unasked: assert (!read_done || read_valid);
            answers_in_time:   assert (age_q < WITHIN);
            if (followed && !enable)
                exact_at_rest: assert (lag == 0);
            if (followed && enable) begin
                whole_half_turns: assert (read_value[$clog2(EVENTS)-1:0] == 0);
                bounded_lag:      assert (lag < PLACES + since_q);
            end
        end
    end

    // ------------------------------------------------------------------ what must be reachable
    reg wrapped_q;
    always @(posedge aclk) begin
        wrapped_q <= aresetn && !clear && !clearing && (wrapped_q || (counts && &count_q));
        if (started_q && aresetn) begin
            read_behind_a_wrap: cover (followed && !enable && wrapped_q && count_q == PLACES + 1);
            read_while_running: cover (followed && enable && lag != 0 && read_value != 0);
            read_behind_clear:  cover (followed && age_q > PLACES + 2);
        end
    end

endmodule

`default_nettype wire
