# SPDX-License-Identifier: Apache-2.0
"""The facts of a board, read from the file board.yaml in its folder; docs/adding-a-board.md describes it.

Users write their own. Nothing of the file reaches Tcl or a path before it is checked here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.base.yaml_file import Fields, read_yaml
from finn_gen.family.xc7 import FAMILY

FILE = "board.yaml"
PRESETS = ("ZC702", "ZC706", "ZedBoard")
"""Boards whose settings of the processing system the PS7 IP itself carries."""
LEAST_MIB, MOST_MIB = 32, 1024
"""Memory that the processing system can have; UG585, chapter 4."""
SLOWEST_PLL_MHZ, FASTEST_PLL_MHZ = 780, 2000
"""What a PLL of the processing system can give, for the slowest and the fastest speed grade; DS187, DS191."""
DERIVED = (
    "PCW_DDR_RAM_HIGHADDR",
    "PCW_IO_IO_PLL_FREQMHZ",
    "PCW_MIO_TREE_PERIPHERALS",
    "PCW_MIO_TREE_SIGNALS",
    "PCW_S_AXI_HP0_FREQMHZ",
)
"""Parameters that the PS7 IP computes from the others. Presets list them as well; they do not reach the scripts."""
RATIO = "PCW_APU_CLK_RATIO_ENABLE"
_CAPACITY, _BUS, _DRAM, _ECC = (
    f"PCW_UIPARAM_DDR_{name}" for name in ("DEVICE_CAPACITY", "BUS_WIDTH", "DRAM_WIDTH", "ECC")
)
_CRYSTAL, _FACTOR = "PCW_CRYSTAL_PERIPHERAL_FREQMHZ", "PCW_IOPLL_CTRL_FBDIV"


@dataclass(frozen=True)
class Board:
    """A board with a Zynq-7000.

    preset         a preset of the PS7 IP, or "" for none
    processor      parameters of the PS7 IP that are set after the preset, by name
    memory_bytes   DDR of the processing system, from address 0
    io_pll_mhz     of the IO PLL, which the clock of the programmable logic is divided from
    constraints    a file for Vivado, or None
    """

    name: str
    title: str
    part: str
    board_part: str
    preset: str
    memory_bytes: int
    io_pll_mhz: float
    processor: Mapping[str, str] = field(default_factory=dict, hash=False)
    constraints: Path | None = None

    @property
    def device(self) -> str:
        """The device of the part: what lies before package and speed grade."""
        return _device(self.part)


def carried() -> dict[str, Path]:
    """The boards with a Zynq-7000 that the library carries: name to folder. Those of others name their `family`."""
    found = sorted((ROOT / "fpga").glob(f"*/{FILE}"))
    return {path.parent.name: path.parent for path in found if "family" not in read_yaml(path)}


def file_of(name: str, home: Path | None = None) -> Path:
    """The board.yaml that the path of it, or of its folder, means, from `home` on; it may not be there."""
    path = (home or Path()) / name
    return path if path.name == FILE else path / FILE


def load(name: str, home: Path | None = None, also: Iterable[str] = ()) -> Board:
    """The board `name`: one of fpga/, or the path of a folder with a board.yaml or of that file, from `home` on.

    InputError names the file, the field, the rule, and what would be legal: `also` are boards of other families.
    """
    path = file_of(name, home)
    if not path.is_file():
        if name not in carried():
            known = ", ".join(sorted({*carried(), *also}))
            raise InputError(f"board {name}: no folder with a {FILE}, and no board of that name; there are {known}")
        path = carried()[name] / FILE
    return _read(path.parent)


def _read(folder: Path) -> Board:
    path = folder / FILE
    name = folder.resolve().name
    if not re.fullmatch(r"[A-Za-z][\w-]*", name):
        raise InputError(f"{path}: the folder's name {name!r} names the board; it must be a plain name")
    fields = Fields(str(path), read_yaml(path))
    fields.number("format", 1, 1)
    board = Board(
        name,
        _text(fields, "title", r"[\w .,()+/-]{1,60}", "the board's name for people: up to 60 plain characters"),
        _part(fields),
        _text(fields, "board_part", r"[\w.-]+(:[\w.-]+){3}", "vendor:board:part0:version, as in its board files"),
        _preset(fields),
        _memory(fields) << 20,
        _pll(fields),
        _processor(fields),
        _constraints(fields, folder),
    )
    fields.done()
    _agree(fields, board)
    if not board.preset and not board.processor:
        raise InputError(f"{path}: preset or processor must be there; presets: {', '.join(PRESETS)}")
    return replace(board, processor={key: value for key, value in board.processor.items() if key not in DERIVED})


def _text(fields: Fields, name: str, pattern: str, rule: str) -> str:
    value = fields.take(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise fields.fail(name, value, rule)
    return value


def _device(part: str) -> str:
    return re.split(r"[a-z]{3}\d+-", part, maxsplit=1)[0]


def _part(fields: Fields) -> str:
    devices = [name for name in FAMILY.devices if name.startswith("xc7z")]
    rule = "device, package and speed grade of a Zynq-7000, as in xc7z020clg484-1; devices: " + ", ".join(devices)
    part = _text(fields, "part", r"xc7z\d{3}s?[a-z]{3}\d{3,4}-[123]", rule)
    if _device(part) not in devices:
        raise fields.fail("part", part, rule)
    return part


def _preset(fields: Fields) -> str:
    preset = fields.take("preset", "")
    if preset != "" and preset not in PRESETS:
        raise fields.fail("preset", preset, "one of " + ", ".join(PRESETS))
    return preset


def _memory(fields: Fields) -> int:
    mib = fields.take("memory_mib")
    if type(mib) is not int or not LEAST_MIB <= mib <= MOST_MIB or mib & (mib - 1):
        rule = f"a power of two from {LEAST_MIB} to {MOST_MIB}, MiB; a Zynq-7000 addresses no more"
        raise fields.fail("memory_mib", mib, rule)
    return mib


def _pll(fields: Fields) -> float:
    mhz = fields.take("io_pll_mhz")
    if type(mhz) not in (int, float) or not SLOWEST_PLL_MHZ <= mhz <= FASTEST_PLL_MHZ:
        raise fields.fail("io_pll_mhz", mhz, f"a number from {SLOWEST_PLL_MHZ} to {FASTEST_PLL_MHZ}")
    return mhz


def _processor(fields: Fields) -> dict[str, str]:
    """Parameters by name, with those that are DERIVED. Values of the others become words of Tcl in braces."""
    given = fields.take("processor", {})
    if not isinstance(given, Mapping):
        raise fields.fail("processor", given, "a mapping of parameters of the PS7 IP, PCW_..., to their values")
    for name, value in given.items():
        if not re.fullmatch(r"PCW_[A-Z0-9_]{1,60}", str(name)):
            raise fields.fail("processor", name, "the name of a parameter of the PS7 IP: PCW_...")
        if name in DERIVED:
            continue
        if not _plain(value):
            raise fields.fail(f"processor: {name}", value, "a number or up to 60 plain characters; true in quotes")
        if name == RATIO and type(value) is not str:
            raise fields.fail(
                f"processor: {name}", value, 'a ratio in quotes, "6:2:1"; without, YAML makes it a number'
            )
    return {name: str(value) for name, value in given.items()}


def _plain(value: object) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    return type(value) in (int, str) and bool(re.fullmatch(r"[\w .,:<>()/+-]{1,60}", str(value), re.ASCII))


def _constraints(fields: Fields, folder: Path) -> Path | None:
    name = fields.take("constraints")
    if name is None:
        return None
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w-]*\.xdc", name, re.ASCII) or not (folder / name).is_file():
        raise fields.fail("constraints", name, f"the name of an .xdc file in {folder}")
    return folder / name


def _agree(fields: Fields, board: Board) -> None:
    """Refuse a board that says one thing twice and differently: by itself, and in a parameter of the PS7 IP."""
    mib = board.memory_bytes >> 20
    for names, found in _described_memory(board.processor):
        if found != mib:
            raise fields.fail("memory_mib", mib, _as_said(f"{found:g}", names))
    for names, found in _described_pll(board.processor):
        if not math.isclose(found, board.io_pll_mhz, rel_tol=1e-3):
            raise fields.fail("io_pll_mhz", board.io_pll_mhz, _as_said(f"{found:g}", names))
    package = board.processor.get("PCW_PACKAGE_NAME", "")
    if package not in board.part:
        raise fields.fail("part", board.part, _as_said(f"one in the package {package}", ("PCW_PACKAGE_NAME",)))


def _as_said(rule: str, names: Sequence[str]) -> str:
    return f"{rule}, as {', '.join(names)} of processor say{'s' * (len(names) == 1)}; or that must change"


def _described_memory(processor: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], float]]:
    """The memory in MiB that parameters of the PS7 IP describe, with their names."""
    capacity, bus, dram = (_leading(processor.get(name, "")) for name in (_CAPACITY, _BUS, _DRAM))
    if capacity and bus and dram and processor.get(_ECC, "Disabled") == "Disabled":
        yield (_CAPACITY, _BUS, _DRAM), capacity * bus / dram / 8
    last = _whole(processor.get("PCW_DDR_RAM_HIGHADDR", ""))
    if last:
        yield ("PCW_DDR_RAM_HIGHADDR",), (last + 1) / (1 << 20)


def _leading(text: str) -> float:
    """The number that `text` begins with, as in `4096 MBits`; 0 for none."""
    found = re.match(r"\d+(\.\d+)?", text)
    return float(found[0]) if found else 0


def _whole(text: str) -> int:
    """A decimal or hexadecimal number; 0 for what is none."""
    return int(text, 0) if re.fullmatch(r"0x[0-9a-fA-F]+|[1-9]\d*", text) else 0


def _described_pll(processor: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], float]]:
    """The IO PLL in MHz that parameters of the PS7 IP describe, with their names."""
    for names in ((_CRYSTAL, _FACTOR), ("PCW_IO_IO_PLL_FREQMHZ",)):
        found = math.prod(_leading(processor.get(name, "")) for name in names)
        if found:
            yield names, found
