# SPDX-License-Identifier: Apache-2.0
"""Whole accelerators of layers as users describe them: answers of the reference, in the planned cycles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finn_gen.formats import description, params_npz
from finn_gen.layers import get
from finn_gen.network import model
from finn_gen.plan import network as plan
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.plan.network import NetworkPlan
from finn_sim import reference
from tests.lib import random_networks
from tests.lib.testbench import IMAGES, build, check_cycles, run, skip_unless_asked, write_vectors

Items = list[dict[str, Any]]
Folds = dict[str, tuple[Any, ...]]


def network(source: model.Shape, encoding: str, items: Items) -> model.Network:
    """A network of `items` with random weights, and thresholds of one bit about what random sums are."""
    numbers = np.random.default_rng(len(str(items)))
    outlined = description.outline("net", source, items)
    shapes = [get(layer.kind).matrix(layer) for layer in outlined if get(layer.kind).matrix]
    matrices = []
    for index, (rows, cols) in enumerate(shapes):
        bits, signed = (source.bits, source.signed) if index == 0 else (1, False)
        middle = cols // 2 if bits == 1 else 0
        spread = max(2, int(cols**0.5) << bits - signed - 1)
        thresholds = numbers.integers(middle - spread, middle + spread + 1, (rows, 1))
        raw = index == len(shapes) - 1
        weights = numbers.integers(0, 2, (rows, cols), np.uint8)
        matrices.append(params_npz.Matrix(weights, None if raw else thresholds.astype(np.int32)))
    return model.Network("net", encoding, source, description.chain("net", source, items, matrices))


def check(  # noqa: PLR0917 - of a folding
    folder: Path, net: model.Network, folds: Folds, sim: str = "icarus", packed: bool | None = None, target: int = 0
) -> NetworkPlan:
    """The accelerator with (PE, SIMD, ...) a layer gives the reference's answers in the cycles of the model."""
    skip_unless_asked(sim)
    layers = {name: LayerFolding(*fold) for name, fold in folds.items()}
    found = plan.plan_network(net, Folding("given", layers, target, packed=packed))
    command = build(folder, found, sim)
    write_vectors(folder, found, random_networks.images(net, IMAGES, 1))
    times = run(folder, command, "+boundaries")
    assert times[0]["end"] - times[0]["start"] == found.latency
    check_cycles(folder, found)
    run(folder, command, "+valid_percent=60", "+ready_percent=50", "+seed=1")
    return found


DENSE = {"kind": "dense", "units": 3, "name": "last"}


def dilated(kernel: Any, dilation: Any, **fields: Any) -> Items:
    window = {"kernel": kernel, "dilation": dilation, **fields}
    return [{"kind": "conv", "name": "conv", "channels": 4, **window}, DENSE, {"kind": "label"}]


# The window generator is serial up to the channels, parallel above them: a row of a window, or all of it a word.
@pytest.mark.parametrize(
    ("kernel", "dilation", "simd"),
    [
        (3, 2, 1),
        ([3, 2], [2, 3], 2),
        (3, [2, 3], 6),
        (3, 2, 18),
        ([1, 3], 3, 2),
        ([3, 1], [3, 1], 6),
        (2, [1, 4], 4),
    ],
)
def test_dilated_windows_in_every_structure(kernel: Any, dilation: Any, simd: int, tmp_path: Path) -> None:
    net = network(model.Shape(7, 8, 2), "threshold", dilated(kernel, dilation))
    folds = {"conv": (2, simd), "last": (1, 4 if net.layers[0].result.elements % 4 == 0 else 1)}
    check(tmp_path, net, folds, "icarus")


# Windows apart and overlapping, of one row, of one column; the third is of several words a pixel.
@pytest.mark.parametrize(
    ("window", "folds"),
    [
        ({"kernel": [2, 1]}, {"conv": (4, 2), "last": (1, 1)}),
        ({"kernel": [1, 3], "stride": [2, 1]}, {"conv": (4, 2), "last": (1, 1)}),
        ({"kernel": [3, 2], "stride": [1, 2]}, {"conv": (1, 2), "last": (3, 1)}),
    ],
)
def test_rectangular_pools(window: dict[str, Any], folds: Folds, tmp_path: Path) -> None:
    items = [{"kind": "conv", "name": "conv", "channels": 4, "kernel": 2}, {"kind": "pool", **window}, DENSE]
    check(tmp_path, network(model.Shape(7, 8, 2), "threshold", items), folds, "icarus")


# First layers on numbers of few bits: sums of all that are darkest or brightest are the largest there are.
@pytest.mark.parametrize(
    ("encoding", "first", "fold", "sim"),
    [
        ("uint2", "dense", (2, 3), "icarus"),
        ("uint8", "dense", (4, 20), "icarus"),
        ("int5", "dense", (1, 1), "icarus"),
        ("int8", "dense", (2, 6), "icarus"),
        ("uint3", "conv", (2, 3), "icarus"),
        ("uint7", "conv", (4, 9), "icarus"),
        ("int2", "conv", (1, 1), "icarus"),
        ("int8", "conv", (4, 27), "icarus"),
        ("int6", "conv", (2, 9), "verilator"),
    ],
)
def test_first_layers_on_numbers_of_few_bits(encoding: str, first: str, fold: Folds, sim: str, tmp_path: Path) -> None:
    source = model.Shape(4, 5, 3, *model.element_format(encoding))
    of_conv = {"kind": "conv", "name": "first", "channels": 4, "kernel": 3}
    items = [of_conv if first == "conv" else {"kind": "dense", "name": "first", "units": 4}, DENSE]
    check(tmp_path, network(source, encoding, items), {"first": fold, "last": (1, 4)}, sim)


