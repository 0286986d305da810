# SPDX-License-Identifier: Apache-2.0
"""An accelerator on a board with an ECP5 and a serial line: from the facts of the board to Verilog and constraints.

board   fpga/<board>/board.yaml with `family: ecp5`, read by `load`
pll     Pll: dividers, numbers only
text    <net>_top.v, <board>.lpf; the system behind the pins is finn_gen.emit.link's
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.base.template import render
from finn_gen.base.yaml_file import Fields, read_yaml
from finn_gen.board.facts import FILE
from finn_gen.emit.bundle import Bundle
from finn_gen.emit.link import LinkPlan
from finn_gen.emit.link import bundle as link_bundle
from finn_gen.family.ecp5 import FAMILY

KEY = "ecp5"
"""What `family` says of these boards."""
PACKAGES = {"BG256": "CABGA256", "BG381": "CABGA381", "BG554": "CABGA554", "BG756": "CABGA756", "MG285": "CSFBGA285"}
"""Packages as the part names them, and as nextpnr does."""
SLOWEST_VCO_MHZ, MIDDLE_VCO_MHZ, FASTEST_VCO_MHZ = 400, 600, 800
SLOWEST_COMPARED_MHZ = 10
"""At the phase detector; this and the VCO's: FPGA-DS-02012, sysCLOCK PLL timing."""
DIVIDERS = range(1, 129)
MOST_CLOCK_MHZ = 400
RESET_BITS = 6
"""Of a counter that holds the reset behind the PLL's lock."""


@dataclass(frozen=True)
class Board:
    """A board with an ECP5, which receives on `rxd_pin`. Clocks in MHz, `baud` in bits a second.

    planned_mhz  the clock that is planned for where none is asked for
    loader       the command that loads a bitstream, without the file
    """

    name: str
    title: str
    part: str
    device: str
    package: str
    speed: str
    clock_mhz: float
    clock_pin: str
    rxd_pin: str
    txd_pin: str
    baud: int
    io: str
    planned_mhz: float
    loader: str


@dataclass(frozen=True)
class Pll:
    """Dividers of EHXPLLL with feedback from its output, and what they make: `mhz`, and the VCO's frequency."""

    input_divider: int
    feedback_divider: int
    output_divider: int
    mhz: float
    vco_mhz: float


# ---- facts


def carried() -> dict[str, Path]:
    """The boards of the library with an ECP5: name to folder."""
    found = {path.parent.name: path for path in sorted((ROOT / "fpga").glob(f"*/{FILE}"))}
    return {name: path.parent for name, path in found.items() if read_yaml(path).get("family") == KEY}


def load(name: str, home: Path | None = None) -> Board:
    """The board `name`, one of fpga/ or a folder with a board.yaml. InputError names file, field and rule."""
    folder = (home or Path()) / name
    if not (folder / FILE).is_file():
        if name not in carried():
            raise InputError(
                f"board {name}: no folder with a {FILE}, and no board with an ECP5 of that name; there are "
                f"{', '.join(carried())}"
            )
        folder = carried()[name]
    path = folder / FILE
    fields = Fields(str(path), read_yaml(path))
    fields.number("format", 1, 1)
    if (family := fields.take("family", "")) != KEY:
        raise fields.fail("family", family, f"{KEY}; boards with a Zynq-7000 are for `finn-gen project`")
    part = _text(fields, "part", r"LFE5U-\d\dF-[678][BM]G\d{3}[CI]", "device, speed grade and package of an ECP5")
    device, speed, package = re.fullmatch(r"(LFE5U-\d\dF)-([678])([BM]G\d{3})[CI]", part).groups()
    if device.lower() not in FAMILY.devices or package not in PACKAGES:
        known = f"one of {', '.join(FAMILY.devices)} in a package of {', '.join(PACKAGES)}"
        raise fields.fail("part", part, known)
    clock, serial = (_table(fields, key, path) for key in ("clock", "serial"))
    board = Board(
        name=folder.resolve().name,
        title=_text(fields, "title", r"[\w .,()+/-]{1,60}", "the board's name for people: up to 60 plain characters"),
        part=part,
        device=device.lower(),
        package=PACKAGES[package],
        speed=speed,
        clock_mhz=_megahertz(clock, "mhz", 8),
        clock_pin=_pin(clock, "pin"),
        rxd_pin=_pin(serial, "rxd"),
        txd_pin=_pin(serial, "txd"),
        baud=serial.number("baud", 9_600, 50_000_000),
        io=_text(fields, "io", r"LVCMOS(33|25|18|15|12)", "a standard of the pins: LVCMOS33, 25, 18, 15 or 12"),
        planned_mhz=_megahertz(fields, "planned_mhz", 5),
        loader=_text(fields, "loader", r"[\w ./-]{1,80}", "a command of plain words"),
    )
    for each in (clock, serial, fields):
        each.done()
    pins = [board.clock_pin, board.rxd_pin, board.txd_pin]
    if len(set(pins)) < len(pins):
        raise fields.fail("serial", pins, "pins that differ, from each other and from the clock's")
    return board


def _text(fields: Fields, name: str, pattern: str, rule: str) -> str:
    value = fields.take(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise fields.fail(name, value, rule)
    return value


def _pin(fields: Fields, name: str) -> str:
    return _text(fields, name, r"[A-Z]{1,2}\d{1,2}", "a ball of the package, as G2")


def _megahertz(fields: Fields, name: str, low: float) -> float:
    value = fields.take(name)
    if type(value) not in (int, float) or not low <= value <= MOST_CLOCK_MHZ:
        raise fields.fail(name, value, f"a number from {low} to {MOST_CLOCK_MHZ}")
    return value


def _table(fields: Fields, name: str, path: Path) -> Fields:
    value = fields.take(name)
    if not isinstance(value, dict):
        raise fields.fail(name, value, "a mapping, as {mhz: 25, pin: G2}")
    return Fields(f"{path}: {name}", value)


# ---- numbers


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


# ---- text


def bundle(system: LinkPlan, board: Board) -> tuple[Bundle, str]:
    """The system with PLL, reset and pins, whose top is `<net>_top`; and the constraints, for nextpnr."""
    made = pll(board.clock_mhz, system.net.clock_mhz)
    inner = link_bundle(system)
    top = f"{system.net.module}_top"
    text = render(
        "fpga/ecp5/top.v.j2", module=top, system=system, board=board, pll=made, width=RESET_BITS, cycles=1 << RESET_BITS
    )
    return Bundle(top, {**inner.own, f"{top}.v": text}, inner.blocks), constraints(board)


def constraints(board: Board) -> str:
    """Pins and the clock that comes in, as nextpnr reads them."""
    pins = {"clk": board.clock_pin, "rxd": board.rxd_pin, "txd": board.txd_pin}
    lines = [f"# SPDX-License-Identifier: Apache-2.0\n# {board.title}\n"]
    for port, pin in pins.items():
        pull = " PULLMODE=UP" if port == "rxd" else " PULLMODE=NONE"
        lines.append(f'LOCATE COMP "{port}" SITE "{pin}";\nIOBUF PORT "{port}" IO_TYPE={board.io}{pull};\n')
    lines.append(f'FREQUENCY PORT "clk" {board.clock_mhz:g} MHZ;\n')
    return "".join(lines)
