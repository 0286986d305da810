# SPDX-License-Identifier: Apache-2.0
"""The folder that training leaves: network, parameters, classes, record, card, and some pictures of the test part."""

from __future__ import annotations

import hashlib
import io
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.formats import class_names, description
from finn_gen.network.model import Network
from finn_train import record as records

NETWORK, PARAMETERS, RECORD, CARD, PICTURES = (
    "network.yaml",
    "parameters.npz",
    "parameters.json",
    "README.md",
    "pictures",
)
PICTURES_A_CLASS = 5


def check(folder: Path, network_file: Path | None) -> None:
    """InputError if the folder cannot be written to, or holds a network that training did not write."""
    there = folder / NETWORK
    if there.is_file() and not (folder / RECORD).is_file():
        same = " is the network to be trained and" if network_file and there.samefile(network_file) else ""
        raise InputError(f"{there}:{same} would be written over; choose another folder with -o")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made ({error.strerror}); choose another folder with -o") from None


def parameters_digest(network: Network) -> str:
    """The SHA-256 of the file of parameters, as hexadecimal digits."""
    return hashlib.sha256(description.to_files(network, NETWORK, PARAMETERS)[PARAMETERS]).hexdigest()


def write(folder: Path, network: Network, record: dict, images: np.ndarray, labels: np.ndarray) -> None:
    """Write all files. images uint8 [N,H,W,C] and labels [N] are the test part."""
    files: dict[str, str | bytes] = {
        **description.to_files(network, NETWORK, PARAMETERS),
        class_names.FILE: "".join(f"{name}\n" for name in network.classes),
        RECORD: records.to_text(record),
        CARD: records.card(record),
        **_pictures(network.classes, images, labels),
    }
    write_tree(folder, files)


def _pictures(classes: tuple[str, ...], images: np.ndarray, labels: np.ndarray) -> Mapping[str, bytes]:
    """The first of each class as PNG files, in the size that the network takes."""
    return {
        f"{PICTURES}/{name}/{i}.png": _png(images[index])
        for k, name in enumerate(classes)
        for i, index in enumerate(np.flatnonzero(labels == k)[:PICTURES_A_CLASS])
    }


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(stream, "PNG")
    return stream.getvalue()


def next_commands(folder: Path) -> Iterator[str]:
    """What to do with the folder."""
    network, shown = shlex.quote(str(folder / NETWORK)), shlex.quote(str(folder / PICTURES))
    yield f"finn-gen plan {network} --fps 1000"
    yield f"make run NET={network} IMAGES={shown}"
