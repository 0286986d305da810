# SPDX-License-Identifier: Apache-2.0
"""Scores of the reference for whole networks as they are described, and the files made of them for the test bench."""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from finn_gen.formats import description, params_npz
from finn_gen.formats.description import NETWORK_FILE, to_files
from finn_gen.network import model
from finn_sim import pictures, reference
from finn_sim.accel import vectors
from tests.lib.paths import GOLDEN, ROOT, needs_golden

RNG = np.random.default_rng(8)

# Every kind of layer, sizes that differ along the axes, several bits between layers.
ITEMS = [
    {"kind": "pad", "padding": [1, 0, 2, 1], "value": -3},
    {"kind": "conv", "channels": 5, "kernel": [2, 2], "stride": [1, 2], "dilation": [2, 1]},
    {"kind": "pool", "kernel": [2, 1], "stride": [1, 2]},
    {"kind": "pad", "padding": [1, 1, 2, 1], "value": 1},
    {"kind": "conv", "channels": 4, "kernel": 2, "stride": 2},
    {"kind": "pool", "kernel": 2, "stride": 1},
    {"kind": "dense", "units": 6},
    {"kind": "dense", "units": 3},
    {"kind": "label"},
]


def matrix(rows: int, cols: int, levels: int, reach: int) -> params_npz.Matrix:
    weights = RNG.integers(0, 2, (rows, cols), np.uint8)
    thresholds = np.sort(RNG.integers(-reach, reach, (rows, levels))).astype(np.int32) if levels else None
    return params_npz.Matrix(weights, thresholds)


def network(encoding: str, last_levels: int = 0) -> model.Network:
    bits, signed = model.element_format(encoding)
    source = model.Shape(7, 6, 3, bits, signed)
    items = ITEMS if signed else [{**ITEMS[0], "value": 1}, *ITEMS[1:]]
    matrices = [
        matrix(5, 12, 3, 12 if bits == 1 else 1 << bits),
        matrix(4, 20, 1, 6),
        matrix(6, 8, 7, 6),
        matrix(3, 6, last_levels, 15),
    ]
    return model.Network("net", encoding, source, description.chain("net", source, items, matrices), ("a", "b", "c"))


Pair = tuple[int, int]


def slow_windows(x: np.ndarray, kernel: Pair, stride: Pair, dilation: Pair) -> list[list[list[np.ndarray]]]:
    """By row and column of the result: the pixels of a window, found by trying every place."""
    rows: dict[int, list[list[np.ndarray]]] = {}
    for top, left in product(range(0, x.shape[0], stride[0]), range(0, x.shape[1], stride[1])):
        places = [(top + dilation[0] * y, left + dilation[1] * z) for y, z in product(*map(range, kernel))]
        if all(y < x.shape[0] and z < x.shape[1] for y, z in places):
            rows.setdefault(top, []).append([x[place] for place in places])
    return list(rows.values())


def slow_row(window: list[np.ndarray], layer: model.Layer) -> list[int]:
    """What a matrix makes of a window, product by product."""
    inputs = [int(element) for pixel in window for element in pixel]
    results = []
    for row, weights in enumerate(layer.matrix.weights > 0):
        if layer.source.bits == 1:
            acc = sum((element == 1) == bool(weight) for element, weight in zip(inputs, weights, strict=True))
        else:
            acc = sum(element if weight else -element for element, weight in zip(inputs, weights, strict=True))
        raw = layer.matrix.thresholds is None
        results.append(acc if raw else sum(int(t) <= acc for t in layer.matrix.thresholds[row]))
    return results


def slow_layer(layer: model.Layer, x: np.ndarray) -> np.ndarray:
    """A layer's output [H, W, C] by its definition."""
    if layer.kind == "pad":
        (top, bottom, left, right), (height, width, channels) = layer.padding, x.shape
        padded = [[[layer.value] * channels] * (left + width + right) for _ in range(top + height + bottom)]
        for y, z in product(range(height), range(width)):
            padded[top + y][left + z] = x[y, z].tolist()
        return np.array(padded)
    kernel = x.shape[:2] if layer.kind == "dense" else layer.kernel
    pooled = layer.kind == "pool"
    return np.array(
        [
            [np.maximum.reduce(window) if pooled else slow_row(window, layer) for window in row]
            for row in slow_windows(x, kernel, layer.stride, layer.dilation)
        ]
    )


