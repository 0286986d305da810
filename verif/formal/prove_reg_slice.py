# SPDX-License-Identifier: Apache-2.0
"""Proofs of the register slice."""

from finn_gen.base.library import building_block
from verif.formal.proof import Bug, Proof

_FILE = "finn_reg_slice.v"


def _proof(width: int) -> Proof:
    return Proof(
        name=f"reg_slice-{width}",
        harness="prove_reg_slice",
        core="finn_reg_slice",
        sources={_FILE: building_block("finn_reg_slice").read_text()},
        parameters={"WIDTH": width},
    )


PROOFS = tuple(map(_proof, (1, 4)))
BUGS = (
    Bug(
        "reg_slice-passes-ready-through",
        PROOFS[1],
        _FILE,
        "s_axis_tready = skid_free_q",
        "s_axis_tready = skid_free_q || m_axis_tready",
        by_paths=True,
    ),
    *(
        Bug(f"reg_slice-{name}", PROOFS[1], _FILE, old, new)
        for name, old, new in (
            ("loses-the-skid-word", "out_valid_q <= s_axis_tvalid || !skid_free_q", "out_valid_q <= s_axis_tvalid"),
            ("changes-a-stalled-word", "if (out_free)\n            out_q <=", "if (1'b1)\n            out_q <="),
            ("overwrites-the-skid-word", "if (skid_free_q)\n            skid_q", "if (1'b1)\n            skid_q"),
            ("stays-valid-in-reset", "out_valid_q <= 1'b0;\n            skid", "skid"),
            (
                "never-frees-the-skid",
                "skid_free_q <= 1'b1;\n            else",
                "skid_free_q <= skid_free_q;\n            else",
            ),
        )
    ),
)
