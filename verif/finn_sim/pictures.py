# SPDX-License-Identifier: Apache-2.0
"""The pictures that an accelerator is to classify: of the repository, of a folder, or of a data set's own files."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.network.model import Network
from finn_sim import image_files as files
from finn_sim.image_files import Reading

MAX_PICTURES = 100_000
MAX_MANIFEST_BYTES = 1 << 22
MNIST_TEST = "t10k-images-idx3-ubyte"
CIFAR10_TEST = "test_batch.bin"
SVHN_TEST = "test_32x32.mat"
LEGAL = (
    f"a picture ({', '.join(files.SUFFIXES)}), a folder of pictures (with a sub-folder a class, or without labels), "
    "MNIST's IDX files (plain or .gz), CIFAR-10's binary batches, SVHN's cropped .mat files, or bytes in a .npy file"
)

Shape = tuple[int, int, int]
Item = tuple[Path, int | None]
"""A picture's file and its label."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is to be classified.

    images  uint8 [N,H,W,C] in the shape of the network's input
    labels  int64 [N], indices of classes, or None where they are not known
    names   a short name a picture, to print
    origin  where they come from, to print
    """

    images: np.ndarray
    labels: np.ndarray | None
    names: tuple[str, ...]
    origin: str

    def __len__(self) -> int:
        return len(self.images)

    def first(self, count: int | None) -> Pictures:
        """The first `count` of them, or all for None."""
        some = None if self.labels is None else self.labels[:count]
        return replace(self, images=self.images[:count], labels=some, names=self.names[:count])


def load(
    source: Path | None,
    shape: Shape,
    classes: Sequence[str],
    count: int | None = None,
    samples: Path | None = None,
    *,
    reading: Reading | None = None,
) -> Pictures:
    """At most `count` pictures from `source`, or the repository's from the folder `samples` if that is None.

    shape is (height, width, channels) of the network's input, classes the names of its outputs. Pictures of
    files are scaled to the shape as `reading` says; data sets must have it. From folders the classes come in turn, so
    that few pictures are of many classes. Raises InputError.
    """
    reading = reading or Reading()
    if count is not None and count < 1:
        raise InputError(f"count={count}: it must be 1 or more")
    if source is None and samples is None:
        raise InputError(f"images: none given and no samples found; they must be {LEGAL}")
    if source is None:
        found = _samples(samples, shape, classes, count, reading)
    else:
        found = _found(Path(source).expanduser(), shape, classes, count, reading)
    found = found.first(count)
    return replace(found, images=255 - found.images) if reading.invert else found


def of_network(
    network: Network, source: Path | None, count: int | None, samples: Path | None, reading: Reading | None = None
) -> Pictures:
    """The pictures for a network, of its shape and with its classes, as `load` takes them. Raises InputError."""
    shape = (network.source.height, network.source.width, network.source.channels)
    return load(source, shape, network.score_names, count, samples, reading=reading)


def _found(source: Path, shape: Shape, classes: Sequence[str], count: int | None, reading: Reading) -> Pictures:
    """What lies at `source`, of folders `count` pictures alone, not inverted."""
    if source.is_dir():
        return _folder(source, shape, classes, count, reading)
    if source.is_file():
        return _file(source, shape, classes, reading)
    raise InputError(f"{source}: there is no such file or folder; images must be {LEGAL}")


# --- files of data sets ---------------------------------------------------------------------------------------


def _file(path: Path, shape: Shape, classes: Sequence[str], reading: Reading) -> Pictures:
    if path.suffix.lower() in files.SUFFIXES:
        return _read_all([(path, None)], path, shape, reading)
    data = files.contents(path)
    if files.is_idx(data):
        return _idx(path, data, shape, classes)
    if path.name.removesuffix(".gz").endswith(".bin"):
        images, labels = files.cifar10_batch(data, path)
        return _data_set(path, images, labels, shape, classes)
    if path.name.removesuffix(".gz").endswith(".npy"):
        return _data_set(path, files.npy(data, path), None, shape, classes)
    if path.name.removesuffix(".gz").endswith(".mat"):
        return _svhn(path, data, shape, classes)
    raise InputError(f"{path}: neither a picture, nor an IDX file, nor a .bin, .mat or .npy; images must be {LEGAL}")


def _idx(path: Path, data: bytes, shape: Shape, classes: Sequence[str]) -> Pictures:
    images = files.idx(data, path)
    if images.ndim not in (3, 4):
        raise InputError(f"{path}: an IDX file of rank {images.ndim}; images have rank 3, or 4 with channels")
    labels_path = _twin(path.with_name(path.name.replace("images-idx3", "labels-idx1").removesuffix(".gz")))
    if "images-idx3" not in path.name or labels_path is None:
        return _data_set(path, images, None, shape, classes)
    labels = files.idx(files.contents(labels_path), labels_path)
    if labels.shape != images.shape[:1]:
        raise InputError(f"{labels_path}: {labels.size} labels for the {len(images)} images of {path.name}")
    if labels.max(initial=0) >= len(classes):
        raise InputError(f"{labels_path}: label {labels.max()}; this network's go from 0 to {len(classes) - 1}")
    return _data_set(path, images, labels, shape, classes)


def _svhn(path: Path, data: bytes, shape: Shape, classes: Sequence[str]) -> Pictures:
    """Digits, by the names of the network's classes, which may have another order; without labels if it has none."""
    images, digits = files.svhn_mat(data, path)
    if not set(files.DIGITS) <= set(classes):
        found = _data_set(path, images, None, shape, classes)
        return replace(
            found, origin=f"{path} (digits, which are no classes of this network; --classes FILE names them)"
        )
    labels = np.array([classes.index(digit) for digit in files.DIGITS], np.uint8)[digits]
    return _data_set(path, images, labels, shape, classes)


