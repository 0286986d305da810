# SPDX-License-Identifier: Apache-2.0
"""Print the clock that a core allows by the model of 7-series, and its longest path.

`make timing CORE=dwc [SET="in_width=61 out_width=64"]` calls it; without SET the sizes of the core's page are taken.
Exit code 0, or 2 for bad input.
"""

import argparse
import sys
from pathlib import Path

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.ip import Benchmark
from tools.report import ROOT, Figure, table, write_figures
from tools.synth import points, rendered
from tools.timing.paths import Path as TimingPath
from tools.timing.paths import longest
from tools.timing.synthesis import TWINS, synthesize
from tools.timing.xc7 import Model

BUILD = ROOT / "build" / "timing"


def path_of(core: str, benchmark: Benchmark, folder: Path) -> TimingPath:
    """Synthesize a core for 7-series in `folder`; its longest path."""
    netlist = synthesize(*rendered(core, benchmark, folder, TWINS["xc7"]), "xc7", folder)
    return longest(netlist, Model(netlist))


def main() -> int:
    """Time the core at its points."""
    parser = argparse.ArgumentParser(prog="timing", description=__doc__.partition("\n\n")[0])
    parser.add_argument("core", help=", ".join(ip.NAMES))
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="time this instead of the page's sizes")
    asked = parser.parse_args()
    try:
        benchmarks = points(asked.core, asked.settings)
    except InputError as error:
        print(f"timing: {error}", file=sys.stderr)
        return 2
    rows, figures = [], []
    for index, point in enumerate(benchmarks):
        path = path_of(asked.core, point, BUILD / asked.core / str(index))
        rows.append((point.name, f"{path.mhz:.0f}", path.luts, path.carries, path.fanout, path.start, path.end))
        figures.append(Figure(f"{asked.core} {point.name} xc7 model", round(path.mhz, 1), "MHz"))
    print(table((f"{asked.core} (model of 7-series)", "MHz", "LUTs", "CARRY4", "fan-out", "from", "to"), rows))
    print(f"written to {write_figures('timing_' + asked.core, figures).relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
