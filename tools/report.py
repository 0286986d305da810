# SPDX-License-Identifier: Apache-2.0
"""How every benchmark reports: a table on the terminal and `build/bench/<name>.json`."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from finn_gen.base.files import write_if_changed

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Figure:
    """One measured value, and the value asked for (a bound, None where nothing is asked)."""

    name: str
    value: float
    unit: str
    asked: float | None = None


def write_figures(name: str, figures: Sequence[Figure]) -> Path:
    """Write `figures` as JSON, a list of {name, value, unit, asked}; return the path."""
    path = ROOT / "build" / "bench" / f"{name}.json"
    write_if_changed(path, json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    return path


def judged(name: str, figures: Sequence[Figure]) -> int:
    """Write `figures`, and say on stderr which of them are above what is asked: 1 if any is, else 0."""
    path = write_figures(name, figures)
    missed = [figure for figure in figures if figure.asked is not None and figure.value > figure.asked]
    for figure in missed:
        print(f"{figure.name}: {figure.value} {figure.unit}, asked are {figure.asked}", file=sys.stderr)
    print(f"\n{path.relative_to(ROOT)}: written")
    return 1 if missed else 0


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as aligned text, the first column to the left and the others to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if not index else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join([first, *others])

    return "\n".join([line(cells[0]), "  ".join("-" * width for width in widths), *map(line, cells[1:])])
