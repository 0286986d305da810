# SPDX-License-Identifier: Apache-2.0
"""Print what a core costs on 7-series by Yosys; `make synth CORE=dwc [SET="in_width=32 out_width=8"]` calls it."""

import argparse
import sys
from pathlib import Path

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.synthesis import Area, measure
from finn_gen.ip import Benchmark
from tools.report import ROOT, Figure, table, write_figures

COLUMNS = ("lc", "luts", "memory_luts", "total_luts", "ff", "carry4", "bram36", "dsp")


def measure_core(core: str, benchmark: Benchmark, folder: Path) -> Area:
    """Render the core for `benchmark` to `folder` and synthesize it."""
    plan = ip.get(core).build(benchmark.values)
    files = of_core(plan).folder(plain=True)
    write_tree(folder, files)
    return measure([folder / name for name in files if name.endswith(".v")], plan.module)


def main() -> int:
    """Measure; return 0, 1 if an asked figure is missed, 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("core", help=", ".join(ip.NAMES))
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="measure this instead of the page's sizes")
    arguments = parser.parse_args()
    try:
        core = ip.get(arguments.core)
        benchmarks = core.benchmarks
        if arguments.settings:
            values = dict(setting.split("=", 1) for setting in arguments.settings if "=" in setting)
            benchmarks = (Benchmark(" ".join(arguments.settings), values, {}),)
        for benchmark in benchmarks:
            core.build(benchmark.values)
    except InputError as error:
        print(f"synth: {error}", file=sys.stderr)
        return 2
    rows, figures, missed = [], [], 0
    for index, benchmark in enumerate(benchmarks):
        area = measure_core(core.name, benchmark, ROOT / "build" / "synth" / core.name / str(index))
        rows.append([benchmark.name, *(getattr(area, column) for column in COLUMNS)])
        for column in COLUMNS:
            value, asked = getattr(area, column), benchmark.asked.get(column)
            figures.append(Figure(f"{core.name} {benchmark.name} {column}", value, column, asked))
            if asked is not None and value > asked:
                missed += 1
                print(f"{benchmark.name}: {value} {column}, but at most {asked} are asked", file=sys.stderr)
    print(table((f"{core.name} (Yosys, xc7)", *COLUMNS), rows))
    print(f"written to {write_figures('synth_' + core.name, figures).relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
