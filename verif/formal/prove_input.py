# SPDX-License-Identifier: Apache-2.0
"""Proofs of the input stage: every conversion, frames of one word and of a few."""

from finn_gen import ip
from verif.formal.images import numbers, verilog
from verif.formal.proof import Bug, Proof

_PORTS = ("in_width", "out_width", "in_tdata_width", "out_tdata_width")
_CONVERT = {"q1.7": ("Q17",), "threshold": ("THRESHOLD",), "none": (), "upper": ("UPPER",)}


def _proof(name: str, **values: int | str) -> Proof:
    plan = ip.get("input").build(values)
    return Proof(
        name=f"input-{name}",
        harness="prove_input",
        core=plan.module,
        sources=verilog("input", plan),
        parameters=numbers(plan, (*_PORTS, "words", "last_bits")),
        defines=(
            *_CONVERT[plan.convert],
            f"BITS={plan.bits}",
            f"LEAST={-plan.half if plan.signed else 0}",
            *("ONE_WORD",) * (plan.words == 1),
        ),
    )


PROOFS = (
    _proof("numbers", elements=3, word_width=16),
    _proof("pixels-to-bits", encoding="threshold", elements=3, word_width=8),
    _proof("upper-bits", encoding="uint3", elements=3, word_width=16),
    _proof("signed-upper-bits", encoding="int2", elements=3, word_width=8),
    _proof("bits", encoding="bits", elements=10, word_width=4),
    _proof("packed", encoding="threshold", packed=1, elements=5, word_width=2),
    _proof("one-word", encoding="bits", elements=2, word_width=3),
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = tuple(
    Bug(f"input-{name}", _BY_NAME[f"input-{proof}"], file, old, new)
    for name, proof, file, old, new in (
        ("rounds-down", "numbers", "finn_q17.v", "low + {6'd0, upper}", "low"),
        ("wraps-at-white", "numbers", "finn_q17.v", "low == 7'd127 ? low : ", ""),
        ("compares-with-another-bit", "pixels-to-bits", "finn_input.v", "word[8*i+7];", "word[8*i+6];"),
        ("takes-the-lower-bits", "upper-bits", "finn_input.v", "word[8*i+5+:3];", "word[8*i+:3];"),
        ("keeps-the-sign", "signed-upper-bits", "finn_input.v", "{!word[8*i+7],", "{word[8*i+7],"),
        ("keeps-what-is-beyond", "bits", "finn_input.v", ".LAST_BITS (2)", ".LAST_BITS (4)"),
        ("sets-an-unused-bit", "bits", "finn_input.v", "{4'd0, elements}", "{4'd1, elements}"),
        ("leaves-a-frame-short", "packed", "finn_frame_guard.v", "if (ends_early)", "if (1'b0)"),
        ("lets-a-long-frame-through", "packed", "finn_frame_guard.v", "if (ends_late)", "if (1'b0)"),
        ("fills-with-the-last-word", "packed", "finn_frame_guard.v", "fill_q ? {BITS{1'b0}} : word", "word"),
        ("flags-no-short-frame", "bits", "finn_frame_guard.v", "short_q <= ends_early", "short_q <= 1'b0"),
        ("flags-no-long-frame", "one-word", "finn_frame_guard.v", "long_q  <= ends_late", "long_q  <= 1'b0"),
        ("hangs-after-a-short-frame", "bits", "finn_frame_guard.v", "else if (move && last_word)", "else if (1'b0)"),
    )
)
