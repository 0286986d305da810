# SPDX-License-Identifier: Apache-2.0
"""Proofs of the FIFO: all styles, depths around the powers of two."""

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from verif.formal.proof import Bug, Proof


def _proof(width: int, depth: int, style: str, tlast: bool = False) -> Proof:
    plan = ip.get("fifo").build({"width": width, "depth": depth, "style": style, "tlast": tlast})
    return Proof(
        name=f"fifo-{style}-{depth}x{width}" + "-tlast" * tlast,
        harness="prove_fifo",
        core=plan.module,
        sources={path: text for path, text in of_core(plan).folder(plain=True).items() if path.endswith(".v")},
        parameters={
            "WIDTH": width,
            "TDATA_WIDTH": plan.ports.in_tdata_width,
            "TLAST": int(tlast),
            "CAPACITY": plan.capacity,
            "LATENCY": plan.latency,
            "COUNT_WIDTH": plan.count_width,
        },
        defines=("TLAST",) * tlast,
        cover_depth=2 * plan.capacity + 8,
    )


PROOFS = (
    _proof(2, 1, "reg"),
    _proof(8, 2, "reg", tlast=True),
    *(_proof(2, depth, style) for style in ("srl", "lut", "block") for depth in (3, 4, 5, 8)),
    *(_proof(2, 6, style, tlast=True) for style in ("srl", "lut", "block")),
    _proof(8, 4, "srl", tlast=True),
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
_CONTROL = "finn_fifo_control.v"
BUGS = tuple(
    Bug(f"fifo-{name}", _BY_NAME[proof], file, old, new)
    for name, proof, file, old, new in (
        ("takes-one-too-many", "fifo-srl-5x2", _CONTROL, "count_q != FULL", "count_q <= FULL"),
        ("takes-one-too-few", "fifo-srl-5x2", _CONTROL, "count_q != FULL", "count_q < FULL - 1"),
        (
            "reads-an-old-stage",
            "fifo-srl-5x2",
            "finn_fifo_srl.v",
            "[STAGES-2:0], s_axis",
            "[STAGES-2:0], stage_q[0] & s_axis",
        ),
        ("wraps-late", "fifo-block-5x2", "finn_fifo_ram.v", "read == LAST ?", "read == 0 ?"),
        (
            "counts-the-mark-high",
            "fifo-lut-5x2",
            _CONTROL,
            "high_water_q <= count_q;",
            "high_water_q <= count_q + 1'b1;",
        ),
        ("forgets-to-pop", "fifo-lut-5x2", _CONTROL, "count_q[COUNT_WIDTH-1:1] != 0", "count_q[COUNT_WIDTH-1]"),
        ("drops-tlast", "fifo-srl-6x2-tlast", "finn_axis_fifo.v", "({s_axis_tlast,", "({1'b0 & s_axis_tlast,"),
    )
)
