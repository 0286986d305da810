# SPDX-License-Identifier: Apache-2.0
"""Write the Vivado project of a network's accelerator on a board, and its picture; `make project` calls it.

The scripts run through a model of Vivado's commands before they are of use to anyone: it draws what they build.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_if_changed, write_tree
from finn_gen.board import facts, zynq7
from finn_gen.board.facts import Board
from finn_gen.emit.system import plan_system
from finn_gen.package import packages
from finn_gen.plan import table as plan_table
from finn_gen.plan.network import NetworkPlan
from finn_gen.request import Request
from tools.report import ROOT
from vivado_model import draw, tclsh, tkinter_tcl
from vivado_model.errors import VivadoError
from vivado_model.project_commands import Vivado

PICTURE = "system.svg"
DEFAULT_BOARD = "zc706"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description="Write the Vivado project of a network's accelerator on a board.")
    Request.add_arguments(top)
    top.add_argument(
        "--board", default=DEFAULT_BOARD, metavar="NAME", help=f"one of fpga/ by name, or a folder; {DEFAULT_BOARD}"
    )
    top.add_argument("-o", "--output", type=Path, metavar="DIR", help="build/BOARD/NET if not given")
    return top


def carried_plan(name: str, board: Board) -> NetworkPlan:
    """The plan of a network of accel/ with its folding paper."""
    return Request(name, device=board.device).plan()


def estimate_row(name: str, board: Board) -> list[object]:
    """A network of accel/ behind control and DMA: name, LUT, FF, BRAM36, and its part of the device's LUTs."""
    found, limit = plan_system(carried_plan(name, board)).resources, Request("", device=board.device).limit
    part = f"{found.lut / limit.lut:.0%} of LUT"
    return [name.upper(), f"{found.lut:,}", f"{found.ff:,}", f"{found.bram18 / 2:g}", part]


def picture(files: Mapping[str, str | bytes], board: Board) -> str | None:
    """The block design that the scripts among `files` build in the model, drawn; None where there is no Tcl.

    VivadoError where the model refuses them.
    """
    front_end = next((each for each in (tkinter_tcl, tclsh) if each.available()), None)
    if front_end is None:
        return None
    model = Vivado(board=board)
    with tempfile.TemporaryDirectory() as folder:
        write_tree(Path(folder), files)
        front_end.run(model, [Path(folder) / "project.tcl"], Path(folder))
    return draw.svg(model.designs[zynq7.DESIGN])


def planned(asked: argparse.Namespace, board: Board) -> NetworkPlan:
    """The plan of the accelerator that the command line asks for, for the board's device unless it names another."""
    return replace(Request.from_arguments(asked), **{} if asked.device else {"device": board.device}).plan(print)


def differs(folder: Path, files: Mapping[str, str | bytes]) -> bool:
    """Whether the folder holds files of these names with other contents."""
    held = {folder / name: content for name, content in files.items() if (folder / name).is_file()}
    return any(
        path.read_bytes() != (content.encode() if isinstance(content, str) else content)
        for path, content in held.items()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0, or 2 for bad input."""
    asked = parser().parse_args(arguments)
    try:
        board = facts.load(asked.board)
        plan = planned(asked, board)
        package = packages.system_package(plan)
        files, system = zynq7.project(package, board), zynq7.system_of(package, board)
        drawn = picture(files, board)
    except (InputError, OSError) as error:
        print(f"project: {error}", file=sys.stderr)
        return 2
    except VivadoError as error:
        print(f"project: the model of Vivado refuses the scripts for {board.title}: {error}", file=sys.stderr)
        return 2
    output = asked.output or ROOT / "build" / board.name / plan.module
    try:
        with alone(output):
            other = differs(output, files)
            # A file of another folding must not stay in the IP repository.
            shutil.rmtree(output / "ip", ignore_errors=True)
            write_tree(output, files)
            if drawn:
                write_if_changed(output / PICTURE, drawn)
    except OSError as error:
        print(f"project: {output}: cannot be written ({error.strerror or error})", file=sys.stderr)
        return 2
    print(*plan.network.notes, plan_table.summary(plan), sep="\n")
    print(plan_table.device_use(plan, board.device, Request("", device=board.device).limit))
    print(f"clock {system.clock_mhz:g} MHz (planned for {plan.clock_mhz:g}); registers at {system.control_base:#010x}")
    here = Path(os.path.relpath(output))
    seen = f"; {PICTURE} shows the block design" if drawn else "; no picture, for there is neither tclsh nor tkinter"
    if other:
        print(f"{here}: held another project, whose place this one takes; -o DIR keeps both")
    print(f"{here}: written{seen}. Where Vivado is installed:\n")
    print(f"  cd {here}\n  vivado -mode batch -source project.tcl && vivado -mode batch -source build.tcl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
