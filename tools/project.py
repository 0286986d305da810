# SPDX-License-Identifier: Apache-2.0
"""Write the Vivado project of a network's accelerator on a board, and its picture; `make project` calls it.

It is `finn-gen project` with the folder build/BOARD/NET of the repository as its default.
"""

import argparse
import sys
from collections.abc import Sequence

from finn_gen import cli
from finn_gen.base.errors import InputError
from finn_gen.board.facts import Board
from finn_gen.emit.system import plan_system
from finn_gen.plan.network import NetworkPlan
from finn_gen.request import Request
from tools.report import ROOT


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description="Write the Vivado project of a network's accelerator on a board.")
    cli.project_arguments(top, ROOT / "build")
    return top


def carried_plan(name: str, board: Board) -> NetworkPlan:
    """The plan of a network of accel/ with its folding paper."""
    return Request(name, device=board.device).plan()


def estimate_row(name: str, board: Board) -> list[object]:
    """A network of accel/ behind control and DMA: name, LUT, FF, BRAM36, and its part of the device's LUTs."""
    found, limit = plan_system(carried_plan(name, board)).resources, Request("", device=board.device).limit
    part = f"{found.lut / limit.lut:.0%} of LUT" + ("" if found.fits(limit) else ": too large")
    return [name.upper(), f"{found.lut:,}", f"{found.ff:,}", f"{found.bram18 / 2:g}", part]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0, or 2 for bad input."""
    asked = parser().parse_args(arguments)
    try:
        cli.write_project(asked)
    except InputError as error:
        print(f"project: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"project: {asked.output or asked.build}: cannot be written ({error.strerror or error})", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
