# SPDX-License-Identifier: Apache-2.0
"""The trained parameters, their records and the sample pictures; and the rules of the parameter file."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.errors import InputError
from finn_gen.formats import description, params_npz
from finn_gen.formats.params_npz import Matrix
from finn_train import record as records
from finn_verif.ref import layers, networks
from tests.lib.paths import DATA, MODELS, ROOT, SAMPLES, needs_data

NAMES = sorted(path.stem for path in MODELS.glob("*.npz"))
MANIFEST = json.loads((SAMPLES / "manifest.json").read_text())
CARRIED = ("cnv_cifar10", "lfc_mnist", "sfc_mnist")


def read_record(name: str) -> dict:
    return json.loads((MODELS / f"{name}.json").read_text())


def predict(name: str, pictures: np.ndarray) -> np.ndarray:
    """Class indices of pictures uint8 [N,H,W,C] by the integer reference."""
    pairs = [(m.weights, m.thresholds) for m in params_npz.load(MODELS / f"{name}.npz")]
    if name.startswith("cnv"):
        return layers.label_select(networks.scores(networks.cnv(pairs), pictures, layers.q17))
    return layers.label_select(networks.scores(networks.mlp(pairs), pictures, layers.pixel_bits))


# --- trained networks -------------------------------------------------------------------------------------------------


def test_every_trained_network_has_its_file_record_and_card() -> None:
    assert tuple(NAMES) == CARRIED
    assert all((MODELS / f"{name}.{kind}").is_file() for name in NAMES for kind in ("json", "md"))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_the_recorded_checksum_and_is_reproduced_byte_by_byte(name: str) -> None:
    content = (MODELS / f"{name}.npz").read_bytes()
    assert hashlib.sha256(content).hexdigest() == read_record(name)["sha256"]
    assert params_npz.to_bytes(params_npz.load(MODELS / f"{name}.npz")) == content


@pytest.mark.parametrize("name", NAMES)
def test_the_record_describes_the_carried_network(name: str) -> None:
    record = read_record(name)
    net = record["network"]["name"]
    carried = description.load(ROOT / "accel" / net / f"{net}.yaml")
    assert record["network"] == description.described(carried)
    assert record["classes"] == list(carried.classes)


@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_made_of_the_record(name: str) -> None:
    record = read_record(name)
    assert (MODELS / f"{name}.md").read_text() == records.card(record)
    short = 100 * record["test"]["right"] / record["test"]["images"] < record["asked"]
    assert ("missed by" in records.card(record)) == short, "a card says so when an asked accuracy is not reached"


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_gives_the_recorded_labels_on_the_samples(name: str) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow reads the sample pictures")
    record = read_record(name)
    entries = [entry for entry in MANIFEST if entry["set"] == record["data"]]
    assert [(s["file"], s["label"]) for s in record["samples"]] == [(e["file"], e["label"]) for e in entries]
    source = record["network"]["input"]
    shape = (source["height"], source["width"], source["channels"])
    pictures = np.stack([np.asarray(image.open(SAMPLES / entry["file"])).reshape(shape) for entry in entries])
    assert [record["classes"][k] for k in predict(name, pictures)] == [s["said"] for s in record["samples"]]


@pytest.mark.lengthy
@pytest.mark.parametrize("name", NAMES)
@needs_data
def test_the_first_thousand_test_images_are_classified_as_recorded(name: str) -> None:
    pictures, labels = {"mnist": mnist_test, "cifar10": cifar10_test}[read_record(name)["data"]]()
    right = int((predict(name, pictures[:1000]) == labels[:1000]).sum())
    assert right == read_record(name)["test"]["right_of_first_1000"]


def mnist_test() -> tuple[np.ndarray, np.ndarray]:
    images, labels = (
        gzip.decompress((DATA / "mnist" / f"t10k-{kind}-ubyte.gz").read_bytes())
        for kind in ("images-idx3", "labels-idx1")
    )
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28, 1), np.frombuffer(labels, np.uint8, offset=8)


def cifar10_test() -> tuple[np.ndarray, np.ndarray]:
    image = pytest.importorskip("PIL.Image", reason="Pillow reads the mosaics of CIFAR-10 in ../shared/data")
    mosaic = np.asarray(image.open(DATA / "cifar10" / "test_batch_0.webp").convert("RGB"))[: 40 * 32]
    pictures = mosaic.reshape(40, 32, 25, 32, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 32, 32, 3)
    return pictures, np.fromfile(DATA / "cifar10" / "test_batch.labels", np.uint8)


# --- sample pictures --------------------------------------------------------------------------------------------------


def test_every_sample_is_in_the_manifest_with_origin_and_licence() -> None:
    files = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*.png")}
    assert files == {entry["file"] for entry in MANIFEST}
    assert all(entry[key] for entry in MANIFEST for key in ("origin", "origin_sha256", "credit", "licence"))


def test_pictures_under_the_gpl_lie_apart_with_their_licence() -> None:
    for entry in MANIFEST:
        assert entry["file"].startswith("photos-gpl/") == entry["licence"].startswith("GPL")
    assert "GNU GENERAL PUBLIC LICENSE" in (SAMPLES / "photos-gpl" / "LICENSE").read_text()


def test_every_class_has_samples() -> None:
    for name in NAMES:
        record = read_record(name)
        labels = [entry["label"] for entry in MANIFEST if entry["set"] == record["data"]]
        assert set(labels) == set(record["classes"])
        assert min(labels.count(label) for label in record["classes"]) >= 2


# --- the parameter file -----------------------------------------------------------------------------------------------

RNG = np.random.default_rng(11)
MATRICES = (
    Matrix(RNG.integers(0, 2, (5, 13), np.uint8), np.sort(RNG.integers(0, 13, (5, 3))).astype(np.int32)),
    Matrix(RNG.integers(0, 2, (3, 5), np.uint8), None),
)


def rewritten(path: Path, **changes: np.ndarray | None) -> Path:
    """A valid file with some fields replaced, or left out for None."""
    fields = dict(np.load(io.BytesIO(params_npz.to_bytes(MATRICES))))
    fields |= {name: value for name, value in changes.items() if value is not None}
    np.savez(path, **{name: value for name, value in fields.items() if changes.get(name, value) is not None})
    return path


def test_a_written_file_reads_back_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    content = params_npz.to_bytes(MATRICES)
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    for got, expected in zip(params_npz.load(path), MATRICES, strict=True):
        assert np.array_equal(got.weights, expected.weights)
        assert np.array_equal(got.thresholds, expected.thresholds)
    assert params_npz.to_bytes(params_npz.load(path)) == content


def test_column_zero_is_the_lowest_bit_of_the_first_byte() -> None:
    weights = np.zeros((1, 9), np.uint8)
    weights[0, [0, 8]] = 1
    with np.load(io.BytesIO(params_npz.to_bytes((Matrix(weights, None),)))) as fields:
        assert fields["l0_weights"].tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": None}, "field format is missing"),
        ({"format": np.array(3)}, "format must be the integer 1 or 2"),
        ({"format": np.array([1])}, "format must be the integer 1 or 2"),
        ({"extra": np.array(1)}, "unknown field 'extra'"),
        ({"l0_shape": None}, "l0_shape is missing"),
        ({"l0_shape": np.array([5, 13], np.int64)}, "l0_shape is int64"),
        ({"l0_shape": np.array([0, 13], np.int32)}, r"rows and cols must be 1 to 65536"),
        ({"l0_shape": np.array([5, -1], np.int32)}, r"rows and cols must be 1 to 65536"),
        ({"l0_shape": np.array([5, 70_000], np.int32)}, r"rows and cols must be 1 to 65536"),
        ({"l0_shape": np.array([5, 17], np.int32)}, r"l0_weights is uint8 \[5, 2\]; it must be uint8 \[5, 3\]"),
        ({"l0_weights": np.full((5, 2), 255, np.uint8)}, "bit set beyond column 12"),
        ({"l0_weights": np.zeros((5, 2), np.int8)}, "l0_weights is int8"),
        ({"l0_weights": np.zeros((5, 2))}, "must hold integers"),
        ({"l0_thresholds": None}, "l0_thresholds is missing"),
        ({"l0_thresholds": np.zeros((4, 3), np.int32)}, r"must be \[5, levels\]"),
        ({"l0_thresholds": np.zeros((5, 0), np.int32)}, "levels from 1 to 255"),
        ({"l0_thresholds": np.array([[2, 1]] * 5, np.int32)}, "must ascend"),
        ({"l1_thresholds": np.zeros((3, 1), np.int32)}, "belongs to the last layer"),
        ({"l1_weights": None, "l1_shape": None}, "belongs to the last layer"),
        ({"l7_shape": np.array([1, 1], np.int32)}, "l1_thresholds is missing"),
        ({"l0_weights": np.array([None])}, "l0_weights"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(
    tmp_path: Path, changes: dict[str, np.ndarray | None], message: str
) -> None:
    path = rewritten(tmp_path / "net.npz", **changes)
    with pytest.raises(InputError, match=message) as caught:
        params_npz.load(path)
    assert str(path) in str(caught.value)


NUMBERS = (
    Matrix(RNG.integers(-8, 8, (5, 13), np.int8), np.sort(RNG.integers(-99, 99, (5, 3))).astype(np.int32)),
    Matrix(RNG.integers(0, 2, (3, 5), np.uint8), None, np.array([-9, 0, 2**40]), 3),
)


def test_weights_of_several_bits_and_biases_are_of_format_two(tmp_path: Path) -> None:
    content = params_npz.to_bytes(NUMBERS)
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    assert int(np.load(path)["format"]) == 2
    first, last = params_npz.load(path)
    assert first.weights.dtype == np.int8 and np.array_equal(first.weights, NUMBERS[0].weights)
    assert last.weights.dtype == np.uint8 and last.biases.tolist() == [-9, 0, 2**40] and last.fraction == 3
    assert params_npz.to_bytes((first, last)) == content


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": np.array(1)}, r"unknown field 'l1_biases' in format 1"),
        ({"l0_weights": np.full((5, 13), -9, np.int8)}, "l0_weights has -9 in row 0, column 0; legal are -8 to 7"),
        ({"l0_weights": np.zeros((5, 12), np.int8)}, r"must be int8 \[5, 13\]"),
        ({"l0_weights": np.zeros((5, 13), np.int16)}, r"l0_weights is int16"),
        ({"l0_biases": np.zeros(5, np.int64)}, "l0_biases: layer 0 has thresholds"),
        ({"l0_fraction": np.array(1)}, "l0_fraction: layer 0 has thresholds"),
        ({"l1_biases": np.zeros(4, np.int64)}, r"must be int64 \[3\]"),
        ({"l1_biases": np.zeros(3, np.int32)}, r"l1_biases is int32"),
        ({"l1_biases": np.array([0, 0, 2**47])}, "l1_biases must hold numbers from -140737488355328 to"),
        ({"l1_biases": np.array([0, 0, -(2**63)])}, "l1_biases must hold numbers from -140737488355328 to"),
        ({"l1_fraction": np.array(17)}, "l1_fraction is 17; it must be an int64 scalar from 0 to 16"),
        ({"l1_fraction": np.array([1])}, "l1_fraction is int64"),
    ],
)
def test_a_file_of_format_two_that_breaks_a_rule_is_refused(
    tmp_path: Path, changes: dict[str, np.ndarray], message: str
) -> None:
    path = tmp_path / "net.npz"
    np.savez(path, **(dict(np.load(io.BytesIO(params_npz.to_bytes(NUMBERS)))) | changes))
    with pytest.raises(InputError, match=message) as caught:
        params_npz.load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("keep", [0, 1, 30, 200, -1, -40])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "net.npz"
    path.write_bytes(params_npz.to_bytes(MATRICES)[:keep])
    with pytest.raises(InputError, match=r"net\.npz"):
        params_npz.load(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    content = bytearray(params_npz.to_bytes(MATRICES))
    content[content.index(b"l0_weights.npy") + 150] ^= 1
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(InputError):
        params_npz.load(tmp_path / "net.npz")


def test_a_header_that_claims_terabytes_is_refused_before_memory_is_spent(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "<i4", "fortran_order": False, "shape": (2**20, 2**20)})
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("l0_thresholds.npy", member.getvalue())
    with pytest.raises(InputError, match="its shape"):
        params_npz.load(path)


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("l0_weights.npy", bytes(params_npz.MAX_BYTES + 1))
    with pytest.raises(InputError, match="bytes"):
        params_npz.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.npz: cannot be read"):
        params_npz.load(tmp_path / "absent.npz")


def test_matrices_that_load_would_refuse_are_not_written() -> None:
    with pytest.raises(InputError, match="must ascend"):
        params_npz.to_bytes((Matrix(np.ones((1, 2)), np.array([[3, 2]])), Matrix(np.ones((1, 1)), None)))
