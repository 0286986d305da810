# SPDX-License-Identifier: Apache-2.0
"""The Vivado project of an accelerator on a Zynq-7000 board: from its description and the facts of the board to Tcl.

description   <net>_axi.json, what `finn-gen build NET --package axi` writes beside the IP
board         fpga/<board>/board.yaml, read by `facts`
plan          System: names, clock and addresses; numbers only
verbs         the block design as a list of verbs, which fpga/zynq7/verbs.tcl carries out
text          design.tcl, settings.tcl; the other scripts are written by hand and copied
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from finn_gen import __version__
from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.board.facts import Board
from finn_gen.emit.bundle import capi2

FOLDER = ROOT / "fpga" / "zynq7"
SCRIPTS = ("build.tcl", "project.tcl", "system.tcl", "verbs.tcl", "version.tcl")
DESIGN = "system"
"""Name of the block design; build.tcl looks for its hand-off."""
ACCELERATOR = "accelerator"
"""Cell of the accelerator in the block design, under which PYNQ finds it."""

# The processing system, the same in all Zynq-7000; UG585, chapters 4 (address map) and 25 (clocks).
PROCESSOR = "xilinx.com:ip:processing_system7"
CONTROL_PORT, CONTROL_SPACE = "M_AXI_GP0", "Data"
"""The ARM reads and writes the accelerator's registers through this port."""
CONTROL_WINDOW = (0x4000_0000, 0x8000_0000)
CONTROL_BASE = 0x43C0_0000
"""Where Vivado itself would begin."""
MEMORY_PORT, MEMORY_BITS, MEMORY_SEGMENT = "S_AXI_HP0", 64, "HP0_DDR_LOWOCM"
"""The accelerator reads and writes DDR through this port."""
CLOCK = "FCLK_CLK0"
MAX_CLOCK_MHZ = 250
MAX_DIVIDER = 63
"""Of each of the two dividers behind the IO PLL."""

_SMALLEST = 4096  # bytes that a slave of the processing system takes at least
_WORD = re.compile(r"[\w/.:\-]+")
_WORDS = re.compile(r"[\w .,:<>()/+\-]+")  # what stands in braces as it is


@dataclass(frozen=True)
class System:
    """What is built: the accelerator's IP on a board, the clock (MHz), and where its registers are (bytes)."""

    name: str
    module: str
    board: Board
    clock_mhz: float
    control_base: int
    control_size: int

    @property
    def ip(self) -> str:
        """Vendor, library and name of the accelerator's IP."""
        return f"finn:accel:{self.module}"


@dataclass(frozen=True)
class Verb:
    """One line of the block design: a verb of verbs.tcl, its words, and why, if that is not obvious."""

    name: str
    words: tuple[str | tuple[str, ...], ...]
    why: str = ""


# ---- plan


