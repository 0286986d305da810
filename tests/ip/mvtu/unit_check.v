// SPDX-License-Identifier: Apache-2.0
//
// unit_check: writes a unit's registers, sends it words from a file as fast as it takes them, and compares what comes.
//
// Files        WRITE_FILE: address and data of each write, 64 bits; IN_FILE and OUT_FILE: words
// Result       finished rises when all words have come and no other follows; a difference is printed as ERROR and
//              ends the simulation
`default_nettype none

module unit_check #(
    parameter integer IN_WIDTH      = 8,
    parameter integer OUT_WIDTH     = 8,
    parameter integer ADDRESS_WIDTH = 4,
    parameter integer WRITES        = 0,
    parameter integer WORDS         = 1,
    parameter integer RESULTS       = 1,
    parameter         WRITE_FILE    = "",
    parameter         IN_FILE       = "",
    parameter         OUT_FILE      = ""
) (
    input  wire                     aclk,
    output wire                     aresetn,

    output wire [IN_WIDTH-1:0]      s_axis_tdata,
    output wire                     s_axis_tvalid,
    input  wire                     s_axis_tready,
    input  wire [OUT_WIDTH-1:0]     m_axis_tdata,
    input  wire                     m_axis_tvalid,

    output wire [ADDRESS_WIDTH-1:0] s_axil_awaddr,
    output reg                      s_axil_awvalid,
    input  wire                     s_axil_awready,
    output wire [31:0]              s_axil_wdata,
    output reg                      s_axil_wvalid,
    input  wire                     s_axil_wready,
    input  wire [1:0]               s_axil_bresp,
    input  wire                     s_axil_bvalid,

    output wire                     finished
);
    // Cycles after the last word in which nothing may come, and cycles without a word that count as hanging.
    localparam integer SILENCE = 40;
    localparam integer HANGS   = 4000;

    reg [IN_WIDTH-1:0]  in     [0:WORDS-1];
    reg [OUT_WIDTH-1:0] out    [0:RESULTS-1];
    reg [63:0]          writes [0:WRITES];
    integer written = 0, sent = 0, got = 0, quiet = 0;

    initial begin
        $readmemh(IN_FILE, in);
        $readmemh(OUT_FILE, out);
        if (WRITES > 0)
            $readmemh(WRITE_FILE, writes, 0, WRITES - 1);
    end

    reg [2:0] start_q = 3'd0;
    assign aresetn = start_q[2];
    always @(posedge aclk)
        if (!aresetn)
            start_q <= start_q + 1'b1;

    // ------------------------------------------------------------------ registers, one write after the other
    assign s_axil_awaddr = writes[written][32+:ADDRESS_WIDTH];
    assign s_axil_wdata  = writes[written][31:0];
    reg waits_q;
    always @(posedge aclk)
        if (!aresetn) begin
            written        <= 0;
            waits_q        <= 1'b0;
            s_axil_awvalid <= 1'b0;
            s_axil_wvalid  <= 1'b0;
        end else if (written < WRITES) begin
            // The first write halts the unit, the others must wait until it rests.
            if (!waits_q && (written != 1 || quiet > SILENCE)) begin
                waits_q        <= 1'b1;
                s_axil_awvalid <= 1'b1;
                s_axil_wvalid  <= 1'b1;
            end
            if (s_axil_awready)
                s_axil_awvalid <= 1'b0;
            if (s_axil_wready)
                s_axil_wvalid <= 1'b0;
            if (s_axil_bvalid) begin
                waits_q <= 1'b0;
                written <= written + 1;
                if (s_axil_bresp != 2'b00) begin
                    $display("ERROR %m: write %0d is refused", written);
                    $finish;
                end
            end
        end

    // ------------------------------------------------------------------ words
    assign s_axis_tdata  = in[sent];
    assign s_axis_tvalid = aresetn && written == WRITES && sent < WORDS;
    assign finished      = got == RESULTS && quiet > SILENCE;
    wire moves = (s_axis_tvalid && s_axis_tready) || m_axis_tvalid || (s_axil_bvalid && written != 1);
    always @(posedge aclk)
        if (!aresetn) begin
            sent  <= 0;
            got   <= 0;
            quiet <= 0;
        end else begin
            quiet <= moves ? 0 : quiet + 1;
            if (s_axis_tvalid && s_axis_tready)
                sent <= sent + 1;
            if (m_axis_tvalid) begin
                got <= got + 1;
                if (got == RESULTS) begin
                    $display("ERROR %m: a word after the last result");
                    $finish;
                end else if (m_axis_tdata !== out[got]) begin
                    $display("ERROR %m: result %0d is %h, must be %h", got, m_axis_tdata, out[got]);
                    $finish;
                end
            end
            if (quiet > HANGS && !finished) begin
                $display("ERROR %m: hangs after %0d writes, %0d words and %0d results", written, sent, got);
                $finish;
            end
        end
endmodule

`default_nettype wire
