# SPDX-License-Identifier: Apache-2.0
"""Print what many workers gain, by simulation of the schedule; `make bench-workers` calls it.

Measured here, on a Dask cluster of two workers on this machine, are what a piece costs the scheduler and the one who
asks, and how long a worker takes to its first piece. Seconds of pieces are given, as measured before. The network
between a thousand machines is taken for as good as this one's.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from finn_sim.accel import parts
from finn_work import Needs, Piece, Workers, results
from finn_work.schedule import Overhead, Schedule, simulate
from tests.work.clusters import local_cluster
from tools.report import ROOT, Figure, table, write_figures

MANY = 1000
WORKERS = (1, 10, 100, 1000)
IMAGES, CYCLES = 10_000, 8_192
"""Of CIFAR-10's test set, and of CNV an image."""
LATENCY = 34_440
"""Cycles of CNV that every part takes until its first image is through."""
POINTS = 1_000
HEAD = ("workers", "seconds", "of one worker", "efficiency", "bound by")


def measured() -> tuple[float, float]:
    """Seconds that a piece costs beside its work, and seconds until the first piece of a worker is through."""
    with tempfile.TemporaryDirectory() as folder, local_cluster(Path(folder), 2) as cluster:
        workers = Workers(scheduler=cluster.address)
        start = time.perf_counter()
        _idle(workers, 2)
        first = time.perf_counter() - start
        start = time.perf_counter()
        _idle(workers, MANY)
        return (time.perf_counter() - start - first) / MANY, first


def _idle(workers: Workers, count: int) -> None:
    pieces = [Piece(str(index), "tools.bench.workers:nothing", {"index": index}, "") for index in range(count)]
    for _ in results(pieces, workers, Needs(()), what="idle"):
        pass


def nothing(index: int) -> int:
    """What a piece without work does."""
    return index


def images_of(workers: int, image: float, reference: float, overhead: Overhead) -> Schedule:
    """CIFAR-10's test images through CNV: all parts by the reference, then all by the simulator."""
    possible = min(IMAGES // parts.LEAST_IMAGES, IMAGES * CYCLES // parts.LEAST_CYCLES)
    count = min(possible, parts.PARTS_A_WORKER * workers)
    size = IMAGES / count
    first = simulate([reference * size] * count, workers, replace(overhead, prepare=0.0))
    second = simulate([image * (size + LATENCY / CYCLES)] * count, workers, overhead)
    seconds = first.seconds + second.seconds
    return Schedule(seconds, IMAGES * (image + reference) / (workers * seconds), second.bound)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, simulate and print."""
    parser = argparse.ArgumentParser(prog="workers", description=__doc__.partition(";")[0] + ".")
    parser.add_argument("--image", type=float, required=True, metavar="S", help="of an image of CNV, simulated")
    parser.add_argument("--reference", type=float, required=True, metavar="S", help="of an image by the reference")
    parser.add_argument("--build", type=float, required=True, metavar="S", help="of the simulation, on each machine")
    parser.add_argument("--point", type=float, required=True, metavar="S", help="of a point of a sweep")
    asked = parser.parse_args(arguments)
    dispatch, start = measured()
    print(f"measured: {1000 * dispatch:.1f} ms a piece beside its work, {start:.2f} s to a worker's first piece")
    figures = [
        Figure("dispatch of a piece", round(1000 * dispatch, 2), "ms"),
        Figure("first piece", round(start, 2), "s"),
    ]
    cases = {
        f"{IMAGES:,} images of CNV": lambda workers: images_of(
            workers, asked.image, asked.reference, Overhead(dispatch, start, asked.build)
        ),
        f"a sweep of {POINTS:,} points": lambda workers: simulate(
            [asked.point] * POINTS, workers, Overhead(dispatch, start)
        ),
    }
    for name, schedule in cases.items():
        found = {workers: schedule(workers) for workers in WORKERS}
        alone = found[1].seconds
        rows = [
            (workers, f"{each.seconds:.1f}", f"1/{alone / each.seconds:.1f}", f"{each.efficiency:.0%}", each.bound)
            for workers, each in found.items()
        ]
        print("", name, table(HEAD, rows), sep="\n")
        figures += [
            Figure(f"{name}, {workers} workers", round(each.seconds, 1), "s") for workers, each in found.items()
        ]
    print(f"\n{write_figures('workers', figures).relative_to(ROOT)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
