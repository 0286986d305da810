// SPDX-License-Identifier: Apache-2.0
//
// finn_reaches: whether a number reaches the one or exceeds the other of two bounds, on a carry chain of 7-series.
//
// Function     reached = choice ? number >= least : number > below, unsigned
// Latency      none, combinational
// Size         one LUT6_2 and one position of the carry chain a bit
// Twin         rtl/arithmetic/finn_reaches.v
// Limits       none
//
// The highest bit in which the number and its bound differ decides: there the chain takes the number's. Where none
// differs it passes what it starts from, which tells whether an equal number is enough.
`default_nettype none

module finn_reaches #(
    // Bits of the numbers.
    parameter integer WIDTH = 8
) (
    input  wire [WIDTH-1:0] number,
    input  wire [WIDTH-1:0] below,
    input  wire [WIDTH-1:0] least,
    input  wire             choice,
    output wire             reached
);

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
    end
    // synthesis translate_on

    localparam integer SLICES = (WIDTH + 3) / 4;

    wire [4*SLICES-1:0] s;
    wire [4*SLICES-1:0] di;
    wire [4*SLICES-1:0] unused_o;
    wire [4*SLICES:0]   co;

    assign co[0]   = 1'b0;
    assign reached = co[WIDTH];

    genvar c;
    generate
        for (c = 0; c < 4 * SLICES; c = c + 1) begin : g_bit
            if (c < WIDTH) begin : g_used
                LUT6_2 #(
                    .INIT(64'hA599A599_AAAAAAAA)
                ) u_lut (
                    .I0(number[c]),
                    .I1(below[c]),
                    .I2(least[c]),
                    .I3(choice),
                    .I4(1'b0),
                    .I5(1'b1),
                    .O5(di[c]),
                    .O6(s[c])
                );
            end else begin : g_unused
                assign di[c] = 1'b0;
                assign s[c] = 1'b0;
            end
        end
        for (c = 0; c < SLICES; c = c + 1) begin : g_slice
            if (c == 0) begin : g_first
                CARRY4 u_carry (
                    .CI(1'b0),
                    .CYINIT(choice),
                    .DI(di[3:0]),
                    .S(s[3:0]),
                    .O(unused_o[3:0]),
                    .CO(co[4:1])
                );
            end else begin : g_next
                CARRY4 u_carry (
                    .CI(co[4*c]),
                    .CYINIT(1'b0),
                    .DI(di[4*c+:4]),
                    .S(s[4*c+:4]),
                    .O(unused_o[4*c+:4]),
                    .CO(co[4*c+1+:4])
                );
            end
        end
    endgenerate
    wire unused = &{1'b0, unused_o, co};

endmodule

`default_nettype wire
