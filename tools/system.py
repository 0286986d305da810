# SPDX-License-Identifier: Apache-2.0
"""Classify pictures with the real driver on a simulated system, and measure its rate; `make system` calls it.

The accelerator, its control and its DMA run in Verilator, the memory is a model that answers every burst after a fixed
number of cycles. Every answer is compared with the integer reference. The rate is judged against the plan's: the exit
code is 1 where it is worse by more than --tolerance.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.files import LOCK, alone, write_if_changed, write_tree
from finn_gen.base.words import counted
from finn_gen.emit import accelerator
from finn_gen.emit import system as systems
from finn_gen.request import Request
from finn_sim import pictures, reference
from finn_sim.accel import streams
from finn_sim.image_files import Reading
from finn_sim.page import FILE, wanted
from finn_sim.page.system import System, system_page
from finn_verif import waves
from finn_verif.runner import SimulationError, simulate
from tools.report import ROOT

BUILD = ROOT / "build" / "system"
JOBS = 4
"""Jobs that the pictures are cut into: the first fills the pipeline, the others show the rate."""
JOB_CYCLES = 4000
"""What the driver gets to queue a job when another has ended; few pictures are given in turn to last so long."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description="Classify pictures with the driver on a simulated system.")
    Request.add_arguments(top)
    top.add_argument(
        "--images", type=Path, metavar="PATH", help="pictures, MNIST's IDX, CIFAR-10's .bin, SVHN's .mat or a .npy"
    )
    top.add_argument("--count", type=int, default=16, metavar="N", help="the first N pictures; default 16")
    Reading.add_arguments(top)
    top.add_argument("--quiet", action="store_true", help="print the rate alone")
    top.add_argument("--latency", type=int, default=30, metavar="CYCLES", help="of the memory; default 30")
    top.add_argument("--tolerance", type=float, default=2.0, metavar="PERCENT", help="of the planned rate; default 2")
    return top


@dataclass(frozen=True)
class Run:
    """A system in a folder, and what the test bench is told."""

    module: str
    folder: Path
    sources: list[Path]
    data: list[Path]
    facts: dict[str, object]
    shown: waves.Groups
    system: System
    notes: tuple[str, ...] = ()
    quiet: bool = False

    @property
    def told(self) -> str:
        """How many pictures are given how often."""
        pictures, images = self.facts["pictures"], JOBS * self.facts["job_images"]
        jobs = f"{JOBS} jobs of {self.facts['job_images']}"
        if pictures == images:
            return f"{pictures} pictures in {jobs}"
        return f"{counted(pictures, 'picture')} given in turn as {images} images, {jobs}, to measure the rate"


