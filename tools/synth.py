# SPDX-License-Identifier: Apache-2.0
"""Print what a core costs on 7-series by Yosys; `make synth CORE=dwc [SET="in_width=32 out_width=8"]` calls it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.synthesis import Area, measure
from finn_gen.ip import Benchmark
from tools.report import ROOT, Figure, table, write_figures

COLUMNS = ("lc", "luts", "memory_luts", "total_luts", "ff", "carry4", "bram36", "dsp")


def points(core: str, settings: Sequence[str]) -> tuple[Benchmark, ...]:
    """The one of `settings`, NAME=VALUE each, or without any those of the core's page. Raises InputError."""
    found = ip.get(core)
    values = dict(setting.split("=", 1) for setting in settings if "=" in setting)
    benchmarks = (Benchmark(" ".join(settings), values, {}),) if settings else found.benchmarks
    for benchmark in benchmarks:
        found.build(benchmark.values)
    return benchmarks


def rendered(core: str, benchmark: Benchmark, folder: Path, family: str = "") -> tuple[list[Path], str]:
    """Render the core for `benchmark` to `folder`; its Verilog files, with a family's twins, and its top module."""
    built = of_core(ip.get(core).build(benchmark.values))
    write_tree(folder, built.folder(plain=not family))
    return [folder / name for name in built.listed(family)], built.top


def measure_core(core: str, benchmark: Benchmark, folder: Path) -> Area:
    """Render the core for `benchmark` to `folder` and synthesize it."""
    return measure(*rendered(core, benchmark, folder))


def main() -> int:
    """Measure; return 0, 1 if an asked figure is missed, 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("core", help=", ".join(ip.NAMES))
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="measure this instead of the page's sizes")
    arguments = parser.parse_args()
    try:
        benchmarks = points(arguments.core, arguments.settings)
    except InputError as error:
        print(f"synth: {error}", file=sys.stderr)
        return 2
    rows, figures, missed = [], [], 0
    for index, benchmark in enumerate(benchmarks):
        area = measure_core(arguments.core, benchmark, ROOT / "build" / "synth" / arguments.core / str(index))
        rows.append([benchmark.name, *(getattr(area, column) for column in COLUMNS)])
        for column in COLUMNS:
            value, asked = getattr(area, column), benchmark.asked.get(column)
            figures.append(Figure(f"{arguments.core} {benchmark.name} {column}", value, column, asked))
            if asked is not None and value > asked:
                missed += 1
                print(f"{benchmark.name}: {value} {column}, but at most {asked} are asked", file=sys.stderr)
    print(table((f"{arguments.core} (Yosys, xc7)", *COLUMNS), rows))
    print(f"written to {write_figures('synth_' + arguments.core, figures).relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
