# SPDX-License-Identifier: Apache-2.0
"""Data sets from their official files: MNIST, CIFAR-10, SVHN, or a folder of pictures per class.

Nothing is downloaded: a missing file is reported with the address that publishes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_sim import image_files as files
from finn_sim.image_files import CIFAR10_CLASSES, DIGITS, picture

SOURCES = {
    "mnist": "http://yann.lecun.com/exdb/mnist/ (four .gz files)",
    "cifar10": "https://www.cs.toronto.edu/~kriz/cifar.html (the binary version)",
    "svhn": "http://ufldl.stanford.edu/housenumbers/ (train_32x32.mat and test_32x32.mat)",
}


@dataclass(frozen=True)
class DataSet:
    """Images uint8 [N,H,W,C] and labels uint8 [N] for training and test, and the names of the classes."""

    name: str
    classes: tuple[str, ...]
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


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


def pictures(folder: Path, image: tuple[int, int, int]) -> DataSet:
    """A data set of one's own: folder/train/<class>/<picture> and folder/test/<class>/<picture>.

    image is (height, width, channels) of the network: pictures are scaled to it, and grey for one channel.
    """
    classes = tuple(sorted(p.name for p in folder.glob("train/*") if p.is_dir()))
    if not 2 <= len(classes) <= 256:
        raise InputError(f"{folder}/train: {len(classes)} class folders; 2 to 256 are possible")
    arrays: list[np.ndarray] = []
    for part in ("train", "test"):
        found = [(path, k) for k, name in enumerate(classes) for path in _files(folder / part / name)]
        arrays.append(np.stack([picture(path, image) for path, _ in found]))
        arrays.append(np.array([k for _, k in found], np.uint8))
    return DataSet(folder.resolve().name, classes, *arrays)


def _files(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in files.SUFFIXES)
    if not found:
        raise InputError(f"{folder}: no pictures; every class needs some in train and in test")
    return found


LOADERS = {"mnist": mnist, "cifar10": cifar10, "svhn": svhn}


def load(name: str, folder: Path, image: tuple[int, int, int]) -> DataSet:
    """The data set `name` (mnist, cifar10, svhn, pictures) for a network that takes images of this shape.

    The official sets lie in folder/<name> or in folder itself; `pictures` is the folder itself. Raises InputError.
    """
    if name == "pictures":
        return pictures(folder, image)
    found = LOADERS[name](folder / name if (folder / name).is_dir() else folder)
    if found.train_x.shape[1:] != image:
        raise InputError(f"{name} has images of {found.train_x.shape[1:]}, this network needs {image}")
    return found
