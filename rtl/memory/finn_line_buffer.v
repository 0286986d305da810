// SPDX-License-Identifier: Apache-2.0
//
// finn_line_buffer: gives each word of a stream again DEPTH words later, as lines of an image above each other need it.
//
// Throughput   one word a cycle
// Latency      DEPTH words: `out` is the word that came in with the DEPTH-th step before this one
// Limits       DEPTH >= 2; before so many steps `out` is unknown
//
// LUT RAM has an address pin a few bits. So every LANE bits have addresses of their own; no register drives more than
// 64 pins.
`default_nettype none

module finn_line_buffer #(
    // Width of a word in bits.
    parameter integer WIDTH = 8,
    // After so many steps a word comes out.
    parameter integer DEPTH = 16,
    // Words of the memory, DEPTH or more. Of a power of two the addresses need no comparison.
    parameter integer ADDRESSES = 16,
    // "distributed" or "block".
    parameter         RAM_STYLE = "distributed"
) (
    input  wire             aclk,
    input  wire             aresetn,

    input  wire             step,
    input  wire [WIDTH-1:0] in,
    output wire [WIDTH-1:0] out
);

    // verilator lint_off WIDTHEXPAND
    // Strings of different lengths are compared. Wrong parameters must elaborate for the checks to name them.
    localparam integer ADDRESS_WIDTH = ADDRESSES < 2 ? 1 : $clog2(ADDRESSES);
    localparam integer LANE          = RAM_STYLE == "distributed" ? 60 : WIDTH < 1 ? 1 : WIDTH;
    localparam integer LANES         = WIDTH < 1 ? 1 : (WIDTH + LANE - 1) / LANE;
    localparam integer LAST_ADDRESS  = ADDRESSES - 1;
    localparam integer FIRST_READ    = ADDRESSES - DEPTH + 1;
    localparam [ADDRESS_WIDTH-1:0] LAST  = LAST_ADDRESS[ADDRESS_WIDTH-1:0];
    localparam [ADDRESS_WIDTH-1:0] FIRST = FIRST_READ[ADDRESS_WIDTH-1:0];
    localparam [ADDRESS_WIDTH-1:0] ZERO  = 1'b0;

    // synthesis translate_off
    initial begin
        if (WIDTH < 1) begin
            $display("ERROR %m: WIDTH=%0d, but it must be at least 1", WIDTH);
            $finish;
        end
        if (DEPTH < 2) begin
            $display("ERROR %m: DEPTH=%0d, but it must be at least 2", DEPTH);
            $finish;
        end
        if (ADDRESSES < DEPTH) begin
            $display("ERROR %m: ADDRESSES=%0d, but it must be at least DEPTH=%0d", ADDRESSES, DEPTH);
            $finish;
        end
        if (RAM_STYLE != "distributed" && RAM_STYLE != "block") begin
            $display("ERROR %m: RAM_STYLE=%0s, but it must be distributed or block", RAM_STYLE);
            $finish;
        end
    end
    // synthesis translate_on
    // verilator lint_on WIDTHEXPAND

    wire [LANES*ADDRESS_WIDTH-1:0] writes;   // addresses of all lanes
    wire [LANES*ADDRESS_WIDTH-1:0] reads;    // of the word that comes out behind the next step
    wire [ADDRESS_WIDTH-1:0]       write      = writes[ADDRESS_WIDTH-1:0];
    wire [ADDRESS_WIDTH-1:0]       read       = reads[ADDRESS_WIDTH-1:0];
    wire [ADDRESS_WIDTH-1:0]       write_next = write == LAST ? ZERO : write + 1'b1;
    wire [ADDRESS_WIDTH-1:0]       read_next  = read == LAST ? ZERO : read + 1'b1;

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            localparam integer BITS = lane < LANES - 1 ? LANE : WIDTH < 1 ? 1 : WIDTH - lane * LANE;

            // The attributes keep the copies apart: for Vivado that of the net, for Yosys that of the process.
            (* keep = "true" *)
            reg [ADDRESS_WIDTH-1:0] write_q;
            (* keep = "true" *)
            reg [ADDRESS_WIDTH-1:0] read_q;
            assign writes[lane*ADDRESS_WIDTH +: ADDRESS_WIDTH] = write_q;
            assign reads[lane*ADDRESS_WIDTH +: ADDRESS_WIDTH]  = read_q;
            (* keep *)
            always @(posedge aclk)
                if (!aresetn) begin
                    write_q <= ZERO;
                    read_q  <= FIRST;
                end else if (step) begin
                    write_q <= write_next;
                    read_q  <= read_next;
                end

            finn_ram #(
                .WIDTH         (BITS),
                .DEPTH         (ADDRESSES),
                .RAM_STYLE     (RAM_STYLE)
            ) u_ram (
                .aclk          (aclk),
                .write_enable  (step),
                .write_address (write_q),
                .write_data    (in[lane*LANE +: BITS]),
                .read_enable   (step),
                .read_address  (read_q),
                .read_data     (out[lane*LANE +: BITS])
            );
        end
    endgenerate

endmodule

`default_nettype wire
