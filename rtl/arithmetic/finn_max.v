// SPDX-License-Identifier: Apache-2.0
//
// finn_max: larger of two words, lane by lane.
//
// Latency      none, combinational
// Limits       a lane of one bit is never signed: bit 0 is -1 and bit 1 is +1, the larger one is OR
`default_nettype none

module finn_max #(
    // Number of lanes.
    parameter integer LANES = 8,
    // Width of a lane in bits.
    parameter integer WIDTH = 1,
    // 1: lanes are in two's complement.
    parameter integer SIGNED = 0
) (
    input  wire [LANES*WIDTH-1:0] a,
    input  wire [LANES*WIDTH-1:0] b,
    output wire [LANES*WIDTH-1:0] larger
);

    // synthesis translate_off
    initial begin
        if (LANES < 1 || WIDTH < 1) begin
            $display("ERROR %m: LANES=%0d WIDTH=%0d, but both must be at least 1", LANES, WIDTH);
            $finish;
        end
        if (SIGNED != 0 && SIGNED != 1) begin
            $display("ERROR %m: SIGNED=%0d, but it must be 0 or 1", SIGNED);
            $finish;
        end
        if (SIGNED != 0 && WIDTH == 1) begin
            $display("ERROR %m: SIGNED=%0d with WIDTH=1, but a signed lane has two bits or more", SIGNED);
            $finish;
        end
    end
    // synthesis translate_on

    genvar lane;
    generate
        if (WIDTH < 2) begin : g_bits
            assign larger = a | b;
        end else begin : g_numbers
            for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
                wire [WIDTH-1:0] a_lane = a[lane*WIDTH +: WIDTH];
                wire [WIDTH-1:0] b_lane = b[lane*WIDTH +: WIDTH];
                wire             a_wins;
                if (SIGNED != 0) begin : g_signed
                    assign a_wins = $signed(a_lane) > $signed(b_lane);
                end else begin : g_unsigned
                    assign a_wins = a_lane > b_lane;
                end
                assign larger[lane*WIDTH +: WIDTH] = a_wins ? a_lane : b_lane;
            end
        end
    endgenerate

endmodule

`default_nettype wire
