# SPDX-License-Identifier: Apache-2.0
"""Sliding window generator: shapes, strides and dilations on Icarus, every structure on Verilator, bad input."""

import random

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_verif import seed
from tests.lib.random_stages import grouped_windows


def shape(ifm, k, stride=(1, 1), dilation=(1, 1), **others) -> dict[str, int]:
    """Parameters from pairs (vertical, horizontal)."""
    pairs = {"ifm": ifm, "k": k, "stride": stride, "dilation": dilation}
    return {f"{name}_{axis}": pair[i] for name, pair in pairs.items() for i, axis in enumerate("hw")} | others


# The serial structure: SIMD divides the channels.
SERIAL = {
    "3x3": shape((4, 5), (3, 3), ifm_ch=4, simd=4, bits=2),
    "simd 1": shape((4, 4), (3, 3), ifm_ch=3, simd=1, tlast=1),
    "enters early": shape((4, 11), (3, 2), ifm_ch=4, simd=2, bits=2),
    "enters earlier": shape((4, 13), (4, 2), ifm_ch=2, simd=1, tlast=1),
    "prefetch": shape((4, 5), (3, 3), ifm_ch=4, simd=2, prefetch=1),
    "1x1": shape((4, 5), (1, 1), ifm_ch=3, simd=3, bits=3),
    "1x1, words": shape((3, 4), (1, 1), ifm_ch=4, simd=1, tlast=1),
    "one pixel": shape((1, 1), (1, 1), ifm_ch=1, simd=1, tlast=1),
    "one pixel, words": shape((1, 1), (1, 1), ifm_ch=5, simd=1, bits=8),
    "k = image": shape((4, 3), (4, 3), ifm_ch=2, simd=1),
    "one row": shape((1, 9), (1, 3), ifm_ch=2, simd=2, bits=5),
    "one column": shape((9, 1), (3, 1), ifm_ch=2, simd=2, bits=5, tlast=1),
    "stride 2": shape((7, 6), (3, 3), (2, 2), ifm_ch=2, simd=1),
    "stride differs": shape((5, 7), (3, 2), (1, 3), ifm_ch=2, simd=2),
    "stride larger than k": shape((6, 8), (2, 2), (3, 5), ifm_ch=2, simd=1, tlast=1),
    "stride without k": shape((7, 9), (1, 1), (3, 4), ifm_ch=2, simd=1),
    "dilation": shape((6, 6), (3, 2), (1, 1), (2, 3), ifm_ch=2, simd=1),
    "dilation, stride, prefetch": shape((6, 8), (2, 3), (2, 1), (3, 2), ifm_ch=2, simd=2, prefetch=1),
    "11 wide": shape((2, 12), (2, 11), ifm_ch=1, simd=1),
    "windows side by side": shape((6, 6), (2, 2), (2, 2), ifm_ch=4, simd=4),
}
# The parallel structure: a whole window a word, or several words a window.
PARALLEL = {
    "3x3": shape((5, 6), (3, 3), ifm_ch=2, simd=18),
    "3x3, tlast": shape((4, 5), (3, 3), ifm_ch=1, simd=9, bits=3, tlast=1),
    "row a word": shape((5, 6), (3, 3), ifm_ch=2, simd=6, tlast=1),
    "more bits than a register drives": shape((4, 5), (3, 3), ifm_ch=33, simd=99),
    "half a window": shape((5, 6), (3, 3), ifm_ch=2, simd=9),
    "part of a row": shape((4, 5), (3, 4), ifm_ch=3, simd=6, bits=2),
    "stride 2": shape((7, 6), (3, 3), (2, 2), ifm_ch=1, simd=9),
    "stride 2, words": shape((7, 6), (3, 3), (2, 2), ifm_ch=2, simd=6),
    "stride larger than k": shape((6, 8), (2, 2), (3, 5), ifm_ch=1, simd=4, tlast=1),
    "stride larger than k, words": shape((6, 8), (2, 2), (3, 5), ifm_ch=2, simd=4, tlast=1),
    "dilation": shape((6, 7), (3, 3), (1, 1), (2, 2), ifm_ch=1, simd=9),
    "dilation, words": shape((6, 8), (3, 3), (1, 1), (2, 3), ifm_ch=2, simd=6),
    "k = image": shape((3, 4), (3, 4), ifm_ch=1, simd=12),
    "one column": shape((7, 1), (3, 1), ifm_ch=2, simd=6),
    "one column, words": shape((7, 1), (4, 1), ifm_ch=2, simd=4),
    "one row": shape((1, 9), (1, 4), ifm_ch=1, simd=4),
    "one row, words": shape((1, 9), (1, 4), ifm_ch=1, simd=2, tlast=1),
    "waiting windows": shape((3, 12), (2, 5), ifm_ch=1, simd=5),
}
# The grouped structure: several pixels in and windows out.
GROUPED = {
    "3x3, 4": shape((4, 8), (3, 3), ifm_ch=2, simd=18, pixels=4, tlast=1),
    "3x3, 2, odd": shape((5, 7), (3, 3), ifm_ch=1, simd=9, bits=2, pixels=2, tlast=1),
    "3x3, 4, a pixel behind": shape((4, 9), (3, 3), ifm_ch=1, simd=9, bits=3, pixels=4),
    "3x3, 8, one group a row": shape((5, 6), (3, 3), ifm_ch=1, simd=9, pixels=8, tlast=1),
    "1x1, 4": shape((3, 6), (1, 1), ifm_ch=3, simd=3, bits=2, pixels=4, tlast=1),
    "one row": shape((1, 11), (1, 4), ifm_ch=2, simd=8, pixels=4, tlast=1),
    "one column of windows": shape((5, 3), (3, 3), ifm_ch=2, simd=18, pixels=4, tlast=1),
    "one window": shape((3, 4), (3, 4), ifm_ch=1, simd=12, pixels=4, tlast=1),
    "one pixel": shape((1, 1), (1, 1), ifm_ch=2, simd=2, pixels=2, tlast=1),
    "high": shape((7, 5), (4, 1), ifm_ch=2, simd=8, pixels=2),
    "5 wide, 2": shape((3, 10), (2, 5), ifm_ch=1, simd=10, pixels=2),
    "dilation": shape((6, 11), (2, 3), (1, 1), (3, 2), ifm_ch=1, simd=6, pixels=4, tlast=1),
    "far dilation": shape((4, 17), (2, 2), (1, 1), (2, 9), ifm_ch=1, simd=4, pixels=2),
    "more bits than a register drives": shape((4, 9), (3, 3), ifm_ch=33, simd=297, pixels=2),
}


