# SPDX-License-Identifier: Apache-2.0
"""Proofs of max pooling: small images of one element a pixel."""

from proof import Bug, Proof

from finn_gen import ip
from finn_gen.emit import core_files

_HARNESS = (
    "ifm_w", "ofm_w", "k", "stride",
    "tlast", "in_width", "out_width", "in_tdata_width", "out_tdata_width", "in_words", "out_words",
)  # fmt: skip


def _proof(name: str, **values: int) -> Proof:
    plan = ip.get("pool").build({"ifm_ch": 1, "pe": 1, "ifm_h": 2, "ifm_w": 2} | values)
    return Proof(
        name=f"pool-{name}",
        harness="prove_pool",
        core=plan.module,
        sources={path: text for path, text in core_files("pool", plan).items() if path.endswith(".v")},
        parameters={name.upper(): int(getattr(plan, name)) for name in _HARNESS}
        | {"MOST": 2 * plan.in_words + 2, "OFFER_WITHIN": 2, "ACCEPT_WITHIN": 1},
        defines=("TLAST",) * plan.tlast,
        cover_depth=40,
    )


PROOFS = (
    _proof("2x2", tlast=1),
    _proof("2x2-by-1", ifm_w=3, stride=1),
    _proof("floor", ifm_h=3, ifm_w=3),
    _proof("1x1-by-2", ifm_h=3, k=1, tlast=1),
    _proof("numbers", bits=2),
)
BUGS = tuple(
    Bug(f"pool-{name}", PROOFS[0], "finn_pool.v", old, new)
    for name, old, new in (
        ("offers-half-a-window", "mid_valid_q <= s_axis_tvalid && x_ends", "mid_valid_q <= s_axis_tvalid"),
        ("offers-every-row", "mid_valid_q && mid_ends_q", "mid_valid_q"),
    )
)
