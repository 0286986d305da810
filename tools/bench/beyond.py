# SPDX-License-Identifier: Apache-2.0
"""Simulate the fastest foldings, beyond those of the FINN paper; `make bench` calls it.

The repository's pictures go through the RTL in Verilator, neither end stalled: every score and label is compared with
the reference, the first and the last word of every image at every boundary with the cycle model. LUTs, flip-flops and
block RAMs are estimates. `--only cnv` takes those whose name contains it.
"""

import argparse
import itertools
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from finn_gen.base.files import write_tree
from finn_gen.plan.network import NetworkPlan
from finn_gen.report.measured import Measured
from finn_gen.request import Request
from finn_sim.accel import bench, cycles, simulation, stimulus
from finn_sim.accel.simulation import Run
from finn_sim.image_files import Reading
from finn_sim.page import activity
from tools.report import ROOT, Figure, judged, table

CYCLES = (("lfc", 32), ("sfc", 4), ("sfc", 1), ("cnv", 1024), ("cnv", 512), ("cnv", 256))
"""Networks, and the cycles an image that are asked for."""
HEADER = ("", "images/s", "II", "latency", "LUT", "FF", "BRAM36", "plan s", "build s", "GB", "run s", "wrong")


def simulate(plan: NetworkPlan, folder: Path) -> tuple[Run, Measured | None, float]:
    """Build an accelerator's test bench in the folder and run the repository's pictures.

    What was answered, what was seen at the boundaries, and the seconds of the build.
    """
    start = time.monotonic()
    command = bench.build(folder, plan, "verilator")
    built = time.monotonic() - start
    written, shown = stimulus.of_pictures(plan, None, None, Reading())
    write_tree(folder, written)
    activity.clear(folder)
    command += [f"+images={len(shown)}", "+boundaries"]
    run = simulation.run(command, folder, len(shown), folder / "simulation.log")
    return run, activity.read(folder, len(plan.stages)), built


def measure(net: str, interval: int) -> tuple[Sequence[object], list[Figure], str]:
    """A row of the table, its figures, and what is wrong."""
    name = f"{net} {interval}"
    request = Request(net, fps=Request(net).clock * 1e6 / interval)
    start = time.monotonic()
    plan = request.plan()
    planned = time.monotonic() - start
    run, seen, built = simulate(plan, ROOT / "build" / "bench" / f"{net}-{interval}")
    answers, (first, *_) = run.answers, run.answers
    wrong = cycles.difference(plan, seen, len(answers)) if seen else "no image was seen"
    slowest = max(after.end - before.end for before, after in itertools.pairwise(answers))
    latency, mismatches = first.end - first.start, sum(not answer.match for answer in answers)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    used = plan.resources
    figures = [
        Figure(f"{name} interval", slowest, "cycles", interval),
        Figure(f"{name} latency", latency, "cycles", plan.latency),
        Figure(f"{name} mismatches", mismatches, "images", 0),
        Figure(f"{name} boundaries that differ from the model", int(bool(wrong)), "1", 0),
        Figure(f"{name} LUT", used.lut, "LUT (estimate)"),
        Figure(f"{name} FF", used.ff, "FF (estimate)"),
        Figure(f"{name} BRAM36", used.bram18 / 2, "BRAM36 (estimate)"),
        Figure(f"{name} plan", round(planned, 1), "s"),
        Figure(f"{name} build", round(built, 1), "s"),
    ]
    sizes = (f"{used.lut:,}", f"{used.ff:,}", used.bram18 / 2)
    times = (f"{planned:.1f}", f"{built:.0f}", f"{memory:.1f}", f"{run.seconds:.1f}")
    row = (name, f"{plan.fps:,.0f}", slowest, latency, *sizes, *times, mismatches)
    return row, figures, wrong


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
    return judged("beyond", figures)


if __name__ == "__main__":
    sys.exit(main())
