// SPDX-License-Identifier: Apache-2.0
//
// prove_uart: control of the host link with its properties: receiver, commands, replies and sender as finn:ip:uart wires
// them. Bytes that come, whether a CRC holds, and what the slots hold are anything.
//
// Asserted that a frame is taken just where its CRC held, it is the next in sequence, of a kind that is carried out, of
//          no more than a slot, and a slot was free; that no slot is written before it was carried out; the rules of
//          AXI4-Lite and of the stream
// Assumed  those rules of the other sides; a reset comes first
`default_nettype none

module prove_uart (
    input wire        aclk,
    input wire        aresetn,

    input wire        byte_valid,
    input wire [7:0]  byte_value,
    input wire        crc_holds,
    input wire [7:0]  slot_data,
    input wire        out_ready,

    input wire        core_aresetn,
    input wire        stream_tready,
    input wire [7:0]  s_axis_tdata,
    input wire        s_axis_tvalid,

    input wire        m_axil_awready,
    input wire        m_axil_wready,
    input wire [1:0]  m_axil_bresp,
    input wire        m_axil_bvalid,
    input wire        m_axil_arready,
    input wire [31:0] m_axil_rdata,
    input wire [1:0]  m_axil_rresp,
    input wire        m_axil_rvalid
);

    wire        in_write;
    wire [10:0] in_write_address;
    wire [10:0] in_read_address;
    wire [3:0]  received;
    wire [3:0]  done;
    wire [7:0]  dropped;
    wire        finished;
    wire        heard;
    wire        acknowledge_valid;
    wire [3:0]  acknowledge;
    wire        again;
    wire [3:0]  echo;
    wire        opening;
    wire        commands_idle;
    wire        replies_idle;
    wire        sender_idle;
    wire        clear = opening && commands_idle && replies_idle && sender_idle;
    wire [7:0]  reply_tdata;
    wire        reply_tlast;
    wire        reply_tvalid;
    wire        reply_tready;
    wire [7:0]  stream_tdata;
    wire        stream_tvalid;
    wire        out_write;
    wire [10:0] out_write_address;
    wire [10:0] out_read_address;
    wire [3:0]  written;
    wire [3:0]  acknowledged;
    wire        all_sent;
    wire        out_valid;
    wire        s_axis_tready;
    wire [3:0]  m_axil_awaddr;
    wire        m_axil_awvalid;
    wire [31:0] m_axil_wdata;
    wire [3:0]  m_axil_wstrb;
    wire        m_axil_wvalid;
    wire        m_axil_bready;
    wire [3:0]  m_axil_araddr;
    wire        m_axil_arvalid;
    wire        m_axil_rready;

    finn_uart_receiver u_receiver (
        .aclk (aclk), .aresetn (aresetn),
        .byte_valid (byte_valid), .byte_value (byte_value), .crc_clear (), .crc_holds (crc_holds),
        .write_enable (in_write), .write_address (in_write_address), .write_data (),
        .received (received), .done (done), .dropped (dropped), .heard (heard),
        .acknowledge_valid (acknowledge_valid), .acknowledge (acknowledge), .again (again),
        .echo (echo), .opening (opening), .clear (clear)
    );

    finn_uart_commands #(.ADDRESS_WIDTH (4)) u_commands (
        .aclk (aclk), .aresetn (aresetn),
        .read_address (in_read_address), .read_data (slot_data),
        .received (received), .done (done), .finished (finished),
        .opening (opening), .idle (commands_idle), .clear (clear), .first (echo),
        .stream_aresetn (core_aresetn),
        .stream_tdata (stream_tdata), .stream_tvalid (stream_tvalid), .stream_tready (stream_tready),
        .reply_tdata (reply_tdata), .reply_tlast (reply_tlast),
        .reply_tvalid (reply_tvalid), .reply_tready (reply_tready),
        .m_axil_awaddr (m_axil_awaddr), .m_axil_awvalid (m_axil_awvalid), .m_axil_awready (m_axil_awready),
        .m_axil_wdata (m_axil_wdata), .m_axil_wstrb (m_axil_wstrb),
        .m_axil_wvalid (m_axil_wvalid), .m_axil_wready (m_axil_wready),
        .m_axil_bresp (m_axil_bresp), .m_axil_bvalid (m_axil_bvalid), .m_axil_bready (m_axil_bready),
        .m_axil_araddr (m_axil_araddr), .m_axil_arvalid (m_axil_arvalid), .m_axil_arready (m_axil_arready),
        .m_axil_rdata (m_axil_rdata), .m_axil_rresp (m_axil_rresp),
        .m_axil_rvalid (m_axil_rvalid), .m_axil_rready (m_axil_rready)
    );

    finn_uart_replies u_replies (
        .aclk (aclk), .aresetn (aresetn),
        .s_axis_tdata (s_axis_tdata), .s_axis_tvalid (s_axis_tvalid), .s_axis_tready (s_axis_tready),
        .reply_tdata (reply_tdata), .reply_tlast (reply_tlast),
        .reply_tvalid (reply_tvalid), .reply_tready (reply_tready),
        .write_enable (out_write), .write_address (out_write_address), .write_data (),
        .written (written), .acknowledged (acknowledged), .all_sent (all_sent),
        .opening (opening), .idle (replies_idle), .clear (clear), .first (echo)
    );

    finn_uart_sender u_sender (
        .aclk (aclk), .aresetn (aresetn),
        .read_address (out_read_address), .read_data (slot_data),
        .written (written), .acknowledged (acknowledged), .all_sent (all_sent),
        .acknowledge_valid (acknowledge_valid), .acknowledge (acknowledge), .again (again),
        .tell (heard || finished), .done (done), .received (received), .echo (echo), .dropped (dropped),
        .opening (opening), .idle (sender_idle), .clear (clear),
        .crc_clear (), .crc_enable (), .crc (16'd0),
        .byte_valid (out_valid), .byte_value (), .byte_ready (out_ready)
    );

    reg started_q;
    initial started_q = 1'b0;
    always @(posedge aclk) begin
        started_q <= 1'b1;
        reset_comes_first: assume (started_q || !aresetn);
        the_core_is_reset_with_the_link: assume (aresetn || !core_aresetn);
    end
    wire checked = started_q && aresetn;

    // ------------------------------------------------------------------ rules of the buses
    axil_rules #(.ADDRESS_WIDTH (4), .SLAVE (0)) u_axil (
        .aclk (aclk), .aresetn (aresetn),
        .awaddr (m_axil_awaddr), .awvalid (m_axil_awvalid), .awready (m_axil_awready),
        .wdata (m_axil_wdata), .wstrb (m_axil_wstrb), .wvalid (m_axil_wvalid), .wready (m_axil_wready),
        .bresp (m_axil_bresp), .bvalid (m_axil_bvalid), .bready (m_axil_bready),
        .araddr (m_axil_araddr), .arvalid (m_axil_arvalid), .arready (m_axil_arready),
        .rdata (m_axil_rdata), .rresp (m_axil_rresp), .rvalid (m_axil_rvalid), .rready (m_axil_rready),
        .addresses (), .words (), .reads ()
    );
    axis_rules #(.WIDTH (8), .ASSUME (0)) u_stream (
        .aclk (aclk), .aresetn (core_aresetn), .tdata (stream_tdata), .tvalid (stream_tvalid), .tready (stream_tready)
    );
    axis_rules #(.WIDTH (8), .ASSUME (1)) u_results (
        .aclk (aclk), .aresetn (aresetn), .tdata (s_axis_tdata), .tvalid (s_axis_tvalid), .tready (s_axis_tready)
    );

    // ------------------------------------------------------------------ frames from the host, counted byte by byte
    reg [2:0] place_q;      // of the byte that comes next: 0 looks for the first, 4 are the payload's, 6 is the last
    reg [7:0] to_go_q;
    reg       fits_q;       // into a slot
    reg [2:0] kind_q;
    reg       next_q;       // in sequence, and a slot was free then
    reg [3:0] received_q;
    reg       take_q;
    reg       clear_q;
    reg       checked_q;
    wire      last = place_q == 3'd6;
    wire      take = byte_valid && last && crc_holds && !opening && next_q && fits_q
                     && (kind_q == 3'd2 || kind_q == 3'd3 || kind_q == 3'd4);
    always @(posedge aclk) begin
        checked_q  <= checked;
        received_q <= received;
        take_q     <= take;
        clear_q    <= clear;
        if (!aresetn)
            place_q <= 3'd0;
        else if (byte_valid)
            case (place_q)
                3'd0:    place_q <= byte_value == 8'ha7 ? 3'd1 : 3'd0;
                3'd3:    place_q <= byte_value == 8'd0 ? 3'd5 : 3'd4;
                3'd4:    place_q <= to_go_q == 8'd1 ? 3'd5 : 3'd4;
                3'd6:    place_q <= 3'd0;
                default: place_q <= place_q + 3'd1;
            endcase
        if (byte_valid) begin
            if (place_q == 3'd1)
                next_q <= byte_value[3:0] == received && received - done != 4'd8;
            if (place_q == 3'd2)
                kind_q <= byte_value[2:0];
            if (place_q == 3'd3)
                fits_q <= byte_value != 8'd255;
            to_go_q <= place_q == 3'd3 ? byte_value : to_go_q - 8'd1;
        end
        // Between the two, the link was opened: what was next may be so no more.
        if (!aresetn || opening)
            next_q <= 1'b0;

        if (checked && checked_q && !clear_q)
            a_frame_is_taken_where_it_may_be: assert (received == received_q + {3'd0, take_q});
        if (checked && checked_q)
            it_is_heard_at_its_end: assert (heard == (byte_valid && last));
    end

    // ------------------------------------------------------------------ slots
    wire [3:0] held_in  = received - done;
    always @(posedge aclk)
        if (checked && checked_q) begin
            no_more_than_the_slots:    assert (held_in <= 4'd8);
            none_is_written_in_use:    assert (!in_write || held_in != 4'd8);
            writes_the_next_slot:      assert (!in_write || in_write_address[10:8] == received[2:0]);
            writes_the_next_reply:     assert (!out_write || out_write_address[10:8] == written[2:0]);
            carries_out_the_first:     assert (in_read_address[10:8] == done[2:0]);
            carries_out_what_is_there: assert (commands_idle || finished || held_in != 4'd0);
        end

`ifdef COVER
    reg [2:0] streams_q;
    reg [2:0] accesses_q;
    reg       opened_q;
    always @(posedge aclk) begin
        streams_q  <= !aresetn ? 0 : streams_q + (stream_tvalid && stream_tready);
        accesses_q <= !aresetn ? 0 : accesses_q + ((m_axil_bvalid && m_axil_bready) || (m_axil_rvalid && m_axil_rready));
        opened_q   <= aresetn && (opened_q || clear);
        if (checked && checked_q) begin
            a_stream_passes:     cover (streams_q == 1);
            an_access_is_made:   cover (accesses_q == 1);
            the_link_is_opened:  cover (opened_q && echo != 0);
            a_reply_is_written:  cover (written - acknowledged == 1);
            results_are_written: cover (s_axis_tvalid && s_axis_tready && written == 1);
            it_is_acknowledged:  cover (acknowledged == 1);
        end
    end
`endif

endmodule

`default_nettype wire
