# SPDX-License-Identifier: Apache-2.0
"""Proofs of the DMA: its registers as they are rendered, and its channels, small ones.

The channels have addresses of 6 and 7 bits, jobs of up to 31 bytes, bursts of 2 beats.
"""

from finn_gen import ip
from finn_gen.base.library import building_block
from finn_gen.emit.bundle import of_core
from verif.formal.proof import Bug, Proof

_BLOCKS = [module for module in ip.get("dma").build({}).modules if module != "finn_axil_slave"]
_SOURCES = {f"{module}.v": building_block(module).read_text() for module in _BLOCKS}


def _channel(channel: str, width: int, address_width: int) -> Proof:
    return Proof(
        name=f"dma-{channel}-{width}",
        harness=f"prove_dma_{channel}",
        core=f"finn_dma_{channel}",
        sources=_SOURCES,
        parameters={"ADDRESS_WIDTH": address_width, "SIZE_WIDTH": 5, "WIDTH": width, "BURST": 2, "BURSTS": 2},
        modules={"axi_rules": {}},
        cover_depth=48,
    )


def _queue(word_bytes: int, size_width: int, address_width: int, steps: int = 3) -> Proof:
    """Inductive in 3 steps; a planted bug shows when the first jobs have been answered, SIZE_WIDTH + 5 steps each."""
    return Proof(
        name=f"dma-queue-{word_bytes}-{size_width}",
        harness="prove_dma_queue",
        core="finn_dma_mm2s",  # the queue itself answers within the cycle
        sources=_SOURCES,
        parameters={"ADDRESS_WIDTH": address_width, "SIZE_WIDTH": size_width, "WORD_BYTES": word_bytes},
        defines=("INDUCTION",),
        cover_depth=30,
        induction=steps,
    )


def _registers(address_width: int) -> Proof:
    plan = ip.get("dma").build({"address_width": address_width})
    core = f"{plan.module}_registers"
    files = of_core(plan).folder(plain=True)
    return Proof(
        name=f"dma-registers-{address_width}",
        harness="prove_dma_registers",
        core=core,
        sources={path: str(files[path]) for path in (f"{core}.v", "finn_axil_slave.v")},
        parameters={"ADDRESS_WIDTH": address_width},
        modules={"axil_rules": {}, "axil_access": {}},
        cover_depth=24,
    )


