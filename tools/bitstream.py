# SPDX-License-Identifier: Apache-2.0
"""Build the bitstream of a network on a board with a serial line, by open tools alone; `make bitstream` calls it.

Yosys, nextpnr and a packer, from the package index; nothing of a vendor. What they said stands in bitstream.json beside
the bitstream. A clock that is not met is an error, and no bitstream is left.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_if_changed, write_tree
from finn_gen.board import serial
from finn_gen.board.serial import Board
from finn_gen.emit.link import LinkPlan, plan_link
from finn_gen.plan.table import device_use
from finn_gen.request import Request
from tools.place_route import FLOWS, Flow
from tools.report import ROOT, table
from tools.timing.synthesis import synthesize

DEFAULT_BOARD = "ulx3s"
SEED = 1


class BuildError(RuntimeError):
    """A tool could not do it, or the clock is not met; the message says so."""


@dataclass(frozen=True)
class Built:
    """What the tools said: clocks in MHz, resources as (used, available), rates in images a second."""

    network: str
    board: str
    folding: str
    planned_mhz: float
    reached_mhz: float
    interval_cycles: int
    accelerator_fps: float
    link_fps: float
    baud: int
    resources: dict[str, tuple[int, int]]
    bitstream: str


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description="Build the bitstream of a network on a board by open tools.")
    Request.add_arguments(top)
    top.add_argument(
        "--board",
        default=DEFAULT_BOARD,
        metavar="NAME",
        help=f"one of {', '.join(serial.carried())}, or a folder with a board.yaml; {DEFAULT_BOARD} if not given",
    )
    top.add_argument("--baud", type=int, metavar="RATE", help="of the line; the board's if not given")
    top.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"of nextpnr; {SEED} if not given")
    return top


def build(system: LinkPlan, board: Board, folder: Path, seed: int = SEED) -> Built:
    """Build the bitstream in a folder. Raises InputError, BuildError."""
    design, constraints = serial.bundle(system, board)
    flow, name = FLOWS[board.kind], system.net.module
    write_tree(folder, design.folder())
    (folder / f"{board.name}.{flow.constraints}").write_text(constraints)
    bitstream, report = folder / f"{name}.{flow.suffix}", folder / "report.json"
    for old in (bitstream, report):
        old.unlink(missing_ok=True)
    try:
        synthesize([folder / path for path in design.listed()], design.top, board.kind, folder)
    except RuntimeError as error:
        raise BuildError(str(error)) from None
    made = board.clock(system.net.clock_mhz)
    _run(
        folder, *flow.route(board, made), "--json", f"{board.kind}.json", "--report", report.name,
        "--seed", str(seed), "--timing-allow-fail", "-q",
    )  # fmt: skip
    built = told(json.loads(report.read_text()), system, board)
    if built.reached_mhz < built.planned_mhz:
        short = 1 - built.reached_mhz / built.planned_mhz
        raise BuildError(
            f"{name}: {built.reached_mhz:.1f} MHz are reached, {short:.1%} less than the {built.planned_mhz:g} MHz "
            f"planned; ask for --clock {int(built.reached_mhz)} (CLOCK=), another --seed, or a smaller folding"
        )
    _run(folder, *flow.pack(board), bitstream.name)
    write_if_changed(folder / "bitstream.json", json.dumps(asdict(built), indent=1) + "\n")
    return built


def told(report: Mapping[str, Any], system: LinkPlan, board: Board) -> Built:
    """What nextpnr's report says. Raises BuildError where it planned another clock."""
    inner = {name: clock for name, clock in report["fmax"].items() if name.endswith("aclk")}
    if len(inner) != 1:
        raise BuildError(f"nextpnr knows the clocks {', '.join(report['fmax'])}, and not just one aclk")
    (clock,) = inner.values()
    flow, mhz = FLOWS[board.kind], board.clock(system.net.clock_mhz)
    if abs(clock["constraint"] / mhz - 1) > 1e-3:
        raise BuildError(f"nextpnr was told {clock['constraint']:g} MHz, the PLL makes {mhz:g} MHz")
    return Built(
        network=system.net.module,
        board=board.name,
        folding=system.net.folding.name,
        planned_mhz=mhz,
        reached_mhz=round(clock["achieved"], 1),
        interval_cycles=system.net.interval,
        accelerator_fps=round(mhz * 1e6 / system.net.interval, 1),
        link_fps=round(system.link_fps, 1),
        baud=system.uart.baud,
        resources=_used(report["utilization"], flow),
        bitstream=f"{system.net.module}.{flow.suffix}",
    )


def _used(told: Mapping[str, Mapping[str, int]], flow: Flow) -> dict[str, tuple[int, int]]:
    """What is taken of what there is, by the names of the maker."""
    return {title: (told[kind]["used"], told[kind]["available"]) for kind, title in flow.resources.items()}


def _run(folder: Path, *command: str) -> None:
    """Run a tool in the folder; BuildError with its last error."""
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if said.returncode:
        errors = [line for line in said.stderr.splitlines() if "ERROR" in line]
        raise BuildError(f"{command[0]}: {errors[-1] if errors else said.stderr[-400:]}")


def summary(built: Built) -> str:
    """The table that is printed."""
    rows: list[Sequence[object]] = [
        ["clock", f"{built.reached_mhz:g} MHz", f"{built.planned_mhz:g} MHz planned"],
        ["accelerator", f"{built.accelerator_fps:,.0f} images/s", f"one every {built.interval_cycles} cycles"],
        ["line", f"{built.link_fps:,.0f} images/s", f"{built.baud:,} baud"],
        *([kind, f"{used:,}", f"of {most:,}"] for kind, (used, most) in built.resources.items()),
    ]
    return table((f"{built.network} on {built.board}", "reached", ""), rows)


def _check_size(system: LinkPlan, board: Board) -> None:
    """InputError with numbers where more is estimated than the device has."""
    if not system.resources.fits(board.limit):
        use = device_use(system.resources, board.device, board.limit)
        raise InputError(f"{system.net.module} does not fit, take --folding max or fix, or a lower --fps: {use}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; 0, 1 where a tool fails or the clock is not met, 2 for bad input."""
    asked = parser().parse_args(arguments)
    try:
        board = serial.load(asked.board)
        request = Request.from_arguments(asked)
        mhz = board.clock(request.clock if asked.clock else None)
        plan = replace(request, clock=mhz, device=board.device).plan_behind_line()
        system = plan_link(plan, asked.baud or board.baud)
        _check_size(system, board)
        folder = ROOT / "build" / board.name / plan.module
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            print(
                f"{plan.module} ({plan.folding.name}) for the {board.title}, {mhz:g} MHz: {FLOWS[board.kind].tools}",
                flush=True,
            )
            built = build(system, board, folder, asked.seed)
    except (InputError, OSError) as error:
        print(f"bitstream: {error}", file=sys.stderr)
        return 2
    except BuildError as error:
        print(f"bitstream: {error}", file=sys.stderr)
        return 1
    print(summary(built))
    here = folder.relative_to(ROOT)
    print(f"written to {here}/bitstream.json. To load it:\n\n  {board.loader} {here}/{built.bitstream}\n")
    print(f'and then, in Python: finn_driver.Accelerator("/dev/ttyUSB0", description="{here}/{system.module}.json")')
    return 0


if __name__ == "__main__":
    sys.exit(main())
