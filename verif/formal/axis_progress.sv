// SPDX-License-Identifier: Apache-2.0
//
// axis_progress: a core that holds a whole output word offers it in time, and takes words again in time while its
// sink does not stall. The two together rule out a deadlock and bound the throughput from below.
`default_nettype none

module axis_progress #(
    // Cycles that a whole output word may lie in the core before one is offered.
    parameter integer OFFER_WITHIN = 1,
    // Cycles in a row that the input may be refused while nobody stalls the output.
    parameter integer ACCEPT_WITHIN = 1,
    // Without bubbles: after so many cycles of a source that always sends, there is an output word in every
    // cycle. 0: the core promises nothing of the kind.
    parameter integer OUTPUT_FULL_AFTER = 0,
    // After so many cycles of a sink that always takes, an input word is taken in every cycle. 0: no promise.
    parameter integer INPUT_FULL_AFTER = 0
) (
    input wire aclk,
    input wire aresetn,

    input wire s_axis_tvalid,
    input wire s_axis_tready,
    input wire m_axis_tvalid,
    input wire m_axis_tready,

    // The core holds a whole output word.
    input wire whole
);

    localparam integer LONGEST = OFFER_WITHIN + ACCEPT_WITHIN + OUTPUT_FULL_AFTER + INPUT_FULL_AFTER + 1;
    localparam integer COUNT_WIDTH = $clog2(LONGEST + 1);

    // Cycles in a row before this one, up to LONGEST.
    reg [COUNT_WIDTH-1:0] hidden_q;
    reg [COUNT_WIDTH-1:0] refused_q;
    reg [COUNT_WIDTH-1:0] fed_q;
    reg [COUNT_WIDTH-1:0] drained_q;
    reg                   started_q;
    initial started_q = 1'b0;

    wire hidden  = whole && !m_axis_tvalid;
    wire refused = !s_axis_tready && (m_axis_tready || !m_axis_tvalid);

    always @(posedge aclk) begin
        started_q <= 1'b1;
        hidden_q  <= !aresetn || !hidden ? 0 : hidden_q + (hidden_q < LONGEST);
        refused_q <= !aresetn || !refused ? 0 : refused_q + (refused_q < LONGEST);
        fed_q     <= !aresetn || !s_axis_tvalid ? 0 : fed_q + (fed_q < LONGEST);
        drained_q <= !aresetn || !m_axis_tready ? 0 : drained_q + (drained_q < LONGEST);

        if (started_q) begin
            offers_in_time:  assert (!hidden || hidden_q < OFFER_WITHIN);
            accepts_in_time: assert (!refused || refused_q < ACCEPT_WITHIN);
            if (OUTPUT_FULL_AFTER != 0 && fed_q >= OUTPUT_FULL_AFTER)
                output_without_bubbles: assert (m_axis_tvalid);
            if (INPUT_FULL_AFTER != 0 && drained_q >= INPUT_FULL_AFTER)
                input_without_bubbles: assert (s_axis_tready);
        end
    end

endmodule

`default_nettype wire
