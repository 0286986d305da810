# SPDX-License-Identifier: Apache-2.0
"""`python -m train NETWORK --data DIR`: train, fold, prove, and write the parameters with their card."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from finn_gen.base.errors import InputError
from finn_gen.formats import params_npz

from . import data, fold, recipes, record
from .loop import GLANCE, Run, StoppedError
from .topologies import NAMES, topology

DEFAULT_DATA = {"sfc": "mnist", "lfc": "mnist", "cnv": "cifar10"}
FINAL_CALIBRATION = 10_000
ROOT = Path(__file__).resolve().parents[1]


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument("network", choices=NAMES)
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FINN_DATA"),
        help="folder of the data sets (mnist/, cifar10/, svhn/), or of pictures; default $FINN_DATA",
    )
    parser.add_argument(
        "--dataset",
        choices=(*data.LOADERS, "pictures"),
        help="default mnist for sfc and lfc, cifar10 for cnv; pictures: train/<class>/ and test/<class>/",
    )
    parser.add_argument("--run", type=Path, help="folder of the checkpoint; default build/train/<net>_<data>")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="where the parameters go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="epochs of the last stage instead of the recipe's")
    parser.add_argument("--limit", type=int, help="use only the first so many images: a trial of the machinery")
    arguments = parser.parse_args(argv)
    if arguments.data is None:
        parser.error("--data DIR is needed (or set FINN_DATA)")
    for name in ("epochs", "limit"):
        if getattr(arguments, name) is not None and getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Exit code: 0 done, 1 the proof failed, 2 wrong input, 3 stopped with a checkpoint written."""
    arguments = _arguments(argv)
    try:
        _train(arguments)
    except InputError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    except fold.FoldError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except StoppedError as stopped:
        print(f"train: {stopped}", file=sys.stderr)
        return 3
    return 0


def _train(arguments: argparse.Namespace) -> None:
    chosen = arguments.dataset or DEFAULT_DATA[arguments.network]
    dataset = data.load(chosen, arguments.data, topology(arguments.network).image)
    if arguments.limit:
        dataset = _limited(dataset, arguments.limit)
    net = topology(arguments.network, len(dataset.classes))
    name = f"{net.name}_{dataset.name}"
    recipe = recipes.recipe(net.name, arguments.epochs)
    recipe = replace(recipe, batch=min(recipe.batch, len(dataset.train_x)))
    augment = recipes.augmentation(net.name, dataset.name)
    folder = arguments.run or ROOT / "build" / "train" / name
    run = Run(topology=net, data=dataset, recipe=recipe, augment=augment, folder=folder, seed=arguments.seed)
    run.train()
    _publish(run, dataset, name, arguments)


def _limited(dataset: data.DataSet, n: int) -> data.DataSet:
    return replace(
        dataset,
        train_x=dataset.train_x[:n],
        train_y=dataset.train_y[:n],
        test_x=dataset.test_x[:n],
        test_y=dataset.test_y[:n],
    )


def _publish(run: Run, dataset: data.DataSet, name: str, arguments: argparse.Namespace) -> None:
    """Fold, prove on the whole test set, and only then write the three files."""
    run.calibrate(FINAL_CALIBRATION, torch.float32)
    matrices = fold.fold(run.net)
    scores = fold.reference_scores(run.topology, matrices, dataset.test_x)
    fold.prove(run.net, scores, dataset.test_x)
    right = np.argmax(scores, 1) == dataset.test_y
    content = params_npz.to_bytes(matrices)
    arguments.models.mkdir(parents=True, exist_ok=True)
    (arguments.models / f"{name}.npz").write_bytes(content)
    record.write(
        arguments.models,
        name,
        {
            "name": name,
            "file": f"{name}.npz",
            "sha256": hashlib.sha256(content).hexdigest(),
            "network": asdict(run.topology),
            "data": dataset.name,
            "classes": list(dataset.classes),
            "test": {
                "images": len(right),
                "right": int(right.sum()),
                "right_of_first_1000": int(right[:1000].sum()),
            },
            "asked": recipes.ASKED.get(name),
            "samples": _samples(run, matrices, dataset, arguments.models),
            "seed": run.seed,
            "recipe": asdict(run.recipe),
            "augmentation": recipes.AUGMENTATION[run.topology.name],
            "command": _command(arguments),
            "seconds": round(run.state.seconds),
            "machine": f"{os.cpu_count()} shared cores, {platform.machine()}",
            "software": f"PyTorch {torch.__version__}, NumPy {np.__version__}",
            "licence": "Apache-2.0",
            "notes": [],
            "log_test_images": min(GLANCE, len(right)),
            "log": run.state.log,
        },
    )
    print(f"{arguments.models / name}.npz: {right.sum()} of {len(right)} test images right")


def _command(arguments: argparse.Namespace) -> str:
    options = [f" --{o} {v}" for o in ("dataset", "epochs", "limit") if (v := getattr(arguments, o))]
    return f"python -m train {arguments.network} --data DIR --seed {arguments.seed}{''.join(options)}"


def _samples(run: Run, matrices: tuple[params_npz.Matrix, ...], dataset: data.DataSet, models: Path) -> list[dict]:
    """What the network says of the sample pictures of its data set's classes."""
    manifest = models / "samples" / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else []
    entries = [entry for entry in entries if entry["set"] == dataset.name]
    if not entries:
        return []
    pictures = np.stack([data.picture(manifest.parent / entry["file"], run.topology.image) for entry in entries])
    said = np.argmax(fold.reference_scores(run.topology, matrices, pictures), 1)
    return [
        {"file": entry["file"], "label": entry["label"], "said": dataset.classes[k]}
        for entry, k in zip(entries, said, strict=True)
    ]


if __name__ == "__main__":
    sys.exit(main())
