// SPDX-License-Identifier: Apache-2.0
//
// axis_rules: the rules that the sender of an AXI-Stream keeps (ARM IHI 0051, 2.2 and 2.8.2). Assert them where
// the core sends, assume them where it receives.
//
// - tvalid is low after a reset
// - a word that waits for tready stays valid and as it is
`default_nettype none

module axis_rules #(
    // Bits of TDATA, with TLAST and other side-band signals beside it.
    parameter integer WIDTH = 8,
    // 1 for an input of the core, 0 for an output.
    parameter integer ASSUME = 0
) (
    input wire             aclk,
    input wire             aresetn,
    input wire [WIDTH-1:0] tdata,
    input wire             tvalid,
    input wire             tready
);

    reg             after_reset_q;
    reg             waited_q;
    reg [WIDTH-1:0] tdata_q;
    initial waited_q      = 1'b0;
    initial after_reset_q = 1'b0;

    always @(posedge aclk) begin
        after_reset_q <= !aresetn;
        waited_q      <= aresetn && tvalid && !tready;
        tdata_q       <= tdata;
    end

    generate
        if (ASSUME) begin : g_assume
            always @(posedge aclk) begin
                if (after_reset_q)
                    valid_is_low_after_reset: assume (!tvalid);
                if (waited_q)
                    valid_stays: assume (tvalid);
                if (waited_q)
                    data_stays: assume (tdata == tdata_q);
            end
        end else begin : g_assert
            always @(posedge aclk) begin
                if (after_reset_q)
                    valid_is_low_after_reset: assert (!tvalid);
                if (waited_q)
                    valid_stays: assert (tvalid);
                if (waited_q)
                    data_stays: assert (tdata == tdata_q);
            end
        end
    endgenerate

endmodule

`default_nettype wire
