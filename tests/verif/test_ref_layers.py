# SPDX-License-Identifier: Apache-2.0
"""The reference of single layers and whole networks, against published parameters, golden values and definitions."""

from __future__ import annotations

import numpy as np
import pytest

from finn_verif.ref import layers, networks
from tests.lib import bnn_pynq
from tests.lib.paths import DATA, GOLDEN, needs_golden

DEER_SCORES = [228, 229, 251, 250, 412, 253, 230, 262, 222, 239]
THREE_POPCOUNTS = [509, 491, 490, 817, 460, 504, 517, 515, 527, 515]


@pytest.fixture(scope="module")
def cnv_layers() -> tuple[networks.Layer, ...]:
    return networks.cnv(bnn_pynq.cnv(GOLDEN / "cnvW1A1_cifar10"))


def lfc_input(pixels: np.ndarray) -> np.ndarray:
    """[N,784] bytes as the 832 bits that lfcW1A1 reads."""
    return np.pad(layers.pixel_bits(pixels), ((0, 0), (0, 48)))


# --- golden values ----------------------------------------------------------------------------------------


@needs_golden
def test_every_layer_of_cnv_equals_the_golden_values_of_deer(cnv_layers: tuple[networks.Layer, ...]) -> None:
    golden = np.load(GOLDEN / "cnvW1A1_deer_bin_layers.npz")
    record = np.fromfile(GOLDEN / "deer.bin", np.uint8)
    image = record[1:].reshape(3, 32, 32).transpose(1, 2, 0)
    assert np.array_equal(image, golden["img_u8_hwc"])
    assert np.array_equal(layers.q17(image), golden["in_q1p7"])
    names = ("L0", "L1", "P1", "L2", "L3", "P3", "L4", "L5", "L6", "L7", "L8")
    for name, got in zip(names, networks.outputs(cnv_layers, layers.q17(image)[None]), strict=True):
        assert np.array_equal(got[0].reshape(golden[name].shape), golden[name]), name
    scores = got.reshape(1, -1)[:, :10]
    assert scores[0].tolist() == DEER_SCORES
    assert layers.label_select(scores).tolist() == [4]


@needs_golden
def test_every_layer_of_lfc_equals_the_golden_values_of_three() -> None:
    golden = np.load(GOLDEN / "lfcW1A1_mnist3_layers.npz")
    pixels = np.fromfile(GOLDEN / "3.image-idx3-ubyte", np.uint8)[16:]
    x = lfc_input(pixels[None])
    assert np.array_equal(x[0], golden["in832"])
    for i, (weights, thresholds) in enumerate(bnn_pynq.lfc(GOLDEN / "lfcW1A1_mnist")):
        popcounts = layers.matching_bits(x, layers.signs(weights))
        assert np.array_equal(popcounts[0], golden[f"pop{i}"]), i
        x = layers.multi_threshold(popcounts, thresholds)
        assert np.array_equal(x[0], golden[f"act{i}"]), i
    assert popcounts[0][:10].tolist() == THREE_POPCOUNTS
    assert np.flatnonzero(x[0][:10]).tolist() == [3]


# --- definitions ------------------------------------------------------------------------------------------


def test_q17_rounds_half_up_and_saturates() -> None:
    exact = [(2 * p / 255 - 1) * 128 for p in range(256)]
    assert layers.q17(np.arange(256)).tolist() == [min(int(np.floor(v + 0.5)), 127) for v in exact]


def test_a_pixel_bit_is_set_from_128() -> None:
    assert layers.pixel_bits(np.array([0, 127, 128, 255], np.uint8)).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("bits", range(2, 9))
def test_numbers_of_few_bits_share_the_range_of_a_byte_evenly(bits: int) -> None:
    pixels, share = np.arange(256, dtype=np.uint8), 256 // 2**bits
    counted = [number for number in range(2**bits) for _ in range(share)]
    assert layers.ENCODINGS[f"uint{bits}"](pixels).tolist() == counted
    assert layers.ENCODINGS[f"int{bits}"](pixels).tolist() == [number - 2 ** (bits - 1) for number in counted]


def test_matching_bits_is_the_popcount_of_xnor() -> None:
    rng = np.random.default_rng(1)
    x, weights = rng.integers(0, 2, (5, 37)), rng.integers(0, 2, (4, 37))
    expected = [[sum(int(a == b) for a, b in zip(v, w, strict=True)) for w in weights] for v in x]
    assert layers.matching_bits(x, layers.signs(weights)).tolist() == expected


def test_signed_sum_adds_for_one_and_subtracts_for_zero() -> None:
    x, weights = np.array([[-128, 127, 5]]), np.array([[1, 0, 1], [0, 0, 0]])
    assert layers.weighted_sum(x, layers.signs(weights)).tolist() == [[-128 - 127 + 5, 128 - 127 - 5]]


def test_sums_that_float32_cannot_hold_are_exact_too() -> None:
    x = np.array([[2**14] * 1023 + [2**14 + 1]])
    assert layers.weighted_sum(x, np.ones((1, 1024), np.int8)).tolist() == [[2**24 + 1]]


def test_sums_that_float64_cannot_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="not exact"):
        layers.weighted_sum(np.array([[2**31] * 2]), np.full((1, 2), 2**21))


