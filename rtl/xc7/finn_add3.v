// SPDX-License-Identifier: Apache-2.0
//
// finn_add3: adds two rows of bits, an accumulator and its initial value, on one carry chain of 7-series.
//
// Function     sum = first + second + (acc | init) + ci, modulo 2^WIDTH
// Latency      none, combinational
// Size         one LUT6_2 a column
// Twin         rtl/arithmetic/finn_add3.v
// Limits       none
//
// O5 is the carry of three operands, which joins the column above as a fourth; O6 is the parity of
// those four. The chain adds both rows: it takes the fourth bit where the parity is even.
`default_nettype none

module finn_add3 #(
    // Number of columns.
    parameter integer WIDTH = 8
) (
    input  wire [WIDTH-1:0] first,
    input  wire [WIDTH-1:0] second,
    input  wire [WIDTH-1:0] acc,
    input  wire [WIDTH-1:0] init,
    input  wire             ci,
    output wire [WIDTH-1:0] sum
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
    wire [4*SLICES-1:0] o;
    wire [4*SLICES:0] co;
    wire [WIDTH:0] save;

    assign save[0] = ci;
    assign co[0] = 1'b0;
    assign sum = o[WIDTH-1:0];

    genvar c;
    generate
        for (c = 0; c < 4 * SLICES; c = c + 1) begin : g_column
            if (c < WIDTH) begin : g_used
                assign di[c] = save[c];
                LUT6_2 #(
                    .INIT(64'h66699996_EEE8EEE8)
                ) u_lut (
                    .I0(first[c]),
                    .I1(second[c]),
                    .I2(acc[c]),
                    .I3(init[c]),
                    .I4(save[c]),
                    .I5(1'b1),
                    .O5(save[c+1]),
                    .O6(s[c])
                );
            end else begin : g_unused
                assign di[c] = 1'b0;
                assign s[c] = 1'b0;
            end
        end
        for (c = 0; c < SLICES; c = c + 1) begin : g_slice
            CARRY4 u_carry (
                .CI(co[4*c]),
                .CYINIT(1'b0),
                .DI(di[4*c+:4]),
                .S(s[4*c+:4]),
                .O(o[4*c+:4]),
                .CO(co[4*c+1+:4])
            );
        end
    endgenerate

endmodule

`default_nettype wire
