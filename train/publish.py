# SPDX-License-Identifier: Apache-2.0
"""`python -m train.publish DIR`: put a network that training left in DIR among those that this project carries.

The parameters, record and card go to models/ as <net>_<data>, with the accuracy that was asked for, the sample
pictures, and this project's licence.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.formats import description
from finn_gen.network.model import Network
from finn_sim.image_files import picture
from finn_train import output
from finn_train import record as records
from finn_train.fold import reference_scores

MODELS = Path(__file__).resolve().parents[1] / "models"
ASKED = {"sfc_mnist": 97.5, "lfc_mnist": 98.6, "cnv_cifar10": 81.0}
"""Accuracy, in per cent of the test set, that the project asks of each network it carries."""
AUTHOR, LICENCE = "this project", "Apache-2.0"


def publish(folder: Path, models: Path) -> Path:
    """Write the files of a trained network to models; returns the path of the parameters. Raises InputError."""
    network = description.load(folder / output.NETWORK)
    try:
        record = json.loads((folder / output.RECORD).read_text(encoding="utf-8"))
        name = f"{record['network']['name']}_{record['data']}"
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{folder / output.RECORD}: not a record of training ({error})") from None
    record.pop("pictures", None)
    record |= {"name": name, "file": f"{name}.npz", "author": AUTHOR, "licence": LICENCE, "asked": ASKED.get(name)}
    record["samples"] = samples(network, record["data"], models)
    files = {
        f"{name}.npz": (folder / output.PARAMETERS).read_bytes(),
        f"{name}.json": records.to_text(record),
        f"{name}.md": records.card(record),
    }
    write_tree(models, files)
    return models / f"{name}.npz"


def samples(network: Network, data: str, models: Path) -> list[dict]:
    """What the network says of the sample pictures of its data set's classes."""
    manifest = models / "samples" / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else []
    entries = [entry for entry in entries if entry["set"] == data]
    if not entries:
        return []
    source = network.source
    shape = (source.height, source.width, source.channels)
    said = np.argmax(
        reference_scores(network, np.stack([picture(manifest.parent / e["file"], shape) for e in entries])), 1
    )
    return [
        {"file": entry["file"], "label": entry["label"], "said": network.classes[k]}
        for entry, k in zip(entries, said, strict=True)
    ]


def main(argv: list[str] | None = None) -> int:
    """Exit code: 0 done, 2 wrong input."""
    parser = argparse.ArgumentParser(
        prog="python -m train.publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--models", type=Path, default=MODELS, help="where the files go; default models/")
    arguments = parser.parse_args(argv)
    try:
        print(f"{publish(arguments.folder, arguments.models)}: written, with its record and card")
    except InputError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
