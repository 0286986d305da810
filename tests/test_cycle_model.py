# SPDX-License-Identifier: Apache-2.0
"""The cycle-accurate model against the RTL, at every boundary, to the cycle; against the plans; its errors."""

import random
from pathlib import Path

import pytest

from chain_bench import Point, check
from finn_gen import ip
from finn_gen.cycle_stages import rate
from finn_verif import seed
from random_stages import STAGES, build, network, pattern

POINTS = 12
"""Random points of each kind of stage."""


def random_point(rng: random.Random, plans: tuple) -> Point:
    """The chain with random ends; now and then the source waits between images."""
    words, each = None, rate(plans[0])
    if not any(rate(plan).whole for plan in plans):
        words = rng.randint(1, 3 * each.taken) if each.padded else rng.randint(1, 3) * each.taken
    every = rng.choice([0, 0, rng.randint(1, 200)])
    return Point(plans, rng.randint(2, 4), pattern(rng), pattern(rng), every, words)


@pytest.mark.parametrize("kind", STAGES)
def test_every_stage_is_the_rtl_to_the_cycle(kind: str, tmp_path: Path) -> None:
    rng = random.Random(f"{seed.choose()} {kind}")
    plans = [STAGES[kind](rng, f"{kind}_{number}") for number in range(POINTS)]
    check([random_point(rng, (plan,)) for plan in plans], tmp_path)


@pytest.mark.parametrize("name", ip.NAMES)
def test_every_structure_is_the_rtl_to_the_cycle(name: str, tmp_path: Path) -> None:
    rng = random.Random(f"{seed.choose()} {name}")
    examples = [dict(values) for values in ip.get(name).examples]
    plans = [build(name, f"{name}_{number}", values) for number, values in enumerate(examples)]
    check([random_point(rng, (plan,)) for plan in plans if rate(plan).taken < 2000], tmp_path)


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_chains_are_the_rtl_to_the_cycle(simulator: str, tmp_path: Path) -> None:
    rng = random.Random(f"{seed.choose()} chains {simulator}")
    count = 8 if simulator == "icarus" else 2
    chains = [tuple(network(rng, f"net{number}")) for number in range(count)]
    check([random_point(rng, plans) for plans in chains], tmp_path, simulator)
