# SPDX-License-Identifier: Apache-2.0
"""What a plan says of its clock, and a clock that no stage reaches."""

import dataclasses
import re

import pytest

from finn_gen import cli, family
from finn_gen.base.errors import InputError
from finn_gen.family.xc7.delays import DELAYS
from finn_gen.plan import clock
from finn_gen.request import CLOCK_MHZ, Request

CARRIED = [
    ("sfc", "fix"),
    ("sfc", "paper"),
    ("lfc", "fix"),
    ("lfc", "bnn-pynq"),
    ("cnv", "fix"),
    ("cnv", "bnn-pynq"),
    ("cnv", "paper"),
]


@pytest.mark.parametrize(("net", "folding"), CARRIED)
def test_carried_networks_reach_the_default_clock(net: str, folding: str) -> None:
    assert clock.of(Request(net, folding=folding).plan()).path.mhz >= CLOCK_MHZ


def test_the_plan_says_its_clock_and_what_limits_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "sfc", "--folding", "paper"]) == 0
    found = re.search(r"^clock     (\d+) MHz at least by the model, limited by (sfc_\w+): (.+)$",
                      capsys.readouterr().out, re.M)  # fmt: skip
    assert found
    assert cli.main(["plan", "sfc", "--folding", "paper", "--clock", found[1]]) == 0


def test_a_clock_above_is_refused_with_the_stage_the_path_and_what_is_legal() -> None:
    plan = Request("sfc", folding="paper").plan()
    found = clock.of(plan)
    with pytest.raises(InputError) as error:
        Request("sfc", folding="paper", clock=found.path.mhz + 1.0).plan()
    said = str(error.value)
    assert said.startswith(f"clock={found.path.mhz + 1}: {found.stage} reaches {found.path.mhz} MHz")
    assert found.path.words in said and f"legal is a clock of up to {found.path.mhz} MHz" in said


def test_who_asks_for_no_clock_gets_a_plan_that_says_where_it_is_not_reached(monkeypatch) -> None:
    plan = Request("sfc", folding="paper").plan()
    slow = dataclasses.replace(family.get("xc7"), delays=dataclasses.replace(DELAYS, near=1.5))
    monkeypatch.setattr(family, "get", lambda name: slow)
    assert clock.of(plan).path.mhz < CLOCK_MHZ and clock.checked(plan) is plan
    assert f"{clock.of(plan).path.mhz} MHz at least by the model, less than the 200 planned" in clock.line(plan)
    with pytest.raises(InputError, match="legal is a clock of up to 200 MHz"):
        clock.checked(dataclasses.replace(plan, clock_mhz=201.0))


def test_paths_between_stages_are_those_of_both() -> None:
    """The label's end of a frame lies before the ready of the stage in front of it."""
    stages = Request("sfc", folding="paper").plan().stages
    *_, before, label = stages
    alone = max(clock.limit([stage], DELAYS).path.ns for stage in (before, label))
    assert clock.limit([before, label], DELAYS).path.ns >= alone
    slow = dataclasses.replace(DELAYS, near=1.0)
    assert clock.limit(stages, slow).path.ns > clock.limit(stages, DELAYS).path.ns


def test_a_family_without_a_model_states_no_clock() -> None:
    plan = Request("sfc", folding="fix", device="lfe5u-85f", clock=400.0).plan()
    assert clock.of(plan) is None and not clock.line(plan)
