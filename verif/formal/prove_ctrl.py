# SPDX-License-Identifier: Apache-2.0
"""Proofs of the control core: AXI4-Lite on all its ports, decoding, windows, soft reset, interrupt."""

from dataclasses import replace

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from verif.formal.proof import Bug, Proof

# A soft reset is short here, as all is small.
_PLAN = replace(ip.get("ctrl").build({"boundaries": 1, "windows": "a:4 b:5", "counter_width": 10}), hold=4)
_TOP, _RESET, _MASTER = "finn_ctrl.v", "finn_soft_reset.v", "finn_axil_master.v"
_CTRL = Proof(
    name="ctrl",
    harness="prove_ctrl",
    core=_PLAN.module,
    sources={path: text for path, text in of_core(_PLAN).folder(plain=True).items() if path.endswith(".v")},
    # A counter waits for the clear, for its place, and for the end of the scan.
    parameters={"ANSWER_WITHIN": 3 * _PLAN.places + 7, "HOLD": _PLAN.hold},
    modules={"axil_rules": {}, "axil_access": {}},
    cover_depth=42,
)
PROOFS = (_CTRL,)
BUGS = tuple(
    Bug(f"ctrl-{name}", _CTRL, file, old, new)
    for name, file, old, new in (
        (
            "takes-one-window-for-the-other",
            _TOP,
            "m_axil_b_arvalid = arvalid && window_q[1]",
            "m_axil_b_arvalid = arvalid && window_q[0]",
        ),
        ("writes-without-all-strobes", _TOP, "|| strobe != 4'hf", "|| strobe == 4'h0"),
        ("writes-what-is-read-only", _TOP, "&& in_registers && !writable", "&& in_registers && !there"),
        (
            "answers-okay-where-nothing-is",
            _TOP,
            "wire nothing = !(in_registers && there)",
            "wire nothing = !in_registers",
        ),
        ("hides-what-a-window-refuses", _TOP, "refused_q || window_resp[1]", "refused_q"),
        ("reaches-windows-in-a-reset", _TOP, "partial || resetting ?", "partial || !core_aresetn ?"),
        ("refuses-no-window-in-a-reset", _TOP, "(!in_registers && resetting)", "(!in_registers && !core_aresetn)"),
        ("acts-before-it-has-decoded", _TOP, "request_valid && decoded_q", "request_valid"),
        ("opens-windows-a-cycle-early", _RESET, "state_q != RUN || !open_q", "state_q != RUN || !core_aresetn_q"),
        ("resets-without-quiet", _RESET, "if (held && quiet)", "if (held)"),
        ("ends-the-reset-early", _RESET, "else if (!held || state_q == RESET || quiet)", "else if (!held)"),
        ("drops-quiesce-early", _RESET, "quiesce      = state_q != RUN", "quiesce      = state_q == QUIESCE"),
        ("sends-data-twice", _MASTER, "request_write && !data_taken_q", "request_write"),
        (
            "keeps-what-was-taken-over-an-access",
            _MASTER,
            "if (!request_valid)\n            data_taken_q",
            "if (1'b0)\n            data_taken_q",
        ),
        (
            "loses-a-frame-error-that-is-cleared",
            _TOP,
            "short_frame || (short_frame_q && !(",
            "(short_frame || short_frame_q) && (!(",
        ),
        ("interrupts-without-enable", _TOP, "(causes & enable_q) != 3'd0", "(causes & ~enable_q) != 3'd0"),
    )
)
