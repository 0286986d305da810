# SPDX-License-Identifier: Apache-2.0
"""Sizes of FIFOs: chains keep their interval with them, whatever stalls at the ends, and with a word less do not."""

import itertools
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from finn_gen.base.errors import InputError
from finn_gen.ip.fifo.plan import FifoPlan
from finn_gen.plan import fifo_sizing
from finn_gen.plan.fifo_sizing import size
from finn_gen.plan.keeping_up import KeepingUp
from finn_gen.timing.chain import Run, actors, steady
from finn_verif import seed
from tests.lib.chain_bench import Point, check, simulate
from tests.lib.random_stages import build, input_stage, network, pattern

WINDOW = {"ifm_ch": 4, "simd": 9, "ifm_h": 8, "ifm_w": 8}


def bursts(prefix: str) -> list[Any]:
    """A chain that needs FIFOs of several depths to take an image every 144 cycles.

    Both matrices have work all the time, but the first one gives its results row by row, and the second one takes them
    at once and then works on them.
    """
    return [
        input_stage(f"{prefix}_guard", 16, 16),
        build("dwc", f"{prefix}_dwc", {"in_width": 16, "out_width": 4}),
        build("swg", f"{prefix}_swg", WINDOW),
        build("mvtu", f"{prefix}_mvtu", {"mw": 36, "mh": 4, "simd": 9, "pe": 4}),
        build("pool", f"{prefix}_pool", {"ifm_ch": 4, "pe": 4, "ifm_h": 6, "ifm_w": 6}),
        build("dwc", f"{prefix}_dense_dwc", {"in_width": 4, "out_width": 2}),
        build("mvtu", f"{prefix}_dense", {"mw": 36, "mh": 8, "simd": 2, "pe": 1, "out_bits": 0}),
        build("label", f"{prefix}_label", {"labels": 8, "bits": 6}),
    ]


def with_fifos(plans: Sequence[Any], depths: Sequence[int]) -> list[Any]:
    """The chain with FIFOs of these depths between its stages."""
    found = [plans[0]]
    for (before, plan), depth in zip(itertools.pairwise(plans), depths, strict=True):
        if depth:
            values = {"width": before.ports.out_width, "depth": depth}
            found.append(build("fifo", f"{before.module}_fifo_{depth}", values))
        found.append(plan)
    return found


def one_less(depths: Sequence[int]) -> list[list[int]]:
    """All ways to take a word out of one FIFO."""
    return [[d - (i == j) for j, d in enumerate(depths)] for i, depth in enumerate(depths) if depth]


def least(plans: Sequence[Any]) -> int:
    """The shortest interval that any FIFOs allow."""
    words = actors(plans)[1]
    return max(math.ceil(steady([plan], taken).interval) for plan, taken in zip(plans, words, strict=False))


def random_chains(rng: random.Random, count: int) -> list[tuple[list[Any], int]]:
    """Chains without FIFOs that need some, each with an interval that is possible."""
    found: list[tuple[list[Any], int]] = []
    while len(found) < count:
        plans = [plan for plan in network(rng, f"net{len(found)}") if not isinstance(plan, FifoPlan)]
        interval = least(plans) + rng.choice([0, 0, 3])
        if steady(plans).interval > interval:
            found.append((plans, interval))
    return found


def settled(running: Run) -> Fraction:
    """The interval from here on."""
    return next(interval for interval in running.settle() if interval)


def slowest(plans: Sequence[Any]) -> Fraction:
    """The interval, from the empty chain and from those that are full up to any boundary: the longest."""
    stages, words = actors(plans)
    found = [steady(plans).interval]
    for boundary in range(1, len(words)):
        full = Run(stages, words)
        full.fill(boundary)
        found.append(settled(full))
    return max(found)


def test_a_word_less_anywhere_is_too_little() -> None:
    # The ninth chain of the first seed keeps an image every 216 cycles with less if images come at that rate, but
    # takes 218 if they come as they can: its matrix then holds fewer results when words come.
    rngs = random.Random("13 sizing"), random.Random(f"{seed.choose()} sizing")
    for plans, interval in [*random_chains(rngs[0], 9)[8:], *random_chains(rngs[1], 10)]:
        depths = size(plans, interval).depths
        assert any(depths)
        assert slowest(with_fifos(plans, depths)) <= interval, (plans, interval, depths)
        for less in one_less(depths):
            assert slowest(with_fifos(plans, less)) > interval, (plans, interval, less)


def test_parts_of_a_chain_tell_what_the_whole_chain_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(f"{seed.choose()} parts")
    chains = [*random_chains(rng, 25), (bursts("parts"), least(bursts("parts")))]
    found = [size(plans, interval) for plans, interval in chains]
    monkeypatch.setattr(KeepingUp, "_by_parts", KeepingUp._by_all)
    for (plans, interval), sizes in zip(chains, found, strict=True):
        assert sizes == size(plans, interval), (plans, interval)


def test_a_search_that_stops_leaves_fifos_that_are_large_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = bursts("stopped")
    interval = least(plans)
    monkeypatch.setattr(fifo_sizing, "MOST_STEPS", 0)
    stopped = size(plans, interval)
    assert not stopped.smallest
    assert slowest(with_fifos(plans, stopped.depths)) <= interval
    monkeypatch.undo()
    found = size(plans, interval)
    assert found.smallest and sum(found.depths) < sum(stopped.depths)


def test_a_chain_of_too_many_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fifo_sizing, "MOST_WORDS", 300)
    message = (
        r"^long_swg: it gives 144 words an image, all stages [0-9]+; to size FIFOs that may be 300: ask for a higher"
    )
    with pytest.raises(InputError, match=message):
        size(bursts("long"), 144)


def test_no_fifo_where_none_is_needed() -> None:
    plans = bursts("slow")
    slow = math.ceil(steady(plans).interval)
    assert any(size(plans, least(plans)).depths)
    assert size(plans, slow).depths == (0,) * (len(plans) - 1)
    assert size(plans[:1], slow).depths == ()


def test_stalls_at_the_ends_leave_the_interval() -> None:
    rng = random.Random(f"{seed.choose()} stalls")
    chains = [*random_chains(rng, 4), (bursts("stalled"), least(bursts("stalled")))]
    for plans, interval in chains:
        stages, words = actors(with_fifos(plans, size(plans, interval).depths))
        for _ in range(20):
            stalled = Run(stages, words, pattern(rng), pattern(rng))
            stalled.run(entered=rng.randint(2, 8))
            stalled.never_stall()
            assert settled(stalled) <= interval


@pytest.mark.parametrize("simulator", ["icarus"])
def test_the_rtl_keeps_its_interval_and_with_a_word_less_does_not(simulator: str, tmp_path: Path) -> None:
    plans = bursts("net")
    interval, images = least(plans), 12
    depths = size(plans, interval).depths
    assert sum(map(bool, depths)) >= 2
    points = [Point(tuple(with_fifos(plans, each)), images) for each in (depths, *one_less(depths))]
    check(points, tmp_path / "no stalls", simulator)
    for point, rtl in zip(points, simulate(points, [point.trace() for point in points], tmp_path), strict=True):
        spent = rtl.last[-1, -1] - rtl.last[-1, -5]
        assert (spent == 4 * interval) == (point is points[0]), (spent, interval)


def test_a_stage_that_is_too_slow_by_itself_is_named() -> None:
    with pytest.raises(InputError, match=r"^slow_swg: it takes 144 cycles an image, but 143 are asked$"):
        size(bursts("slow"), 143)
