// SPDX-License-Identifier: Apache-2.0
//
// finn_counter: counts seven bits, or five and one of twice their weight, in half a slice of 7-series.
//
// Function     MIXED = 0: sum = i[0] + .. + i[5] + ci, each i inverted where INVERT says so
//              MIXED = 1: sum = i[0] + .. + i[3] + 2 * i[4] + ci, likewise; i[5] must be 1
// Latency      none, combinational
// Size         two LUT6_2, two positions of the carry chain
// Twin         rtl/arithmetic/finn_counter.v
// Limits       INVERT[5] must be 0
//
// Position 0 adds the parity of i[4:0], i[5] and ci. O6 is the parity of all six, O5 that of the first
// five: where O6 is 0 and the chain takes O5, that is i[5], which therefore needs no wire of its own.
// Position 1 adds the carry to what i[4:0] make beyond their parity: O6 where that is one, O5 where two.
// MIXED puts i[3] in the place of i[5] and i[4] in position 1.
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

    // What the five low bits of `value` add to column 1.
    function [1:0] upper(input [4:0] value);
        reg [2:0] total;
        begin
            if (MIXED != 0) begin
                total = {2'b0, value[0]} + {2'b0, value[1]} + {2'b0, value[2]};
                upper = {1'b0, total[1]} + {1'b0, value[4]};
            end else begin
                total = {2'b0, value[0]} + {2'b0, value[1]} + {2'b0, value[2]} + {2'b0, value[3]} + {2'b0, value[4]};
                upper = total[2:1];
            end
        end
    endfunction

    function [63:0] table_0(input unused);
        integer k;
        reg [4:0] v;
        begin
            for (k = 0; k < 32; k = k + 1) begin
                v = k[4:0] ^ INVERT[4:0];
                table_0[k] = MIXED != 0 ? v[3] : ^v;
                table_0[32+k] = MIXED != 0 ? ^v[3:0] : ~^v;
            end
        end
    endfunction

    function [63:0] table_1(input unused);
        integer k;
        reg [1:0] u;
        begin
            for (k = 0; k < 32; k = k + 1) begin
                u = upper(k[4:0] ^ INVERT[4:0]);
                table_1[k] = u == 2'd2;
                table_1[32+k] = u == 2'd1;
            end
        end
    endfunction

    localparam [63:0] INIT_0 = table_0(1'b0);
    localparam [63:0] INIT_1 = table_1(1'b0);

    wire [1:0] s;
    wire [1:0] di;
    wire [3:0] co;
    wire [3:0] o;

    LUT6_2 #(
        .INIT(INIT_0)
    ) u_lut_0 (
        .I0(i[0]),
        .I1(i[1]),
        .I2(i[2]),
        .I3(i[3]),
        .I4(i[4]),
        .I5(i[5]),
        .O5(di[0]),
        .O6(s[0])
    );

    LUT6_2 #(
        .INIT(INIT_1)
    ) u_lut_1 (
        .I0(i[0]),
        .I1(i[1]),
        .I2(i[2]),
        .I3(i[3]),
        .I4(i[4]),
        .I5(1'b1),
        .O5(di[1]),
        .O6(s[1])
    );

    CARRY4 u_carry (
        .CI(1'b0),
        .CYINIT(ci),
        .DI({2'b0, di}),
        .S({2'b0, s}),
        .O(o),
        .CO(co)
    );

    assign sum = {co[1], o[1:0]};
    wire unused = &{1'b0, co[3:2], co[0], o[3:2]};

endmodule

`default_nettype wire
