# SPDX-License-Identifier: Apache-2.0
"""Proofs of the image padder: small images of one element a pixel."""

from proof import Bug, Proof

from finn_gen import ip
from finn_gen.emit import core_files

_HARNESS = (
    "ifm_h", "ifm_w", "ofm_w", "top", "left", "element",
    "tlast", "in_width", "out_width", "in_tdata_width", "out_tdata_width", "in_words", "out_words",
)  # fmt: skip


def _proof(name: str, **values: int) -> Proof:
    plan = ip.get("pad").build({"ifm_ch": 1, "simd": 1, "ifm_h": 2, "ifm_w": 2} | values)
    return Proof(
        name=f"pad-{name}",
        harness="prove_pad",
        core=plan.module,
        sources={path: text for path, text in core_files("pad", plan).items() if path.endswith(".v")},
        parameters={name.upper(): int(getattr(plan, name)) for name in _HARNESS}
        | {"MOST": plan.in_words + 3, "OFFER_WITHIN": 2, "ACCEPT_WITHIN": plan.out_words - plan.in_words + 2},
        defines=("TLAST",) * plan.tlast,
        cover_depth=40,
    )


PROOFS = (
    _proof("all-round", ifm_h=1),
    _proof("above-and-left", bottom=0, right=0, tlast=1),
    _proof("below", top=0, left=0, right=0),
    _proof("nothing", top=0, bottom=0, left=0, right=0, tlast=1),
)
BUGS = tuple(
    Bug(f"pad-{name}", PROOFS[0], "finn_pad.v", old, new)
    for name, old, new in (
        ("fills-with-pixels", "out_q <= in_image ?", "out_q <= 1'b1 ?"),
        ("drops-a-word", ".m_axis_tready (out_free && in_image)", ".m_axis_tready (out_free)"),
    )
)
