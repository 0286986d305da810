# SPDX-License-Identifier: Apache-2.0
"""The Vivado project of an accelerator on the ZC706: from its description and the facts of the board to Tcl.

description   <net>_axi.json, what `finn-gen build NET --package zc706` writes beside the IP
board         fpga/zc706/board.yaml
plan          System: names, clock and addresses; numbers only
verbs         the block design as a list of verbs, which fpga/zc706/verbs.tcl carries out
text          design.tcl, settings.tcl; the other scripts are written by hand and copied
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import yaml

from finn_gen import __version__
from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT

FOLDER = ROOT / "fpga" / "zc706"
SCRIPTS = ("build.tcl", "project.tcl", "system.tcl", "verbs.tcl", "version.tcl", "zc706.xdc")
DESIGN = "system"
"""Name of the block design; build.tcl looks for its hand-off."""
ACCELERATOR = "accelerator"
"""Cell of the accelerator in the block design, under which PYNQ finds it."""
_SMALLEST = 4096  # bytes that a slave of the PS takes at least
_WORD = re.compile(r"[\w/.:\-]+")


@dataclass(frozen=True)
class System:
    """What is built: the accelerator's IP, the clock (MHz), and the addresses of its registers and of the DDR."""

    name: str
    module: str
    ip: str
    part: str
    board_part: str
    clock_mhz: float
    control_base: int
    control_size: int
    memory_base: int
    memory_size: int


@dataclass(frozen=True)
class Verb:
    """One line of the block design: a verb of verbs.tcl, its words, and why, if that is not obvious."""

    name: str
    words: tuple[str | tuple[str, ...], ...]
    why: str = ""


def board() -> dict[str, Any]:
    """The facts of board.yaml."""
    return yaml.safe_load((FOLDER / "board.yaml").read_text())


def plan(description: Mapping[str, Any], facts: Mapping[str, Any]) -> System:
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
    processor = facts["processor"]
    control = processor["control"]
    return System(
        name=network,
        module=module,
        ip=f"finn:accel:{module}",
        part=facts["part"],
        board_part=facts["board_part"],
        clock_mhz=clock(clock_mhz, processor["clock"]),
        control_base=address(size, control["base"], control["window"]),
        control_size=max(size, _SMALLEST),
        memory_base=processor["memory"]["base"],
        memory_size=processor["memory"]["size"],
    )


def clock(wanted_mhz: float, facts: Mapping[str, Any]) -> float:
    """The fastest clock not above `wanted_mhz` that the dividers behind the PLL give; UG585, chapter 25."""
    pll, (first, second) = facts["pll_mhz"], facts["dividers"]
    least = pll / (first * second)
    if not least <= wanted_mhz <= facts["max_mhz"]:
        raise InputError(
            f"clock {wanted_mhz:g} MHz: {facts['pin']} of this board gives {least:.3g} to {facts['max_mhz']} MHz"
        )
    divided = (pll / (a * b) for a, b in product(range(1, first + 1), range(1, second + 1)))
    # A hair above counts as equal: 1000 / 7 / 1 was asked for as 142.857143.
    return max(mhz for mhz in divided if mhz <= wanted_mhz * (1 + 1e-6))


