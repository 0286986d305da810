# SPDX-License-Identifier: Apache-2.0
"""What an IP is: its parameters, and the pins, interfaces and segments that follow from them."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import yaml

from vivado_model.errors import VivadoError

FACTS = Path(__file__).with_name("facts.yaml")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an IP: its default and what is legal."""

    name: str
    default: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = False
    derived: bool = False

    def check(self, owner: str, value: str) -> None:
        """Refuse what is not legal."""
        if self.derived:
            raise VivadoError(f"[BD 41-737] cannot set CONFIG.{self.name} of {owner}: it is read-only")
        if self.values and value not in self.values:
            raise VivadoError(
                f"[IP_Flow 19-3461] value '{value}' of CONFIG.{self.name} of {owner} is out of the legal values: "
                + ", ".join(self.values)
            )
        if self.low is None or self.high is None:
            return
        try:
            number = int(value, 0) if self.whole else float(value)
        except ValueError:
            raise VivadoError(
                f"[IP_Flow 19-3461] value '{value}' of CONFIG.{self.name} of {owner} is no number"
            ) from None
        if not self.low <= number <= self.high:
            raise VivadoError(
                f"[IP_Flow 19-3461] value '{value}' of CONFIG.{self.name} of {owner} is out of the range "
                f"({self.low:g},{self.high:g})"
            )


@dataclass(frozen=True)
class Pin:
    """A pin that belongs to no interface. `width` 0: it takes the width of what is connected."""

    name: str
    direction: str  # I, O or IO
    width: int = 1
    kind: str = "undef"  # clk, rst, intr, data or undef
    low: int = 0  # the rightmost index
    scalar: bool = True
    polarity: str = ""  # of a reset: ACTIVE_LOW, ACTIVE_HIGH, or "" where it follows its driver
    clock: str = ""  # of a reset: the clock pin it is synchronous to, "" if it may be asynchronous
    tied: bool = False  # may stay open: the IP has a default for it
    mhz: float | None = None  # of a clock output
    fixed_hz: int | None = None  # of a clock input that demands a frequency


@dataclass(frozen=True)
class Interface:
    """An interface pin. An empty entry of `bus` (PROTOCOL, DATA_WIDTH, ...) adapts itself to the other side."""

    name: str
    vlnv: str
    mode: str  # Master or Slave
    bus: Mapping[str, str] = field(default_factory=dict)
    clock: str = ""
    tied: bool = False
    space: str = ""  # of a memory-mapped master: its address space
    through: tuple[str, ...] = ()  # of a slave that passes on: the masters on the other side


@dataclass(frozen=True)
class Segment:
    """What a slave interface shows in the address space of a master."""

    name: str
    interface: str
    size: int
    base: int | None = None  # the only place where it can be, None if anywhere


@dataclass(frozen=True)
class Space:
    """The addresses that a master can speak; `windows` per interface."""

    name: str
    windows: Mapping[str, tuple[int, int]]


class Board(Protocol):
    """What Vivado learns of a board: from its board files the name and the part, from the preset the rest."""

    @property
    def part(self) -> str:
        """Device, package and speed grade."""

    @property
    def board_part(self) -> str:
        """Vendor, board, part and version, as in its board files."""

    @property
    def memory_bytes(self) -> int:
        """DDR of the processing system, from address 0."""

    @property
    def io_pll_mhz(self) -> float:
        """Of the processing system's IO PLL."""


@dataclass(frozen=True)
class Shape:
    """What follows from the values of the parameters."""

    pins: Mapping[str, Pin]
    interfaces: Mapping[str, Interface]
    segments: tuple[Segment, ...] = ()
    spaces: tuple[Space, ...] = ()


@dataclass(frozen=True)
class IpDef:
    """An IP of the catalog."""

    vlnv: str
    parameters: Mapping[str, Parameter]
    shape: Callable[[Mapping[str, str]], Shape]
    presets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hidden: bool = False  # not found without -all
    contexts: str = "HDL IPI"  # where it may be used; IPI is the block design
    root: Path | None = None  # folder of a user's IP
    others: re.Pattern[str] = re.compile(r"(?!)")  # names of more parameters, which the shape does not follow from

    def parameter(self, name: str) -> Parameter | None:
        """A parameter by name, None if there is none."""
        if name not in self.parameters and self.others.fullmatch(name):
            return Parameter(name, "")
        return self.parameters.get(name)

    @property
    def name(self) -> str:
        """The third part of the VLNV."""
        return self.vlnv.split(":")[2]


def version_key(vlnv: str) -> tuple[str, tuple[int, ...]]:
    """For sorting: the name, and the version as numbers."""
    head, _, version = vlnv.rpartition(":")
    return head, tuple(int(part) for part in re.findall(r"\d+", version))


def xilinx(board: Board | None = None) -> dict[str, IpDef]:
    """The Xilinx IPs of facts.yaml, by VLNV, as they are on a board."""
    values = {}
    if board is not None:
        values = {
            "PCW_DDR_RAM_HIGHADDR": f"{board.memory_bytes - 1:#010x}",
            "PCW_IO_IO_PLL_FREQMHZ": f"{board.io_pll_mhz:g}",
        }
    return {vlnv: _with_defaults(ip, values) for vlnv, ip in _xilinx()}