def slow_scores(net: model.Network, image: np.ndarray) -> np.ndarray:
    """The scores of one image, pixel by pixel; it shares nothing with the reference."""
    if net.encoding == "q1.7":
        x = np.array([min((512 * int(p) - 65025) // 510, 127) for p in image.reshape(-1)]).reshape(image.shape)
    elif "int" in net.encoding:
        x = np.array([int(f"{p:08b}"[: net.source.bits], 2) for p in image.reshape(-1)]).reshape(image.shape)
        x = x - 2 ** (net.source.bits - 1) if net.source.signed else x
    else:
        x = np.where(image >= 128, 1, 0)
    for layer in net.layers:
        if layer.kind != "label":
            x = slow_layer(layer, x)
    return x.reshape(-1)


@pytest.mark.parametrize("encoding", ["q1.7", "threshold", "bits", "uint3", "uint8", "int3", "int8"])
def test_every_kind_of_layer_is_computed_by_its_definition(encoding: str) -> None:
    net = network(encoding)
    images = RNG.integers(0, 256, (30, 7, 6, 3), np.uint8)
    found = reference.scores(net, images)
    assert found.shape == (30, 3)
    assert found.tolist() == [slow_scores(net, image).tolist() for image in images]
    assert len(np.unique(found)) > 2, "a network that answers always the same shows nothing"
    assert reference.labels(np.array([[1, 5, 5], [2, 2, 1]])).tolist() == [1, 0]


def test_progress_counts_all_images() -> None:
    counts: list[int] = []
    reference.scores(network("bits"), np.zeros((60, 7, 6, 3), np.uint8), counts.append)
    assert sum(counts) == 60


def test_a_network_written_to_files_is_the_same_network(tmp_path: Path) -> None:
    net = network("q1.7")
    files = to_files(net)
    assert files == to_files(net)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    again = description.load(tmp_path / NETWORK_FILE)
    assert again == net
    for layer, other in zip(net.layers, again.layers, strict=True):
        assert (layer.matrix is None) == (other.matrix is None)
        if layer.matrix:
            assert np.array_equal(layer.matrix.weights, other.matrix.weights)
            assert np.array_equal(layer.matrix.thresholds, other.matrix.thresholds)


# --- golden values ----------------------------------------------------------------------------------------------------


@needs_golden
def test_cnv_gives_the_golden_scores_of_deer() -> None:
    net = description.load(ROOT / "accel" / "cnv" / "cnv.yaml", GOLDEN / "cnvW1A1_cifar10")
    deer = pictures.load(GOLDEN / "deer.bin", (32, 32, 3), [str(i) for i in range(10)])
    found = reference.scores(net, deer.images)
    assert found.tolist() == [[228, 229, 251, 250, 412, 253, 230, 262, 222, 239]]
    assert reference.labels(found).tolist() == [4]


@needs_golden
def test_lfc_gives_the_golden_popcounts_of_three() -> None:
    net = description.load(ROOT / "accel" / "lfc" / "lfc.yaml", GOLDEN / "lfcW1A1_mnist")
    three = pictures.load(GOLDEN / "3.image-idx3-ubyte", (28, 28, 1), [str(i) for i in range(10)])
    found = reference.scores(net, three.images)
    assert found.tolist() == [[509, 491, 490, 817, 460, 504, 517, 515, 527, 515]]
    assert reference.labels(found).tolist() == [3]


def test_cnv_on_all_samples_takes_seconds() -> None:
    net = description.load(ROOT / "accel" / "cnv" / "cnv.yaml")
    began = time.process_time()
    reference.scores(net, RNG.integers(0, 256, (23, 32, 32, 3), np.uint8))
    assert time.process_time() - began < 15


# --- files for the test bench ----------------------------------------------------------------------------------------


def words(text: bytes) -> list[int]:
    return [int(line, 16) for line in text.split()]


@pytest.mark.parametrize(("width", "count"), [(8, 6), (16, 3), (24, 2), (32, 2), (64, 1)])
def test_bytes_fill_words_from_the_lowest_and_the_last_is_padded(width: int, count: int) -> None:
    images = RNG.integers(0, 256, (3, 1, 2, 3), np.uint8)
    lines = words(vectors.stimulus(images, packed=False, word_width=width, words=count))
    assert len(lines) == 3 * count
    for image, line in zip(images, np.array(lines, dtype=object).reshape(3, count), strict=True):
        whole = sum(int(word) << width * i for i, word in enumerate(line))
        assert whole == int.from_bytes(image.tobytes(), "little")


@pytest.mark.parametrize(("width", "count"), [(64, 13), (8, 98), (7, 112), (784, 1)])
def test_packed_bits_are_one_from_128_on_element_zero_lowest(width: int, count: int) -> None:
    images = RNG.integers(0, 256, (600, 28, 28, 1), np.uint8)
    text = vectors.stimulus(images, packed=True, word_width=width, words=count)
    assert len(text.splitlines()[0]) == -(-width // 4)
    for image, line in zip(images, np.array(words(text), dtype=object).reshape(600, count), strict=True):
        whole = sum(int(word) << width * i for i, word in enumerate(line))
        assert whole == sum(int(p >= 128) << i for i, p in enumerate(image.reshape(-1)))


def test_words_that_do_not_fit_an_image_are_refused() -> None:
    with pytest.raises(ValueError, match="are not 12 words of 64 bits"):
        vectors.stimulus(np.zeros((1, 28, 28, 1), np.uint8), packed=True, word_width=64, words=12)


@pytest.mark.parametrize(("width", "signed", "low", "high"), [(5, False, 0, 31), (13, True, -4096, 4095)])
def test_scores_are_lanes_of_a_line(width: int, signed: bool, low: int, high: int) -> None:
    values = RNG.integers(low, high + 1, (20, 7))
    values[0, :2] = low, high
    text = vectors.scores(values, width, signed)
    assert {len(line) for line in text.splitlines()} == {-(-7 * width // 4)}
    for row, word in zip(values, words(text), strict=True):
        assert [word >> i * width & (1 << width) - 1 for i in range(7)] == [int(v) % (1 << width) for v in row]
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"do not fit {width} bits"):
            vectors.scores(np.array([[value]]), width, signed)


def test_labels_are_a_line_each() -> None:
    assert vectors.labels(np.array([3, 16, 0])) == b"03\n10\n00\n"
