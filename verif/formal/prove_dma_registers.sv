// SPDX-License-Identifier: Apache-2.0
//
// prove_dma_registers: the rendered registers of the DMA with their properties: AXI4-Lite, answers in bounded time, what
// is refused changes nothing, values are kept, jobs start once and stay as they are until they are answered.
//
// One access is under way at a time (axil_access), and is judged by the map. Of the values one bit is followed, which
// the solver picks: bit `place` of the register at `watch`.
`default_nettype none

module prove_dma_registers #(
    parameter integer ADDRESS_WIDTH = 34
) (
    input wire                       aclk,
    input wire                       aresetn,

    input wire [11:0]                s_axil_awaddr,
    input wire                       s_axil_awvalid,
    input wire [31:0]                s_axil_wdata,
    input wire [3:0]                 s_axil_wstrb,
    input wire                       s_axil_wvalid,
    input wire                       s_axil_bready,
    input wire [11:0]                s_axil_araddr,
    input wire                       s_axil_arvalid,
    input wire                       s_axil_rready,

    // What the channels tell, MM2S in the lower bits.
    input wire [1:0]                 answer,
    input wire [17:0]                flags,
    input wire [1:0]                 busy,
    input wire [1:0]                 full,
    input wire [63:0]                images,
    input wire [7:0]                 jobs,
    input wire [2*ADDRESS_WIDTH-1:0] error_address
);

    localparam [1:0] OKAY = 2'b00, SLVERR = 2'b10;

    (* anyconst *) wire [11:0] watch;
    (* anyconst *) wire [4:0]  place;

    wire                       s_axil_awready;
    wire                       s_axil_wready;
    wire [1:0]                 s_axil_bresp;
    wire                       s_axil_bvalid;
    wire                       s_axil_arready;
    wire [31:0]                s_axil_rdata;
    wire [1:0]                 s_axil_rresp;
    wire                       s_axil_rvalid;
    wire [1:0]                 start;
    wire [2*ADDRESS_WIDTH-1:0] base;
    wire [1:0]                 beyond;
    wire [63:0]                length;
    wire [63:0]                count;
    wire [17:0]                acknowledge;
    wire                       interrupt;

    finn_dma_registers u_dut (
        .aclk               (aclk),
        .aresetn            (aresetn),
        .s_axil_awaddr      (s_axil_awaddr),
        .s_axil_awvalid     (s_axil_awvalid),
        .s_axil_awready     (s_axil_awready),
        .s_axil_wdata       (s_axil_wdata),
        .s_axil_wstrb       (s_axil_wstrb),
        .s_axil_wvalid      (s_axil_wvalid),
        .s_axil_wready      (s_axil_wready),
        .s_axil_bresp       (s_axil_bresp),
        .s_axil_bvalid      (s_axil_bvalid),
        .s_axil_bready      (s_axil_bready),
        .s_axil_araddr      (s_axil_araddr),
        .s_axil_arvalid     (s_axil_arvalid),
        .s_axil_arready     (s_axil_arready),
        .s_axil_rdata       (s_axil_rdata),
        .s_axil_rresp       (s_axil_rresp),
        .s_axil_rvalid      (s_axil_rvalid),
        .s_axil_rready      (s_axil_rready),
        .mm2s_start         (start[0]),
        .mm2s_answer        (answer[0]),
        .mm2s_base          (base[ADDRESS_WIDTH-1:0]),
        .mm2s_beyond        (beyond[0]),
        .mm2s_length        (length[31:0]),
        .mm2s_count         (count[31:0]),
        .mm2s_acknowledge   (acknowledge[8:0]),
        .mm2s_flags         (flags[8:0]),
        .mm2s_busy          (busy[0]),
        .mm2s_full          (full[0]),
        .mm2s_images        (images[31:0]),
        .mm2s_jobs          (jobs[3:0]),
        .mm2s_error_address (error_address[ADDRESS_WIDTH-1:0]),
        .s2mm_start         (start[1]),
        .s2mm_answer        (answer[1]),
        .s2mm_base          (base[2*ADDRESS_WIDTH-1:ADDRESS_WIDTH]),
        .s2mm_beyond        (beyond[1]),
        .s2mm_length        (length[63:32]),
        .s2mm_count         (count[63:32]),
        .s2mm_acknowledge   (acknowledge[17:9]),
        .s2mm_flags         (flags[17:9]),
        .s2mm_busy          (busy[1]),
        .s2mm_full          (full[1]),
        .s2mm_images        (images[63:32]),
        .s2mm_jobs          (jobs[7:4]),
        .s2mm_error_address (error_address[2*ADDRESS_WIDTH-1:ADDRESS_WIDTH]),
        .interrupt          (interrupt)
    );

    // ------------------------------------------------------------------ the port, and the access under way
    wire        started;
    wire        takes_write;
    wire        takes_read;
    wire        under_way;
    wire        fresh;
    wire        write;
    wire [11:0] address;
    wire [31:0] data;
    wire [3:0]  strobe;
    wire        held_up;

    axil_access #(
        .ADDRESS_WIDTH (12),
        .ANSWER_WITHIN (3)
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

    // A job stays as it is until it is answered, which the proofs of the channels assume.
    genvar c;
    generate
        for (c = 0; c < 2; c = c + 1) begin : g_job
            axis_rules #(.WIDTH (ADDRESS_WIDTH + 65), .ASSUME (0)) u_job (
                .aclk    (aclk),
                .aresetn (aresetn),
                .tdata   ({base[ADDRESS_WIDTH*c+:ADDRESS_WIDTH], beyond[c], length[32*c+:32], count[32*c+:32]}),
                .tvalid  (start[c]),
                .tready  (answer[c])
            );
        end
    endgenerate

    // ------------------------------------------------------------------ what the map says of it
    // Both channels have the same nine registers, 0x40 apart; INTERRUPT_ENABLE stands behind them.
    wire        channel   = address[6];
    wire [5:0]  offset    = address[5:0];
    wire        in_enable = address == 12'h080;
    wire        there     = in_enable || (address < 12'h080 && offset <= 6'h20 && offset[1:0] == 2'd0);
    wire        refused   = !there || (write && strobe != 4'hf);
    wire        writes    = under_way && write && !refused;
    reg         acts_q;          // it was decoded in the cycle before, and has its effect now
    wire        first     = acts_q && writes;
    wire        starts    = !in_enable && offset == 6'h10 && data[0];
    wire [1:0]  starting  = {channel, !channel} & {2{writes && starts && !fresh}};

    reg  [3:0]  enable_q;
    reg  [1:0]  beyond_q;
    reg         kept_q;          // the bit that is followed
    wire        kept = (watch == 12'h080 && place < 4)
        || (watch < 12'h080 && watch[5:4] == 2'b00 && watch[1:0] == 2'd0 && (watch[3:2] != 2'd1 || place < ADDRESS_WIDTH - 32));

    always @(posedge aclk)
        if (!aresetn) begin
            enable_q <= 4'd0;
            beyond_q <= 2'b00;
            kept_q   <= 1'b0;
        end else if (first) begin
            if (in_enable)
                enable_q <= data[3:0];
            if (!in_enable && offset == 6'h04)
                beyond_q[channel] <= {32'd0, data} >> (ADDRESS_WIDTH - 32) != 0;
            if (address == watch)
                kept_q <= kept && data[place];
        end

    // The word that a read gives, as the channels tell it now; what is kept is known in `place` alone.
    wire [8:0]  its_flags = channel ? flags[17:9] : flags[8:0];
    wire [63:0] its_error = channel ? error_address[2*ADDRESS_WIDTH-1:ADDRESS_WIDTH] : error_address[ADDRESS_WIDTH-1:0];
    reg  [31:0] model;
    always @* begin
        model = 32'd0;
        case (offset)
            6'h14: begin
                model[0]     = busy[channel];
                model[1]     = full[channel];
                model[9:2]   = its_flags[7:0];
                model[10]    = channel && its_flags[8];
                model[27:24] = channel ? jobs[7:4] : jobs[3:0];
            end
            6'h18: model = channel ? images[63:32] : images[31:0];
            6'h1c: model = its_error[31:0];
            6'h20: model = its_error[63:32];
            default: ;
        endcase
        if (address == watch && kept)
            model[place] = kept_q;
        if (refused)
            model = 32'd0;
    end

    reg        value_q;          // what the read must give in `place`
    reg        checked_q;        // which is known
    always @(posedge aclk) begin
        acts_q <= aresetn && fresh;
        if (acts_q) begin
            value_q   <= model[place];
            checked_q <= refused || address == watch;
        end
        if (started && aresetn) begin
            if (s_axil_bvalid)
                the_write_is_answered_right: assert (s_axil_bresp == (refused ? SLVERR : OKAY));
            if (s_axil_rvalid)
                the_read_is_answered_right:  assert (s_axil_rresp == (refused ? SLVERR : OKAY));
            if (s_axil_rvalid && checked_q)
                the_value_is_right:          assert (s_axil_rdata[place] == value_q);
        end
    end

    // ------------------------------------------------------------------ what reaches the channels
    wire [63:0] watched_base  = watch[6] ? base[2*ADDRESS_WIDTH-1:ADDRESS_WIDTH] : base[ADDRESS_WIDTH-1:0];
    wire [31:0] watched_job   = watch[3:2] == 2'd0 ? watched_base[31:0] : watch[3:2] == 2'd1 ? watched_base[63:32]
                                : watch[3:2] == 2'd2 ? (watch[6] ? length[63:32] : length[31:0])
                                : (watch[6] ? count[63:32] : count[31:0]);
    wire [8:0]  acknowledged  = first && !in_enable && offset == 6'h14 ? {channel && data[10], data[9:2]} : 9'd0;
    reg         jobbed_q;        // the job of this access was answered
    reg         interrupt_q;
    wire        causes = (enable_q[0] && flags[0]) || (enable_q[1] && flags[8:1] != 0)
        || (enable_q[2] && flags[9]) || (enable_q[3] && flags[17:10] != 0);

    always @(posedge aclk) begin
        jobbed_q    <= aresetn && !takes_write && (jobbed_q || (start & answer) != 2'b00);
        interrupt_q <= aresetn && causes;
        if (started && aresetn) begin
            if (watch < 12'h080 && kept)
                the_job_is_as_it_was_written: assert (watched_job[place] == kept_q);
            too_high_addresses_are_told:      assert (beyond == beyond_q);
            a_job_starts_once:                assert (start == (jobbed_q ? 2'b00 : starting));
            a_start_is_answered_at_last:      assert (!s_axil_bvalid || refused || !starts || jobbed_q);
            flags_are_acknowledged_once:      assert (acknowledge == (channel ? {acknowledged, 9'd0} : {9'd0, acknowledged}));
            the_interrupt_follows_its_causes: assert (interrupt == interrupt_q);
        end
    end

    // ------------------------------------------------------------------ what the access waits for
    assign held_up = (start & ~answer) != 2'b00 || s_axil_bvalid || s_axil_rvalid;

    // ------------------------------------------------------------------ what must be reachable
    always @(posedge aclk)
        if (started && aresetn) begin
            a_value_is_read_back: cover (s_axil_rvalid && checked_q && kept && value_q);
            a_hole_is_refused:    cover (s_axil_rvalid && s_axil_rresp == SLVERR && address == 12'h024);
            a_strobe_is_missing:  cover (s_axil_bvalid && s_axil_bresp == SLVERR && there);
            both_jobs_start:      cover (start[1] && length[31:0] != 0 && length[63:32] != 0);
            a_job_waits:          cover (start[0] && !answer[0] && base[ADDRESS_WIDTH-1]);
            an_interrupt:         cover (interrupt && enable_q == 4'd8);
        end

endmodule

`default_nettype wire
