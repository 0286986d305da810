# SPDX-License-Identifier: Apache-2.0
"""Proofs of the register slice."""

from finn_gen.base.library import building_block
from verif.formal.proof import Bug, Proof

_FILE = "finn_reg_slice.v"


def _proof(width: int, lane: int = 60) -> Proof:
    """`lane` bits have a flag of their own; 60 as it is, fewer so that a small word has several."""
    text = building_block("finn_reg_slice").read_text()
    return Proof(
        name=f"reg_slice-{width}" + f"-lanes-of-{lane}" * (lane < width),
        harness="prove_reg_slice",
        core="finn_reg_slice",
        sources={_FILE: text.replace("LANE  = 60;", f"LANE  = {lane};")},
        parameters={"WIDTH": width},
    )


PROOFS = (_proof(1), _proof(4), _proof(5, 2))
BUGS = (
    Bug(
        "reg_slice-passes-ready-through",
        PROOFS[1],
        _FILE,
        "s_axis_tready = skid_free[0]",
        "s_axis_tready = skid_free[0] || m_axis_tready",
        by_paths=True,
    ),
    *(
        Bug(f"reg_slice-{name}", PROOFS[1], _FILE, old, new)
        for name, old, new in (
            ("loses-the-skid-word", "out_valid_q <= s_axis_tvalid || !skid_free[0]", "out_valid_q <= s_axis_tvalid"),
            (
                "changes-a-stalled-word",
                "if (out_free)\n                    out_q <=",
                "if (1'b1)\n                    out_q <=",
            ),
            (
                "overwrites-the-skid-word",
                "if (skid_free_q)\n                    skid_q",
                "if (1'b1)\n                    skid_q",
            ),
            ("stays-valid-in-reset", "if (!aresetn)\n            out_valid_q <= 1'b0;\n        else if", "if"),
            (
                "never-frees-the-skid",
                "else if (out_free)\n                    skid_free_q <= 1'b1;",
                "else if (out_free)\n                    skid_free_q <= skid_free_q;",
            ),
        )
    ),
)
