# SPDX-License-Identifier: Apache-2.0
"""The resource model beside Yosys, on cores of every kind."""

import random
import time
from pathlib import Path

import pytest

from finn_gen import family, ip
from finn_gen.base.library import building_block
from finn_gen.family.columns import Columns, columns_of
from finn_gen.family.resources import Resources
from finn_gen.family.xc7.memory import block_rams
from finn_gen.family.xc7.synthesis import measure_each
from tests.lib.carried import carried
from tools.bench.resource_points import Point, measured, measured_whole, near, random_points, resources_of

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
    # Several pixels a word.
    ("swg", {"ifm_ch": 16, "simd": 144, "ifm_h": 30, "ifm_w": 30, "pixels": 4}),
    ("swg", {"ifm_ch": 8, "simd": 72, "ifm_h": 14, "ifm_w": 30, "dilation_w": 9, "pixels": 2}),
    ("pool", {"ifm_ch": 64, "pe": 64, "ifm_h": 28, "ifm_w": 28, "pixels": 4}),
    ("pool", {"ifm_ch": 4, "pe": 4, "bits": 4, "ifm_h": 28, "ifm_w": 28, "k": 4, "stride": 4, "pixels": 8}),
    ("regroup", {"ifm_ch": 32, "in_pixels": 8, "out_pixels": 1, "ifm_h": 5, "ifm_w": 13}),
    ("regroup", {"ifm_ch": 32, "in_pixels": 1, "out_pixels": 4, "ifm_h": 30, "ifm_w": 30}),
    ("input", {"encoding": "int4", "elements": 3072}),
    ("pool", {"ifm_ch": 16, "pe": 8, "bits": 4, "k": 3, "ifm_h": 28, "ifm_w": 28}),
    (
        "pool",
        {"ifm_ch": 16, "pe": 8, "bits": 4, "k": 3, "k_w": 2, "stride": 1, "stride_w": 2, "ifm_h": 28, "ifm_w": 28},
    ),
    ("mvtu", {"mw": 96, "mh": 6, "pe": 6, "simd": 96}),
    ("mvtu", {"mw": 96, "mh": 6, "pe": 6, "simd": 96, "pixels": 2}),
    ("mvtu", {"mw": 36, "mh": 8, "pe": 8, "simd": 36, "in_bits": 2, "out_bits": 2, "pixels": 4}),
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
    # Weights and outputs of several bits, scores with biases.
    ("mvtu", {"mw": 256, "mh": 64, "pe": 4, "simd": 32, "storage": "block", "in_bits": 2, "out_bits": 2}),
    (
        "mvtu",
        {"mw": 256, "mh": 64, "pe": 4, "simd": 16, "storage": "block", "w_bits": 2, "w_narrow": 1, "in_bits": 2}
        | {"out_bits": 2},
    ),
    ("mvtu", {"mw": 128, "mh": 32, "pe": 4, "simd": 16, "storage": "lut", "w_bits": 2, "in_bits": 2, "out_bits": 3}),
    (
        "mvtu",
        {"mw": 32, "mh": 16, "pe": 4, "simd": 16, "storage": "constant", "w_bits": 4, "in_bits": 4, "out_bits": 4},
    ),
    (
        "mvtu",
        {"mw": 64, "mh": 10, "pe": 1, "simd": 8, "storage": "lut", "w_bits": 3, "in_bits": 2, "out_bits": 0}
        | {"bias_bits": 8, "fraction": 4},
    ),
    # Of a byte only the uppermost bit is kept.
    ("input", {"encoding": "threshold", "elements": 784}),
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


