# SPDX-License-Identifier: Apache-2.0
"""Put whole test sets through the RTL with BNN-PYNQ's trained parameters; `make bench-golden` calls it.

LFC classifies MNIST's test images and CNV those of CIFAR-10, in Verilator. Every score is compared with golden ones
that were computed from the parameter files by another program than this project's reference, and the accuracies with
those that BNN-PYNQ reaches on a board. Parameters and golden scores lie in ../shared/data; without them nothing is
measured. The data sets are the official files in $FINN_DATA (mnist/, cifar10/), or else are unpacked from there.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.formats import bnn_pynq
from finn_gen.network.model import Network
from finn_gen.request import PAPER, Request
from finn_sim.accel import job, simulation
from finn_sim.accel.report import Report
from finn_work import Workers
from tools import run
from tools.report import ROOT, Figure, table, write_figures

SHARED = ROOT.parent / "shared" / "data"
UNPACKED = ROOT / "build" / "data"
IMAGES = 10_000
_HEAD = ("images", "scores differ", "argmax %", "asked", "host's rule %", "asked", "images/s", "per CPU s")


@dataclass(frozen=True)
class Case:
    """A network with its data set, its parameters and golden scores in ../shared/data, and accuracies in percent.

    `host` is that of BNN-PYNQ's host, which takes the highest output bit that is set; None where there are no bits, or
    no figure of it. `scores` is the golden file's field of them.
    """

    net: str
    data_set: str
    parameters: Path
    golden: Path
    argmax: float
    host: float | None
    scores: str = "popcount"

    @property
    def name(self) -> str:
        """The network as tables call it: one of two bits by its parameters."""
        return self.net if self.scores == "popcount" else self.parameters.name.partition("_")[0]


CASES = (
    Case("lfc", "mnist", Path("lfcW1A1_mnist"), Path("lfcW1A1_mnist_t10k.npz"), 98.34, 98.40),
    Case("lfc", "mnist", Path("lfcW1A2_mnist"), Path("lfcW1A2_mnist_t10k.npz"), 98.49, None, "sums"),
    Case("cnv", "cifar10", Path("cnvW1A1_cifar10"), Path("cnvW1A1_cifar10_test.npz"), 79.22, None),
)


def data_set(name: str) -> Path | None:
    """The folder of a data set's official files, or None if there is none."""
    if given := os.environ.get("FINN_DATA"):
        folder = Path(given).expanduser().resolve() / name
    else:
        folder = UNPACKED / name
        if not folder.is_dir() and (SHARED / "unpack.py").is_file():
            subprocess.run([sys.executable, SHARED / "unpack.py", UNPACKED, name], check=True)
    return folder if folder.is_dir() else None


def simulate(
    case: Case, images: Path, asked: argparse.Namespace
) -> tuple[job.Job, dict, tuple[simulation.Answer, ...]]:
    """Run `count` images; the job, its record, and what the RTL answered. Raises SimulationError."""
    words = ["--parameters", str(SHARED / "bnn-pynq" / case.parameters), "--images", str(images)]
    words += Workers.from_arguments(asked).words()
    count = asked.count
    wanted = run.parser().parse_args([case.net, *words, "--folding", asked.folding, "--count", str(count)])
    work, result = ROOT / "build" / "golden" / case.name, ROOT / "build" / "run" / f"golden-{case.name}.json"
    *before, core = run.written(Request.from_arguments(wanted))
    log = work / job.LOG
    log.unlink(missing_ok=True)
    own = ["--work-root", str(work), core, *run.options(wanted), "--result", str(result)]
    code = run.fusesoc([*before, *own], stdout=subprocess.DEVNULL)
    # With 1 a score differs from our reference, which is counted below, against the golden ones.
    if code not in (0, 1) or not result.exists():
        raise simulation.SimulationError(f"fusesoc {' '.join([*before, *own])} failed (exit code {code})")
    return job.load(work, images, count, None), json.loads(result.read_text()), simulation.answers(log)