def prepare(asked: argparse.Namespace, held: contextlib.ExitStack | None = None) -> Run:
    """Plan and write the system, the pictures and the answers expected. Raises InputError.

    `held` keeps other processes out of the folder from before the first write on.
    """
    if asked.latency < 2:
        raise InputError(f"latency={asked.latency}: it must be at least 2 cycles")
    request = Request.from_arguments(asked)
    plan = request.plan(print)
    found, network = systems.plan_system(plan), plan.network
    samples, reading = ROOT / "models" / "samples", Reading.from_arguments(asked)
    shown = pictures.of_network(network, asked.images, asked.count, samples, reading)
    folder = (
        BUILD
        / f"{plan.module}-{plan.folding.name}{'' if request.is_named and request.is_carried else f'-{request.digest}'}"
    )
    files = systems.bundle(found).folder()
    if held:
        held.enter_context(alone(folder))
    _empty(folder)
    write_tree(folder, files)
    job_images = max(-(-len(shown) // JOBS), least_job(found.interval, plan.latency + asked.latency))
    again = np.arange(JOBS * job_images) % len(shown)
    scores = reference.scores(network, shown.images)
    np.save(folder / "images.npy", shown.images[again])
    np.save(folder / "expected.npy", (reference.labels(scores) if found.net.marked else scores)[again])
    facts = {
        "description": str(folder / f"{found.module}.json"),
        "images": str(folder / "images.npy"),
        "expected": str(folder / "expected.npy"),
        "job_images": job_images,
        "pictures": len(shown),
        "latency": asked.latency,
        "said": str(folder / "said.txt"),
        "record": str(folder / "record.json"),
    }
    sources = [folder / line for line in files[f"{found.module}.f"].split()]
    data = [folder / name for name in files if name.endswith(".mem")]
    inside = f"{found.module}.u_accelerator"
    shown_streams = streams.of_plan(json.loads(accelerator.plan_json(plan)), inside, inside)
    return Run(
        found.module,
        folder,
        sources,
        data,
        facts,
        {**waves.ports(files[f"{found.module}.v"], found.module), **shown_streams},
        System(plan, request.device, request.limit, shown, network.score_names, scores),
        network.notes,
        asked.quiet,
    )


def least_job(interval: int, latency: int) -> int:
    """Images of a job with which the rate can be measured; both arguments in cycles.

    A job is queued when the last but one has ended, while the accelerator takes in what the one between has left. The
    last image to leave came in `latency` before, so that the images behind it, and that one, must last until the driver
    has queued the next job.
    """
    return max(1, -(-(latency + JOB_CYCLES) // interval) - 1)


def _empty(folder: Path) -> None:
    """Delete what a run before left in the folder, which may be locked."""
    for path in folder.glob("*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def follow(path: Path, done: threading.Event) -> None:
    """Print lines of a file as they are written."""
    path.touch()
    with path.open() as file:
        while not (last := done.wait(0.5)) or last:
            print(file.read(), end="", flush=True)
            if last:
                return


def run(prepared: Run) -> dict:
    """Simulate; the test bench's record. Raises SimulationError."""
    done = threading.Event()
    thread = threading.Thread(target=follow, args=(Path(prepared.facts["said"]), done))
    if not prepared.quiet:
        thread.start()
    try:
        result = simulate(
            prepared.sources,
            prepared.module,
            "finn_sim.system.classify",
            plan=prepared.facts,
            data=prepared.data,
            sim="verilator",
            name=prepared.folder.name,
            shown=prepared.shown,
        )
        if result.waves:
            print(waves.told(result.waves))
    finally:
        done.set()
        if not prepared.quiet:
            thread.join()
    return json.loads(Path(prepared.facts["record"]).read_text())


def off(record: dict) -> float:
    """By how many percent the rate is worse than planned."""
    return 100 * (record["sustained_interval_cycles"] / record["planned_interval_cycles"] - 1)


def too_slow(record: dict, tolerance: float) -> str:
    """What is to say of a rate that is worse than planned by more than `tolerance` percent, else nothing."""
    return "" if off(record) <= tolerance else f"the rate is worse than planned by more than {tolerance:g} %"


def report(record: dict) -> None:
    """Print the driver's table and the rate."""
    for key, value in record["throughput_test"].items():
        print(f"  {key:36}{value:>14.3f}")
    planned, found = record["planned_interval_cycles"], record["sustained_interval_cycles"]
    print(f"  {'planned[cycles/image]':36}{planned:>14}")
    print(f"  {'sustained[cycles/image]':36}{found:>14.2f}   {off(record):+.2f} %")
    print(f"{record['network']}: all {record['images']} answers are the reference's")


def write_page(prepared: Run, record: dict | None, failure: str) -> None:
    """Write the report as a page, if it is asked for; `record` is None of a run that failed."""
    if wanted():
        page = prepared.folder / FILE
        write_if_changed(page, system_page(prepared.system, record, failure))
        print(f"{page}: written, to open in a browser")


def main() -> int:
    """Run; 0, 1 if an answer or the rate is wrong, 2 for bad input."""
    asked = parser().parse_args()
    try:
        with contextlib.ExitStack() as held:
            prepared = prepare(asked, held)
            print(*(f"system: {note}\n" for note in prepared.notes), sep="", end="", file=sys.stderr)
            if not prepared.quiet:
                print(f"{prepared.folder}: {prepared.module} written; Verilator builds and runs it")
                print(prepared.told, flush=True)
            try:
                record = run(prepared)
            except SimulationError as error:
                write_page(prepared, None, str(error))
                raise
            failure = too_slow(record, asked.tolerance)
            report(record)
            write_page(prepared, record, failure)
    except (InputError, OSError) as error:
        print(f"system: {error}", file=sys.stderr)
        return 2
    except SimulationError as error:
        print(f"system: {error}", file=sys.stderr)
        return 1
    if failure:
        print(f"system: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
