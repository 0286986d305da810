# SPDX-License-Identifier: Apache-2.0
"""Proofs of label selection: a few small scores."""

from verif.formal.images import build, image_proof
from verif.formal.proof import Bug, Proof


def _proof(name: str, **values: int) -> Proof:
    plan = build("label", {"labels": 3, "bits": 1}, values)
    # The result of one frame waits in the output register, the best of the next in its own; with several scores a
    # word the last and the first register of the tree hold a word each.
    stages = len(plan.rounds)
    bounds = {
        "MOST": 3 * plan.in_words + 2 + stages,
        "TAKES": 2 * plan.in_words - 1 + min(stages, 2),
        "OFFER_WITHIN": max(2, stages + 1),
        "ACCEPT_WITHIN": 1,
        "INPUT_FULL_AFTER": 1,
    }
    return image_proof("label", name, plan, ("labels", "bits"), bounds)


PROOFS = (
    _proof("3"),
    _proof("2-of-2-bits", labels=2, bits=2, tlast=1),
    _proof("pe-2", labels=4, pe=2),
    _proof("a-word", labels=2, pe=2),
    _proof("three-a-word", labels=6, pe=3),
)
BUGS = tuple(
    Bug(f"label-{name}", proof, "finn_label.v", old, new)
    for name, proof, old, new in (
        ("lets-the-last-one-win", PROOFS[0], "score > best_q", "score >= best_q"),
        ("keeps-the-best-of-the-last-frame", PROOFS[0], "first_q || score > best_q", "score > best_q"),
        (
            "takes-no-word-while-the-output-waits",
            PROOFS[2],
            "free_1        = !valid ||",
            "free_1        =",
        ),
    )
)