@pytest.mark.parametrize(
    ("bits", "weights", "expected"),
    [
        (1, [[1, -1, 1]], [[2], [3]]),  # matching bits
        (1, [[1, 0, -1]], [[2], [0]]),  # products of -1 and +1
        (1, [[-8, 7, 3]], [[-18], [-12]]),
        (2, [[-2, 1, 0]], [[-2], [-2]]),
    ],
)
def test_bits_count_matches_only_where_all_weights_are_plus_or_minus_one(
    bits: int, weights: list, expected: list
) -> None:
    x = np.array([[1, 0, 0], [1, 0, 1]]) if bits == 1 else np.array([[1, 0, 3], [2, 2, 1]])
    assert layers.accumulated(x, np.array(weights, np.int8), bits).tolist() == expected


def test_scores_have_biases_below_their_unit() -> None:
    x, weights = np.array([[1, 2]]), np.array([[1, -1], [1, 1]], np.int8)
    scores = layers.matrix(x, weights, None, 2, biases=np.array([3, -9]), fraction=2)
    assert scores.tolist() == [[-4 + 3, 12 - 9]]


def test_multi_threshold_counts_thresholds_up_to_and_including_the_sum() -> None:
    acc, thresholds = np.array([[2], [3], [4], [9]]), np.array([[3, 4, 4]])
    assert layers.multi_threshold(acc, thresholds).tolist() == [[0], [1], [3], [3]]


def test_a_window_lists_row_then_column_then_channel() -> None:
    x = np.arange(4 * 5 * 2).reshape(1, 4, 5, 2)
    windows = layers.sliding_window(x, 3, 1)
    assert windows.shape == (1, 2, 3, 18)
    for oy in range(2):
        for ox in range(3):
            expected = [x[0, oy + ky, ox + kx, c] for ky in range(3) for kx in range(3) for c in range(2)]
            assert windows[0, oy, ox].tolist() == expected


@pytest.mark.parametrize(("size", "kernel", "stride", "out"), [(5, 2, 2, 2), (6, 3, 3, 2), (7, 3, 2, 3), (3, 3, 1, 1)])
def test_a_strided_window_stays_inside_the_image(size: int, kernel: int, stride: int, out: int) -> None:
    x = np.arange(size * size).reshape(1, size, size, 1)
    windows = layers.sliding_window(x, kernel, stride)
    assert windows.shape == (1, out, out, kernel * kernel)
    assert windows[0, -1, -1, 0] == (out - 1) * stride * (size + 1)


def test_a_dilated_window_leaves_pixels_out() -> None:
    x = np.arange(6 * 8 * 2).reshape(6, 8, 2)
    windows = layers.sliding_window(x, (2, 3), (2, 1), (3, 2))
    assert windows.shape == (2, 4, 12)
    for oy in range(2):
        for ox in range(4):
            places = [(2 * oy + 3 * ky, ox + 2 * kx) for ky in range(2) for kx in range(3)]
            assert windows[oy, ox].tolist() == [x[y, z, c] for y, z in places for c in range(2)]


def test_a_window_larger_than_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        layers.sliding_window(np.zeros((1, 2, 5, 1)), 3)


def test_pooling_bits_is_or_and_drops_an_incomplete_tile() -> None:
    bits = np.random.default_rng(2).integers(0, 2, (3, 5, 4, 2))
    expected = bits[:, 0:4:2, 0::2] | bits[:, 1:4:2, 0::2] | bits[:, 0:4:2, 1::2] | bits[:, 1:4:2, 1::2]
    assert np.array_equal(layers.max_pool(bits, 2), expected)


def test_pooling_values_takes_the_largest() -> None:
    values = np.array([[[[-8], [-3]], [[-7], [-5]]]])
    assert layers.max_pool(values, 2).tolist() == [[[[-3]]]]


def test_padding_surrounds_the_image() -> None:
    padded = layers.pad(np.ones((1, 2, 3, 1), np.int32), 1)
    assert padded.shape == (1, 4, 5, 1)
    assert padded.sum() == 6
    assert padded[0, 1:3, 1:4].all()


def test_the_first_of_equal_scores_is_the_label() -> None:
    assert layers.label_select(np.array([[1, 7, 7], [5, 5, 5]])).tolist() == [1, 0]


def test_scores_do_not_depend_on_the_batch() -> None:
    rng = np.random.default_rng(3)
    net = networks.mlp([(rng.integers(0, 2, (8, 12)), np.full((8, 1), 6)), (rng.integers(0, 2, (3, 8)), None)])
    x = rng.integers(0, 2, (7, 12))
    assert np.array_equal(networks.scores(net, x, batch=2), networks.scores(net, x, batch=7))


@pytest.mark.lengthy
@needs_golden
def test_published_scores_of_the_first_test_images_are_reproduced(cnv_layers: tuple[networks.Layer, ...]) -> None:
    pil = pytest.importorskip("PIL.Image", reason="Pillow reads the mosaics of CIFAR-10 in ../shared/data")
    mosaic = np.asarray(pil.open(DATA / "cifar10" / "test_batch_0.webp").convert("RGB"))[:160]
    images = mosaic.reshape(5, 32, 25, 32, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 32, 32, 3)
    golden = np.load(GOLDEN / "cnvW1A1_cifar10_test.npz")["popcount"]
    assert np.array_equal(networks.scores(cnv_layers, layers.q17(images))[:, :10], golden[: len(images)])