def _twin(path: Path) -> Path | None:
    """A file or its .gz twin, or None if there is neither."""
    return next((p for p in (path, path.with_name(f"{path.name}.gz")) if p.is_file()), None)


def _data_set(
    path: Path, images: np.ndarray, labels: np.ndarray | None, shape: Shape, classes: Sequence[str]
) -> Pictures:
    """Images of a data set, which have the network's shape, or its number of elements where it takes one pixel."""
    found = (*images.shape[1:], 1)[:3] if images.ndim > 2 else (1, 1, images.shape[1])
    if found != shape and not (shape[:2] == (1, 1) and math.prod(found) == shape[2]):
        raise InputError(f"{path}: images of {_by(found)}; this network takes {_by(shape)}")
    if not len(images):
        raise InputError(f"{path}: no image in it")
    if labels is not None and labels.max() >= len(classes):
        raise InputError(f"{path}: label {labels.max()}; this network's go from 0 to {len(classes) - 1}")
    names = tuple(f"#{i}" for i in range(len(images)))
    numbers = None if labels is None else labels.astype(np.int64)
    return Pictures(images.reshape(-1, *shape), numbers, names, str(path))


def _by(shape: Iterable[int]) -> str:
    return "x".join(map(str, shape))


# --- pictures -------------------------------------------------------------------------------------------------


def _folder(folder: Path, shape: Shape, classes: Sequence[str], count: int | None, reading: Reading) -> Pictures:
    """A data set's folder (its test part), sub-folders a class, or a flat folder."""
    for name in (MNIST_TEST, CIFAR10_TEST, SVHN_TEST):
        path = _twin(folder / name)
        if path is not None:
            return _file(path, shape, classes, reading)
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    flat = [(path, None) for path in entries if path.is_file() and path.suffix.lower() in files.SUFFIXES]
    groups = [[(path, index) for path, _ in _pictures(sub)] for sub, index in _classes(folder, entries, classes)]
    if flat and any(groups):
        raise InputError(f"{folder}: pictures beside sub-folders with pictures; labels are for all of them or for none")
    items = flat or _in_turn(groups)
    if not items:
        raise InputError(f"{folder}: no pictures in it ({', '.join(files.SUFFIXES)})")
    found = _read_all(items[:count], folder, shape, reading)
    return replace(found, origin=f"{folder}{_left_out(entries, items)}")