@pytest.mark.lengthy
def test_luts_and_registers_are_near_those_of_yosys(session_points: list[Point], taken: list[Resources]) -> None:
    wrong = [
        f"{core} {values}: {guess}, Yosys takes {real}"
        for (core, values), guess, real in zip(session_points, estimated(session_points), taken, strict=True)
        if not (near(guess.lut, real.lut) and near(guess.ff, real.ff))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.lengthy
def test_block_rams_are_those_of_yosys(session_points: list[Point], taken: list[Resources]) -> None:
    assert [guess.bram18 for guess in estimated(session_points)] == [real.bram18 for real in taken]
    assert sum(real.bram18 > 0 for real in taken) >= 4


@pytest.mark.lengthy
def test_sum_over_all_cores_is_within_a_tenth(session_points: list[Point], taken: list[Resources]) -> None:
    guess, real = sum(estimated(session_points), Resources()), sum(taken, Resources())
    assert abs(guess.lut - real.lut) <= 0.1 * real.lut
    assert abs(guess.ff - real.ff) <= 0.03 * real.ff


@pytest.mark.lengthy
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


ROM = """
module {name} (input wire aclk, input wire [{address}-1:0] address, output wire [{width}-1:0] data, output wire odd);
    finn_rom #(.WIDTH({width}), .DEPTH({depth}), .ROM_STYLE("distributed"), .INIT_FILE("{file}")) u_rom (
        .aclk(aclk), .enable(1'b1), .address(address), .data(data));
    integer i;
    reg [{path}:0] taps = 1'b0;
    reg folded;
    always @* begin
        folded = 1'b0;
        for (i = 0; i < {path}; i = i + 1)
            folded = i % 2 ? folded & taps[i] : folded | taps[i];
    end
    always @(posedge aclk) taps <= {{taps, address[0] ^ folded}};
    assign odd = folded;
endmodule
"""
PATH = 40
"""Gates of a path beside the ROM."""


def test_roms_by_what_they_hold_and_how_deep_they_are(tmp_path: Path) -> None:
    # Beside longer paths columns share terms. The ninth word sets or resets registers: 254 functions are left. Among
    # more than 64 words multiplexers choose.
    cases = {"few": (13, 2048), "nine": (9, 2048)} | {f"deep_{depth}": (depth, 24) for depth in (64, 128, 256)}
    words = {}
    for name, (depth, width) in cases.items():
        file = tmp_path / f"{name}.mem"
        words[name] = [f"{random.Random(word).getrandbits(width):0{width // 4}x}" for word in range(depth)]
        file.write_text("\n".join(words[name]))
        address = (depth - 1).bit_length()
        text = ROM.format(name=name, width=width, depth=depth, address=address, path=PATH, file=file)
        (tmp_path / f"{name}.v").write_text(text)
    blocks = [building_block(name) for name in ("finn_rom", "finn_lut_rom")]
    areas = measure_each([*blocks, *(tmp_path / f"{name}.v" for name in cases)], list(cases))
    for name, (_, width) in cases.items():
        guess, real = COSTS.rom(words[name], width) + Resources(PATH // 4, PATH), resources_of(areas[name])
        assert guess.ff == real.ff, name
        assert abs(guess.lut - real.lut) <= 0.1 * real.lut, name


@pytest.mark.lengthy
def test_a_whole_network_is_within_a_tenth_and_its_registers_within_a_hundredth(tmp_path: Path) -> None:
    plan = carried("sfc", "fix")
    guess, real = plan.resources, measured_whole(plan, tmp_path)
    assert abs(guess.lut - real.lut) <= 0.1 * real.lut
    assert abs(guess.ff - real.ff) <= 0.01 * real.ff
    assert guess.bram18 == real.bram18
    alone = sum((ip.estimate(stage.plan) for stage in plan.stages), Resources())
    assert alone.ff > guess.ff, "FIFOs alone have a high-water mark"


@pytest.mark.parametrize(
    ("columns", "depth", "counted"),
    [
        # Constant columns vanish, equal ones are one, in two words all are wires.
        ((0b00, 0b11, 0b01, 0b01, 0b10), 2, Columns(2, 2, 0, 0, 0)),
        # Eight words, functions of three address bits: two functions, of which the halves differ.
        ((0b01010011, 0b11000011, 0b01010011), 8, Columns(2, 2, 0, 3, 4)),
        # The ninth word sets or resets: two registers of one function, and one that is a wire of the address.
        ((0b1_01010011, 0b0_01010011, 0b1_00000000), 9, Columns(3, 0, 1, 0, 8)),
        # Ten words, the first eight equal: sets or resets, and functions of the other two.
        ((0b01_11111111, 0b10_11111111), 10, Columns(2, 0, 2, 0, 8)),
        # More words than are looked at for terms.
        ((1 << 16, 1 << 16, 1 << 3, 0), 17, Columns(2, 2, 0, None, 0)),
        # A module of its own: registers stay, since nothing outside shows that columns are equal or constant.
        ((1 << 32, 1 << 32, 1 << 3, 0), 33, Columns(4, 2, 0, None, 0)),
    ],
)
def test_columns_are_counted_by_what_they_hold(columns: tuple[int, ...], depth: int, counted: Columns) -> None:
    words = tuple(f"{sum((column >> i & 1) << c for c, column in enumerate(columns)):x}" for i in range(depth))
    assert columns_of(words, len(columns)) == counted


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
