// SPDX-License-Identifier: Apache-2.0
//
// finn_copies: a register as often as its readers need it, each copy for some of them and with an enable of its own.
//
// Latency      1 cycle
// Limits       none
//
// Tools merge registers that are equal, unless they are told to keep them: Vivado looks at the register, Yosys at what
// writes it. Other tools were not tried.
`default_nettype none

module finn_copies #(
    // Bits of the register.
    parameter integer WIDTH = 1,
    // Number of copies.
    parameter integer COPIES = 2
) (
    input  wire                    aclk,
    input  wire                    clear,
    input  wire [COPIES-1:0]       enable,
    input  wire [WIDTH-1:0]        next,
    output wire [COPIES*WIDTH-1:0] copies
);

    // synthesis translate_off
    initial begin
        if (WIDTH < 1 || COPIES < 1) begin
            $display("ERROR %m: WIDTH=%0d COPIES=%0d, but both must be at least 1", WIDTH, COPIES);
            $finish;
        end
    end
    // synthesis translate_on

    // A wrong width must elaborate for the check above to name it.
    localparam integer BITS = WIDTH < 1 ? 1 : WIDTH;

    genvar c;
    generate
        for (c = 0; c < COPIES; c = c + 1) begin : g_copy
            (* keep = "true", dont_touch = "true" *) reg [BITS-1:0] copy_q;
            (* keep = "true" *)
            always @(posedge aclk)
                if (clear)
                    copy_q <= {BITS{1'b0}};
                else if (enable[c])
                    copy_q <= next;
            assign copies[c*BITS+:BITS] = copy_q;
        end
    endgenerate

endmodule

`default_nettype wire
