# SPDX-License-Identifier: Apache-2.0
"""The Vivado project of an accelerator on a board, in a folder: tried in a model of Vivado where there is one, written.

The model belongs to another distribution, finn-verif, which brings it as an entry point of the group TRIALS.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_if_changed, write_tree
from finn_gen.board import zynq7
from finn_gen.board.facts import Board
from finn_gen.emit.system import plan_system
from finn_gen.package import packages
from finn_gen.plan import table as plan_table
from finn_gen.plan.network import NetworkPlan

TRIALS = "finn_gen.trials"
"""An entry point `vivado`: (files, board, name of the design) -> (picture, why there is none, what is refused)."""
PICTURE = "system.svg"
NO_MODEL = "finn-verif is not installed, whose model of Vivado draws it and tries the scripts"


def use(plan: NetworkPlan, board: Board) -> str:
    """How much of the board's device the accelerator takes with control and DMA, and a warning where it is too much."""
    limit = family.of_device(board.device).devices[board.device]
    return plan_table.device_use(plan_system(plan).resources, board.device, limit, "with control and DMA")


def clock(plan: NetworkPlan, board: Board) -> str:
    """A line on the clock that the board gives where it is not the planned one; "" where it is."""
    try:
        given = zynq7.clock(plan.clock_mhz, board.io_pll_mhz)
    except InputError as error:
        return f"warning   {error}"
    if math.isclose(given, plan.clock_mhz, rel_tol=1e-6):
        return ""
    return f"clock     the {board.title} gives {given:g} MHz, the next below"


def write(plan: NetworkPlan, board: Board, output: Path) -> Iterator[str]:
    """Write the project to the folder `output`, and say line by line what was written and how to go on.

    InputError if the board cannot have it or the model refuses the scripts; nothing is written then. OSError.
    """
    package = packages.system_package(plan)
    files, system = zynq7.project(package, board), zynq7.system_of(package, board)
    drawn, missing = _tried(files, board)
    other = _store(output, files, drawn)
    yield from plan.network.notes
    yield plan_table.summary(plan)
    yield use(plan, board)
    yield f"clock {system.clock_mhz:g} MHz (planned for {plan.clock_mhz:g}); registers at {system.control_base:#010x}"
    here = Path(os.path.relpath(output))
    if other:
        yield f"{here}: held another project, whose place this one takes; -o DIR keeps both"
    seen = f"; {PICTURE} shows the block design" if drawn else f"; no picture, for {missing}"
    yield f"{here}: written{seen}. Where Vivado is installed:\n"
    yield f"  cd {here}\n  vivado -mode batch -source project.tcl && vivado -mode batch -source build.tcl"


def _tried(files: Mapping[str, str | bytes], board: Board) -> tuple[str | None, str]:
    """The picture, and why there is none."""
    found = [entry for entry in entry_points(group=TRIALS) if entry.name == "vivado"]
    try:
        trial = found[0].load() if found else None
    except ModuleNotFoundError:
        trial = None
    if trial is None:
        return None, NO_MODEL
    drawn, missing, refused = trial(files, board, zynq7.DESIGN)
    if refused:
        raise InputError(f"the model of Vivado refuses the scripts for {board.title}: {refused}")
    return drawn, missing


def _store(output: Path, files: Mapping[str, str | bytes], drawn: str | None) -> bool:
    """Write the files; whether others of these names lay there."""
    with alone(output):
        other = _differs(output, files)
        # A file of another folding must not stay in the IP repository.
        shutil.rmtree(output / "ip", ignore_errors=True)
        write_tree(output, files)
        if drawn:
            write_if_changed(output / PICTURE, drawn)
    return other


def _differs(folder: Path, files: Mapping[str, str | bytes]) -> bool:
    """Whether the folder holds files of these names with other contents."""
    held = {folder / name: content for name, content in files.items() if (folder / name).is_file()}
    return any(
        path.read_bytes() != (content.encode() if isinstance(content, str) else content)
        for path, content in held.items()
    )
