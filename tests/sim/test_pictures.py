# SPDX-License-Identifier: Apache-2.0
"""Pictures for the main job: what is read, in which order, and what is refused with which words."""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from finn_gen.base.errors import InputError
from finn_sim import image_files, pictures
from finn_sim.image_files import CIFAR10_CLASSES, DIGITS, Reading
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


# --- nothing is lost without a word -----------------------------------------------------------------------------------

INK = np.kron(np.eye(2, dtype=np.uint8), np.full((2, 2), 255, np.uint8))
"""What is drawn: two of four quarters."""


def drawn(level: int, mode: str) -> Image.Image:
    """Ink of a grey level that is nowhere but in the opacity."""
    if mode in ("LA", "RGBA"):
        image = Image.new(mode, (4, 4), (*[level] * (len(mode) - 1), 0))
        image.putalpha(Image.fromarray(INK))
        return image
    # A palette of two inks that look alike, of which one is transparent.
    image = Image.fromarray((INK == 0).astype(np.uint8), "P")
    image.putpalette([level] * 6)
    image.info["transparency"] = 1
    return image


@pytest.mark.parametrize(
    ("mode", "suffix"), [("LA", "png"), ("LA", "webp"), ("RGBA", "png"), ("RGBA", "gif"), ("P", "png"), ("P", "gif")]
)
@pytest.mark.parametrize(("ink", "ground"), [(0, "white"), (255, "black")])
def test_ink_in_the_alpha_channel_is_laid_on_the_background(
    ink: int, ground: str, mode: str, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    image = drawn(ink, mode)
    image.save(path, **({"lossless": True} if suffix == "webp" else {"transparency": 1} if mode == "P" else {}))
    wanted = np.where(INK > 0, ink, 255 - ink)
    for shape in ((4, 4, 1), (4, 4, 3)):
        reading = Reading(background=ground)
        found = pictures.load(path, shape, DIGITS, reading=reading).images[0]
        assert (found == wanted[..., None]).all()
        # On the other background nothing would be seen.
        other = {"white": "black", "black": "white"}[ground]
        with pytest.raises(InputError, match=f"nothing of it shows on {other}; try --background {ground}"):
            pictures.load(path, shape, DIGITS, reading=Reading(background=other))


def test_half_transparent_parts_take_on_the_background(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.array([[[0, 0, 0, 255], [0, 0, 0, 51]]], np.uint8)).save(path)
    assert pictures.load(path, (1, 2, 1), DIGITS).images.ravel().tolist() == [0, 204]
    Image.new("RGBA", (2, 2), (9, 9, 9, 0)).save(path)
    refused(path, "wholly transparent")


def png(colour: int, bits: int, row: bytes, *before: tuple[bytes, bytes], width: int = 2) -> bytes:
    """A PNG of one row, chunk by chunk: Pillow writes not all kinds that it reads."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([bits, colour, 0, 0, 0])
    chunks = [(b"IHDR", header), *before, (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (png(0, 1, b"\x40", (b"tRNS", b"\0\0")), [255, 255]),
        (png(0, 1, b"\x40", (b"tRNS", b"\0\1")), [0, 255]),
        (png(0, 2, b"\x10", (b"tRNS", b"\0\1")), [0, 255]),
        (png(0, 4, b"\x05", (b"tRNS", b"\0\5")), [0, 255]),
        (png(0, 8, b"\x00\x05", (b"tRNS", b"\0\5")), [0, 255]),
        (png(2, 8, bytes(3) + b"\5" * 3, (b"tRNS", b"\0\5" * 3)), [0, 255]),
        (png(3, 8, b"\0\1", (b"PLTE", bytes(6)), (b"tRNS", b"\xff\0")), [0, 255]),
        (png(4, 8, b"\0\xff\0\0"), [0, 255]),
    ],
)
def test_every_kind_of_transparency_of_a_png_is_seen(content: bytes, wanted: list[int], tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    if wanted == [255, 255]:
        refused(path, "nothing of it shows on white")
        wanted, reading = [0, 255], Reading(background="black")
    else:
        reading = Reading()
    assert pictures.load(path, (1, 2, 1), DIGITS, reading=reading).images.ravel().tolist() == wanted


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


FRAMES = {"save_all": True, "append_images": [Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png(0, 16, bytes(4)), "only 8 bits a channel"),
        (png(2, 16, bytes(12)), "16 bits a channel; only 8 bits a channel"),
        (png(4, 16, bytes(8)), "16 bits a channel; only 8 bits a channel"),
        (png(6, 16, bytes(16)), "16 bits a channel; only 8 bits a channel"),
        (b"P5 1 1 65535\n" + bytes(2), "only 8 bits a channel"),
        (b"P6 1 1 65535\n" + bytes(6), "values up to 65535"),
        (b"P6 1 1 1023\n" + bytes(6), "values up to 1023"),
        (b"P3 1 1 1023\n1 2 3\n", "values up to 1023"),
        (b"Pf\n1 1\n-1.0\n" + bytes(4), "a picture of kind F"),
        (saved(Image.new("RGB", (4, 4)), "GIF", **FRAMES), "3 frames; a picture has one"),
        (saved(Image.new("RGB", (4, 4)), "PNG", **FRAMES), "3 frames; a picture has one"),
        (saved(Image.new("RGB", (4, 4)), "WEBP", **FRAMES), "3 frames; a picture has one"),
        (saved(Image.new("RGBA", (4, 4), (0, 0, 0, 9)), "BMP"), "a fourth channel that its header does not explain"),
        (saved(Image.new("RGB", (4, 4)), "TIFF"), "not a readable picture"),
    ],
)
def test_a_picture_that_would_lose_something_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    refused(path, words)


def test_what_is_told_of_other_kinds_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(Image.new("RGB", (4, 4), "white"), "MPO", **FRAMES))
    assert pictures.load(path, (4, 4, 1), DIGITS).images.min() > 250, "the first view of several"
    path.write_bytes(saved(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "JPEG"))
    assert np.abs(pictures.load(path, (4, 4, 3), DIGITS).images[0, 0, 0].astype(int) - [255, 0, 0]).max() < 4
    path.write_bytes(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "BMP"))
    assert pictures.load(path, (4, 4, 1), DIGITS).images.max() == 0, "a fourth channel of zeros says nothing"


def test_dark_digits_are_inverted_if_that_is_asked(tmp_path: Path) -> None:
    path = write_png(tmp_path / "a.png", np.array([[0, 255], [100, 200]]))
    found = pictures.load(path, (2, 2, 1), DIGITS, reading=Reading(invert=True))
    assert found.images.ravel().tolist() == [255, 0, 155, 55]
    idx_path = tmp_path / "t10k-images-idx3-ubyte"
    idx_path.write_bytes(idx(np.full((1, 28, 28), 7, np.uint8)))
    assert pictures.load(idx_path, GREY, DIGITS, reading=Reading(invert=True)).images.min() == 248


def test_pictures_are_scaled_as_is_asked(tmp_path: Path) -> None:
    pixels = np.zeros((4, 8), np.uint8)
    pixels[:, 4:] = 200
    path = write_png(tmp_path / "a.png", pixels)

    def read(**how: str) -> list:
        return pictures.load(path, (4, 4, 1), DIGITS, reading=Reading(**how)).images[0, ..., 0].tolist()

    assert read() == read(resize="box") == [[0, 0, 200, 200]] * 4
    sharp = np.asarray(Image.fromarray(pixels).resize((4, 4), Image.Resampling.LANCZOS))
    assert read(resize="lanczos") == sharp.tolist() != read()
    within = np.asarray(Image.fromarray(pixels).resize((4, 2), Image.Resampling.LANCZOS)).tolist()
    assert read(resize="thumbnail") == [[255] * 4, *within, [255] * 4]
    assert read(resize="thumbnail", background="black") == [[0] * 4, *within, [0] * 4]
    write_png(path, np.full((2, 2), 9))
    assert read(resize="thumbnail") == [[255] * 4, [255, 9, 9, 255], [255, 9, 9, 255], [255] * 4], "never enlarged"
    with pytest.raises(InputError, match="resize='cubic': it must be one of box, lanczos, thumbnail"):
        Reading(resize="cubic")
    with pytest.raises(InputError, match="background='red': it must be one of white, black"):
        Reading(background="red")


def test_what_a_command_was_told_is_passed_on_in_words() -> None:
    parser = argparse.ArgumentParser()
    Reading.add_arguments(parser)
    for words in ([], ["--invert"], ["--resize", "thumbnail", "--background", "black", "--invert"]):
        assert Reading.from_arguments(parser.parse_args(words)).words() == words


def test_files_that_are_no_pictures_are_counted(tmp_path: Path) -> None:
    for name in ("1/a.png", "1/b.PNG"):
        write_png(tmp_path / name, np.zeros((2, 2)))
    assert pictures.load(tmp_path, GREY, DIGITS).origin == str(tmp_path)
    for name in ("readme.txt", "1/c.tif", "1/d.tif"):
        (tmp_path / name).write_bytes(b"")
    found = pictures.load(tmp_path, GREY, DIGITS)
    assert len(found) == 2
    assert found.origin == f"{tmp_path} (3 others left out: .tif, .txt)"


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


def npy(array: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def test_arrays_of_bytes_are_read_for_networks_of_any_shape(tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(0, 256, (3, 2, 1, 5), np.uint8)
    for array, shape in ((images, (2, 1, 5)), (images.reshape(3, 10), (1, 1, 10)), (images, (1, 1, 10))):
        (tmp_path / "images.npy").write_bytes(npy(array))
        found = pictures.load(tmp_path / "images.npy", shape, "ab", 2)
        assert found.labels is None and np.array_equal(found.images, images.reshape(3, *shape)[:2])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy(np.zeros((2, 2, 1, 5))), "float64 [2, 2, 1, 5]; images must be uint8"),
        (npy(np.zeros((5,), np.uint8)), "uint8 [5]; images must be uint8 [N"),
        (npy(np.zeros((2, 4, 1, 5), np.uint8)), "images of 4x1x5; this network takes 2x1x5"),
        (npy(np.zeros((0, 2, 1, 5), np.uint8)), "no image in it"),
        (npy(np.zeros((2, 2, 1, 5), np.uint8))[:-1], "not a readable .npy file"),
        (npy(np.array([{}], object), allow_pickle=True), "Object arrays cannot be loaded"),
        (b"", "not a readable .npy file"),
    ],
)
def test_an_array_that_cannot_be_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "images.npy").write_bytes(content)
    with pytest.raises(InputError, match=re.escape(words)):
        pictures.load(tmp_path / "images.npy", (2, 1, 5), "ab")


def test_a_cifar_batch_is_planar_with_the_label_first(tmp_path: Path) -> None:
    images = RNG.integers(0, 256, (3, 32, 32, 3), np.uint8)
    records = np.concatenate([np.array([[1], [9], [0]], np.uint8), images.transpose(0, 3, 1, 2).reshape(3, -1)], 1)
    (tmp_path / "test_batch.bin").write_bytes(records.tobytes())
    for source in (tmp_path, tmp_path / "test_batch.bin"):
        found = pictures.load(source, RGB, CIFAR10_CLASSES)
        assert np.array_equal(found.images, images)
        assert found.labels.tolist() == [1, 9, 0]


def mat(**arrays: object) -> bytes:
    """The bytes of a MATLAB file."""
    data = io.BytesIO()
    scipy.io.savemat(data, arrays, do_compression=True)
    return data.getvalue()


X = RNG.integers(0, 256, (32, 32, 3, 4), np.uint8)
Y = np.array([[10], [1], [9], [3]], np.uint8)


@pytest.mark.parametrize("form", ["compressed", "plain", "packed", "double"])
def test_svhns_cropped_digits_are_read_and_its_ten_is_a_zero(form: str, tmp_path: Path) -> None:
    path = tmp_path / ("test_32x32.mat" + ".gz" * (form == "packed"))
    path.write_bytes(gzip.compress(mat(X=X, y=Y)) if form == "packed" else mat(X=X, y=Y))
    if form != "packed":
        scipy.io.savemat(path, {"X": X, "y": Y * 1.0 if form == "double" else Y}, do_compression=form == "compressed")
    for source in (path, tmp_path):
        found = pictures.load(source, RGB, DIGITS, 3)
        assert np.array_equal(found.images, X.transpose(3, 0, 1, 2)[:3])
        assert found.labels.tolist() == [0, 1, 9]
    # Whoever names the digits in another order means it so.
    turned = (*"1234567890", "none")
    assert pictures.load(path, RGB, turned).labels.tolist() == [9, 0, 8, 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a MATLAB file"),
        (mat(X=X, y=Y)[:300], "not a whole file"),
        (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM" + bytes(400), "not a MATLAB file"),
        (mat(x=X, y=Y), "X must be bytes"),
        (mat(X=X), "X must be bytes"),
        (mat(X=X.astype(float), y=Y), "X must be bytes"),
        (mat(X=X[..., 0], y=Y[:1]), "X must be bytes"),
        (mat(X=X, y=Y[:3]), "X must be bytes"),
        (mat(X=X, y=Y * 0), "y n labels from 1 to 10"),
        (mat(X=X, y=Y + 0.5), "y n labels from 1 to 10"),
        (mat(X=X, y=np.array(["a"] * 4, object)), "y n labels from 1 to 10"),
        (mat(X={"a": X}, y=Y), "X must be bytes"),
        (mat(X=X[:20], y=Y), "images of 20x32x3; this network takes 32x32x3"),
    ],
)
def test_a_mat_file_that_is_none_of_svhn_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "test_32x32.mat"
    path.write_bytes(content)
    refused(path, words, shape=RGB)


def test_digits_are_no_classes_of_a_network_of_animals(tmp_path: Path) -> None:
    path = tmp_path / "test_32x32.mat"
    path.write_bytes(mat(X=X, y=Y))
    found = pictures.load(path, RGB, CIFAR10_CLASSES)
    assert found.labels is None
    assert found.origin == f"{path} (digits, which are no classes of this network; --classes FILE names them)"


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


MAT, NPY = mat(X=X, y=Y), npy(np.zeros((2, 2, 1, 5), np.uint8))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(
        ["a.png", "b.gif", "c.bin", "g.mat", "h.npy", "t10k-images-idx3-ubyte", "d.gz", "e.webp", "f.ppm"]
    ),
    start=st.sampled_from(
        [
            b"",
            GOOD[:16],
            NPY[:100],
            NPY[:80] + b"(9999999999, 2, 1, 5), }".ljust(47) + b"\n",
            MAT[:128],
            MAT[:140],
            MAT[:200],
            MAT[:-60],
            b"\x1f\x8b\x08\0",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"P5 4 4 255\n",
            b"GIF89a",
        ]
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
