# SPDX-License-Identifier: Apache-2.0
"""What the tests of Vivado's Tcl share: a small IP with the ports of a system, its project, and both interpreters."""

import functools
import json
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from finn_gen.base.files import write_tree
from finn_gen.board import facts, zynq7
from finn_gen.board.facts import Board
from finn_gen.package.ip_xact import component_files
from tests.lib.paths import ROOT
from vivado_model import tclsh, tkinter_tcl
from vivado_model.hardware_commands import VivadoWithHardware

# Of a fixture `bench`: the interpreters.
FRONT_ENDS = [
    pytest.param(
        tkinter_tcl,
        id="tkinter",
        marks=pytest.mark.skipif(not tkinter_tcl.available(), reason="this Python has no tkinter (python3-tk)"),
    ),
    pytest.param(
        tclsh,
        id="tclsh",
        marks=pytest.mark.skipif(not tclsh.available(), reason="there is no tclsh (make setup installs it)"),
    ),
]
BOARD = facts.load("zc706")
DESCRIPTION = {"network": "toy", "module": "toy_axi", "clock_mhz": 200.0, "size": 1 << 14}
ADDRESS_BITS = 14


def _channel(prefix: str, master: bool, signals: str) -> list[str]:
    """Ports of an AXI channel: `signal:width`, given by the master; `signal!` is its READY, given by the slave."""
    ports = []
    for signal in signals.split():
        name, _, width = signal.rstrip("!").partition(":")
        direction = "output" if master != signal.endswith("!") else "input"
        ports.append(f"{direction} wire {f'[{int(width) - 1}:0] ' if width else ''}{prefix}_{name}")
    return ports


def _axi(prefix: str, master: bool, address: str, data: str, response: str) -> list[str]:
    return [
        port
        for channel in ("aw", "ar")
        for port in _channel(prefix, master, " ".join(f"{channel}{one}" for one in address.split()))
    ] + [
        *_channel(prefix, master, " ".join(f"w{one}" for one in data.split())),
        *_channel(prefix, master, "bready rready"),
        *_channel(prefix, not master, f"bresp:2 bvalid rresp:2 rvalid {response}"),
    ]


def toy_package() -> dict[str, str]:
    """An IP with the ports that the module of a system has, and nothing inside."""
    ports = [
        "input wire aclk",
        "input wire aresetn",
        *_axi("s_axil", False, f"addr:{ADDRESS_BITS} prot:3 valid ready!", "data:32 strb:4 valid ready!", "rdata:32"),
        *_axi(
            "m_axi",
            True,
            "id:1 addr:32 len:8 size:3 burst:2 lock cache:4 prot:3 qos:4 valid ready!",
            "data:64 strb:8 last valid ready!",
            "bid:1 rid:1 rdata:64 rlast",
        ),
        "output wire interrupt",
    ]
    listed = ",\n".join(f"    {port}" for port in ports)
    files = {
        "toy_axi.v": f"`default_nettype none\nmodule toy_axi (\n{listed}\n);\nendmodule\n",
        "toy_axi.f": "toy_axi.v\n",
    }
    files |= {"toy_axi.json": json.dumps(DESCRIPTION), "toy_axi.h": "#define TOY_AXI_SIZE 16384\n"}
    return files | component_files("toy_axi", files, description="ports without an inside", library="accel")


@dataclass
class Bench:
    """A project in a folder. `edit` changes a file before `run`, which returns what was printed."""

    folder: Path
    front_end: Any
    model: VivadoWithHardware = field(default_factory=lambda: VivadoWithHardware(board=BOARD))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace `old`, which must stand there once."""
        path = self.folder / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name}: {old!r} stands there {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def run(self, *scripts: str, environment: dict[str, str] | None = None, arguments: tuple[str, ...] = ()) -> str:
        """Source scripts of the folder."""
        paths = [self.folder / name for name in scripts]
        return self.front_end.run(self.model, paths, self.folder, environment, arguments)


@functools.cache
def _toy_project(board: Board) -> dict[str, str | bytes]:
    return zynq7.project(toy_package(), board)


def toy_project(folder: Path, board: Board = BOARD) -> None:
    """All files of the toy's project."""
    write_tree(folder, _toy_project(board))


def tclint(scripts: list[str], folder: Path) -> str:
    """What tclint says about scripts, with the project's own settings: nothing if all is well.

    Scripts outside of the project do not find its pyproject.toml: its settings are copied to `folder`.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["tclint"]
    lines = [
        line for name, table in settings.items() for line in (f"[{name}]", *(f"{k} = {v}" for k, v in table.items()))
    ]
    config = folder / "tclint.toml"
    config.write_text("\n".join(lines))
    result = subprocess.run(["tclint", "--config", str(config), *scripts], capture_output=True, text=True)
    return result.stdout + result.stderr