def plan(description: Mapping[str, Any], board: Board) -> System:
    """The system of the accelerator that `description` (the content of <net>_axi.json) is of.

    InputError if the board has no such clock or no room for the registers.
    """
    try:
        network, module = str(description["network"]), str(description["module"])
        clock_mhz, size = float(description["clock_mhz"]), int(description["size"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"description of the accelerator: field {error} is missing or no number") from None
    for field, value in (("network", network), ("module", module)):
        if not re.fullmatch(r"[A-Za-z]\w*", value):
            raise InputError(f"description of the accelerator: {field} {value!r} must be a plain name")
    return System(
        name=network,
        module=module,
        board=board,
        clock_mhz=clock(clock_mhz, board.io_pll_mhz),
        control_base=address(size),
        control_size=max(size, _SMALLEST),
    )


def clock(wanted_mhz: float, pll_mhz: float) -> float:
    """The fastest clock not above `wanted_mhz` that the dividers behind the PLL give."""
    least = pll_mhz / MAX_DIVIDER**2
    if not least <= wanted_mhz <= MAX_CLOCK_MHZ:
        raise InputError(f"clock {wanted_mhz:g} MHz: {CLOCK} of this board gives {least:.3g} to {MAX_CLOCK_MHZ} MHz")
    divided = (pll_mhz / (a * b) for a, b in product(range(1, MAX_DIVIDER + 1), repeat=2))
    # A hair above counts as equal: 1000 / 7 / 1 was asked for as 142.857143.
    return max(mhz for mhz in divided if mhz <= wanted_mhz * (1 + 1e-6))


def address(size: int) -> int:
    """Where registers of `size` bytes, a power of two, lie: at a multiple of it, from CONTROL_BASE on if that fits."""
    size = max(size, _SMALLEST)
    if size & (size - 1):
        raise InputError(f"size {size} of the accelerator's registers: it must be a power of two")
    low, high = CONTROL_WINDOW
    for start in (CONTROL_BASE, low):
        found = -(-start // size) * size
        if found + size <= high:
            return found
    raise InputError(f"size {size} of the accelerator's registers: the window {low:#x} to {high - 1:#x} is too small")


def system_of(package: Mapping[str, str | bytes], board: Board) -> System:
    """The system of the accelerator in `package`, what `packages.system_package` gives."""
    described = [path for path in package if re.fullmatch(r"\w+_axi\.json", path)]
    if len(described) != 1:
        raise InputError(f"package of the accelerator: {len(described)} descriptions <net>_axi.json instead of one")
    return plan(json.loads(package[described[0]]), board)


# ---- verbs


def verbs(system: System) -> tuple[Verb, ...]:
    """The block design. Clocks come before interfaces, which take their frequency when they are connected."""
    return (
        *_cells(system),
        *_clock_and_resets(),
        Verb("connect", (f"ps7/{CONTROL_PORT}", "control/S00_AXI")),
        Verb("connect", ("control/M00_AXI", f"{ACCELERATOR}/s_axil")),
        Verb("connect", (f"{ACCELERATOR}/m_axi", "memory/S00_AXI")),
        Verb("connect", ("memory/M00_AXI", f"ps7/{MEMORY_PORT}")),
        Verb("connect", (f"{ACCELERATOR}/interrupt", "ps7/IRQ_F2P")),
        *_addresses(system),
        Verb("finish", (DESIGN, ("reset/aux_reset_in", "reset/mb_debug_sys_rst")), "these two have their own defaults"),
    )


def _cells(system: System) -> tuple[Verb, ...]:
    interconnect = ("xilinx.com:ip:axi_interconnect", ("NUM_SI", "1", "NUM_MI", "1"))
    return (
        Verb("cell", ("ps7", PROCESSOR, _processor(system))),
        *(Verb("external", (f"ps7/{name}", name)) for name in ("DDR", "FIXED_IO")),
        Verb("cell", ("reset", "xilinx.com:ip:proc_sys_reset")),
        Verb("cell", ("control", *interconnect), "registers: AXI3 to AXI4-Lite"),
        Verb("cell", ("memory", *interconnect), "DDR: AXI4 to AXI3"),
        Verb("cell", (ACCELERATOR, system.ip)),
    )


def _processor(system: System) -> tuple[str, ...]:
    """Parameters of the processing system, each name followed by its value.

    The preset comes before what departs from it, and what the design needs prevails over what the board says.
    """
    board = system.board
    settings = ({"preset": board.preset} if board.preset else {}) | board.processor
    settings |= {
        "PCW_FPGA0_PERIPHERAL_FREQMHZ": f"{system.clock_mhz:.6f}".rstrip("0").rstrip("."),
        f"PCW_USE_{CONTROL_PORT}": 1,
        f"PCW_USE_{MEMORY_PORT}": 1,
        f"PCW_{MEMORY_PORT}_DATA_WIDTH": MEMORY_BITS,
        "PCW_USE_FABRIC_INTERRUPT": 1,
        "PCW_IRQ_F2P_INTR": 1,
    }
    return tuple(str(word) for setting in settings.items() for word in setting)


def _clock_and_resets() -> tuple[Verb, ...]:
    both = ("control", "memory")
    clocked = (
        f"ps7/{CLOCK}",
        f"ps7/{CONTROL_PORT}_ACLK",
        f"ps7/{MEMORY_PORT}_ACLK",
        "reset/slowest_sync_clk",
        *(f"{cell}/{pin}" for cell in both for pin in ("ACLK", "S00_ACLK", "M00_ACLK")),
        f"{ACCELERATOR}/aclk",
    )
    reset = (f"{cell}/{pin}" for cell in both for pin in ("S00_ARESETN", "M00_ARESETN"))
    return (
        Verb("connect", clocked, "one clock for all"),
        Verb("connect", ("ps7/FCLK_RESET0_N", "reset/ext_reset_in")),
        Verb("connect", ("reset/interconnect_aresetn", *(f"{cell}/ARESETN" for cell in both))),
        Verb("connect", ("reset/peripheral_aresetn", *reset, f"{ACCELERATOR}/aresetn")),
    )


def _addresses(system: System) -> tuple[Verb, ...]:
    registers = (f"ps7/{CONTROL_SPACE}", f"{ACCELERATOR}/s_axil/*")
    memory = (f"{ACCELERATOR}/m_axi", f"ps7/{MEMORY_PORT}/{MEMORY_SEGMENT}")
    return (
        Verb("map", (*registers, f"{system.control_base:#010x}", f"{system.control_size:#x}")),
        Verb("map", (*memory, f"{0:#010x}", f"{system.board.memory_bytes:#x}")),
    )


# ---- text


def word(text: str) -> str:
    """A word of Tcl, in braces if it has blanks; InputError if it would have to be quoted in another way."""
    if _WORD.fullmatch(text.replace("*", "")):
        return text
    if not _WORDS.fullmatch(text):
        raise InputError(f"{text!r} cannot stand in a Tcl script")
    return f"{{{text}}}"


def _line(verb: Verb) -> str:
    words = []
    for given in verb.words:
        if isinstance(given, str):
            words.append(word(given))
        elif len(given) > 4:  # settings, a pair on a line
            pairs = zip(given[::2], given[1::2], strict=True)
            words.append("{\n" + "".join(f"    {word(name)} {word(value)}\n" for name, value in pairs) + "}")
        else:
            words.append("{" + " ".join(map(word, given)) + "}")
    text = f"finn::{verb.name} " + " ".join(words)
    if "\n" not in text and len(text) > 120:
        text = f"finn::{verb.name} " + " \\\n    ".join(words)
    return (f"# {verb.why}\n" if verb.why else "") + text + "\n"


def design_tcl(system: System, listed: Sequence[Verb]) -> str:
    """The block design as a script."""
    where = f"{system.name} on the {system.board.title}"
    head = (
        "# SPDX-License-Identifier: Apache-2.0\n"
        f"# Generated by finn-gen {__version__}: {where}, in the verbs of verbs.tcl.\n\n"
        f"create_bd_design {DESIGN}\n\n"
    )
    return head + "".join(_line(verb) for verb in listed)


def settings_tcl(system: System) -> str:
    """What the scripts written by hand have to know."""
    constraints = system.board.constraints
    settings = {
        "name": word(system.name),
        "module": word(system.module),
        "part": word(system.board.part),
        "board_part": word(system.board.board_part),
        "constraints": word(constraints.name) if constraints else "{}",
    }
    lines = "".join(f"    {name} {value}\n" for name, value in settings.items())
    return (
        f"# SPDX-License-Identifier: Apache-2.0\n# Generated by finn-gen {__version__}.\n\n"
        f"namespace eval finn {{}}\narray set finn::settings {{\n{lines}}}\n"
    )


def scripts(system: System) -> dict[str, str | bytes]:
    """All scripts of the project."""
    constraints = system.board.constraints
    copied = [FOLDER / name for name in SCRIPTS] + ([constraints] if constraints else [])
    files: dict[str, str | bytes] = {path.name: path.read_text() for path in copied}
    return files | {"design.tcl": design_tcl(system, verbs(system)), "settings.tcl": settings_tcl(system)}


# ---- the whole folder


def project(package: Mapping[str, str | bytes], board: Board) -> dict[str, str | bytes]:
    """The folder of the project: its scripts, and in `ip` the accelerator, `package` (`packages.system_package`)."""
    system = system_of(package, board)
    return scripts(system) | {f"ip/{system.module}/{path}": content for path, content in package.items()}


def fusesoc_files(vlnv: str, package: Mapping[str, str | bytes], board: Board) -> dict[str, str | bytes]:
    """The same for FuseSoC, with a `.core` whose scripts edalize's Vivado flow sources."""
    files = project(package, board)
    kinds = {"system.tcl": "tclSource"} | ({board.constraints.name: "xdc"} if board.constraints else {})
    filesets = {"project": {"files": [{path: {"file_type": kinds.get(path, "user")}} for path in files]}}
    about = f"Generated by finn-gen {__version__}: a block design for the {board.title}"
    core = capi2(vlnv, about, filesets, {"default": {"filesets": ["project"]}})
    return files | {f"{board.name}.core": core}
