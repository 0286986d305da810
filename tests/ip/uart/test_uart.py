# SPDX-License-Identifier: Apache-2.0
"""Host link: divisors, address widths and frame lengths, on Icarus and on Verilator; wrong parameters; the CRC."""

import pytest

from finn_driver import link
from finn_gen import ip
from finn_gen.base.errors import InputError

POINTS = [
    {"clock_khz": 100_000, "baud": 25_000_000, "address_width": 10, "frame_bytes": 40},
    {"clock_khz": 100_000, "baud": 20_000_000, "address_width": 16, "frame_bytes": 101},
]


def test_frames_are_taken_one_by_one(simulate_ip) -> None:
    simulate_ip("uart", "icarus", only="registers_are|refused|ragged|glitch|emptied", **POINTS[0])


@pytest.mark.lengthy
def test_frames_pass_once_and_in_order(simulate_ip) -> None:
    simulate_ip("uart", "icarus", **POINTS[0])


@pytest.mark.lengthy
def test_frames_pass_once_and_in_order_on_verilator(simulate_ip) -> None:
    simulate_ip("uart", "verilator", **POINTS[1])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"clock_khz": 10_000, "baud": 3_000_000}, "a bit must take at least 4 cycles; at this clock 2500000 baud"),
        ({"clock_khz": 16_500, "baud": 3_000_000}, "off by more than 2%; take a clock near 18000"),
        ({"clock_khz": 20_000, "baud": 9_599}, "baud"),
        ({"address_width": 33}, "address_width"),
        ({"frame_bytes": 0}, "frame_bytes"),
    ],
)
def test_what_cannot_be_built_is_refused(values: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ip.get("uart").build(values)


@pytest.mark.parametrize("baud", [115_200, 230_400, 460_800, 921_600, 1_000_000, 2_000_000, 3_000_000])
@pytest.mark.parametrize("clock_khz", [48_000, 60_000, 75_000, 100_000])
def test_usual_rates_can_be_had(baud: int, clock_khz: int) -> None:
    plan = ip.get("uart").build({"baud": baud, "clock_khz": clock_khz})
    assert abs(plan.baud / baud - 1) < 0.02


def test_the_crc_is_the_one_of_the_catalogue() -> None:
    """CRC-16/MCRF4XX of the catalogue's nine bytes."""
    assert link.crc16(b"123456789") == 0x6F91
    assert link.crc16(b"123456789" + (0x6F91).to_bytes(2, "little")) == 0