@pytest.mark.parametrize(("encoding", "extremes"), [("uint4", (0, 15 * 15)), ("int4", (-8 * 15, 7 * 15))])
def test_raw_sums_of_the_darkest_and_the_brightest_image(encoding: str, extremes: Any, tmp_path: Path) -> None:
    """The scores' width holds the largest sum there can be."""
    source = model.Shape(1, 5, 3, *model.element_format(encoding))
    weights = np.repeat(np.array([[1], [0]], np.uint8), 15, axis=1)
    items = [{"kind": "dense", "name": "last", "units": 2}]
    matrices = (params_npz.Matrix(weights, None),)
    net = model.Network("net", encoding, source, description.chain("net", source, items, matrices))
    found = reference.scores(net, random_networks.images(net, IMAGES, 1))
    assert found[:2].tolist() == [[extremes[0], -extremes[0]], [extremes[1], -extremes[1]]]
    check(tmp_path, net, {"last": (1, 5)}, "icarus")


# 15 elements fill a part of a word of 64 bits; SIMD divides them or 64, and bytes are packed or not.
@pytest.mark.parametrize(
    ("encoding", "simd", "packed", "word"),
    [("bits", 5, True, 15), ("bits", 4, True, 64), ("threshold", 3, False, 40), ("threshold", 15, True, 15)],
)
def test_a_first_dense_layer_of_any_simd(encoding: str, simd: int, packed: bool, word: int, tmp_path: Path) -> None:
    items = [{"kind": "dense", "name": "first", "units": 4}, DENSE]
    net = network(model.Shape(1, 5, 3), encoding, items)
    found = check(tmp_path, net, {"first": (2, simd), "last": (1, 2)}, "icarus", packed)
    assert found.input.params.word_width == word


def pixels(channels: int, columns: int, at_once: int) -> tuple[int, int, str, int]:
    """All rows and columns of a conv layer, for several pixels at once."""
    return channels, columns, "auto", at_once


def several(width: int, *items: dict[str, Any]) -> model.Network:
    """Bits of two channels, two conv layers of four, what comes between and behind them, and scores."""
    first, second = ({"kind": "conv", "name": name, "channels": 4, "kernel": 3} for name in ("one", "two"))
    items = [item | {"one": first, "two": second}.get(item.get("name", ""), {}) for item in items]
    return network(model.Shape(10, width, 2), "threshold", [*items, DENSE, {"kind": "label"}])


ONE, TWO, POOL = {"name": "one"}, {"name": "two"}, {"kind": "pool", "kernel": 2}
PAD = {"kind": "pad", "padding": 1, "value": 0}


# Rows that words divide and rows that they do not, before and behind a window; as many pixels in both layers, fewer,
# more; a pool of words with whole windows, of other ones; a pad, one pixel at a time.
@pytest.mark.parametrize(
    ("width", "items", "at_once", "sims"),
    [
        (16, [ONE, TWO], (2, 2), ("icarus", "verilator")),
        (12, [ONE, TWO], (4, 2), ("icarus",)),
        (16, [ONE, TWO], (8, 4), ("icarus",)),
        (16, [ONE, TWO], (8, 1), ("icarus", "verilator")),
        (16, [ONE, TWO], (1, 8), ("icarus",)),
        (13, [ONE, TWO], (2, 4), ("icarus", "verilator")),
        (9, [ONE, TWO], (4, 4), ("icarus",)),
        (11, [ONE, TWO], (8, 8), ("icarus",)),
        (16, [ONE, POOL, TWO], (4, 2), ("icarus",)),
        (17, [ONE, POOL, TWO], (8, 4), ("icarus", "verilator")),
        (15, [ONE, POOL, TWO], (2, 1), ("icarus",)),
        (16, [POOL, ONE, TWO], (2, 2), ("icarus",)),
        (11, [ONE, {"kind": "pool", "kernel": 3, "stride": 1}, TWO], (4, 2), ("icarus",)),
        (12, [ONE, PAD, TWO], (4, 4), ("icarus",)),
        (13, [PAD, ONE, PAD, TWO], (2, 8), ("icarus",)),
        (10, [ONE, TWO, POOL], (2, 2), ("icarus",)),
    ],
)
def test_several_pixels_a_cycle(
    width: int, items: Items, at_once: tuple[int, int], sims: tuple[str, ...], tmp_path: Path
) -> None:
    net = several(width, *items)
    folds = {"one": pixels(4, 18, at_once[0]), "two": pixels(4, 36, at_once[1]), "last": (3, 4)}
    for sim in sims:
        (tmp_path / sim).mkdir()
        found = check(tmp_path / sim, net, folds, sim, target=10_000)
        taken = [stage.plan.params.pixels for stage in found.stages if stage.ip.name in {"swg", "mvtu"}]
        assert taken == [at_once[0]] * 2 + [at_once[1]] * 2 + [1]


def test_scores_of_several_pixels_leave_without_the_ends_of_rows(tmp_path: Path) -> None:
    items = [{"kind": "conv", "name": "one", "channels": 3, "kernel": 2}]
    net = network(model.Shape(4, 8, 2), "threshold", items)
    found = check(tmp_path, net, {"one": pixels(3, 8, 4)}, "icarus")
    assert found.stages[found.scores_stage].ip.name == "regroup"


def test_a_kernel_of_one_pixel_takes_several_without_a_window(tmp_path: Path) -> None:
    items = [{"kind": "conv", "name": "one", "channels": 3, "kernel": 1}, DENSE]
    net = network(model.Shape(3, 10, 4, 2), "uint2", items)
    found = check(tmp_path, net, {"one": pixels(3, 4, 4), "last": (3, 10)}, "icarus", target=10_000)
    assert [stage.ip.name for stage in found.stages if not stage.inserted][:3] == ["input", "regroup", "mvtu"]
