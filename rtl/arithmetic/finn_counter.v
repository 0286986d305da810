// SPDX-License-Identifier: Apache-2.0
//
// finn_counter: counts seven bits, or five and one of twice their weight.
//
// Function     MIXED = 0: sum = i[0] + .. + i[5] + ci, each i inverted where INVERT says so
//              MIXED = 1: sum = i[0] + .. + i[3] + 2 * i[4] + ci, likewise; i[5] must be 1
// Latency      none, combinational
// Limits       INVERT[5] must be 0: the xc7 twin cannot invert that bit
`default_nettype none

module finn_counter #(
    // Inputs that come inverted.
    parameter [5:0]   INVERT = 6'b0,
    // 1: i[4] weighs two and i[5] is 1.
    parameter integer MIXED = 0
) (
    input  wire [5:0] i,
    input  wire       ci,
    output wire [2:0] sum
);

    // synthesis translate_off
    initial begin
        if (INVERT[5]) begin
            $display("ERROR %m: INVERT=%b, but i[5] cannot be inverted", INVERT);
            $finish;
        end
        if (MIXED != 0 && MIXED != 1) begin
            $display("ERROR %m: MIXED=%0d, but it must be 0 or 1", MIXED);
            $finish;
        end
    end
    // synthesis translate_on

    wire [5:0] b = i ^ INVERT;

    generate
        if (MIXED != 0) begin : g_mixed
            wire unused = b[5];
            assign sum = {2'b0, b[0]} + {2'b0, b[1]} + {2'b0, b[2]} + {2'b0, b[3]} + {1'b0, b[4], ci};
        end else begin : g_full
            assign sum = {2'b0, b[0]} + {2'b0, b[1]} + {2'b0, b[2]} + {2'b0, b[3]} + {2'b0, b[4]} + {2'b0, b[5]}
                + {2'b0, ci};
        end
    endgenerate

endmodule

`default_nettype wire
