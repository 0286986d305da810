# SPDX-License-Identifier: Apache-2.0
"""Flat netlists of a design by Yosys, for the families whose cells are known here."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from finn_gen.family.xc7.synthesis import run_yosys
from tools.timing import ecp5, xc7
from tools.timing.netlist import Netlist

FAMILIES: dict[str, ModuleType] = {"xc7": xc7, "ecp5": ecp5}
"""What is known of the cells of a family (`tools.timing.cells.Cells`)."""
TWINS = {"xc7": "xc7", "ecp5": ""}
"""Whose twins of building blocks a family takes (`finn_gen.emit.bundle`); none are the plain ones."""
_COMMANDS = {"xc7": "synth_xilinx -family xc7 -flatten -noiopad", "ecp5": "synth_ecp5"}


def synthesize(
    files: Sequence[Path],
    top: str,
    family: str,
    folder: Path,
    more: Sequence[str] = (),
    *,
    before: Sequence[str] = (),
) -> Netlist:
    """Synthesize `top` of Verilog files in `folder` for a family; its netlist, which is left there as <family>.json.

    more    further commands of Yosys, after that
    before  commands between reading and synthesis

    Modules that keep their hierarchy until then (ROMs in LUTs) are flat afterwards.
    """
    kept = folder / f"{family}.json"
    run_yosys(
        [
            *(f"read_verilog {file.relative_to(folder)}" for file in files),
            *before,
            f"{_COMMANDS[family]} -top {top}",
            "setattr -mod -unset keep_hierarchy",
            "flatten",
            f"write_json {kept.name}",
            *more,
        ],
        folder,
    )
    return Netlist.of(json.loads(kept.read_text()), top)
