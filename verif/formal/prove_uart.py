# SPDX-License-Identifier: Apache-2.0
"""Proofs of the host link: which frames are taken, that no slot is written in use, the rules of the buses."""

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from verif.formal.proof import Bug, Proof

_PLAN = ip.get("uart").build({"clock_khz": 12_000, "baud": 3_000_000, "address_width": 4, "frame_bytes": 4})
_UART = Proof(
    name="uart",
    harness="prove_uart",
    core=_PLAN.module,
    sources={path: str(text) for path, text in of_core(_PLAN).folder(plain=True).items() if path.endswith(".v")},
    modules={"axil_rules": {}},
    cover_depth=34,
)
PROOFS = (_UART,)
_RECEIVER, _COMMANDS = "finn_uart_receiver.v", "finn_uart_commands.v"
BUGS = tuple(
    Bug(f"uart-{name}", _UART, file, old, new)
    for name, file, old, new in (
        ("takes-without-the-crc", _RECEIVER, "state_q == CRC_HIGH && crc_holds && !opening_q", "state_q == CRC_HIGH"),
        ("takes-any-sequence", _RECEIVER, "byte_value[3:0] == received_q && !full", "!full"),
        ("takes-a-frame-longer-than-a-slot", _RECEIVER, "byte_value == 8'd255)", "byte_value == 8'd0)"),
        ("judges-a-frame-while-the-link-is-opened", _RECEIVER, "if (!aresetn || opening_q)", "if (!aresetn)"),
        (
            "takes-back-a-byte-when-opening",
            _COMMANDS,
            "else if (pass || stream_tready)",
            "else if (pass || stream_tready || opening)",
        ),
        (
            "breaks-off-an-access-when-opening",
            _COMMANDS,
            "ACCESS:\n                    if (response_valid)",
            "ACCESS:\n                    if (response_valid || opening)",
        ),
        ("offers-an-address-twice", _COMMANDS, "request && write_q && !address_taken_q", "request && write_q"),
    )
)
