// SPDX-License-Identifier: Apache-2.0
//
// prove_ctrl: a rendered control core with its properties, of one boundary and two windows: a of 16 bytes at 0x1000,
// b of 32 bytes at 0x1020.
//
// One access is under way at a time (axil_access), and what goes to the windows and comes back must be what the map
// says of it. The counts are proved in prove_event_counters.
`default_nettype none

module prove_ctrl #(
    // Cycles in which the core alone is to act, from taking an access to answering it.
    parameter integer ANSWER_WITHIN = 8,
    // Cycles of a soft reset.
    parameter integer HOLD = 16
) (
    input wire        aclk,
    input wire        aresetn,

    input wire [12:0] s_axil_awaddr,
    input wire        s_axil_awvalid,
    input wire [31:0] s_axil_wdata,
    input wire [3:0]  s_axil_wstrb,
    input wire        s_axil_wvalid,
    input wire        s_axil_bready,
    input wire [12:0] s_axil_araddr,
    input wire        s_axil_arvalid,
    input wire        s_axil_rready,

    // What the two windows answer, a in the lower bits.
    input wire [1:0]  m_axil_awready,
    input wire [1:0]  m_axil_wready,
    input wire [3:0]  m_axil_bresp,
    input wire [1:0]  m_axil_bvalid,
    input wire [1:0]  m_axil_arready,
    input wire [63:0] m_axil_rdata,
    input wire [3:0]  m_axil_rresp,
    input wire [1:0]  m_axil_rvalid,

    input wire        quiet,
    input wire        boundary_valid,
    input wire        boundary_ready,
    input wire        frame_in,
    input wire        frame_out,
    input wire        short_frame,
    input wire        long_frame,
    input wire        dma_interrupt
);

    localparam [1:0] OKAY = 2'b00, SLVERR = 2'b10, DECERR = 2'b11;

    wire        s_axil_awready;
    wire        s_axil_wready;
    wire [1:0]  s_axil_bresp;
    wire        s_axil_bvalid;
    wire        s_axil_arready;
    wire [31:0] s_axil_rdata;
    wire [1:0]  s_axil_rresp;
    wire        s_axil_rvalid;
    wire [3:0]  a_awaddr;
    wire [3:0]  a_araddr;
    wire [4:0]  b_awaddr;
    wire [4:0]  b_araddr;
    wire [63:0] m_axil_wdata;
    wire [7:0]  m_axil_wstrb;
    wire [1:0]  m_axil_awvalid;
    wire [1:0]  m_axil_wvalid;
    wire [1:0]  m_axil_bready;
    wire [1:0]  m_axil_arvalid;
    wire [1:0]  m_axil_rready;
    wire        core_aresetn;
    wire        quiesce;
    wire        interrupt;

    finn_ctrl u_dut (
        .aclk             (aclk),
        .aresetn          (aresetn),
        .s_axil_awaddr    (s_axil_awaddr),
        .s_axil_awvalid   (s_axil_awvalid),
        .s_axil_awready   (s_axil_awready),
        .s_axil_wdata     (s_axil_wdata),
        .s_axil_wstrb     (s_axil_wstrb),
        .s_axil_wvalid    (s_axil_wvalid),
        .s_axil_wready    (s_axil_wready),
        .s_axil_bresp     (s_axil_bresp),
        .s_axil_bvalid    (s_axil_bvalid),
        .s_axil_bready    (s_axil_bready),
        .s_axil_araddr    (s_axil_araddr),
        .s_axil_arvalid   (s_axil_arvalid),
        .s_axil_arready   (s_axil_arready),
        .s_axil_rdata     (s_axil_rdata),
        .s_axil_rresp     (s_axil_rresp),
        .s_axil_rvalid    (s_axil_rvalid),
        .s_axil_rready    (s_axil_rready),
        .m_axil_a_awaddr  (a_awaddr),
        .m_axil_a_awvalid (m_axil_awvalid[0]),
        .m_axil_a_awready (m_axil_awready[0]),
        .m_axil_a_wdata   (m_axil_wdata[31:0]),
        .m_axil_a_wstrb   (m_axil_wstrb[3:0]),
        .m_axil_a_wvalid  (m_axil_wvalid[0]),
        .m_axil_a_wready  (m_axil_wready[0]),
        .m_axil_a_bresp   (m_axil_bresp[1:0]),
        .m_axil_a_bvalid  (m_axil_bvalid[0]),
        .m_axil_a_bready  (m_axil_bready[0]),
        .m_axil_a_araddr  (a_araddr),
        .m_axil_a_arvalid (m_axil_arvalid[0]),
        .m_axil_a_arready (m_axil_arready[0]),
        .m_axil_a_rdata   (m_axil_rdata[31:0]),
        .m_axil_a_rresp   (m_axil_rresp[1:0]),
        .m_axil_a_rvalid  (m_axil_rvalid[0]),
        .m_axil_a_rready  (m_axil_rready[0]),
        .m_axil_b_awaddr  (b_awaddr),
        .m_axil_b_awvalid (m_axil_awvalid[1]),
        .m_axil_b_awready (m_axil_awready[1]),
        .m_axil_b_wdata   (m_axil_wdata[63:32]),
        .m_axil_b_wstrb   (m_axil_wstrb[7:4]),
        .m_axil_b_wvalid  (m_axil_wvalid[1]),
        .m_axil_b_wready  (m_axil_wready[1]),
        .m_axil_b_bresp   (m_axil_bresp[3:2]),
        .m_axil_b_bvalid  (m_axil_bvalid[1]),
        .m_axil_b_bready  (m_axil_bready[1]),
        .m_axil_b_araddr  (b_araddr),
        .m_axil_b_arvalid (m_axil_arvalid[1]),
        .m_axil_b_arready (m_axil_arready[1]),
        .m_axil_b_rdata   (m_axil_rdata[63:32]),
        .m_axil_b_rresp   (m_axil_rresp[3:2]),
        .m_axil_b_rvalid  (m_axil_rvalid[1]),
        .m_axil_b_rready  (m_axil_rready[1]),
        .core_aresetn     (core_aresetn),
        .quiesce          (quiesce),
        .quiet            (quiet),
        .boundary_valid   (boundary_valid),
        .boundary_ready   (boundary_ready),
        .frame_in         (frame_in),
        .frame_out        (frame_out),
        .short_frame      (short_frame),
        .long_frame       (long_frame),
        .interrupt        (interrupt),
        .dma_interrupt    (dma_interrupt)
    );

    // ------------------------------------------------------------------ the port, and the access under way
    wire        started;
    wire        takes_write;
    wire        takes_read;
    wire        under_way;
    wire        fresh;
    wire        write;
    wire [12:0] address;
    wire [31:0] data;
    wire [3:0]  strobe;
    wire        held_up;

    axil_access #(
        .ADDRESS_WIDTH (13),
        .ANSWER_WITHIN (ANSWER_WITHIN)
    ) u_slave (
        .aclk    (aclk),            .aresetn (aresetn),
        .awaddr  (s_axil_awaddr),   .awvalid (s_axil_awvalid),  .awready (s_axil_awready),
        .wdata   (s_axil_wdata),    .wstrb   (s_axil_wstrb),
        .wvalid  (s_axil_wvalid),   .wready  (s_axil_wready),
        .bresp   (s_axil_bresp),    .bvalid  (s_axil_bvalid),   .bready  (s_axil_bready),
        .araddr  (s_axil_araddr),   .arvalid (s_axil_arvalid),  .arready (s_axil_arready),
        .rdata   (s_axil_rdata),    .rresp   (s_axil_rresp),
        .rvalid  (s_axil_rvalid),   .rready  (s_axil_rready),
        .held_up     (held_up),     .started    (started),
        .takes_write (takes_write), .takes_read (takes_read),
        .under_way   (under_way),   .fresh      (fresh),
        .write       (write),       .address    (address),
        .data        (data),        .strobe     (strobe)
    );

    // The windows are reset by core_aresetn, which follows aresetn a cycle later.
    wire windows_run = aresetn && core_aresetn;
    wire [9:0] awaddr = {b_awaddr, 1'b0, a_awaddr};
    wire [9:0] araddr = {b_araddr, 1'b0, a_araddr};

    genvar w;
    generate
        for (w = 0; w < 2; w = w + 1) begin : g_window
            axil_rules #(
                .ADDRESS_WIDTH (5),
                .SLAVE         (0)
            ) u_master (
                .aclk    (aclk),                       .aresetn (windows_run),
                .awaddr  (awaddr[5*w+:5]),             .awvalid (m_axil_awvalid[w]),  .awready (m_axil_awready[w]),
                .wdata   (m_axil_wdata[32*w+:32]),     .wstrb   (m_axil_wstrb[4*w+:4]),
                .wvalid  (m_axil_wvalid[w]),           .wready  (m_axil_wready[w]),
                .bresp   (m_axil_bresp[2*w+:2]),       .bvalid  (m_axil_bvalid[w]),   .bready  (m_axil_bready[w]),
                .araddr  (araddr[5*w+:5]),             .arvalid (m_axil_arvalid[w]),  .arready (m_axil_arready[w]),
                .rdata   (m_axil_rdata[32*w+:32]),     .rresp   (m_axil_rresp[2*w+:2]),
                .rvalid  (m_axil_rvalid[w]),           .rready  (m_axil_rready[w]),
                .addresses (), .words (), .reads ()
            );
        end
    endgenerate

    // ------------------------------------------------------------------ what the map says of it
    wire [1:0]  in_window   = {address[12:5] == 8'h81, address[12:4] == 9'h100};
    wire [12:0] offset      = {address[12:2], 2'd0};
    wire        in_array    = offset >= 13'h400 && offset < 13'h410;
    wire        in_register = offset < 13'h30 || (offset >= 13'h40 && offset < 13'h58)
        || (offset >= 13'h60 && offset < 13'h70) || in_array;
    wire        writable    = offset == 13'h40 || offset == 13'h48 || offset == 13'h4c;
    wire        nothing     = !in_register && in_window == 2'b00;
    wire        bad         = write && (address[1:0] != 2'd0 || strobe != 4'hf || (in_register && !writable));
    reg         core_ran_q;      // core_aresetn was high in the cycle before
    wire        resetting   = quiesce || !core_ran_q;
    wire        refused     = bad || (in_window != 2'b00 && resetting);
    reg         acts_q;          // it was judged in the cycle before, and has its effect now
    wire        writes      = acts_q && write && in_register && !nothing && !bad;

    // As it was judged; what a window has answered.
    reg  [1:0]  resp_q;
    reg  [1:0]  target_q;        // the window that it goes to
    reg  [31:0] value_q;
    reg         checked_q;       // value_q is what it must read
    wire [1:0]  target = fresh ? (nothing || refused ? 2'b00 : in_window) : target_q;
    wire [1:0]  write_ends = m_axil_bvalid & m_axil_bready;
    wire [1:0]  read_ends  = m_axil_rvalid & m_axil_rready;

    always @(posedge aclk) begin
        core_ran_q <= aresetn && core_aresetn;
        acts_q     <= aresetn && fresh;
        if (fresh) begin
            resp_q    <= nothing ? DECERR : refused ? SLVERR : OKAY;
            target_q  <= target;
        end
        if (acts_q) begin
            value_q   <= resp_q == OKAY ? model : 32'd0;
            checked_q <= known || resp_q != OKAY;
        end
        if (write_ends != 2'b00)
            resp_q <= write_ends[1] ? m_axil_bresp[3:2] : m_axil_bresp[1:0];
        if (read_ends != 2'b00) begin
            resp_q    <= read_ends[1] ? m_axil_rresp[3:2] : m_axil_rresp[1:0];
            value_q   <= read_ends[1] ? m_axil_rdata[63:32] : m_axil_rdata[31:0];
            checked_q <= 1'b1;
        end
        if (started && aresetn) begin
            if (s_axil_bvalid)
                the_write_is_answered_right: assert (s_axil_bresp == resp_q);
            if (s_axil_rvalid)
                the_read_is_answered_right:  assert (s_axil_rresp == resp_q);
            if (s_axil_rvalid && checked_q)
                the_value_is_right:          assert (s_axil_rdata == value_q);
        end
    end

    // ------------------------------------------------------------------ what reaches the windows
    reg address_gone_q;
    reg data_gone_q;
    wire [1:0] any = m_axil_awvalid | m_axil_wvalid | m_axil_arvalid;
    always @(posedge aclk) begin
        if (!aresetn || !under_way || fresh) begin
            address_gone_q <= aresetn && under_way && ((m_axil_awvalid & m_axil_awready) | (m_axil_arvalid & m_axil_arready)) != 2'b00;
            data_gone_q    <= aresetn && under_way && (m_axil_wvalid & m_axil_wready) != 2'b00;
        end else begin
            address_gone_q <= address_gone_q || ((m_axil_awvalid & m_axil_awready) | (m_axil_arvalid & m_axil_arready)) != 2'b00;
            data_gone_q    <= data_gone_q || (m_axil_wvalid & m_axil_wready) != 2'b00;
        end
        if (started && aresetn) begin
            only_the_window_of_the_access: assert ((any & ~(under_way ? target : 2'b00)) == 2'b00);
            no_window_in_a_reset:          assert (any == 2'b00 || (core_aresetn && !quiesce));
            writes_are_writes:             assert ((m_axil_awvalid | m_axil_wvalid) == 2'b00 || write);
            reads_are_reads:               assert (m_axil_arvalid == 2'b00 || !write);
            the_address_goes_once:         assert (fresh || !address_gone_q || (m_axil_awvalid | m_axil_arvalid) == 2'b00);
            the_data_go_once:              assert (fresh || !data_gone_q || m_axil_wvalid == 2'b00);
            if (m_axil_awvalid != 2'b00)
                the_address_is_right: assert (a_awaddr == address[3:0] && b_awaddr == address[4:0]);
            if (m_axil_arvalid != 2'b00)
                the_place_is_right:   assert (a_araddr == address[3:0] && b_araddr == address[4:0]);
            if (m_axil_wvalid[0])
                a_gets_the_data:      assert (m_axil_wdata[31:0] == data && m_axil_wstrb[3:0] == 4'hf);
            if (m_axil_wvalid[1])
                b_gets_the_data:      assert (m_axil_wdata[63:32] == data && m_axil_wstrb[7:4] == 4'hf);
        end
    end

    // ------------------------------------------------------------------ registers and interrupt
    reg  [2:0]  enable_q;
    reg         count_q;
    reg  [1:0]  frames_q;        // long, short
    reg         interrupt_q;
    wire [2:0]  causes  = {frames_q, dma_interrupt};
    wire [1:0]  cleared = writes && offset == 13'h48 ? data[2:1] : 2'b00;
    reg  [31:0] model;
    reg         known;
    always @* begin
        known = 1'b1;
        model = 32'd0;
        case (offset)
            13'h00: model = 32'h4E4E4946;
            13'h18: model = 32'd1;
            13'h1c: model = 32'd2;
            13'h40: model[1] = count_q;
            13'h48: model[2:0] = causes;
            13'h4c: model[2:0] = enable_q;
            default: known = 1'b0;
        endcase
    end

    always @(posedge aclk) begin
        if (!aresetn) begin
            enable_q    <= 3'd0;
            count_q     <= 1'b0;
            frames_q    <= 2'b00;
            interrupt_q <= 1'b0;
        end else begin
            if (writes && offset == 13'h4c)
                enable_q <= data[2:0];
            if (writes && offset == 13'h40)
                count_q <= data[1];
            frames_q    <= (frames_q & ~cleared) | {long_frame, short_frame};
            interrupt_q <= (causes & enable_q) != 3'd0;
        end
        if (started && aresetn)
            the_interrupt_follows_its_causes: assert (interrupt == interrupt_q);
    end

    // ------------------------------------------------------------------ soft reset
    reg       run_q;             // aresetn in the cycle before, and in that before
    reg       ran_q;
    reg       core_q;
    reg       asked_q;           // a soft reset was asked for, and quiesce has not risen since
    reg       agreed_q;          // quiesce and quiet together, one and two cycles before
    reg       agreed_before_q;
    reg       soft_q;            // core_aresetn is low because of a soft reset
    reg [4:0] low_q;             // cycles that it has been low, up to HOLD
    reg       quiesce_q;
    wire      falls = run_q && ran_q && core_q && !core_aresetn;
    always @(posedge aclk) begin
        run_q           <= aresetn;
        ran_q           <= aresetn && run_q;
        core_q          <= core_aresetn;
        quiesce_q       <= aresetn && quiesce;
        agreed_q        <= aresetn && quiesce && quiet;
        agreed_before_q <= agreed_q;
        asked_q         <= aresetn && writes && offset == 13'h40 && data[0];
        soft_q          <= aresetn && !core_aresetn && (soft_q || falls);
        low_q           <= core_aresetn || !aresetn ? 0 : low_q + (low_q != HOLD);
        if (started && aresetn && run_q) begin
            quiesce_is_asked_for:        assert (!quiesce || quiesce_q || asked_q);
            quiet_comes_first:           assert (!falls || agreed_before_q);
            quiesce_holds_until_the_reset: assert (quiesce || !quiesce_q || (soft_q && !core_aresetn));
            the_reset_is_long_enough:    assert (!(soft_q && core_aresetn) || low_q == HOLD);
        end
    end

    // ------------------------------------------------------------------ what the access waits for
    wire window_has_it = address_gone_q && (data_gone_q || !write);
    assign held_up = any != 2'b00 || window_has_it || s_axil_bvalid || s_axil_rvalid;

    // ------------------------------------------------------------------ what must be reachable
    always @(posedge aclk)
        if (started && aresetn) begin
            a_window_is_written: cover (s_axil_bvalid && target_q == 2'b10 && resp_q == OKAY);
            a_window_refuses:    cover (s_axil_rvalid && target_q == 2'b01 && resp_q == DECERR);
            a_soft_reset_ends:   cover (soft_q && core_aresetn);
            refused_in_a_reset:  cover (s_axil_bvalid && resp_q == SLVERR && quiesce && in_window != 2'b00);
            an_interrupt:        cover (interrupt && frames_q == 2'b10);
            a_counter_is_read:   cover (s_axil_rvalid && in_array && s_axil_rdata == 32'd1);
        end

endmodule

`default_nettype wire
