# SPDX-License-Identifier: Apache-2.0
"""Netlists after synthesis as Verilog, with models of their cells: what a simulator takes instead of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.gate_level import block_rams
from tools.timing.synthesis import synthesize

_SHARE = Path(find_spec("pyosys").origin).parent / "share"
_CELLS = {
    "xc7": [_SHARE / "xilinx" / "cells_sim.v"],
    "ecp5": [_SHARE / "ecp5" / name for name in ("cells_sim.v", "common_sim.vh", "ccu2c_sim.vh")],
}
FAMILIES = tuple(_CELLS)


def models(netlist: str, family: str) -> str:
    """The models of the cells in a netlist, as Yosys ships them; of others not, since Icarus does not read all."""
    text = "".join(path.read_text() for path in _CELLS[family])
    known = {found[1]: found[0] for found in re.finditer(r"^module\s+(\w+)\b.*?^endmodule", text, re.M | re.S)}
    found: dict[str, str] = {}
    left = [netlist]
    while left:
        words = set(re.findall(r"\w+", left.pop()))
        new = sorted(words & known.keys() - found.keys())
        found |= {name: known[name] for name in new}
        left += [known[name] for name in new]
    return "`timescale 1ps/1ps\n" + "\n\n".join(found.values()) + "\n"


def of(files: Sequence[Path], top: str, family: str, folder: Path, kept: Iterable[str] = ()) -> list[Path]:
    """Synthesize `top` for a family in `folder`; the netlist and the models of its cells, as Verilog files.

    kept  nets of `top` that a test bench looks at, which stay

    Memories lie in the netlist with what they hold: nothing reads a file any more.
    """
    renamed = [f"chtype -set {block_rams.PREFIX}{name} t:{name}" for name in block_rams.NAMES[family]]
    more = ["delete t:$scopeinfo", *renamed, f"write_verilog -noattr -renameprefix gate {top}_{family}.v"]
    synthesize(files, top, family, folder, more, before=[f"setattr -set keep 1 {top}/w:{net}" for net in kept])
    netlist, cells = folder / f"{top}_{family}.v", folder / f"cells_{family}.v"
    assert "readmem" not in netlist.read_text()
    cells.write_text(models(netlist.read_text(), family) + block_rams.verilog(family))
    return [netlist, cells]


def with_flipped_bit(netlist: Path, lut: int, bit: int) -> Path:
    """A copy of a netlist in which a bit of the truth table of one LUT, counted from 0, is another one."""
    text = netlist.read_text()
    tables = list(re.finditer(r"LUT(\d)(?:_2)? #\(\n\s*\.INIT\(\d+'([hdb])([0-9a-fx_]+)\)", text))
    found = tables[lut % len(tables)]
    inputs, base = int(found[1]), {"h": 16, "d": 10, "b": 2}[found[2]]
    table = int(found[3].replace("x", "0"), base) ^ 1 << bit % (1 << inputs)
    changed = netlist.with_name(f"flipped_{lut}_{bit}.v")
    end = found.end(3)
    head = text[: found.start(2) - len(f"{1 << inputs}'")]
    changed.write_text(f"{head}{1 << inputs}'h{table:x}{text[end:]}")
    return changed