def _left_out(entries: Sequence[Path], items: Sequence[Item]) -> str:
    """What to tell of files in a folder, or beside the pictures in its sub-folders, that are no pictures."""
    taken = {path for path, _ in items}
    below = [path for sub in {path.parent for path in taken} for path in sub.iterdir() if path.name[:1] != "."]
    others = {*entries, *below} - taken - {path.parent for path in taken}
    if not others:
        return ""
    kinds = sorted({path.suffix.lower() or path.name for path in others})
    return (
        f" ({len(others)} other{'s' * (len(others) > 1)} left out: {', '.join(kinds[:5])}{', ...' * (len(kinds) > 5)})"
    )


def _pictures(folder: Path) -> list[Item]:
    return [(p, None) for p in sorted(folder.iterdir()) if p.suffix.lower() in files.SUFFIXES and p.is_file()]


def _classes(folder: Path, entries: Sequence[Path], classes: Sequence[str]) -> list[tuple[Path, int]]:
    """The sub-folders that hold pictures, each with its class: its name is a class's name or index."""
    index = _indices(classes)
    found = []
    for sub in entries:
        if not sub.is_dir() or not _pictures(sub):
            continue
        number = index.get(sub.name, index.get(sub.name.casefold()))
        if number is None:
            legal = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
            raise InputError(f"{sub}: {sub.name!r} is no class of this network; its classes are {legal}")
        found.append((sub, number))
    return found


def _indices(classes: Sequence[str]) -> dict[str, int]:
    """What a class may be called: its name, with capitals or without, else its index."""
    names = {name: i for i, name in enumerate(classes)}
    return {str(i): i for i in range(len(classes))} | {name.casefold(): i for name, i in names.items()} | names


def _in_turn(groups: Iterable[Sequence[Item]]) -> list[Item]:
    """The first of every group, then the second of every group, and so on."""
    return [item for items in zip_longest(*groups) for item in items if item is not None]


def _read_all(items: Sequence[Item], origin: Path, shape: Shape, reading: Reading) -> Pictures:
    if len(items) > MAX_PICTURES:
        raise InputError(f"{origin}: {len(items)} pictures; at most {MAX_PICTURES:,} are taken at a time")
    images = np.stack([files.picture(path, shape, reading) for path, _ in items])
    labels = None if any(label is None for _, label in items) else np.array([label for _, label in items], np.int64)
    names = tuple(str(path.relative_to(origin)) if path != origin else path.name for path, _ in items)
    return Pictures(images, labels, names, str(origin))


# --- the repository's samples -----------------------------------------------------------------------------------


def _samples(folder: Path, shape: Shape, classes: Sequence[str], count: int | None, reading: Reading) -> Pictures:
    """The pictures of a manifest whose labels are classes of the network."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise InputError(f"{manifest}: missing, it lists the pictures of the repository; images may also be {LEGAL}")
    sets: dict[str, list[tuple[Path, str]]] = {}
    try:
        if manifest.stat().st_size > MAX_MANIFEST_BYTES:
            raise InputError(f"{manifest}: larger than {MAX_MANIFEST_BYTES} bytes")
        for entry in json.loads(manifest.read_text(encoding="utf-8")):
            sets.setdefault(str(entry["set"]), []).append(
                (_below(folder, str(entry["file"])), str(entry["label"]).casefold())
            )
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError, TypeError, KeyError) as error:
        raise InputError(f"{manifest}: not a list of records with set, file and label ({error})") from None
    index = {name.casefold(): i for i, name in enumerate(classes)}
    for entries in sets.values():
        if all(label in index for _, label in entries):
            groups = [[(path, i) for path, name in entries if index[name] == i] for i in range(len(classes))]
            return _read_all(_in_turn(groups)[:count], folder, shape, reading)
    shown = ", ".join(classes[:10])
    raise InputError(f"{manifest}: no set of pictures of this network's classes ({shown}); images must be {LEGAL}")


def _below(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{folder}/manifest.json: {name!r} is not below the folder")
    return path
