# SPDX-License-Identifier: Apache-2.0
"""A board with a serial line, which open tools build for: its facts, and the system with PLL, reset and pins around it.

board   fpga/<board>/board.yaml with a `family` of KINDS, read by `load`; docs/ecp5.md describes it
text    <net>_top.v and the constraints; the system behind the pins is finn_gen.emit.link's

What only one family knows, such as its PLL, is in the module of KINDS.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.base.template import render
from finn_gen.base.yaml_file import Fields, read_yaml
from finn_gen.board import ecp5
from finn_gen.board.facts import FILE, file_of
from finn_gen.emit.bundle import Bundle
from finn_gen.emit.link import LinkPlan, plan_link
from finn_gen.emit.link import bundle as link_bundle
from finn_gen.family.resources import Resources
from finn_gen.plan import table as plan_table
from finn_gen.plan.network import NetworkPlan

KINDS: dict[str, ModuleType] = {"ecp5": ecp5}
"""What `family` says of these boards, and the module that knows such a device.

A module has `PART` and `PIN`, patterns with the rules that are told; `part(text)`, which gives device, package and
speed grade as nextpnr calls them, or None; `MOST_CLOCK_MHZ`; `TOP`, the template; `pll(source_mhz, wanted_mhz)`, whose
result has `mhz`; and `constraints(board)`.
"""
RESET_BITS = 6
"""Of a counter that holds the reset behind the PLL's lock."""


@dataclass(frozen=True)
class Board:
    """A board that receives on `rxd_pin`. Clocks in MHz, `baud` in bits a second.

    kind         one of KINDS
    planned_mhz  the clock that is planned for where none is asked for
    loader       the command that loads a bitstream, without the file
    """

    name: str
    kind: str
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

    @property
    def limit(self) -> Resources:
        """What the device has."""
        return family.of_device(self.device).devices[self.device]

    def clock(self, wanted_mhz: float | None = None) -> float:
        """The fastest clock of the PLL that is not above the wanted one, or the planned one. InputError for none."""
        return KINDS[self.kind].pll(self.clock_mhz, wanted_mhz or self.planned_mhz).mhz


# ---- facts


def carried() -> dict[str, Path]:
    """The boards of the library with a serial line: name to folder."""
    found = {path.parent.name: path for path in sorted((ROOT / "fpga").glob(f"*/{FILE}"))}
    return {name: path.parent for name, path in found.items() if read_yaml(path).get("family") in KINDS}


def is_one(name: str, home: Path | None = None) -> bool:
    """Whether `name` is a board of `carried`, or a folder whose board.yaml names a `family`."""
    path = file_of(name, home)
    return "family" in read_yaml(path) if path.is_file() else name in carried()


def load(name: str, home: Path | None = None) -> Board:
    """The board `name`, one of fpga/ or a folder with a board.yaml. InputError names file, field and rule."""
    path = file_of(name, home)
    if not path.is_file():
        if name not in carried():
            raise InputError(
                f"board {name}: no folder with a {FILE}, and no board with a serial line of that name; there are "
                f"{', '.join(carried())}"
            )
        path = carried()[name] / FILE
    fields = Fields(str(path), read_yaml(path))
    fields.number("format", 1, 1)
    kind = fields.take("family", "")
    if kind not in KINDS:
        legal = f"one of {', '.join(KINDS)}; boards with a Zynq-7000 are for `finn-gen project`"
        raise fields.fail("family", kind, legal)
    knows = KINDS[kind]
    part = _text(fields, "part", *knows.PART)
    found = knows.part(part)
    if found is None or found[0] not in family.get(kind).devices:
        raise fields.fail("part", part, f"one of {', '.join(family.get(kind).devices)}, {knows.PART[1]}")
    device, package, speed = found
    clock, serial = (_table(fields, key, path) for key in ("clock", "serial"))
    board = Board(
        name=path.resolve().parent.name,
        kind=kind,
        title=_text(fields, "title", r"[\w .,()+/-]{1,60}", "the board's name for people: up to 60 plain characters"),
        part=part,
        device=device,
        package=package,
        speed=speed,
        clock_mhz=_megahertz(clock, "mhz", 8, knows.MOST_CLOCK_MHZ),
        clock_pin=_text(clock, "pin", *knows.PIN),
        rxd_pin=_text(serial, "rxd", *knows.PIN),
        txd_pin=_text(serial, "txd", *knows.PIN),
        baud=serial.number("baud", 9_600, 50_000_000),
        io=_text(fields, "io", r"LVCMOS(33|25|18|15|12)", "a standard of the pins: LVCMOS33, 25, 18, 15 or 12"),
        planned_mhz=_megahertz(fields, "planned_mhz", 5, knows.MOST_CLOCK_MHZ),
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


def _megahertz(fields: Fields, name: str, low: float, high: float) -> float:
    value = fields.take(name)
    if type(value) not in (int, float) or not low <= value <= high:
        raise fields.fail(name, value, f"a number from {low} to {high}")
    return value


def _table(fields: Fields, name: str, path: Path) -> Fields:
    value = fields.take(name)
    if not isinstance(value, dict):
        raise fields.fail(name, value, "a mapping, as {mhz: 25, pin: G2}")
    return Fields(f"{path}: {name}", value)


# ---- text


def use(plan: NetworkPlan, board: Board) -> str:
    """How much of the device the accelerator takes with control and host link, and a warning where it is too much."""
    used = plan_link(plan, board.baud).resources
    return plan_table.device_use(used, board.device, board.limit, "with control and host link")


def clock(wanted_mhz: float | None, board: Board) -> str:
    """A line on the clock that the board's PLL gives where it is not the wanted one; "" where it is."""
    given = board.clock(wanted_mhz)
    if wanted_mhz is None or math.isclose(given, wanted_mhz, rel_tol=1e-6):
        return ""
    return f"clock     the PLL of the {board.title} gives {given:g} MHz, the next below"


def bundle(system: LinkPlan, board: Board) -> tuple[Bundle, str]:
    """The system with PLL, reset and pins, whose top is `<net>_top`; and the constraints, for nextpnr."""
    knows = KINDS[board.kind]
    made = knows.pll(board.clock_mhz, system.net.clock_mhz)
    inner = link_bundle(system)
    top = f"{system.net.module}_top"
    text = render(knows.TOP, module=top, system=system, board=board, pll=made, width=RESET_BITS, cycles=1 << RESET_BITS)
    return Bundle(top, {**inner.own, f"{top}.v": text}, inner.blocks), knows.constraints(board)
