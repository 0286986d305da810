# SPDX-License-Identifier: Apache-2.0
"""A training job from the words of the command line to the folder that it leaves."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from finn_gen.base.errors import InputError
from finn_gen.base.files import alone
from finn_gen.formats import description
from finn_gen.network.model import Network, Shape
from finn_train import data, fold, output, recipes, subject
from finn_train.loop import GLANCE, Recipe, Run

DATA_OF = {"sfc": "mnist", "lfc": "mnist", "cnv": "cifar10"}
FINAL_CALIBRATION = 10_000
RUNS = Path("build") / "train"


@dataclass(frozen=True)
class Job:
    """What is trained on what, and where its files go."""

    network: Network
    dataset: data.DataSet
    recipe: Recipe
    variants: recipes.Variants
    run: Path
    output: Path
    name: str


def run(arguments: argparse.Namespace) -> None:
    """Train, fold, prove, and write. Raises InputError, StoppedError, FoldError."""
    job = _job(arguments)
    with alone(job.output):
        training = Run(
            network=job.network,
            data=job.dataset,
            recipe=job.recipe,
            augment=job.variants.augment,
            folder=job.run,
            seed=arguments.seed,
            device=_device(arguments.device),
            tell=lambda text: print(f"{job.name}: {text}", file=sys.stderr, flush=True),
        )
        training.tell(_summary(job))
        training.train()
        _write(training, job, arguments)


def _device(asked: str) -> str:
    """cpu or cuda."""
    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if asked == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: PyTorch finds no CUDA device here; it must be cpu or auto")
    return asked


def _summary(job: Job) -> str:
    recipe, dataset = job.recipe, job.dataset
    epochs = sum(stage.epochs for stage in recipe.stages)
    return (
        f"{len(dataset.train_x):,} pictures to learn from, {len(dataset.test_x):,} to test with, "
        f"{len(dataset.classes)} classes; {epochs} epochs of {len(dataset.train_x) // recipe.batch} steps"
    )


def _job(arguments: argparse.Namespace) -> Job:
    """The job that is asked for; its data are read."""
    named = arguments.network in subject.NAMED
    if named:
        source, order = description.read(subject.path(arguments.network)).source, ()
        dataset = _data(arguments, DATA_OF[arguments.network], source, order)
        network = subject.named(arguments.network, dataset.classes)
        recipe, variants = recipes.recipe(network.name), recipes.variants(network.name, dataset.name)
    else:
        path = Path(arguments.network)
        draft = description.read(path)
        dataset = _data(arguments, "pictures", draft.source, draft.classes)
        network = subject.described(path, dataset.classes)
        recipe, variants = recipes.general(len(dataset.train_x)), recipes.general_variants(arguments.flip)
    if arguments.teacher:
        recipe = recipes.taught(arguments.network, recipe)
    if arguments.epochs:
        recipe = recipe.of_epochs(arguments.epochs)
    recipe = replace(recipe, batch=min(recipe.batch, len(dataset.train_x)))
    name = f"{network.name}_{dataset.name}"
    folder = arguments.output or RUNS / name / "out"
    kept = arguments.run or (arguments.output / "run" if arguments.output else RUNS / name)
    output.check(folder, None if named else path)
    return Job(network, dataset, recipe, variants, kept, folder, name)


def _data(arguments: argparse.Namespace, default: str, source: Shape, order: Sequence[str]) -> data.DataSet:
    """The pictures, in the size that the network takes."""
    chosen = arguments.dataset or default
    shape = (source.height, source.width, source.channels)
    dataset = data.load(chosen, arguments.data, shape, order if chosen == "pictures" else ())
    return dataset.limited(arguments.limit) if arguments.limit else dataset


def _write(run: Run, job: Job, arguments: argparse.Namespace) -> None:
    """Fold, prove on the whole test part, and only then write the files."""
    dataset = job.dataset
    run.tell(f"checking that the accelerator's integers give the same on {len(dataset.test_x):,} test pictures")
    run.calibrate(FINAL_CALIBRATION, torch.float32)
    net = run.net.cpu()
    network = fold.fold(net)
    scores = fold.reference_scores(network, dataset.test_x)
    fold.prove(net, scores, dataset.test_x)
    right = np.argmax(scores, 1) == dataset.test_y
    record = {
        "name": job.name,
        "file": output.PARAMETERS,
        "sha256": output.parameters_digest(network),
        "network": description.described(network),
        "data": dataset.name,
        "classes": list(dataset.classes),
        "test": {
            "images": len(right),
            "right": int(right.sum()),
            "right_of_first_1000": int(right[:1000].sum()),
        },
        "seed": run.seed,
        "recipe": asdict(run.recipe),
        "augmentation": job.variants.text,
        "command": _command(arguments),
        "seconds": round(run.state.seconds),
        "machine": _machine(run.device),
        "software": f"PyTorch {torch.__version__}, NumPy {np.__version__}",
        "author": None,
        "licence": None,
        "pictures": output.PICTURES,
        "notes": [],
        "log_test_images": min(GLANCE, len(right)),
        "log": run.state.log,
    }
    output.write(job.output, network, record, dataset.test_x, dataset.test_y)
    share = 100 * right.mean()
    print(f"{job.output}: written; {right.sum():,} of {len(right):,} test pictures right ({share:.2f} %)")
    print("next", *output.next_commands(job.output), sep="\n  ")


def _machine(device: torch.device) -> str:
    cores = f"{os.cpu_count()} shared cores, {platform.machine()}"
    return cores if device.type == "cpu" else f"{torch.cuda.get_device_name(device)}, {cores}"


def _command(arguments: argparse.Namespace) -> str:
    """The command that repeats the run, without the paths of this machine."""
    options = [f" --{o} {v}" for o in ("dataset", "epochs", "limit") if (v := getattr(arguments, o))]
    flags = "".join(f" --{flag}" for flag in ("flip", "teacher") if getattr(arguments, flag))
    network = arguments.network if arguments.network in subject.NAMED else Path(arguments.network).name
    return f"python -m train {network} --data DIR --seed {arguments.seed}{''.join(options)}{flags}"
