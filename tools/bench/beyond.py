# SPDX-License-Identifier: Apache-2.0
"""Simulate the fastest foldings, beyond those of the FINN paper; `make bench` calls it.

The repository's pictures go through the RTL in Verilator, neither end stalled: every score and label is compared with
the reference, the first and the last word of every image at every boundary with the cycle model. LUTs, flip-flops and
block RAMs are estimates. `--only cnv` takes those whose name contains it.
"""

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.files import write_tree
from finn_gen.plan.network import NetworkPlan
from finn_gen.request import Request
from finn_sim.accel import bench, cycles, stimulus
from finn_sim.image_files import Reading
from finn_sim.page import activity
from tools.report import ROOT, Figure, table, write_figures

CYCLES = (("lfc", 32), ("sfc", 4), ("sfc", 1), ("cnv", 1024), ("cnv", 512), ("cnv", 256))
"""Networks, and the cycles an image that are asked for."""
HEADER = ("", "images/s", "II", "latency", "LUT", "FF", "BRAM36", "plan s", "build s", "GB", "run s", "wrong")


@dataclass(frozen=True)
class Run:
    """Cycles an image, cycles of the first one, images that differ, and where the cycle model is wrong."""

    interval: int
    latency: int
    mismatches: int
    difference: str


def simulate(plan: NetworkPlan, folder: Path) -> tuple[Run, float, float]:
    """Build an accelerator's test bench, run the repository's pictures; and the seconds of both."""
    start = time.monotonic()
    command = bench.build(folder, plan, "verilator")
    built = time.monotonic() - start
    written, shown = stimulus.of_pictures(plan, None, None, Reading())
    write_tree(folder, written)
    activity.clear(folder)
    images = len(shown)
    start = time.monotonic()
    said = subprocess.run([*command, f"+images={images}", "+boundaries"], cwd=folder, capture_output=True, text=True)
    seconds = time.monotonic() - start
    seen = activity.read(folder, len(plan.stages))
    right = len(re.findall(r"^IMAGE .* match=1$", said.stdout, re.MULTILINE))
    if seen is None:
        raise SystemExit(f"{folder}: the simulation says nothing: {(said.stdout + said.stderr)[-400:]}")
    interval = int(np.diff(seen.last[-1, :images]).max())
    run = Run(interval, int(seen.last[-1, 0]), images - right, cycles.difference(plan, seen, images))
    return run, built, seconds


def measure(net: str, interval: int) -> tuple[Sequence[object], list[Figure], str]:
    """A row of the table, its figures, and what is wrong."""
    name = f"{net} {interval}"
    request = Request(net, fps=Request(net).clock * 1e6 / interval)
    start = time.monotonic()
    plan = request.plan()
    planned = time.monotonic() - start
    run, built, seconds = simulate(plan, ROOT / "build" / "bench" / f"{net}-{interval}")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    used = plan.resources
    figures = [
        Figure(f"{name} interval", run.interval, "cycles", interval),
        Figure(f"{name} latency", run.latency, "cycles", plan.latency),
        Figure(f"{name} mismatches", run.mismatches, "images", 0),
        Figure(f"{name} boundaries that differ from the model", int(bool(run.difference)), "1", 0),
        Figure(f"{name} LUT", used.lut, "LUT (estimate)"),
        Figure(f"{name} FF", used.ff, "FF (estimate)"),
        Figure(f"{name} BRAM36", used.bram18 / 2, "BRAM36 (estimate)"),
        Figure(f"{name} plan", round(planned, 1), "s"),
        Figure(f"{name} build", round(built, 1), "s"),
    ]
    sizes = (f"{used.lut:,}", f"{used.ff:,}", used.bram18 / 2)
    times = (f"{planned:.1f}", f"{built:.0f}", f"{memory:.1f}", f"{seconds:.1f}")
    row = (name, f"{plan.fps:,.0f}", run.interval, run.latency, *sizes, *times, run.mismatches)
    return row, figures, run.difference


def main() -> int:
    """Measure; return 1 if an answer or a cycle is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="those whose name contains it, as cnv")
    asked = parser.parse_args()
    rows, figures = [], []
    for net, interval in CYCLES:
        if asked.only in f"{net} {interval}":
            row, measured, wrong = measure(net, interval)
            rows.append(row)
            figures += measured
            print(f"{row[0]}: {wrong or 'every boundary as the cycle model says'}", flush=True)
    print(table(HEADER, rows))
    path = write_figures("beyond", figures)
    missed = [figure for figure in figures if figure.asked is not None and figure.value > figure.asked]
    for figure in missed:
        print(f"{figure.name}: {figure.value} {figure.unit}, asked are {figure.asked}", file=sys.stderr)
    print(f"\n{path.relative_to(ROOT)}: written")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
