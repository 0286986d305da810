// SPDX-License-Identifier: Apache-2.0
//
// image_cycles: prints how many cycles a core takes an image, once images repeat, between a source and a sink that
// never stall. Set DUT, IN_WIDTH, OUT_WIDTH (of TDATA) and OUT_WORDS (of an image) as macros.
`default_nettype none

module image_cycles;

    localparam integer IMAGES = 4;

    reg                    aclk = 1'b0;
    reg                    aresetn = 1'b0;
    reg  [`IN_WIDTH-1:0]   s_axis_tdata = 0;
    wire                   s_axis_tready;
    wire [`OUT_WIDTH-1:0]  m_axis_tdata;
    wire                   m_axis_tvalid;
    integer                cycle = 0;
    integer                words = 0;
    integer                last = 0;

    always #5 aclk = !aclk;

    `DUT u_dut (
        .aclk          (aclk),
        .aresetn       (aresetn),
        .s_axis_tdata  (s_axis_tdata),
        .s_axis_tvalid (aresetn),
        .s_axis_tready (s_axis_tready),
        .m_axis_tdata  (m_axis_tdata),
        .m_axis_tvalid (m_axis_tvalid),
        .m_axis_tready (1'b1)
    );

    always @(posedge aclk) begin
        aresetn <= 1'b1;
        cycle   <= cycle + 1;
        if (s_axis_tready)
            s_axis_tdata <= s_axis_tdata + 1'b1;
        if (m_axis_tvalid && aresetn) begin
            words <= words + 1;
            if ((words + 1) % `OUT_WORDS == 0) begin
                last <= cycle;
                if (words + 1 == IMAGES * `OUT_WORDS) begin
                    $display("%0d", cycle - last);
                    $finish;
                end
            end
        end
    end

endmodule

`default_nettype wire
