# SPDX-License-Identifier: Apache-2.0
"""Print the clocks that cores and networks reach; `make bench-timing` calls it.

Every point of ip/*/timing.yaml and the networks below are placed and routed on an ECP5 by nextpnr, out of context, with
three seeds (the median counts), and timed in the model of 7-series (docs/timing.md). Networks at the paper's rates are
larger than the ECP5 and stand in the model alone. `--only TEXT` restricts the rows; what is measured joins the rows of
earlier runs in build/bench/timing.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from finn_gen import ip
from finn_gen.base.files import write_if_changed, write_tree
from finn_gen.emit import accelerator
from finn_gen.request import PAPER, Request
from tools.report import ROOT, table
from tools.synth import rendered
from tools.timing import nextpnr, points
from tools.timing.nextpnr import Placed
from tools.timing.paths import longest
from tools.timing.synthesis import TWINS, synthesize
from tools.timing.xc7 import Model

BUILD = ROOT / "build" / "timing"
KEPT = ROOT / "build" / "bench" / "timing.json"


@dataclass(frozen=True)
class Case:
    """A core at a point, or a network; `placed`: whether it fits into the ECP5."""

    name: str
    core: str = ""
    point: points.Point | None = None
    request: Request | None = None
    placed: bool = True

    def files(self, folder: Path, family: str) -> tuple[list[Path], str]:
        """Its Verilog files with the twins of a family, rendered to `folder`, and its top module."""
        if self.point:
            return rendered(self.core, self.point.benchmark, folder, TWINS[family])
        built = accelerator.bundle(self.request.plan())
        write_tree(folder, built.folder())
        return [folder / path for path in built.listed(TWINS[family])], built.top


NETWORKS = (
    Case("SFC fix", request=Request("sfc", folding="fix")),
    Case("SFC 1.25 M images/s", request=Request("sfc", fps=1_250_000)),
    Case("CNV fix", request=Request("cnv", folding="fix")),
    *(Case(f"{net.upper()} paper", request=Request(net, folding=PAPER), placed=False) for net in ("sfc", "lfc", "cnv")),
)


@dataclass(frozen=True)
class Row:
    """What was measured of a case: on the ECP5, None where it was not placed, and in the model of 7-series."""

    name: str
    ecp5: Placed | None
    model_mhz: float
    model_path: str


def cases() -> Iterator[Case]:
    """All cases, the cores first."""
    for core in ip.NAMES:
        yield from (Case(f"{core} {point.name}", core, point) for point in points.load(core))
    yield from NETWORKS


def measure(case: Case, seeds: Sequence[int]) -> Row:
    """Time a case."""
    folder = BUILD / "".join(letter if letter.isalnum() else "_" for letter in case.name)
    files, top = case.files(folder / "xc7", "xc7")
    netlist = synthesize(files, top, "xc7", folder / "xc7")
    path = longest(netlist, Model(netlist))
    row = Row(case.name, None, round(path.mhz, 1), f"{path.cost:.2f} ns, {path.words}")
    return (
        replace(row, ecp5=nextpnr.place(*case.files(folder / "ecp5", "ecp5"), folder / "ecp5", seeds))
        if case.placed
        else row
    )


def kept() -> dict[str, Row]:
    """The rows of earlier runs by name; none where there was no run."""
    if not KEPT.is_file():
        return {}
    rows = {}
    for entry in json.loads(KEPT.read_text()):
        placed = entry.pop("ecp5")
        rows[entry["name"]] = Row(
            ecp5=placed and Placed(**{**placed, "each": tuple(placed["each"])}),
            **entry,
        )
    return rows


def keep(rows: Sequence[Row]) -> None:
    """Write rows beside those of earlier runs, in the order of the cases."""
    known = kept() | {row.name: row for row in rows}
    order = [case.name for case in cases()]
    entries = [asdict(known[name]) for name in order if name in known]
    write_if_changed(KEPT, json.dumps(entries, indent=1) + "\n")


def cells(row: Row) -> tuple[object, ...]:
    """A row of the table."""
    placed = row.ecp5
    figures = (f"{placed.mhz:.0f}", placed.lut4, placed.ff, placed.dp16k) if placed else ("-",) * 4
    return (row.name, *figures, f"{row.model_mhz:.0f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 0, or 1 where a design could not be placed or routed."""
    parser = argparse.ArgumentParser(prog="bench-timing", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name contains it, as label")
    parser.add_argument("--seeds", type=int, default=len(nextpnr.SEEDS), metavar="N", help="how many seeds (default 3)")
    asked = parser.parse_args(arguments)
    rows, failed = [], []
    for case in cases():
        if asked.only not in case.name:
            continue
        try:
            row = measure(case, range(1, asked.seeds + 1))
        except (nextpnr.RouteError, RuntimeError) as error:
            failed.append(f"{case.name}: {error}")
            continue
        rows.append(row)
        keep([row])
        print(row.name, row.ecp5, row.model_mhz, row.model_path, file=sys.stderr)
    print(
        table(
            (f"MHz ({nextpnr.NAME})", "ECP5", "LUT4", "FF", "DP16K", "model of 7-series"), [cells(row) for row in rows]
        )
    )
    for row in rows:
        print(f"\n{row.name}" + (f"\n  ECP5   {row.ecp5.path}" if row.ecp5 else "") + f"\n  model  {row.model_path}")
    print(f"written to {KEPT.relative_to(ROOT)}")
    print("".join(f"{line}\n" for line in failed), end="", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
