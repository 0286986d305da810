# SPDX-License-Identifier: Apache-2.0
"""Pictures for the main job: what is read, in which order, and what is refused with which words."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from finn_gen.base.errors import InputError
from finn_sim import image_files, pictures
from finn_sim.image_files import CIFAR10_CLASSES, DIGITS
from tests.lib.paths import GOLDEN, SAMPLES, needs_golden

GREY, RGB = (28, 28, 1), (32, 32, 3)
RNG = np.random.default_rng(3)


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def write_png(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


def refused(path: Path, *words: str, shape: tuple[int, int, int] = GREY, classes: tuple[str, ...] = DIGITS) -> None:
    """Loading `path` must fail in words that name it."""
    with pytest.raises(InputError) as caught:
        pictures.load(path, shape, classes)
    message = str(caught.value)
    assert str(path) in message
    assert all(word in message for word in words), message
    assert message.count("\n") <= 1


# --- the repository's samples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("classes", "shape", "count"), [(CIFAR10_CLASSES, RGB, 23), (DIGITS, GREY, 100)])
def test_the_samples_are_those_of_the_networks_classes(classes: tuple, shape: tuple, count: int) -> None:
    found = pictures.load(None, shape, classes, samples=SAMPLES)
    assert found.images.shape == (count, *shape)
    assert found.images.dtype == np.uint8
    manifest = {entry["file"]: entry["label"] for entry in json.loads((SAMPLES / "manifest.json").read_text())}
    assert [classes[label] for label in found.labels] == [manifest[name] for name in found.names]


def test_few_samples_are_of_many_classes() -> None:
    found = pictures.load(None, RGB, CIFAR10_CLASSES, 10, SAMPLES)
    assert sorted(found.labels.tolist()) == list(range(10))
    assert len(found) == len(found.names) == 10


def test_pixels_of_a_sample_of_the_networks_size_are_not_changed() -> None:
    found = pictures.load(None, RGB, CIFAR10_CLASSES, 3, SAMPLES)
    for image, name in zip(found.images, found.names, strict=True):
        assert np.array_equal(image, np.asarray(Image.open(SAMPLES / name).convert("RGB")))


def test_a_network_of_other_classes_has_no_samples() -> None:
    with pytest.raises(InputError, match="no set of pictures of this network's classes"):
        pictures.load(None, RGB, ("up", "down"), samples=SAMPLES)
    with pytest.raises(InputError, match="no samples found"):
        pictures.load(None, RGB, DIGITS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "not a list of records"),
        ("[1]", "not a list of records"),
        ('[{"set": "mnist"}]', "not a list of records"),
        ('[{"set": "mnist", "file": "../secret.png", "label": "1"}]', "is not below the folder"),
        ("[" * 100_000, "not a list of records"),
    ],
)
def test_a_damaged_manifest_is_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=words):
        pictures.load(None, GREY, DIGITS, samples=tmp_path)


# --- folders of pictures ---------------------------------------------------------------------------------------------


def test_sub_folders_are_classes_by_name_or_index_and_come_in_turn(tmp_path: Path) -> None:
    for name in ("cat", "7"):
        for k in range(3):
            write_png(tmp_path / name / f"{k}.png", np.full((4, 4), 10 * k))
    found = pictures.load(tmp_path, RGB, CIFAR10_CLASSES, 5)
    assert found.labels.tolist() == [7, 3, 7, 3, 7]
    assert found.names == ("7/0.png", "cat/0.png", "7/1.png", "cat/1.png", "7/2.png")
    assert found.images[:, 0, 0, 0].tolist() == [0, 0, 10, 10, 20]


def test_a_flat_folder_and_a_single_picture_have_no_labels(tmp_path: Path) -> None:
    path = write_png(tmp_path / "b.png", np.full((2, 2), 200))
    write_png(tmp_path / "a.png", np.zeros((2, 2)))
    (tmp_path / "notes.txt").write_text("not a picture, and not taken for one")
    found = pictures.load(tmp_path, GREY, DIGITS)
    assert found.labels is None
    assert found.names == ("a.png", "b.png")
    assert found.images[1].tolist() == np.full(GREY, 200).tolist()
    assert pictures.load(path, GREY, DIGITS).names == ("b.png",)


def test_pictures_of_any_size_and_kind_become_the_networks(tmp_path: Path) -> None:
    pixels = np.kron(np.array([[0, 255], [255, 0]]), np.ones((28, 28)))
    write_png(tmp_path / "grey.png", pixels)
    write_png(tmp_path / "rgb.png", np.stack([pixels, pixels, pixels], 2))
    Image.open(tmp_path / "grey.png").convert("P").save(tmp_path / "palette.gif")
    Image.open(tmp_path / "grey.png").convert("1").save(tmp_path / "bits.png")
    found = pictures.load(tmp_path, GREY, DIGITS)
    expected = np.kron(np.array([[0, 255], [255, 0]]), np.ones((14, 14)))[..., None]
    assert all(np.array_equal(image, expected) for image in found.images)
    assert pictures.load(tmp_path, RGB, DIGITS).images.shape == (4, *RGB)


def test_a_photograph_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 0], [255, 255]], np.uint8))
    exif = image.getexif()
    exif[0x0112] = 3  # turned by 180 degrees
    image.save(tmp_path / "a.png", exif=exif)
    assert pictures.load(tmp_path, (2, 2, 1), DIGITS).images[0, :, 0, 0].tolist() == [255, 0]


def test_folders_that_cannot_be_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none", "there is no such file or folder")
    refused(tmp_path, "no pictures in it")
    write_png(tmp_path / "1" / "a.png", np.zeros((2, 2)))
    write_png(tmp_path / "flat.png", np.zeros((2, 2)))
    refused(tmp_path, "labels are for all of them or for none")
    (tmp_path / "flat.png").unlink()
    write_png(tmp_path / "ten" / "a.png", np.zeros((2, 2)))
    with pytest.raises(InputError, match="'ten' is no class of this network; its classes are 0, 1, 2"):
        pictures.load(tmp_path, GREY, DIGITS)
    with pytest.raises(InputError, match="count=0: it must be 1 or more"):
        pictures.load(tmp_path, GREY, DIGITS, 0)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff\xd8\xff"]
)
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    refused(path, "not a readable picture")


def test_pictures_that_would_lose_bits_or_fill_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.zeros((2, 2), np.uint16)).save(path)
    refused(path, "only 8 bits a channel")
    path = write_png(tmp_path / "large.png", np.zeros((20, 30)))
    monkeypatch.setattr(image_files, "MAX_PIXELS", 599)
    refused(path, "30 x 20 pixels; at most 599")
    refused(path, "pictures have 1 or 3 channels, this network takes 2", shape=(4, 4, 2))


# --- data sets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_files_are_read_plain_or_packed_and_by_their_folder(packed: bool, tmp_path: Path) -> None:
    images, labels = RNG.integers(0, 256, (5, 28, 28), np.uint8), np.array([3, 1, 4, 1, 5], np.uint8)
    for name, array in (("t10k-images-idx3-ubyte", images), ("t10k-labels-idx1-ubyte", labels)):
        data = idx(array)
        (tmp_path / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    for source in (tmp_path, tmp_path / ("t10k-images-idx3-ubyte" + ".gz" * packed)):
        found = pictures.load(source, GREY, DIGITS, 4)
        assert np.array_equal(found.images[..., 0], images[:4])
        assert found.labels.tolist() == [3, 1, 4, 1]
        assert found.names[2] == "#2"
    flat = pictures.load(tmp_path, (1, 1, 784), DIGITS)
    assert np.array_equal(flat.images.reshape(5, 28, 28), images), "a network of one pixel takes it flat"


def test_idx_images_without_a_file_of_labels_have_none(tmp_path: Path) -> None:
    (tmp_path / "3.image-idx3-ubyte").write_bytes(idx(RNG.integers(0, 256, (1, 28, 28), np.uint8)))
    assert pictures.load(tmp_path / "3.image-idx3-ubyte", GREY, DIGITS).labels is None


def test_a_cifar_batch_is_planar_with_the_label_first(tmp_path: Path) -> None:
    images = RNG.integers(0, 256, (3, 32, 32, 3), np.uint8)
    records = np.concatenate([np.array([[1], [9], [0]], np.uint8), images.transpose(0, 3, 1, 2).reshape(3, -1)], 1)
    (tmp_path / "test_batch.bin").write_bytes(records.tobytes())
    for source in (tmp_path, tmp_path / "test_batch.bin"):
        found = pictures.load(source, RGB, CIFAR10_CLASSES)
        assert np.array_equal(found.images, images)
        assert found.labels.tolist() == [1, 9, 0]


GOOD = idx(np.zeros((2, 28, 28), np.uint8))
PNG_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[:-1], "1567 bytes follow its header, which states 2x28x28"),
        (GOOD + b"\0", "1569 bytes follow its header, which states 2x28x28"),
        (GOOD[:9], "bytes follow its header"),
        (b"\0\0\x0d\x03" + GOOD[4:], "neither a picture, nor an IDX file"),
        (b"\0\0\x08\x05" + GOOD[4:], "neither a picture, nor an IDX file"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "0 bytes follow its header, which states 4294967295x4294967295x4294967295"),
        (idx(np.zeros((2, 20, 28), np.uint8)), "images of 20x28x1; this network takes 28x28x1"),
        (idx(np.zeros(5, np.uint8)), "an IDX file of rank 1"),
        (idx(np.zeros((0, 28, 28), np.uint8)), "no image in it"),
        # Without a time: it would stand in the test's name, and two workers of pytest may collect in different seconds.
        (gzip.compress(GOOD, mtime=0)[:-9], "not a readable gzip file"),
        (gzip.compress(GOOD, mtime=0)[:20] + b"\0" * 30, "not a readable gzip file"),
    ],
)
def test_a_damaged_idx_file_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(content)
    refused(path, words)


@pytest.mark.parametrize(
    ("labels", "words"),
    [(np.zeros(3, np.uint8), "3 labels for the 2 images"), (np.array([1, 10], np.uint8), "label 10")],
)
def test_labels_that_do_not_fit_are_refused(labels: np.ndarray, words: str, tmp_path: Path) -> None:
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(GOOD)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(labels))
    with pytest.raises(InputError, match=words):
        pictures.load(tmp_path, GREY, DIGITS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (bytes(3072), "3072 bytes; a batch of CIFAR-10 is a multiple of 3,073"),
        (bytes(3073) + b"\x0a" + bytes(3072), "label 10 of image 1 is above 9"),
    ],
)
def test_a_damaged_cifar_batch_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "data_batch_1.bin"
    path.write_bytes(content)
    refused(path, words, shape=RGB, classes=CIFAR10_CLASSES)


def test_a_packed_file_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_files, "MAX_FILE_BYTES", 1000)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(GOOD))
    refused(path, "larger than 1000 bytes")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["a.png", "b.gif", "c.bin", "t10k-images-idx3-ubyte", "d.gz", "e.webp", "f.ppm"]),
    start=st.sampled_from(
        [b"", GOOD[:16], b"\x1f\x8b\x08\0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"P5 4 4 255\n", b"GIF89a"]
    ),
    rest=st.binary(max_size=200),
)
def test_any_file_gives_pictures_or_an_input_error(name: str, start: bytes, rest: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(start + rest)
    try:
        assert len(pictures.load(path, GREY, DIGITS)) >= 1
    except InputError as error:
        assert str(path) in str(error)


@needs_golden
def test_the_files_of_bnn_pynq_are_read() -> None:
    deer = pictures.load(GOLDEN / "deer.bin", RGB, CIFAR10_CLASSES)
    assert np.array_equal(deer.images[0], np.load(GOLDEN / "cnvW1A1_deer_bin_layers.npz")["img_u8_hwc"])
    assert pictures.load(GOLDEN / "3.image-idx3-ubyte", GREY, DIGITS).images.shape == (1, *GREY)
