# SPDX-License-Identifier: Apache-2.0
"""Proofs of the image padder: small images of one element a pixel."""

from verif.formal.images import build, image_proof
from verif.formal.proof import Bug, Proof


def _proof(name: str, **values: int) -> Proof:
    plan = build("pad", {"ifm_ch": 1, "simd": 1, "ifm_h": 2, "ifm_w": 2}, values)
    padding = plan.out_words - plan.in_words
    bounds = {"MOST": plan.in_words + 3, "OFFER_WITHIN": 1, "ACCEPT_WITHIN": padding + 2, "OUTPUT_FULL_AFTER": 2}
    return image_proof("pad", name, plan, ("ifm_h", "ifm_w", "ofm_w", "top", "left", "element"), bounds)


PROOFS = (
    _proof("all-round", ifm_h=1),
    _proof("above-and-left", bottom=0, right=0, tlast=1),
    _proof("below", top=0, left=0, right=0),
    _proof("nothing", top=0, bottom=0, left=0, right=0, tlast=1),
)
BUGS = tuple(
    Bug(f"pad-{name}", proof, file, old, new)
    for name, proof, file, old, new in (
        ("fills-with-pixels", PROOFS[0], "finn_pad.v", "out_q <= in_image ?", "out_q <= 1'b1 ?"),
        (
            "waits-with-a-word-for-its-turn",
            PROOFS[2],
            "finn_reg_slice.v",
            "!out_valid_q || m_axis_tready",
            "m_axis_tready",
        ),
        ("drops-a-word", PROOFS[0], "finn_pad.v", ".m_axis_tready (out_free && in_image)", ".m_axis_tready (out_free)"),
    )
)
