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
        ("looks-before-the-last-stage", "tap_q <= LAST;", "tap_q <= LAST - 1'b1;"),
        ("counts-while-it-clears", "clearing_q || (enable && events[i])", "!clear_q && (enable && events[i])"),
        ("misses-a-half-turn", "else if (clearing_q || enable || !here)", "else if (clearing_q || !here)"),
        ("takes-a-stage-for-the-last", "valid_q      <= state_q != SCAN || enable", "valid_q      <= 1'b1"),
        ("reads-another-place", "index_q == read_index", "index_q != read_index"),
        ("reads-before-all-is-clear", "if (here && !clearing_q)", "if (here)"),
        ("keeps-still-while-it-clears", "if (clearing_q || enable || !here)", "if (enable || !here)"),
        ("takes-what-is-not-cleared-yet", "last_stage_q <= now && !clearing_q", "last_stage_q <= now"),
        ("ends-a-clear-early", "else if (index_q == LAST)", "else if (index_q != LAST)"),
        (
            "forgets-the-high-bits",
            "clear_q ? {TURNS_WIDTH{1'b0}}",
            "valid_q && clear_q && place_q == 0 ? {TURNS_WIDTH{1'b0}}",
        ),
    )
)
