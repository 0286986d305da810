# SPDX-License-Identifier: Apache-2.0
"""Proofs of the bank of event counters: all places used, and not."""

from finn_gen.base.library import building_block
from verif.formal.proof import Bug, Proof

_FILE = "finn_event_counters.v"


def _proof(events: int, width: int) -> Proof:
    return Proof(
        name=f"event_counters-{events}x{width}",
        harness="prove_event_counters",
        core="finn_event_counters",
        sources={_FILE: building_block("finn_event_counters").read_text()},
        parameters={"EVENTS": events, "WIDTH": width},
        cover_depth=(1 << width) + 20,
    )


PROOFS = (_proof(2, 3), _proof(3, 4))
BUGS = tuple(
    Bug(f"event_counters-{name}", PROOFS[1], _FILE, old, new)
    for name, old, new in (
        ("turns-a-stage-too-far", "steps_q < STAGES - 1'b1", "steps_q < STAGES"),
        ("counts-while-it-clears", "turning_q ? !clearing_q", "turning_q && !events[i] ? !clearing_q"),
        ("keeps-the-stages-over-a-clear", "turning_q ? !clearing_q && last[i]", "turning_q ? last[i]"),
        ("misses-a-half-turn", "else if (clearing_q || enable || !here)", "else if (clearing_q || !here)"),
        ("takes-a-stage-for-the-last", "if (!scanned_q)\n            memory", "if (1'b1)\n            memory"),
        ("looks-at-a-stage-of-the-last-round", "steps_q > 1 && ", ""),
        ("leaves-out-the-first-stage", "steps_q <= STAGES", "steps_q < STAGES"),
        (
            "answers-before-its-place-comes-again",
            "(enable ? STAGES : STAGES + 1'b1)",
            "(enable ? STAGES - 1'b1 : STAGES + 1'b1)",
        ),
        ("reads-another-place", "index_q == read_index", "index_q != read_index"),
        ("reads-before-all-is-clear", "here && !reading_q && !clearing_q", "here && !reading_q"),
        ("keeps-still-while-it-clears", "if (clearing_q || enable || !here)", "if (enable || !here)"),
        ("takes-what-is-not-cleared-yet", "looked && !clear_q", "looked"),
        ("ends-a-clear-early", "if (index_q == LAST)", "if (index_q != LAST)"),
        (
            "forgets-the-high-bits",
            "clear_q ? {TURNS_WIDTH{1'b0}}",
            "clear_q && place_q == 0 ? {TURNS_WIDTH{1'b0}}",
        ),
    )
)
