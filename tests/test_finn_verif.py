# SPDX-License-Identifier: Apache-2.0
"""Tests of the verification environment: every check fails on the bug that it is there for."""

from pathlib import Path

import pytest
from finn_verif.runner import SimulationError, simulate

HERE = Path(__file__).parent
PLANTED = {
    "valid_falls": "TVALID fell before the word was taken",
    "data_changes": "the stalled word changed",
    "last_changes": "the stalled word changed",
    "valid_in_reset": "TVALID is high in reset",
    "word_outlives_reset": "surplus word",
    "word_after_reset": "surplus word",
    "lost_word": "it is the word after, one was lost",
    "repeated_word": "it is the word before, repeated",
    "reordered_words": "or they changed places",
    "surplus_word": "surplus word",
    "no_last": "TLAST is 0, must be 1",
    "early_last": "TLAST is 1, must be 0",
    "padding": "the upper 4 bits of TDATA are not zero",
    "hang": "hang, no word moved",
    "valid_waits_for_ready": "hang, no word moved",
    "bubble": "the plan says",
    "late": "left 2 cycles after the first input word, the plan says 1",
    "slow_restart": "stalls explain only",
    "combinational_ready": "follows an input within the cycle",
}
UNKNOWNS = {
    "unknown_valid": "TVALID is X",
    "unknown_data": "while TVALID is high",
    "unknown_ready": "TREADY is X",
}


def run(sim: str, bug: str = "none", **others):
    return simulate(
        [HERE / "planted.v"], "planted", "tb_planted", sim=sim, name=bug, plusargs=[f"+bug={bug}"], **others
    )


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_a_correct_core_passes(sim: str) -> None:
    result = run(sim)
    assert len(result.tests) == 38


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found_by_its_check(bug: str) -> None:
    with pytest.raises(SimulationError, match=PLANTED[bug]):
        run("icarus", bug)


@pytest.mark.parametrize("bug", ["valid_falls", "lost_word", "hang", "late", "combinational_ready"])
def test_verilator_finds_the_bug_too(bug: str) -> None:
    with pytest.raises(SimulationError, match=PLANTED[bug]):
        run("verilator", bug)


@pytest.mark.parametrize("bug", UNKNOWNS)
def test_an_unknown_value_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIM", raising=False)  # Verilator knows no X
    with pytest.raises(SimulationError, match=UNKNOWNS[bug]):
        run("icarus", bug)
