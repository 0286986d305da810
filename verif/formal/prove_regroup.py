# SPDX-License-Identifier: Apache-2.0
"""Proofs of the regrouping of pixels: small images."""

from verif.formal.images import build, image_proof
from verif.formal.proof import Bug, Proof


def _proof(name: str, **values: int) -> Proof:
    plan = build("regroup", {"ifm_ch": 1, "ifm_h": 2, "ifm_w": 3}, values)
    bounds = {
        "MOST": plan.in_words + 2 * plan.ratio + 1,
        "OFFER_WITHIN": 1,
        "ACCEPT_WITHIN": plan.ratio,
        "OUTPUT_FULL_AFTER": 1 if plan.params.in_pixels > plan.params.out_pixels else 0,
        "INPUT_FULL_AFTER": 1 if plan.params.in_pixels < plan.params.out_pixels else 0,
    }
    fields = ("ifm_ch", "bits", "ifm_w", "in_pixels", "out_pixels")
    return image_proof("regroup", name, plan, fields, bounds, groups=True)


PROOFS = (
    _proof("narrower", in_pixels=2, out_pixels=1, tlast=1),
    _proof("narrower-lone-word", in_pixels=4, out_pixels=2, ifm_w=5, ifm_h=1, tlast=1),
    _proof("narrower-rows-of-a-word", in_pixels=4, out_pixels=1, tlast=1),
    _proof("narrower-of-four", in_pixels=4, out_pixels=1, ifm_w=6, ifm_h=1),
    _proof("wider", in_pixels=1, out_pixels=2, tlast=1),
    _proof("wider-more-behind", in_pixels=1, out_pixels=4, ifm_w=6, ifm_h=1, tlast=1),
    _proof("wider-rows-of-a-word", in_pixels=1, out_pixels=4, tlast=1),
    _proof("rows-of-a-pixel", in_pixels=1, out_pixels=2, ifm_w=1, tlast=1),
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = tuple(
    Bug(f"regroup-{name}", _BY_NAME[f"regroup-{proof}"], "finn_regroup.v", old, new)
    for name, proof, old, new in (
        ("gives-what-is-no-pixel", "narrower-of-four", "row_last_q ? 2'd1 : 2'd3", "row_last_q ? 2'd3 : 2'd3"),
        ("keeps-a-lone-word", "narrower", "busy_q <= !(single && out_free)", "busy_q <= 1'b1"),
        ("joins-two-rows", "wider", "x_q[0:0] == 1'd1 || x_last", "x_q[0:0] == 1'd1"),
        ("forgets-what-waits", "wider", "full_q <= leave && !out_free", "full_q <= 1'b0"),
    )
)
