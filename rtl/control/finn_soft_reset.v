// SPDX-License-Identifier: Apache-2.0
//
// finn_soft_reset: resets a core on request, once it says that it is quiet.
//
// Sequence     request; quiesce for at least HOLD cycles and until quiet; core_aresetn low for HOLD cycles,
//              quiesce with it to the end
// resetting    high from the cycle after the request to the cycle after core_aresetn has risen, and after a reset
//              by aresetn likewise: while it is low, the core may be talked to
// Latency      HOLD + 2 cycles from the request to core_aresetn, where it is quiet by then
// Limits       HOLD is a power of two; a request while resetting is ignored
`default_nettype none

module finn_soft_reset #(
    // Cycles of reset.
    parameter integer HOLD = 16
) (
    input  wire aclk,
    input  wire aresetn,

    input  wire request,
    output wire resetting,

    output wire quiesce,
    input  wire quiet,
    output wire core_aresetn
);

    // A wrong number must elaborate for the check below to name it.
    localparam integer HELD_WIDTH = HOLD > 1 ? $clog2(HOLD) : 1;
    localparam [1:0] RUN = 2'd0, QUIESCE = 2'd1, RESET = 2'd2;

    // synthesis translate_off
    initial begin
        if (HOLD < 2 || HOLD != 1 << HELD_WIDTH) begin
            $display("ERROR %m: HOLD=%0d, but it must be a power of two from 2 up", HOLD);
            $finish;
        end
    end
    // synthesis translate_on

    reg [1:0]            state_q;
    reg [HELD_WIDTH-1:0] held_q;          // cycles in this state
    reg                  core_aresetn_q;
    reg                  open_q;

    wire held = held_q == {HELD_WIDTH{1'b1}};

    assign resetting    = state_q != RUN || !open_q;
    assign quiesce      = state_q != RUN;
    assign core_aresetn = core_aresetn_q;

    always @(posedge aclk)
        if (!aresetn)
            state_q <= RUN;
        else
            case (state_q)
                RUN:
                    if (request && open_q)
                        state_q <= QUIESCE;
                QUIESCE:
                    if (held && quiet)
                        state_q <= RESET;
                default:
                    if (held)
                        state_q <= RUN;
            endcase

    always @(posedge aclk)
        if (state_q == RUN)
            held_q <= {HELD_WIDTH{1'b0}};
        else if (!held || state_q == RESET || quiet)
            held_q <= held_q + 1'b1;

    always @(posedge aclk) begin
        core_aresetn_q <= aresetn && state_q != RESET;
        open_q         <= aresetn && core_aresetn_q;
    end

endmodule

`default_nettype wire
