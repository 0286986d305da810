# SPDX-License-Identifier: Apache-2.0
"""Proofs of label selection: a few small scores."""

from proof import Bug, Proof

from finn_gen import ip
from finn_gen.emit import core_files

_HARNESS = (
    "labels", "bits",
    "tlast", "in_width", "out_width", "in_tdata_width", "out_tdata_width", "in_words", "out_words",
)  # fmt: skip


def _proof(name: str, **values: int) -> Proof:
    plan = ip.get("label").build({"labels": 3, "bits": 1} | values)
    return Proof(
        name=f"label-{name}",
        harness="prove_label",
        core=plan.module,
        sources={path: text for path, text in core_files("label", plan).items() if path.endswith(".v")},
        parameters={name.upper(): int(getattr(plan, name)) for name in _HARNESS}
        | {"MOST": 3 * plan.in_words + 3, "OFFER_WITHIN": 2, "ACCEPT_WITHIN": 1},
        defines=("TLAST",) * plan.tlast,
        cover_depth=40,
    )


PROOFS = (
    _proof("3"),
    _proof("2-of-2-bits", labels=2, bits=2, tlast=1),
    _proof("pe-2", labels=4, pe=2),
    _proof("a-word", labels=2, pe=2),
)
BUGS = tuple(
    Bug(f"label-{name}", PROOFS[0], "finn_label.v", old, new)
    for name, old, new in (
        ("lets-the-last-one-win", "score > best_q", "score >= best_q"),
        ("keeps-the-best-of-the-last-frame", "base_q == 2'd0 || score > best_q", "score > best_q"),
    )
)