PROOFS = (
    _queue(4, 4, 6, steps=20),
    _queue(1, 6, 7),
    _queue(8, 8, 9),
    _channel("s2mm", 32, 7),
    _channel("mm2s", 32, 6),
    *map(_registers, (34, 64)),
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = (
    *(
        Bug(f"dma-{name}", _BY_NAME[proof], f"finn_dma_{file}.v", old, new)
        for name, proof, file, old, new in (
            (
                "forgets-a-carry",
                "dma-queue-4-4",
                "queue",
                "total_q[SIZE_WIDTH+1:SIZE_WIDTH] != 2'd0",
                "total_q[SIZE_WIDTH]",
            ),
            (
                "refuses-the-last-address",
                "dma-queue-4-4",
                "queue",
                "&& end_q[ADDRESS_WIDTH-1:0] != {ADDRESS_WIDTH{1'b0}}",
                "",
            ),
            ("rounds-beats-down", "dma-queue-4-4", "queue", "total[2:0] != 3'd0};", "1'b0};"),
            ("fetches-a-bit-late", "dma-queue-4-4", "queue", "|| (state_q == IDLE && start) ? index", "? index"),
            ("takes-one-image-for-more", "dma-queue-4-4", "queue", "one_image_q <= few_q", "one_image_q <= 1'b0"),
            ("takes-two-words-for-one", "dma-queue-4-4", "queue", "one_word_q  <= short_q", "one_word_q  <= 1'b1"),
            ("overwrites-a-job", "dma-queue-4-4", "queue", "if (answer && !full)", "if (answer)"),
            ("queues-over-a-job", "dma-queue-4-4", "queue", "(full || blocked)", "blocked"),
            ("runs-past-the-end", "dma-mm2s-32", "bursts", "ends ? left_q : room", "room"),
            ("bursts-across", "dma-s2mm-32", "bursts", "WHOLE - {1'b0, address_q[INDEX_WIDTH-1:0]}", "WHOLE"),
            ("goes-one-beat-far", "dma-mm2s-32", "bursts", "(!span_q[INDEX_WIDTH] || aligned)", "1'b1"),
            (
                "writes-beside-the-job",
                "dma-s2mm-32",
                "requests",
                "address_q <= burst_address",
                "address_q <= burst_address + 2'd2",
            ),
            ("writes-whole-beats", "dma-s2mm-32", "write", "? masked : 8'hff", "? 8'hff : 8'hff"),
            (
                "marks-no-last-beat",
                "dma-s2mm-32",
                "write",
                "m_axi_wlast  = last_q",
                "m_axi_wlast  = 1'b1",
            ),
            ("writes-ahead-of-its-data", "dma-s2mm-32", "write", "&& free_q >= ", "&& free_q + 1'b1 >= "),
            ("withdraws-a-request", "dma-s2mm-32", "requests", "else if (m_axi_aready)", "else"),
            ("does-not-hold-writes", "dma-s2mm-32", "write", "          (hold),", "          (1'b0),"),
            ("takes-words-after-an-error", "dma-s2mm-32", "images", "!aresetn || drop", "!aresetn"),
            (
                "is-idle-too-early",
                "dma-s2mm-32",
                "requests",
                "idle          = under_way == 0",
                "idle          = under_way <= 1",
            ),
            ("does-not-hold-reads", "dma-mm2s-32", "read", "          (hold),", "          (1'b0),"),
            (
                "reads-without-room",
                "dma-mm2s-32",
                "read",
                "!= {(ROOM_WIDTH-INDEX_WIDTH){1'b0}}",
                ">= {(ROOM_WIDTH-INDEX_WIDTH){1'b0}}",
            ),
            (
                "changes-a-request",
                "dma-mm2s-32",
                "requests",
                "        if (!valid_q || m_axi_aready)\n            address_q",
                "            address_q",
            ),
            ("changes-a-word", "dma-mm2s-32", "unpack", "free = !valid_q || m_axis_tready", "free = 1'b1"),
            ("starts-in-spite-of-an-error", "dma-mm2s-32", "status", "stop || flags_q[1] || ", "stop || "),
            (
                "writes-without-all-strobes",
                "dma-registers-34",
                "registers",
                "wire write = acts && request_write && whole_q;",
                "wire write = acts && request_write;",
            ),
            (
                "hides-a-missing-strobe",
                "dma-registers-34",
                "registers",
                "!known_q || (request_write && !whole_q)",
                "!known_q",
            ),
            (
                "answers-okay-where-nothing-is",
                "dma-registers-34",
                "registers",
                "!known_q || (request_write && !whole_q)",
                "request_write && !whole_q",
            ),
            (
                "reads-one-register-for-the-other",
                "dma-registers-34",
                "registers",
                "({32{at_s2mm_length_q}} & s2mm_length_q)",
                "({32{at_s2mm_length_q}} & mm2s_length_q)",
            ),
            (
                "forgets-address-bits",
                "dma-registers-34",
                "registers",
                "mm2s_base_q[33:32] <= data[1:0]",
                "mm2s_base_q[33:32] <= {1'b0, data[0]}",
            ),
            (
                "forgets-that-an-address-is-too-high",
                "dma-registers-34",
                "registers",
                "s2mm_beyond_q <= data[31:2] != 30'd0",
                "s2mm_beyond_q <= data[31:3] != 29'd0",
            ),
            ("keeps-values-over-a-reset", "dma-registers-34", "registers", "            s2mm_count_q  <= 32'd0;\n", ""),
            (
                "starts-without-the-bit",
                "dma-registers-34",
                "registers",
                "at_s2mm_start_q && data[0]",
                "at_s2mm_start_q && data != 32'd0",
            ),
            ("answers-a-start-at-once", "dma-registers-34", "registers", "(!mm2s_start || mm2s_answer) && ", ""),
            (
                "starts-on-a-read",
                "dma-registers-34",
                "registers",
                "assign mm2s_start       = write && ",
                "assign mm2s_start       = acts && ",
            ),
            (
                "acts-before-it-has-decoded",
                "dma-registers-34",
                "registers",
                "request_valid && decoded_q",
                "request_valid",
            ),
            (
                "acknowledges-another-flag",
                "dma-registers-34",
                "registers",
                "data[10], data[9], data[8]",
                "data[10], data[8], data[9]",
            ),
            (
                "interrupts-without-enable",
                "dma-registers-34",
                "registers",
                "(enable_q[3] && s2mm_flags[8:1] != 8'd0)",
                "(enable_q[2] && s2mm_flags[8:1] != 8'd0)",
            ),
        )
    ),
    Bug(
        "dma-takes-two-accesses-at-once",
        _BY_NAME["dma-registers-34"],
        "finn_axil_slave.v",
        "s_axil_arready  = state_q == TAKE && !write_q",
        "s_axil_arready  = state_q == TAKE",
    ),
)
