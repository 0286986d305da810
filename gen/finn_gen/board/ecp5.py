# SPDX-License-Identifier: Apache-2.0
"""What is known of an ECP5 on a board with a serial line: its part, its PLL, how its pins are said to nextpnr."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from finn_gen.base.errors import InputError

if TYPE_CHECKING:
    from finn_gen.board.serial import Board

PART = (r"LFE5U-\d\dF-[678][BM]G\d{3}[CI]", "device, speed grade and package of an ECP5")
PIN = (r"[A-Z]{1,2}\d{1,2}", "a ball of the package, as G2")
TOP = "fpga/ecp5/top.v.j2"
PACKAGES = {"BG256": "CABGA256", "BG381": "CABGA381", "BG554": "CABGA554", "BG756": "CABGA756", "MG285": "CSFBGA285"}
"""Packages as the part names them, and as nextpnr does."""
SLOWEST_VCO_MHZ, MIDDLE_VCO_MHZ, FASTEST_VCO_MHZ = 400, 600, 800
SLOWEST_COMPARED_MHZ = 10
"""At the phase detector; this and the VCO's: FPGA-DS-02012, sysCLOCK PLL timing."""
DIVIDERS = range(1, 129)
MOST_CLOCK_MHZ = 400


@dataclass(frozen=True)
class Pll:
    """Dividers of EHXPLLL with feedback from its output, and what they make: `mhz`, and the VCO's frequency."""

    input_divider: int
    feedback_divider: int
    output_divider: int
    mhz: float
    vco_mhz: float


def part(text: str) -> tuple[str, str, str] | None:
    """Device, package as nextpnr calls it, and speed grade; None for a package that it does not know."""
    device, speed, package = re.fullmatch(r"(LFE5U-\d\dF)-([678])([BM]G\d{3})[CI]", text).groups()
    return (device.lower(), PACKAGES[package], speed) if package in PACKAGES else None


def pll(source_mhz: float, wanted_mhz: float) -> Pll:
    """The dividers for the fastest clock not above `wanted_mhz`, the VCO near the middle. InputError for none."""
    found = max(
        (each for each in _plls(source_mhz) if each.mhz <= wanted_mhz * (1 + 1e-9)),
        key=lambda each: (round(each.mhz, 6), -each.input_divider, -abs(each.vco_mhz - MIDDLE_VCO_MHZ)),
        default=None,
    )
    if found is None:
        raise InputError(
            f"clock {wanted_mhz:g} MHz: the PLL makes none so slow of {source_mhz:g} MHz; take a faster one"
        )
    return found


def _plls(source_mhz: float) -> Iterator[Pll]:
    for divider, factor in product(DIVIDERS, DIVIDERS):
        compared = source_mhz / divider
        if compared < SLOWEST_COMPARED_MHZ:
            return
        mhz = compared * factor
        if mhz > MOST_CLOCK_MHZ:
            continue
        for output in DIVIDERS:
            if SLOWEST_VCO_MHZ <= mhz * output <= FASTEST_VCO_MHZ:
                yield Pll(divider, factor, output, mhz, mhz * output)


def constraints(board: Board) -> str:
    """Pins and the clock that comes in, as nextpnr reads them."""
    pins = {"clk": board.clock_pin, "rxd": board.rxd_pin, "txd": board.txd_pin}
    lines = [f"# SPDX-License-Identifier: Apache-2.0\n# {board.title}\n"]
    for port, pin in pins.items():
        pull = " PULLMODE=UP" if port == "rxd" else " PULLMODE=NONE"
        lines.append(f'LOCATE COMP "{port}" SITE "{pin}";\nIOBUF PORT "{port}" IO_TYPE={board.io}{pull};\n')
    lines.append(f'FREQUENCY PORT "clk" {board.clock_mhz:g} MHZ;\n')
    return "".join(lines)