def _with_defaults(ip: IpDef, values: Mapping[str, str]) -> IpDef:
    changed = {
        name: replace(ip.parameters[name], default=value) for name, value in values.items() if name in ip.parameters
    }
    return replace(ip, parameters={**ip.parameters, **changed}) if changed else ip


@functools.cache
def _xilinx() -> tuple[tuple[str, IpDef], ...]:
    facts = yaml.safe_load(FACTS.read_text())
    return tuple((entry["vlnv"], _ip(entry)) for entry in facts["ips"])


@functools.cache
def parts() -> frozenset[str]:
    """Parts that the model knows: device, package and speed grade."""
    table = yaml.safe_load(FACTS.read_text())["parts"]
    return frozenset(
        f"{device}{package}-{speed}"
        for device, entry in table.items()
        for package, speed in itertools.product(entry["packages"], entry["speeds"])
    )


def device(part: str) -> str:
    """The device of a part: xc7z045 of xc7z045ffg900-2."""
    return re.split(r"[a-z]{3}\d+-", part, maxsplit=1)[0]


def _ip(entry: Mapping[str, Any]) -> IpDef:
    parameters = {name: _parameter(name, given) for name, given in (entry.get("parameters") or {}).items()}
    presets = {
        name: {parameter: str(value) for parameter, value in values.items()}
        for name, values in (entry.get("presets") or {}).items()
    }
    return IpDef(
        entry["vlnv"],
        parameters,
        functools.partial(_shape, entry),
        presets,
        hidden=bool(entry.get("hidden")),
        contexts=entry.get("contexts", "HDL IPI"),
        others=re.compile("|".join(entry.get("others", ["(?!)"]))),
    )


def _parameter(name: str, given: Mapping[str, Any]) -> Parameter:
    low, high = given.get("range", (None, None))
    return Parameter(
        name,
        str(given["default"]),
        tuple(str(value) for value in given.get("values", ())),
        low,
        high,
        whole=all(isinstance(bound, int) for bound in (low, high)),
        derived=bool(given.get("derived")),
    )


def _present(entry: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    return all(values[name] == str(value) for name, value in (entry.get("when") or {}).items())


def _number(given: Any, values: Mapping[str, str]) -> int:
    """A number of the table: itself, or the value of the parameter it names."""
    return int(values[given], 0) if isinstance(given, str) else int(given)


def _repeated(entry: Mapping[str, Any], values: Mapping[str, str]) -> list[dict[str, Any]]:
    """An entry once, or once for each index below `count` with `{}` in its texts replaced."""
    if "count" not in entry:
        return [dict(entry)]

    def at(index: int, given: Any) -> Any:
        if isinstance(given, str):
            return given.replace("{:02}", f"{index:02}").replace("{}", str(index))
        if isinstance(given, dict):
            return {key: at(index, value) for key, value in given.items()}
        return given

    plain = {key: value for key, value in entry.items() if key != "count"}
    return [at(index, plain) for index in range(_number(entry["count"], values))]


def _entries(entry: Mapping[str, Any], section: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [one for given in entry.get(section) or () if _present(given, values) for one in _repeated(given, values)]


def _shape(entry: Mapping[str, Any], values: Mapping[str, str]) -> Shape:
    segments = tuple(
        Segment(given["name"], given["interface"], _number(given["last"], values) + 1 - given["base"], given["base"])
        for given in _entries(entry, "segments", values)
    )
    windows: dict[str, dict[str, tuple[int, int]]] = {}
    for given in _entries(entry, "spaces", values):
        windows.setdefault(given["name"], {})[given["interface"]] = tuple(given["window"])
    spaces = tuple(Space(name, found) for name, found in windows.items())
    return Shape(_pins(entry, values), _interfaces(entry, values), segments, spaces)


def _pins(entry: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Pin]:
    return {
        given["name"]: Pin(
            given["name"],
            given["dir"],
            _number(given.get("width", 1), values),
            given.get("type", "undef"),
            scalar="width" not in given,
            polarity=given.get("polarity", ""),
            clock=given.get("clock", ""),
            tied=bool(given.get("tied")),
            mhz=_mhz(given["mhz"], values) if "mhz" in given else None,
        )
        for given in _entries(entry, "pins", values)
    }


def _interfaces(entry: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Interface]:
    interfaces = {
        given["name"]: Interface(
            given["name"],
            given["vlnv"],
            given["mode"],
            {name: _bus_value(value, values) for name, value in (given.get("bus") or {}).items()},
            given.get("clock", ""),
            bool(given.get("tied")),
            given.get("space", ""),
        )
        for given in _entries(entry, "interfaces", values)
    }
    if not entry.get("bridge"):
        return interfaces
    # Every slave side reaches every master side.
    masters = tuple(name for name, one in interfaces.items() if one.mode == "Master")
    return {name: replace(one, through=masters) if one.mode == "Slave" else one for name, one in interfaces.items()}


def _bus_value(given: Any, values: Mapping[str, str]) -> str:
    return values.get(given, given) if isinstance(given, str) else str(given)


def _mhz(given: Mapping[str, Any], values: Mapping[str, str]) -> float:
    """The frequency that the dividers behind the PLL come closest to."""
    return _closest(float(values[given["parameter"]]), float(values[given["pll"]]), given["limit"])


@functools.cache
def _closest(asked: float, pll: float, limit: int) -> float:
    found = {pll / (a * b) for a in range(1, limit + 1) for b in range(1, limit + 1)}
    return min(found, key=lambda mhz: abs(mhz - asked))
