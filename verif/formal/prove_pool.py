# SPDX-License-Identifier: Apache-2.0
"""Proofs of max pooling: small images of one element a pixel."""

from dataclasses import replace

from verif.formal.images import build, image_proof
from verif.formal.proof import Bug, Proof

_SIDES = ("K_H", "K_W", "STRIDE_H", "STRIDE_W")


def _proof(name: str, **values: int) -> Proof:
    plan = build("pool", {"ifm_ch": 1, "pe": 1, "ifm_h": 2, "ifm_w": 2}, values)
    bounds = {"MOST": 2 * plan.in_words + 2, "OFFER_WITHIN": 2, "ACCEPT_WITHIN": 1, "INPUT_FULL_AFTER": 1}
    fields = ("ifm_w", "ofm_w", "bits", "pixels") if plan.grouped else ("ifm_w", "ofm_w")
    proof = image_proof("pool", name, plan, fields, bounds, groups=plan.grouped)
    sides = dict(zip(_SIDES, (*plan.params.kernel, *plan.params.steps), strict=True))
    return replace(proof, modules={name: numbers | sides for name, numbers in proof.modules.items()})


PROOFS = (
    _proof("2x2", tlast=1),
    _proof("2x2-by-1", ifm_w=3, stride=1),
    _proof("floor", ifm_h=3, ifm_w=3),
    _proof("1x1-by-2", ifm_h=3, k=1, tlast=1),
    _proof("numbers", bits=2),
    _proof("2x1", ifm_h=3, k_w=1, stride_w=1),
    _proof("column", ifm_h=3, ifm_w=1, k_w=1, stride=1),
    _proof("1x2-by-2x1", ifm_h=3, ifm_w=3, k=1, k_w=2, stride_w=1, tlast=1),
    _proof("two-pixels", ifm_w=4, pixels=2, tlast=1),
    _proof("two-pixels-odd", ifm_w=5, pixels=2, bits=2),
    _proof("four-pixels", ifm_w=6, pixels=4, tlast=1),
    _proof("four-pixels-one-word", ifm_h=3, ifm_w=3, pixels=4),
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = tuple(
    Bug(f"pool-{name}", _BY_NAME[f"pool-{proof}"], "finn_pool.v", old, new)
    for name, proof, old, new in (
        ("offers-half-a-window", "2x2", "mid_valid_q <= s_axis_tvalid && x_ends", "mid_valid_q <= s_axis_tvalid"),
        ("offers-every-row", "2x2", "mid_valid_q && mid_ends_q", "mid_valid_q"),
        ("offers-what-is-no-window", "two-pixels-odd", "s_axis_tvalid && !x_last", "s_axis_tvalid"),
    )
)
