// SPDX-License-Identifier: Apache-2.0
//
// row_finder_tb: sixteen noisy pictures, each with one bright row; PASS if every number is right.
`default_nettype none

module row_finder_tb;

    localparam integer PICTURES = 16;

    reg        aclk    = 1'b0;
    reg        aresetn = 1'b0;
    reg  [7:0] tdata   = 8'd0;
    reg        tlast   = 1'b0;
    reg        tvalid  = 1'b0;
    wire       tready;
    wire [1:0] row;
    wire       row_valid;
    integer    sent    = 0;   // bytes
    integer    found   = 0;
    integer    wrong   = 0;
    integer    seed    = 1;

    always #5 aclk = !aclk;

    row_finder dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (tdata),
        .s_axis_tlast  (tlast),
        .s_axis_tvalid (tvalid),
        .s_axis_tready (tready),
        .row           (row),
        .row_valid     (row_valid)
    );

    initial begin
        repeat (4) @(negedge aclk);
        aresetn = 1'b1;
    end

    // Picture n has its row n % 4 from 160 to 191, and the others from 32 to 63.
    reg [31:0] noise;
    wire       bright = (sent / 4) % 4 == (sent / 16) % 4;
    always @(posedge aclk)
        if (aresetn && (!tvalid || tready)) begin
            tvalid <= sent < 16 * PICTURES;
            noise  = $random(seed);
            tdata  <= {bright, 2'b01, noise[4:0]};
            tlast  <= sent % 16 == 15;
            sent   <= sent + 1;
        end

    always @(posedge aclk)
        if (aresetn && row_valid) begin
            if ({30'd0, row} != found % 4) begin
                $display("picture %0d: row %0d", found, row);
                wrong = wrong + 1;
            end
            found = found + 1;
            if (found == PICTURES) begin
                $display("%0s: %0d of %0d pictures right", wrong == 0 ? "PASS" : "FAIL", found - wrong, found);
                $finish;
            end
        end

    initial begin
        #100000 $display("FAIL: %0d of %0d pictures answered", found, PICTURES);
        $finish;
    end

endmodule

`default_nettype wire