@pytest.mark.parametrize("name", GROUPED)
def test_every_grouped_shape_gives_its_windows(simulate_ip, name: str) -> None:
    simulate_ip("swg", "icarus", **GROUPED[name])


def test_random_groups_give_their_windows(simulate_ip) -> None:
    rng = random.Random(f"{seed.choose()} grouped windows")
    for _ in range(3):
        simulate_ip("swg", "icarus", **grouped_windows(rng))


@pytest.mark.parametrize("pixels", [2, 4, 8])
@pytest.mark.parametrize("size", [32, 30, 15, 14, 12, 5, 3])
def test_groups_of_pixels_have_no_bubble(pixels: int, size: int) -> None:
    plan = ip.get("swg").build({"ifm_ch": 2, "simd": 18, "ifm_h": size, "ifm_w": size, "pixels": pixels})
    assert plan.cycles == plan.in_words == size * -(-size // pixels)


@pytest.mark.parametrize("name", SERIAL)
def test_every_serial_shape_gives_its_windows(simulate_ip, name: str) -> None:
    simulate_ip("swg", "icarus", **SERIAL[name])


@pytest.mark.parametrize("name", PARALLEL)
def test_every_parallel_shape_gives_its_windows(simulate_ip, name: str) -> None:
    simulate_ip("swg", "icarus", **PARALLEL[name])


@pytest.mark.parametrize(
    "values", [SERIAL["enters early"], PARALLEL["half a window"], GROUPED["3x3, 2, odd"], GROUPED["3x3, 4"]]
)
def test_every_structure_gives_their_windows_on_verilator(simulate_ip, values: dict[str, int]) -> None:
    simulate_ip("swg", "verilator", **values)


BAD = {
    "a window larger than the image": (shape((4, 5), (5, 3)), "k_h=5, but ifm_h=4", "k_h up to 4"),
    "a dilated window larger than the image": (shape((8, 8), (3, 3), dilation=(1, 4)), "spans 9", "k_w up to 2"),
    "simd that does not divide": ({"ifm_ch": 6, "simd": 4}, "simd=4", "1, 2, 3, 6, 9, 18, 27, 54"),
    "simd larger than the window": ({"ifm_ch": 2, "simd": 36}, "simd=36", "1, 2, 3, 6, 9, 18"),
    "stride of zero": ({"stride_h": 0}, "stride_h=0", "from 1 to 64"),
    "a window of no pixel": ({"k_w": 0}, "k_w=0", "from 1 to 11"),
    "no such group": ({"pixels": 3, "simd": 72}, "pixels=3", "1, 2, 4, 8"),
    "groups of part of a window": ({"pixels": 4, "simd": 24}, "pixels=4 with simd=24", "simd=72", "pixels=1"),
    "groups of windows apart": ({"pixels": 2, "simd": 72, "stride_w": 2}, "stride_w=2", "stride_w=1, or pixels=1"),
    "groups of rows apart": ({"pixels": 2, "simd": 72, "stride_h": 2}, "stride_h=2", "stride_h=1, or pixels=1"),
    "an unknown memory": ({"ram_style": "flash"}, "ram_style='flash'", "auto or distributed or block"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_what_would_be_legal(name: str) -> None:
    values, *words = BAD[name]
    with pytest.raises(InputError) as error:
        ip.get("swg").build(values)
    assert all(word in str(error.value) for word in words), str(error.value)


# The windows of CNV at BNN-PYNQ's foldings: channels, bits, SIMD, size; and FINN's own cycles an image.
CNV = [
    (3, 8, 3, 32, 8167),
    (64, 1, 32, 30, 14238),
    (64, 1, 32, 14, 2654),
    (128, 1, 32, 12, 3708),
    (128, 1, 32, 5, None),
    (256, 1, 32, 3, None),
]


@pytest.mark.parametrize(("ifm_ch", "bits", "simd", "size", "finn"), CNV)
def test_windows_of_cnv_keep_buffer_and_cycles(ifm_ch: int, bits: int, simd: int, size: int, finn: int | None) -> None:
    values = {"ifm_ch": ifm_ch, "bits": bits, "simd": simd, "ifm_h": size, "ifm_w": size}
    small, fast = (ip.get("swg").build(values | {"prefetch": prefetch}) for prefetch in (0, 1))
    most = max(small.in_words, small.out_words)
    assert small.buffer_bits <= 1.05 * (2 * size + 3) * ifm_ch * bits
    assert small.cycles <= min(most + 2 * size + 3, finn or small.cycles)
    assert fast.cycles == most
    assert fast.buffer_bits <= 5 * size * ifm_ch * bits


@pytest.mark.parametrize("simd", [64 * 9, 64 * 9 // 2, 64 * 3, 96, 72])
def test_parallel_windows_have_no_bubble(simd: int) -> None:
    plan = ip.get("swg").build({"ifm_ch": 64, "simd": simd, "ifm_h": 30, "ifm_w": 30})
    assert plan.cycles == max(900, 784 * 64 * 9 // simd)