def address(size: int, base: int, window: Sequence[int]) -> int:
    """The first address from `base` on, a multiple of `size` (bytes, a power of two), where that fits the window."""
    size = max(size, _SMALLEST)
    if size & (size - 1):
        raise InputError(f"size {size} of the accelerator's registers: it must be a power of two")
    low, high = window
    for start in (base, low):
        found = -(-start // size) * size
        if found + size <= high:
            return found
    raise InputError(f"size {size} of the accelerator's registers: the window {low:#x} to {high - 1:#x} is too small")


def verbs(system: System, facts: Mapping[str, Any]) -> tuple[Verb, ...]:
    """The block design. Clocks come before interfaces, which take their frequency when they are connected."""
    processor = facts["processor"]
    control, memory = processor["control"], processor["memory"]
    fclk = f"ps7/{processor['clock']['pin']}"
    return (
        Verb("cell", ("ps7", processor["ip"], _processor(system, processor))),
        *(Verb("external", (f"ps7/{name}", name)) for name in processor["external"]),
        Verb("cell", ("reset", "xilinx.com:ip:proc_sys_reset")),
        Verb(
            "cell",
            ("control", "xilinx.com:ip:axi_interconnect", ("NUM_SI", "1", "NUM_MI", "1")),
            "registers: AXI3 to AXI4-Lite",
        ),
        Verb("cell", ("memory", "xilinx.com:ip:axi_interconnect", ("NUM_SI", "1", "NUM_MI", "1")), "DDR: AXI4 to AXI3"),
        Verb("cell", (ACCELERATOR, system.ip)),
        Verb(
            "connect",
            (
                fclk,
                f"ps7/{control['clock']}",
                f"ps7/{memory['clock']}",
                "reset/slowest_sync_clk",
                *(f"{cell}/{pin}" for cell in ("control", "memory") for pin in ("ACLK", "S00_ACLK", "M00_ACLK")),
                f"{ACCELERATOR}/aclk",
            ),
            "one clock for all",
        ),
        Verb("connect", (f"ps7/{processor['reset']}", "reset/ext_reset_in")),
        Verb("connect", ("reset/interconnect_aresetn", "control/ARESETN", "memory/ARESETN")),
        Verb(
            "connect",
            (
                "reset/peripheral_aresetn",
                *(f"{cell}/{pin}" for cell in ("control", "memory") for pin in ("S00_ARESETN", "M00_ARESETN")),
                f"{ACCELERATOR}/aresetn",
            ),
        ),
        Verb("connect", (f"ps7/{control['interface']}", "control/S00_AXI")),
        Verb("connect", ("control/M00_AXI", f"{ACCELERATOR}/s_axil")),
        Verb("connect", (f"{ACCELERATOR}/m_axi", "memory/S00_AXI")),
        Verb("connect", ("memory/M00_AXI", f"ps7/{memory['interface']}")),
        Verb("connect", (f"{ACCELERATOR}/interrupt", f"ps7/{processor['interrupt']['pin']}")),
        Verb(
            "map",
            (
                f"ps7/{control['space']}",
                f"{ACCELERATOR}/s_axil/*",
                f"{system.control_base:#010x}",
                f"{system.control_size:#x}",
            ),
        ),
        Verb(
            "map",
            (
                f"{ACCELERATOR}/m_axi",
                f"ps7/{memory['interface']}/{memory['segment']}",
                f"{system.memory_base:#010x}",
                f"{system.memory_size:#x}",
            ),
        ),
        Verb("finish", (DESIGN, ("reset/aux_reset_in", "reset/mb_debug_sys_rst")), "these two have their own defaults"),
    )


def _processor(system: System, processor: Mapping[str, Any]) -> tuple[str, ...]:
    control, memory, interrupt = processor["control"], processor["memory"], processor["interrupt"]
    settings = {
        "preset": processor["preset"],
        processor["clock"]["parameter"]: f"{system.clock_mhz:.6f}".rstrip("0").rstrip("."),
        control["enable"]: 1,
        memory["enable"]: 1,
        memory["width_parameter"]: memory["width"],
        **dict.fromkeys(interrupt["enable"], 1),
    }
    return tuple(str(word) for setting in settings.items() for word in setting)


def word(text: str) -> str:
    """A word of Tcl as it stands; InputError if it would have to be quoted."""
    if not _WORD.fullmatch(text.replace("*", "")):
        raise InputError(f"{text!r} cannot stand in a Tcl script")
    return text


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
    head = (
        "# SPDX-License-Identifier: Apache-2.0\n"
        f"# Generated by finn-gen {__version__}: {system.name} on the ZC706, in the verbs of verbs.tcl.\n\n"
        f"create_bd_design {DESIGN}\n\n"
    )
    return head + "".join(_line(verb) for verb in listed)


def settings_tcl(system: System) -> str:
    """What the scripts written by hand have to know."""
    settings = {
        "name": system.name,
        "module": system.module,
        "part": system.part,
        "board_part": system.board_part,
    }
    lines = "".join(f"    {name} {word(value)}\n" for name, value in settings.items())
    return (
        f"# SPDX-License-Identifier: Apache-2.0\n# Generated by finn-gen {__version__}.\n\n"
        f"namespace eval finn {{}}\narray set finn::settings {{\n{lines}}}\n"
    )


def system_of(package: Mapping[str, str | bytes]) -> System:
    """The system of the accelerator in `package`, what `packages.system_package` gives."""
    described = [path for path in package if re.fullmatch(r"\w+_axi\.json", path)]
    if len(described) != 1:
        raise InputError(f"package of the accelerator: {len(described)} descriptions <net>_axi.json instead of one")
    return plan(json.loads(package[described[0]]), board())


def project(package: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    """The folder of the project: its scripts, and in `ip` the accelerator, `package` (`packages.system_package`)."""
    system = system_of(package)
    return scripts(system, board()) | {f"ip/{system.module}/{path}": content for path, content in package.items()}


def fusesoc_files(vlnv: str, package: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    """The same for FuseSoC, with a `.core` whose scripts edalize's Vivado flow sources."""
    files = project(package)
    kinds = {"system.tcl": "tclSource", "zc706.xdc": "xdc"}
    core = {
        "name": vlnv,
        "description": f"Generated by finn-gen {__version__}: a block design for the ZC706",
        "filesets": {"project": {"files": [{path: {"file_type": kinds.get(path, "user")}} for path in files]}},
        "targets": {"default": {"filesets": ["project"]}},
    }
    return files | {"zc706.core": "CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False)}


def scripts(system: System, facts: Mapping[str, Any]) -> dict[str, str | bytes]:
    """All scripts of the project."""
    copied = {name: (FOLDER / name).read_text() for name in SCRIPTS}
    return copied | {"design.tcl": design_tcl(system, verbs(system, facts)), "settings.tcl": settings_tcl(system)}
