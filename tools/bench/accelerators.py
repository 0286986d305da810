# SPDX-License-Identifier: Apache-2.0
"""Print what the accelerators of the FINN paper's networks take and reach; `make bench` calls it.

Interval and latency are measured in the RTL (Verilator) with neither stream stalled and stand beside those asked for
and the paper's; build time and memory are those of a simulation built anew on this machine. LUTs and block RAMs are
estimates after Yosys, the paper's Vivado's.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

from finn_gen import __version__
from finn_gen.emit import accelerator
from finn_gen.request import PAPER, Request
from tools.report import ROOT, Figure, judged, table


@dataclass(frozen=True)
class Case:
    """An accelerator; interval and latency asked for (None: not asked), and the paper's with LUT and BRAM36."""

    net: str
    folding: str
    interval: int
    latency: int | None
    paper: tuple[int, int, int, float]


CASES = (
    Case("sfc", PAPER, 16, 62, (16, 62, 91_131, 4.5)),
    Case("lfc", PAPER, 128, 400, (128, 488, 82_988, 396)),
    Case("cnv", PAPER, 8_192, 36_000, (9_130, 56_600, 46_253, 186)),
    Case("sfc", "fix", 16_384, None, (16_384, 48_000, 5_155, 16)),
    Case("lfc", "fix", 16_384, None, (16_384, 56_400, 5_636, 114.5)),
    Case("cnv", "fix", 16_384, None, (17_241, 110_000, 29_274, 152.5)),
)
_HEAD = ("", "II", "paper", "latency", "paper", "LUT", "paper", "BRAM36", "paper")
_HEAD += ("plan s", "build s", "GB", "images/s")


def simulate(case: Case) -> tuple[dict, float]:
    """Build the simulation anew, run the repository's pictures; the record of the run, and the seconds of it all."""
    target = "default" if case.folding == PAPER else case.folding
    shutil.rmtree(ROOT / "build" / f"finn_accel_{case.net}_{__version__}" / target, ignore_errors=True)
    command = [sys.executable, "-m", "tools.run", case.net, "--folding", case.folding]
    start = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    return json.loads((ROOT / "build" / "run" / f"{case.net}-{case.folding}.json").read_text()), seconds


def measure(case: Case) -> tuple[tuple, list[Figure]]:
    """A row of the table, and its figures."""
    name = f"{case.net}-{case.folding}"
    start = time.monotonic()
    plan = Request(case.net, folding=case.folding).plan()
    accelerator.bundle(plan).folder()
    planning = time.monotonic() - start
    record, whole = simulate(case)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    used = plan.resources
    figures = [
        Figure(f"{name} interval", record["ii_cycles"], "cycles", case.interval),
        Figure(f"{name} latency", record["latency_cycles"], "cycles", case.latency),
        Figure(f"{name} mismatches", record["mismatches"], "images", 0),
        Figure(f"{name} LUT", used.lut, "LUT (estimate)"),
        Figure(f"{name} BRAM36", used.bram18 / 2, "BRAM36 (estimate)"),
        Figure(f"{name} plan and render", round(planning, 2), "s"),
        Figure(f"{name} generate, build and run", round(whole, 1), "s"),
        Figure(f"{name} speed", record["images_per_second"], "images/s"),
    ]
    ii, latency, lut, bram = case.paper
    row = (name, record["ii_cycles"], ii, record["latency_cycles"], latency, used.lut, lut, used.bram18 / 2, bram)
    return (*row, f"{planning:.1f}", f"{whole:.0f}", f"{memory:.1f}", f"{record['images_per_second']:.1f}"), figures


def main() -> int:
    """Measure; return 1 if a figure is worse than asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name contains it, as cnv-paper")
    arguments = parser.parse_args()
    rows, figures = [], []
    for case in CASES:
        if arguments.only in f"{case.net}-{case.folding}":
            row, measured = measure(case)
            rows.append(row)
            figures += measured
    print(table(_HEAD, rows))
    return judged("accelerators", figures)


if __name__ == "__main__":
    sys.exit(main())
