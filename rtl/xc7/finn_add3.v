// SPDX-License-Identifier: Apache-2.0
//
// finn_add3: adds two rows of bits, an accumulator and its initial value, on one carry chain of 7-series.
//
// Function     sum = first + second + (acc | init) + ci, modulo 2^WIDTH
// Latency      none, combinational
// Size         one LUT6 with two outputs a column
// Twin         rtl/arithmetic/finn_add3.v
// Limits       none
//
// The carry of three operands joins the column above as a fourth; beside it stands the parity of those four. The chain
// adds both rows: it takes the fourth bit where the parity is even.
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
                finn_add3_column u_column (
                    .i({save[c], init[c], acc[c], second[c], first[c]}),
                    .carry(save[c+1]),
                    .parity(s[c])
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

// A column: the carry of i[0], i[1] and i[2] | i[3], and the parity of those and i[4].
//
// Both are one LUT6, which HLUTNM asks for. Written as a LUT6_2 the carry would hang on i[4], which it does not use,
// and the carries of all columns would be a ripple to a timer that does not look into truth tables.
//
// verilator lint_off DECLFILENAME
module finn_add3_column (
    input  wire [4:0] i,
    output wire       carry,
    output wire       parity
);

    (* HLUTNM = "column" *)
    LUT4 #(
        .INIT(16'hEEE8)
    ) u_o5 (
        .I0(i[0]),
        .I1(i[1]),
        .I2(i[2]),
        .I3(i[3]),
        .O (carry)
    );

    (* HLUTNM = "column" *)
    LUT5 #(
        .INIT(32'h66699996)
    ) u_o6 (
        .I0(i[0]),
        .I1(i[1]),
        .I2(i[2]),
        .I3(i[3]),
        .I4(i[4]),
        .O (parity)
    );

endmodule

`default_nettype wire