def thresholds(parameters: Path, network: Network) -> np.ndarray:
    """The thresholds of the last layer, int64 [K], which the network itself leaves out: bit i is t[i] <= score i."""
    shapes = [layer.matrix.weights.shape for layer in network.layers if layer.matrix]
    return bnn_pynq.load(parameters, [bnn_pynq.Expected(*shape) for shape in shapes])[-1].thresholds[:, 0]


def host_classes(scores: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The highest output bit that is set, int64 [N], 0 where none is, of scores [N,K]."""
    bits = scores >= limits
    return np.where(bits.any(1), bits.shape[1] - 1 - np.argmax(bits[:, ::-1], 1), 0)


def measure(case: Case, images: Path, asked: argparse.Namespace) -> tuple[tuple, list[Figure]]:
    """A row of the table, and its figures."""
    count = asked.count
    this, record, answers = simulate(case, images, asked)
    labels = this.pictures.labels
    with np.load(SHARED / "bnn-pynq" / case.golden) as file:
        golden = file[case.scores][:count].astype(np.int64)
    judge = Report(this.design, this.network.classes, this.pictures, golden)
    differ = sum(not judge.equal(answer) for answer in answers) + len(golden) - len(answers)
    found = np.array([judge.rtl_scores(answer) or [-1] * golden.shape[1] for answer in answers])
    accuracies = {"argmax": (np.argmax(found, 1), case.argmax)}
    if case.host is not None:
        limits = thresholds(SHARED / "bnn-pynq" / case.parameters, this.network)
        accuracies["host's rule"] = (host_classes(found, limits), case.host)
    name, whole = f"{case.name} {case.data_set}", count == IMAGES
    cpu_rate = round(len(answers) / record["cpu_seconds"], 2)
    row = [f"{case.name} on {case.data_set}", len(answers), differ]
    figures = [
        Figure(f"{name} images", len(answers), "images", count),
        Figure(f"{name} images with a score that differs", differ, "images", 0),
        Figure(f"{name} speed", record["images_per_second"], "images/s"),
        Figure(f"{name} speed of one processor", cpu_rate, "images/CPU s"),
    ]
    for rule, (classes, published) in accuracies.items():
        percent = round(100 * float(np.mean(classes == labels)), 2)
        row += [f"{percent:.2f}", f"{published:.2f}" if whole else "-"]
        figures.append(Figure(f"{name} accuracy by {rule}", percent, "%", published if whole else None))
    row += ["-"] * (7 - len(row))
    return (*row, record["images_per_second"], cpu_rate), figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a score differs, or an accuracy of a whole test set is not the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="networks whose name contains it, as lfc")
    parser.add_argument("--count", type=int, default=IMAGES, metavar="N", help=f"images of each (default {IMAGES})")
    parser.add_argument("--folding", default=PAPER, metavar="NAME", help=f"{PAPER} if not given")
    Workers.add_arguments(parser)
    asked = parser.parse_args(arguments)
    if not 1 <= asked.count <= IMAGES:
        parser.error(f"--count {asked.count}: it must be from 1 to {IMAGES}")
    rows, figures = [], []
    for case in CASES:
        if asked.only not in case.name:
            continue
        if not (SHARED / "bnn-pynq" / case.golden).is_file():
            print(f"{case.name}: not measured; BNN-PYNQ's parameters and golden scores are not in ../shared/data")
        elif not (images := data_set(case.data_set)):
            print(f"{case.name}: not measured; there are no official files in $FINN_DATA/{case.data_set}")
        else:
            try:
                row, measured = measure(case, images, asked)
            except simulation.SimulationError as error:
                print(f"{case.name}: {error}", file=sys.stderr)
                return 1
            rows.append(row)
            figures += measured
    if not rows:
        return 0
    print(table((asked.folding, *_HEAD), rows))
    missed = [figure for figure in figures if figure.asked is not None and figure.value != figure.asked]
    for figure in missed:
        print(f"{figure.name}: {figure.value} {figure.unit}, asked are {figure.asked}", file=sys.stderr)
    print(f"\n{write_figures('golden', figures).relative_to(ROOT)}: written")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
