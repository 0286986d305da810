# SPDX-License-Identifier: Apache-2.0
"""Data sets from their official files: MNIST, CIFAR-10, SVHN, or folders of pictures, one a class.

Nothing is downloaded: a missing file is reported with the address that publishes it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np
from tqdm import tqdm

from finn_gen.base.errors import InputError
from finn_gen.formats import description
from finn_sim import image_files as files
from finn_sim.image_files import CIFAR10_CLASSES, DIGITS, picture

SOURCES = {
    "mnist": "http://yann.lecun.com/exdb/mnist/ (four .gz files)",
    "cifar10": "https://www.cs.toronto.edu/~kriz/cifar.html (the binary version)",
    "svhn": "http://ufldl.stanford.edu/housenumbers/ (train_32x32.mat and test_32x32.mat)",
}

MAX_CLASSES = 256
HELD_OUT = 5
"""Where no test part is given, one picture in so many is put into it."""


@dataclass(frozen=True)
class DataSet:
    """Images uint8 [N,H,W,C] and labels uint8 [N] for training and test, and the names of the classes."""

    name: str
    classes: tuple[str, ...]
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray

    def limited(self, count: int) -> DataSet:
        """The first `count` images of each part."""
        parts = {name: getattr(self, name)[:count] for name in ("train_x", "train_y", "test_x", "test_y")}
        return replace(self, **parts)


def _read(folder: Path, name: str, dataset: str) -> bytes:
    """The bytes of a file or of its .gz twin."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return files.contents(path)
    raise InputError(f"{folder / name}: missing; the data set is published at {SOURCES[dataset]}")


def _idx(data: bytes, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """An IDX file of unsigned bytes with exactly this shape."""
    found = files.idx(data, name)
    if found.shape != shape:
        raise InputError(f"{name}: has shape {found.shape}; MNIST's has {shape}")
    return found


def mnist(folder: Path) -> DataSet:
    """MNIST from `folder`: 60,000 + 10,000 images of 28x28."""
    arrays = []
    for prefix, n in (("train", 60_000), ("t10k", 10_000)):
        for kind, shape in (("images-idx3", (n, 28, 28)), ("labels-idx1", (n,))):
            name = f"{prefix}-{kind}-ubyte"
            arrays.append(_idx(_read(folder, name, "mnist"), name, shape))
    train_x, train_y, test_x, test_y = arrays
    if max(train_y.max(), test_y.max()) > 9:
        raise InputError(f"{folder}: a label of MNIST is above 9")
    return DataSet("mnist", DIGITS, train_x[..., None], train_y, test_x[..., None], test_y)


def cifar10(folder: Path) -> DataSet:
    """CIFAR-10, binary version, from `folder`: 50,000 + 10,000 images of 32x32x3."""
    images, labels = [], []
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        data = _read(folder, name, "cifar10")
        if len(data) != 10_000 * 3073:
            raise InputError(f"{folder / name}: {len(data)} bytes; a CIFAR-10 batch has 30,730,000")
        batch_images, batch_labels = files.cifar10_batch(data, folder / name)
        images.append(batch_images)
        labels.append(batch_labels)
    return DataSet(
        "cifar10",
        CIFAR10_CLASSES,
        np.concatenate(images[:5]),
        np.concatenate(labels[:5]),
        images[5],
        labels[5],
    )


def svhn(folder: Path) -> DataSet:
    """SVHN, cropped digits, from `folder`: train_32x32.mat and test_32x32.mat, whose label 10 is 0."""
    arrays: list[np.ndarray] = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        images, digits = files.svhn_mat(_read(folder, name, "svhn"), folder / name)
        if images.shape[1:] != (32, 32, 3):
            raise InputError(f"{folder / name}: images of {images.shape[1:]}; SVHN's cropped digits are 32x32x3")
        arrays += [images, digits]
    return DataSet("svhn", DIGITS, *arrays)


def pictures(folder: Path, image: tuple[int, int, int], order: Sequence[str] = ()) -> DataSet:
    """A data set of one's own: folder/train/<class>/<picture> and folder/test/<class>/<picture>.

    Without these two, every fifth picture of each folder/<class> is of the test part. image is (height, width,
    channels) of the network: pictures are scaled to it, and grey for one channel. Classes are in the given order, which
    must name all of them, or sorted. Raises InputError.
    """
    parted = (folder / "train").is_dir()
    classes = _classes(folder / "train" if parted else folder, order)
    if parted:
        parts = [[_files(folder / part / name) for name in classes] for part in ("train", "test")]
    else:
        whole = [_files(folder / name, HELD_OUT) for name in classes]
        parts = [[[p for i, p in enumerate(found) if (i % HELD_OUT == HELD_OUT - 1) is held] for found in whole]
                 for held in (False, True)]  # fmt: skip
    arrays: list[np.ndarray] = []
    for part in parts:
        # A picture of each class in turn, so that any stretch of them has all classes.
        found = [(p, k) for row in zip_longest(*part) for k, p in enumerate(row) if p is not None]
        shown = tqdm(found, desc="reading pictures", disable=not sys.stderr.isatty(), leave=False)
        arrays.append(np.stack([picture(path, image) for path, _ in shown]))
        arrays.append(np.array([k for _, k in found], np.uint8))
    return DataSet(folder.resolve().name, classes, *arrays)


def _classes(folder: Path, order: Sequence[str]) -> tuple[str, ...]:
    """The names of the folders in a folder, in an order."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; it must hold a folder of pictures for each class")
    found = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not 2 <= len(found) <= MAX_CLASSES:
        raise InputError(f"{folder}: {len(found)} class folders; 2 to {MAX_CLASSES} are possible")
    for name in found:
        if not name.isprintable() or len(name) > description.MAX_CLASS_NAME:
            most = description.MAX_CLASS_NAME
            raise InputError(f"{folder}: a class is called {name!r}; it must be 1 to {most} printable characters")
    if order and sorted(order) != found:
        raise InputError(f"{folder}: has folders {', '.join(found)}; the classes are to be {', '.join(order)}")
    return tuple(order) or tuple(found)


def _files(folder: Path, least: int = 1) -> list[Path]:
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in files.SUFFIXES)
    if not found:
        raise InputError(f"{folder}: no pictures; every class needs some in train and in test")
    if len(found) < least:
        raise InputError(f"{folder}: {len(found)} pictures; at least {least} are needed, one of them for the test")
    return found


LOADERS = {"mnist": mnist, "cifar10": cifar10, "svhn": svhn}


def load(name: str, folder: Path, image: tuple[int, int, int], order: Sequence[str] = ()) -> DataSet:
    """The data set `name` (mnist, cifar10, svhn, pictures) for a network that takes images of this shape.

    The official sets lie in folder/<name> or in folder itself; `pictures` is the folder itself, whose classes are put
    in an order if one is given. Raises InputError.
    """
    if name == "pictures":
        return pictures(folder, image, order)
    found = LOADERS[name](folder / name if (folder / name).is_dir() else folder)
    if found.train_x.shape[1:] != image:
        raise InputError(f"{name} has images of {found.train_x.shape[1:]}, this network needs {image}")
    return found
