# SPDX-License-Identifier: Apache-2.0
"""Hold the paths of every core within the budgets that stand beside it; `make levels` calls it.

Every point of ip/<core>/timing.yaml is synthesized for 7-series and for ECP5. Counted are, between registers, the most
LUTs on a path, the most carry chains and carry cells on one, the largest fan-out of a net, and for 7-series the
nanoseconds of the longest path by the model. The clock and the reset are no paths. Nothing is placed, nothing depends
on chance: the same sources give the same figures.

`--write` writes the measured figures as budgets where they are smaller or none stands there; `--loosen` in any case.
Exit code 0; 1 if a figure is above its budget or has none; 2 for bad usage.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_work import Needs, Piece, WorkError, Workers, results
from tools.report import ROOT, Figure, table, write_figures
from tools.synth import rendered
from tools.timing import points, xc7
from tools.timing.cells import Cells
from tools.timing.netlist import Bit, Cell, Netlist
from tools.timing.paths import Path as LogicPath
from tools.timing.paths import arrivals, longest
from tools.timing.points import Budget, Point
from tools.timing.synthesis import FAMILIES, TWINS, synthesize

NEEDS = Needs(("finn_gen", "tools"), ("pyosys",))
NO_DATA = ("aclk", "aresetn")
"""Inputs that no path begins at: they have nets of their own kind."""
COLUMNS = ("luts", "chains", "carries", "fanout", "ns")


@dataclass(frozen=True)
class Counted:
    """A model in which an arc takes one where it is counted, and everything else nothing."""

    cells: Cells
    kinds: frozenset[str]
    but: frozenset[str] = frozenset()

    def input(self, name: str) -> float | None:
        """Paths begin at inputs but clock and reset."""
        return None if name.partition("[")[0] in NO_DATA else 0

    def launch(self, cell: Cell, port: str) -> float | None:
        """Paths begin at registers and memories."""
        return 0 if self.cells.is_start(cell, port) else None

    def arcs(self, cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
        """One for each way through a cell of the `kinds`, unless it comes in by a port of `but`."""
        for port, *way in self.cells.ways(cell):
            yield port, *way, cell.kind in self.kinds and port not in self.but

    def net(self, bit: Bit, cell: Cell, port: str) -> float:
        """Nothing."""
        return 0


@dataclass(frozen=True)
class Levels:
    """The figures of a netlist, and the path or net of each, in words."""

    figures: Budget
    words: dict[str, str]


def measure(netlist: Netlist, cells: Cells | ModuleType) -> Levels:
    """Count on a netlist."""
    luts = arrivals(netlist, Counted(cells, cells.LUTS))
    paths: dict[str, LogicPath] = {
        "luts": luts.longest(),
        "chains": longest(netlist, Counted(cells, cells.CARRIES, cells.CARRY_INPUTS)),
        "carries": longest(netlist, Counted(cells, cells.CARRIES)),
    }
    figures: dict[str, float] = {name: int(path.cost) for name, path in paths.items()}
    widest = max(luts.at, key=lambda bit: netlist.fanout.get(bit, 0))
    figures["fanout"] = netlist.fanout.get(widest, 0)
    words = {name: path.words for name, path in paths.items()}
    words["fanout"] = f"{netlist.net(widest)} drives {figures['fanout']} inputs, {_sinks(netlist, widest)}"
    if cells is xc7:
        slowest = longest(netlist, xc7.Model(netlist))
        figures["ns"], words["ns"] = round(slowest.cost, 2), slowest.words
    return Levels(figures, words)


def _sinks(netlist: Netlist, net: Bit) -> str:
    """What a net drives, in words, since nets between LUTs have no names that say anything."""
    driven = Counter(f"{cell.kind} {port}" for cell in netlist.cells for port, _, bit in cell.inputs() if bit == net)
    (most, count), *_ = driven.most_common(1)
    first = next(
        cell for cell in netlist.cells for port, _, bit in cell.inputs() if bit == net and f"{cell.kind} {port}" == most
    )
    return f"{count} of them {most}, as of {netlist.output_name(first)}"


def exceeded(levels: Levels, budget: Budget) -> list[str]:
    """What is above a budget, in words; a figure without one is."""
    said = []
    for name, value in levels.figures.items():
        if name not in budget:
            said.append(f"{name} {value}, but no budget stands there ({levels.words[name]})")
        elif value > budget[name]:
            said.append(f"{name} {value}, but the budget is {budget[name]}: {levels.words[name]}")
    return said


def rewritten(budget: Budget, figures: Budget, loosen: bool) -> dict[str, float]:
    """The budget after a measurement: the smaller figures, with `loosen` the measured ones."""
    return {name: value if loosen else min(value, budget.get(name, value)) for name, value in figures.items()}


def measured(core: str, values: Mapping[str, Any], family: str) -> dict[str, Any]:
    """The fields of Levels of a core with these parameters: synthesize it and count."""
    with tempfile.TemporaryDirectory() as folder:
        files, top = rendered(core, Point("", values).benchmark, Path(folder), TWINS[family])
        return asdict(measure(synthesize(files, top, family, Path(folder)), FAMILIES[family]))


def _rewrite(core: str, known: Sequence[Point], found: Mapping[tuple[str, str], Levels], loosen: bool) -> list[Point]:
    """The points with budgets after the measurement of (point, family), written where they change."""
    changed = [
        replace(
            point,
            budgets={
                family: rewritten(point.budgets.get(family, {}), levels.figures, loosen)
                for (name, family), levels in found.items()
                if name == point.name
            },
        )
        for point in known
    ]
    if points.write(core, changed):
        print(f"{points.path_of(core).relative_to(ROOT)}: written", file=sys.stderr)
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and compare."""
    parser = argparse.ArgumentParser(prog="levels", description=__doc__.partition("\n\n")[0])
    parser.add_argument("cores", nargs="*", help=f"these alone: {', '.join(ip.NAMES)}")
    Workers.add_arguments(parser)
    parser.add_argument("--write", action="store_true", help="tighten the budgets to what is measured")
    parser.add_argument("--loosen", action="store_true", help="write what is measured, if it is more, too")
    asked = parser.parse_args(arguments)
    try:
        known = {core: points.load(core) for core in asked.cores or ip.NAMES}
    except InputError as error:
        print(f"levels: {error}", file=sys.stderr)
        return 2
    held = [(core, point, family) for core in known for point in known[core] if point.held for family in FAMILIES]
    keys = [(core, point.name, family) for core, point, family in held]
    pieces = [
        Piece(
            f"{core} {point.name} {family}",
            "tools.timing.levels:measured",
            {"core": core, "values": dict(point.values), "family": family},
            f"python -m tools.timing.levels {core} --jobs 1",
        )
        for core, point, family in held
    ]
    try:
        outcomes = list(results(pieces, Workers.from_arguments(asked), NEEDS, what="levels"))
    except WorkError as error:
        print(error, file=sys.stderr)
        return 1
    found = {key: Levels(**outcome.value) for key, outcome in zip(keys, outcomes, strict=True)}
    rows, figures, said = [], [], []
    for core, its in known.items():
        of_core = {key[1:]: each for key, each in found.items() if key[0] == core}
        kept = _rewrite(core, its, of_core, asked.loosen) if asked.write or asked.loosen else its
        budgets = {(point.name, family): budget for point in kept for family, budget in point.budgets.items()}
        for key, each in of_core.items():
            name, budget = " ".join((core, *key)), budgets.get(key, {})
            rows.append((name, *(_cell(each.figures, budget, column) for column in COLUMNS)))
            said += [f"{name}: {words}" for words in exceeded(each, budget)]
            figures += [Figure(f"{name} {what}", value, what, budget.get(what)) for what, value in each.figures.items()]
    print(table(("measured / budget", *COLUMNS), rows))
    print("".join(f"{line}\n" for line in said), end="", file=sys.stderr)
    print(f"written to {write_figures('levels', figures).relative_to(ROOT)}")
    return 1 if said else 0


def _cell(figures: Budget, budget: Budget, column: str) -> str:
    """A measured figure, and its budget if that is another one."""
    if column not in figures:
        return ""
    allowed = budget.get(column)
    return f"{figures[column]}" + (
        "" if allowed == figures[column] else f" / {allowed if allowed is not None else '-'}"
    )


if __name__ == "__main__":
    sys.exit(main())
