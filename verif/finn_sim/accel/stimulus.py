# SPDX-License-Identifier: Apache-2.0
"""What the Verilog test bench of an accelerator reads: pictures, and the answers that the reference gives."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_tree
from finn_gen.base.library import ROOT
from finn_gen.base.words import counted
from finn_gen.emit.accelerator import plan_json
from finn_gen.plan.network import NetworkPlan
from finn_gen.request import Request
from finn_sim import pictures, reference
from finn_sim.accel import vectors
from finn_sim.accel.design import Design, of_plan
from finn_sim.image_files import Reading
from finn_sim.pictures import Pictures

SAMPLES = ROOT / "models" / "samples"
"""The repository's pictures, which the wheel of finn-gen carries too."""


def files(design: Design, images: np.ndarray, scores: np.ndarray) -> dict[str, bytes]:
    """The three files for images uint8 [N,H,W,C] and their scores int64 [N,K]."""
    return {
        vectors.STIMULUS: vectors.stimulus(images, design.packed, design.word_width, design.words),
        vectors.SCORES: vectors.scores(scores, design.score_width, design.score_signed),
        vectors.LABELS: vectors.labels(reference.labels(scores)),
    }


def of_pictures(
    plan: NetworkPlan, images: Path | None, count: int | None, reading: Reading
) -> tuple[dict[str, bytes], Pictures]:
    """The three files for an accelerator, and the pictures in them, of `pictures.load`. Raises InputError."""
    network = plan.network
    shown = pictures.of_network(network, images, count, SAMPLES if SAMPLES.is_dir() else None, reading)
    scores = reference.scores(network, shown.images)
    return files(of_plan(json.loads(plan_json(plan))), shown.images, scores), shown


def check_folder(folder: Path, plan: NetworkPlan) -> None:
    """Refuse a folder with another accelerator of that name: its test bench would read these files wrongly."""
    path = folder / f"{plan.module}.plan.json"
    if path.is_file() and path.read_text(encoding="utf-8") != plan_json(plan):
        raise InputError(
            f"{path}: another accelerator lies in this folder than is asked for; give what `finn-gen build` was given, "
            "or another folder"
        )


class Command:
    """The command `finn-gen stimulus`."""

    help = "write pictures and the answers expected, for the test bench of an accelerator"

    @staticmethod
    def add_arguments(command: argparse.ArgumentParser) -> None:
        """What it takes."""
        Request.add_arguments(command)
        command.add_argument(
            "--images", type=Path, metavar="PATH", help=f"{pictures.LEGAL}; the repository's if not given"
        )
        command.add_argument("--count", type=int, metavar="N", help="the first N pictures; all if not given")
        Reading.add_arguments(command)
        command.add_argument(
            "-o", "--output", type=Path, required=True, metavar="DIR", help="folder of the accelerator"
        )

    @staticmethod
    def run(arguments: argparse.Namespace) -> None:
        """Write the files. Raises InputError, which leaves none."""
        plan = Request.from_arguments(arguments).plan(print)
        check_folder(arguments.output, plan)
        written, shown = of_pictures(plan, arguments.images, arguments.count, Reading.from_arguments(arguments))
        with alone(arguments.output):
            write_tree(arguments.output, written)
        count = len(shown)
        print(
            f"{arguments.output}: {', '.join(written)} written, {counted(count, 'image')} from {shown.origin}; "
            f"{plan.module}_tb reads them with +images={count}"
        )
