# SPDX-License-Identifier: Apache-2.0
"""The cycle-accurate model against the RTL, at every boundary, to the cycle; against the plans; its errors."""

import dataclasses
import random
from fractions import Fraction
from pathlib import Path

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.timing.actor import image_words, rate
from finn_gen.timing.chain import Run, actors, steady, trace
from finn_verif import seed
from tests.lib.chain_bench import Point, check
from tests.lib.random_stages import STAGES, build, input_stage, network, pattern

POINTS = 12
"""Random points of each kind of stage."""
STREAMS = [each.name for each in ip.every() if each.timing]
"""IPs that are stages of a chain."""


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


@pytest.mark.parametrize("name", STREAMS)
def test_every_structure_is_the_rtl_to_the_cycle(name: str, tmp_path: Path) -> None:
    rng = random.Random(f"{seed.choose()} {name}")
    examples = [dict(values) for values in ip.get(name).examples]
    plans = [build(name, f"{name}_{number}", values) for number, values in enumerate(examples)]
    small = [plan for plan in plans if max(rate(plan).taken, rate(plan).given, getattr(plan, "interval", 0)) < 1000]
    check([random_point(rng, (plan,)) for plan in small], tmp_path)


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_chains_are_the_rtl_to_the_cycle(simulator: str, tmp_path: Path) -> None:
    rng = random.Random(f"{seed.choose()} chains {simulator}")
    count = 6 if simulator == "icarus" else 1
    chains = [tuple(network(rng, f"net{number}")) for number in range(count)]
    check([random_point(rng, plans) for plans in chains], tmp_path, simulator)


@pytest.mark.parametrize("name", [name for name in STREAMS if name not in ("dwc", "fifo")])
def test_the_model_agrees_with_what_plans_promise(name: str) -> None:
    for values in ip.get(name).examples:
        plan = build(name, "stage", dict(values))
        times = trace([plan], 3)
        images = getattr(plan, "images", ())
        assert times.first[1, 0] == plan.latency
        assert steady([plan]).interval == (plan.interval if name == "mvtu" else plan.cycles)
        for image, promised in enumerate(images[:3]):
            assert (times.first[1, image], times.last[1, image]) == (promised.first, promised.last)


def test_the_interval_of_images_that_repeat_in_groups_is_a_fraction() -> None:
    class Pairs(Run):
        def entries(self):
            return iter([(0, 0, b"empty"), (1, 7, b"odd"), (2, 11, b"even"), (3, 16, b"odd")])

    assert list(Pairs(*actors([input_stage("guard", 8, 4)])).settle()) == [None, None, None, Fraction(9, 2)]


def test_latency_counts_from_the_first_transfer_in_to_the_last_one_out() -> None:
    plan = build("pad", "pad", {"ifm_h": 3, "ifm_w": 3})
    late = trace([plan], 1, source=(0, 0, 0, 1))
    assert late.first[0, 0] == 0
    assert steady([plan]).latency == trace([plan], 1).last[1, 0] == plan.images[0].last


def test_words_of_an_image_follow_from_the_stages() -> None:
    plans = [
        build("dwc", "dwc", {"in_width": 64, "out_width": 8}),
        build("swg", "swg", {"ifm_ch": 8, "ifm_h": 4, "ifm_w": 4}),
        build("mvtu", "mvtu", {"mw": 72, "mh": 4, "pe": 2, "simd": 8}),
    ]
    assert image_words(plans) == (2, 16, 36, 8)
    assert image_words(plans[2:]) == (9, 2)
    assert image_words([build("dwc", "dwc", {"in_width": 16, "out_width": 24, "tlast": 1})], 4) == (4, 3)


def test_a_stage_that_waits_for_ever_is_named() -> None:
    plan = build("swg", "window", {"ifm_ch": 1, "simd": 1})
    stuck = dataclasses.replace(plan, serial=dataclasses.replace(plan.serial, depth=plan.serial.depth - 1))
    for plans in ([stuck], [input_stage("guard", 1, 64), stuck, build("fifo", "fifo", {"width": 1, "depth": 99})]):
        with pytest.raises(InputError, match=rf"^window: stage {len(plans) // 2} waits for ever, after \d+ words in"):
            trace(plans, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"images": 0}, "images=0"),
        ({"images": 1, "source": ()}, "source=[]"),
        ({"images": 1, "sink": (0, 0)}, "sink=[0, 0]"),
        ({"images": 1, "source": (1, 2)}, "source=[1, 2]"),
        ({"images": 1, "words": 5}, "guard: 5 words of an image go in, but an image is 4"),
    ],
)
def test_bad_input_is_named(arguments: dict, words: str) -> None:
    with pytest.raises(InputError) as error:
        trace([input_stage("guard", 8, 4)], **arguments)
    assert words in str(error.value)


def test_stages_that_do_not_fit_are_named() -> None:
    three = build("dwc", "narrow", {"in_width": 8, "out_width": 24})
    with pytest.raises(InputError, match="narrow: 4 words of an image go in, but it takes multiples of 3"):
        trace([input_stage("guard", 8, 4), three], 1)
    with pytest.raises(InputError, match="no plan of a stage"):
        trace(["fifo"], 1)
    with pytest.raises(InputError, match="a stage at least"):
        trace([], 1)
