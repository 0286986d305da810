# SPDX-License-Identifier: Apache-2.0
"""The resource model beside Yosys, on cores of every kind."""

import random
import time

import pytest

from finn_gen import family, ip
from finn_gen.base.library import building_block
from finn_gen.family.resources import Resources
from finn_gen.family.xc7.memory import block_rams
from finn_gen.family.xc7.synthesis import measure_each
from tools.bench.resource_points import Point, measured, near, random_points, resources_of

POINTS: list[Point] = [
    ("ctrl", {"boundaries": 14, "windows": "dma:12 conv0:14 conv1:16"}),
    ("dwc", {"in_width": 64, "out_width": 24}),
    ("dwc", {"in_width": 256, "out_width": 16}),
    ("dwc", {"in_width": 61, "out_width": 64}),
    ("fifo", {"width": 24, "depth": 5000}),
    ("swg", {"ifm_ch": 64, "simd": 32, "ifm_h": 30, "ifm_w": 30}),
    ("swg", {"ifm_ch": 3, "simd": 27, "bits": 8, "ifm_h": 32, "ifm_w": 32}),
    # Columns of a window that are three apart are taps of shift registers.
    ("swg", {"ifm_ch": 8, "simd": 72, "ifm_h": 28, "ifm_w": 28, "dilation_h": 2, "dilation_w": 3}),
    ("input", {"encoding": "int4", "elements": 3072}),
    ("pool", {"ifm_ch": 16, "pe": 8, "bits": 4, "k": 3, "ifm_h": 28, "ifm_w": 28}),
    (
        "pool",
        {"ifm_ch": 16, "pe": 8, "bits": 4, "k": 3, "k_w": 2, "stride": 1, "stride_w": 2, "ifm_h": 28, "ifm_w": 28},
    ),
    ("mvtu", {"mw": 96, "mh": 6, "pe": 6, "simd": 96}),
    ("mvtu", {"mw": 128, "mh": 8, "pe": 4, "simd": 32, "storage": "constant"}),
    ("mvtu", {"mw": 256, "mh": 64, "pe": 2, "simd": 32, "storage": "block"}),
    # Yosys packs the words of several banks into one block where the plan's pieces take two.
    ("mvtu", {"mw": 216, "mh": 71, "pe": 1, "simd": 12, "storage": "block"}),
    ("mvtu", {"mw": 27, "mh": 64, "pe": 8, "simd": 3, "in_bits": 8, "in_signed": 1}),
    ("mvtu", {"mw": 48, "mh": 12, "pe": 3, "simd": 16, "storage": "lut", "reload": 1}),
    ("dma", {"mm2s_width": 32, "s2mm_width": 8, "address_width": 40}),
    # ROMs in LUTs, of 72 and of 640 words.
    ("mvtu", {"mw": 36, "mh": 8, "pe": 1, "simd": 4, "storage": "lut"}),
    ("mvtu", {"mw": 256, "mh": 10, "pe": 1, "simd": 4, "out_bits": 0, "storage": "lut"}),
]
COSTS, DEVICES = family.get("xc7").costs, family.get("xc7").devices
BLOCKS = {
    "finn_half_slice": COSTS.half_slice(8),
    "finn_frame_guard": COSTS.frame_guard(64, 384),
    "finn_q17": COSTS.q17(8),
}
"""Estimates of building blocks with their default parameters."""


@pytest.fixture(scope="module")
def session_points() -> list[Point]:
    """The points above and some drawn at random, always the same: a fit has a rare point beyond any tolerance.

    `make bench-resources` looks at more of them.
    """
    return [*POINTS, *random_points(random.Random("3"))]


@pytest.fixture(scope="module")
def taken(session_points: list[Point], tmp_path_factory: pytest.TempPathFactory) -> list[Resources]:
    """What Yosys takes for each of them."""
    return measured(session_points, tmp_path_factory.mktemp("resources"))


def estimated(points: list[Point]) -> list[Resources]:
    return [ip.estimate(ip.get(core).build(values)) for core, values in points]


def test_luts_and_registers_are_near_those_of_yosys(session_points: list[Point], taken: list[Resources]) -> None:
    wrong = [
        f"{core} {values}: {guess}, Yosys takes {real}"
        for (core, values), guess, real in zip(session_points, estimated(session_points), taken, strict=True)
        if not (near(guess.lut, real.lut) and near(guess.ff, real.ff))
    ]
    assert not wrong, "\n".join(wrong)


def test_block_rams_are_those_of_yosys(session_points: list[Point], taken: list[Resources]) -> None:
    assert [guess.bram18 for guess in estimated(session_points)] == [real.bram18 for real in taken]
    assert sum(real.bram18 > 0 for real in taken) >= 4


def test_sum_over_all_cores_is_within_a_tenth(session_points: list[Point], taken: list[Resources]) -> None:
    guess, real = sum(estimated(session_points), Resources()), sum(taken, Resources())
    assert abs(guess.lut - real.lut) <= 0.1 * real.lut
    assert abs(guess.ff - real.ff) <= 0.03 * real.ff


def test_twice_as_much_is_told_from_what_yosys_takes(taken: list[Resources]) -> None:
    large = [real for real in taken if real.lut > 60]
    assert len(large) >= 8
    assert not any(near(2 * real.lut, real.lut) or near(real.lut // 2, real.lut) for real in large)


def test_building_blocks() -> None:
    areas = measure_each([building_block(name) for name in ("finn_reg_slice", *BLOCKS)], list(BLOCKS))
    for name, guess in BLOCKS.items():
        real = resources_of(areas[name])
        assert guess.ff == real.ff, name
        assert abs(guess.lut - real.lut) <= 4, name


def test_every_example_of_every_core_has_an_estimate() -> None:
    for name in ip.NAMES:
        core = ip.get(name)
        for values in core.examples:
            guess = ip.estimate(core.build(values))
            assert guess.lut > 0, (name, values)
            assert guess.ff > 0, (name, values)
            assert guess.bram18 >= 0, (name, values)


def test_an_estimate_takes_less_than_a_millisecond() -> None:
    for core, values in POINTS:
        plan = ip.get(core).build(values)
        times = []
        for _ in range(20):
            start = time.perf_counter()
            ip.estimate(plan)
            times.append(time.perf_counter() - start)
        assert min(times) < 1e-3, (core, values)


def test_what_is_no_plan_has_no_estimate() -> None:
    with pytest.raises(TypeError, match="dict is no plan of an IP"):
        ip.estimate({})


def test_block_rams_pack_banks_and_lanes() -> None:
    assert (block_rams(36, 512).bram18, block_rams(37, 512).bram18) == (1, 2)
    assert (block_rams(18, 1024).bram18, block_rams(18, 1025).bram18) == (1, 2)
    assert (block_rams(12, 1278).bram18, block_rams(12, 1278, written=False).bram18) == (2, 1)
    # Five banks of 24 bits, 27 with their write enables, fit side by side into four RAMB36 of 36 bits.
    assert (block_rams(24, 4999).banks, block_rams(24, 4999).bram18) == (5, 8)


def test_resources_add_and_fit() -> None:
    one, two = Resources(1, 2, 3), Resources(10, 20, 30)
    assert sum((one, two), Resources()) == Resources(11, 22, 33)
    assert one.fits(two)
    assert not Resources(11, 0, 0).fits(two)
    assert not Resources(0, 0, 31).fits(two)
    assert all(not device.fits(Resources(device.lut, device.ff, device.bram18 - 1)) for device in DEVICES.values())
    assert Resources(218_600, 437_200, 1_090).fits(DEVICES["xc7z045"])
