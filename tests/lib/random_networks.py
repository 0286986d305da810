# SPDX-License-Identifier: Apache-2.0
"""Small random networks, as the files that a user would write."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import yaml

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import Range, WeightFormat, format_of_weights, of_sums
from finn_gen.formats import description, params_npz
from finn_gen.network import lanes, model
from finn_gen.plan import folding, rate
from finn_gen.plan import network as plan
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.plan.network import NetworkPlan

INT32 = np.iinfo(np.int32)
SEVERAL_BITS = 1000
"""The first seed whose networks may have weights of several bits, outputs of more than two, and biases."""
SEVERAL_PIXELS = 2000
"""The first seed whose foldings may pass several pixels a word."""
ANY_RATE = 20_000
"""Cycles an image that every stage of such a network reaches, be its words as narrow as they may."""


def beyond_reach(numbers: np.random.Generator, thresholds: np.ndarray, sums: Range) -> None:
    """Change some rows of ascending thresholds [rows, levels]: to ones that no sum or every sum reaches, equal ones."""
    never, always = (sums.high + 1, INT32.max), (sums.low, INT32.min)
    for row in thresholds:
        kind, count = numbers.integers(0, 9), numbers.integers(1, len(row) + 1)
        if kind == 0:
            row[-count:] = numbers.choice(never)
        elif kind == 1:
            row[:count] = numbers.choice(always)
        elif kind == 2:
            row[:] = row[0]
        row.sort()


@dataclass
class _Draft:
    """Layers so far, and the shape that they leave.

    What came later is drawn from `later`, so that the networks of a seed hardly change by it; weights of several bits,
    wide outputs and biases from `latest`, where there is one, and from `close` windows that can pass side by side.
    """

    rng: Random
    later: Random
    latest: Random | None
    close: Random | None
    height: int
    width: int
    channels: int
    bits: int
    signed: bool
    layers: list[dict[str, Any]] = field(default_factory=list)
    matrices: list[params_npz.Matrix] = field(default_factory=list)

    def matrix(self, rows: int, cols: int, raw: bool) -> None:
        """Random weights, and thresholds around what the sums of random inputs are, in some rows beyond them."""
        numbers = np.random.default_rng(self.rng.getrandbits(32))
        weights = numbers.integers(0, 2, (rows, cols), np.uint8)
        if self.latest and self.latest.random() < 0.4:
            held = WeightFormat(self.latest.randint(2, 4), self.latest.random() < 0.5)
            weights = numbers.integers(held.range.low, held.range.high + 1, (rows, cols), np.int8)
        given = params_npz.Matrix(weights, None)
        held = format_of_weights(given.numbers)
        out_bits = 0
        if not raw:
            out_bits = self.rng.choice((1, 1, 1, 2))
            out_bits = self.latest.choice((out_bits, out_bits, 3, 4)) if self.latest else out_bits
            scale = 1 if self.bits == 1 else 1 << self.bits - 1
            spread = max(2, int(cols**0.5 * scale * held.range.high))
            middle = cols // 2 if self.bits == held.bits == 1 else 0
            levels = (1 << out_bits) - 1
            thresholds = np.sort(numbers.integers(middle - spread, middle + spread + 1, (rows, levels)), axis=1)
            beyond_reach(numbers, thresholds, of_sums(cols, self.bits, self.signed, held))
            given = replace(given, thresholds=thresholds.astype(np.int32))
        elif self.latest and self.latest.random() < 0.4:
            spread = 1 << self.latest.randint(0, 12)
            biases = numbers.integers(-spread, spread, rows)
            given = replace(given, biases=biases, fraction=self.latest.choice((0, 0, 1, 4)))
        self.matrices.append(given)
        self.channels, self.bits, self.signed = rows, out_bits, False

    def conv(self) -> None:
        kernel = [self.rng.randint(1, min(3, size)) for size in (self.height, self.width)]
        stride = [self.rng.choice((1, 1, 2)), self.rng.choice((1, 1, 2))]
        stride = [1, 1] if self.close and self.close.random() < 0.7 else stride
        most = [(size - 1) // max(1, side - 1) for size, side in zip((self.height, self.width), kernel, strict=True)]
        dilation = [self.later.choice((1, self.later.randint(1, min(3, max(1, apart))))) for apart in most]
        channels = self.rng.choice((1, 2, 3, 4, 6, 8))
        window = {"kernel": kernel, "stride": stride, "dilation": dilation}
        self.layers.append({"kind": "conv", "channels": channels, **window})
        self.matrix(channels, kernel[0] * kernel[1] * self.channels, raw=False)
        self.height = (self.height - (kernel[0] - 1) * dilation[0] - 1) // stride[0] + 1
        self.width = (self.width - (kernel[1] - 1) * dilation[1] - 1) // stride[1] + 1

    def pad(self) -> None:
        padding = [self.rng.randint(0, 2) for _ in range(4)]
        self.layers.append({"kind": "pad", "padding": padding, "value": self.rng.randint(0, 1)})
        self.height += padding[0] + padding[1]
        self.width += padding[2] + padding[3]

    def pool(self) -> None:
        side, step = self.rng.randint(1, min(3, self.height, self.width)), self.rng.randint(1, 3)
        kernel, stride = [side, side], [step, step]
        if rectangular := self.later.random() < 0.5:
            kernel = [self.later.randint(1, min(3, size)) for size in (self.height, self.width)]
            stride = [self.later.randint(1, 3), step]
        if self.close and self.close.random() < 0.5:
            rectangular, kernel, stride = True, [kernel[0], min(2, self.width)], [stride[0], min(2, self.width)]
        window = {"kernel": kernel, "stride": stride} if rectangular else {"kernel": side, "stride": step}
        self.layers.append({"kind": "pool", **window})
        self.height = (self.height - kernel[0]) // stride[0] + 1
        self.width = (self.width - kernel[1]) // stride[1] + 1

    def dense(self, units: int, raw: bool = False) -> None:
        self.layers.append({"kind": "dense", "units": units})
        self.matrix(units, self.height * self.width * self.channels, raw)
        self.height = self.width = 1


def write(folder: Path, seed: int) -> Path:
    """Write a random network to `folder`; returns the path of its description."""
    rng = Random(seed)
    encoding = rng.choice(("bits", "threshold", "q1.7"))
    size = {"height": rng.randint(1, 9), "width": rng.randint(1, 9), "channels": rng.randint(1, 4)}
    later = Random(f"later {seed}")
    if encoding == "q1.7":
        encoding = later.choice((encoding, f"uint{later.randint(2, 8)}", f"int{later.randint(2, 8)}"))
    close = Random(f"close {seed}") if seed >= SEVERAL_PIXELS else None
    if close:
        size["width"] = close.randint(2, 20)
    draft = _Draft(
        rng,
        later,
        Random(f"latest {seed}") if seed >= SEVERAL_BITS else None,
        close,
        *size.values(),
        *model.element_format(encoding),
    )
    for _ in range(rng.randint(0, 4)):
        rng.choice((draft.conv, draft.conv, draft.pad, draft.pool))()
    for _ in range(rng.randint(0, 2)):
        draft.dense(rng.choice((1, 5, 8, 12, 16)))
    draft.dense(rng.randint(2, 12), raw=True)
    if rng.random() < 0.7:
        draft.layers.append({"kind": "label"})
    description = {
        "format": 1,
        "name": f"net{seed}",
        "input": {**size, "encoding": encoding},
        "parameters": "net.npz",
        "layers": draft.layers,
    }
    (folder / "net.npz").write_bytes(params_npz.to_bytes(tuple(draft.matrices)))
    path = folder / "net.yaml"
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    return path


def planned(path: Path, target: int = 2000, reload: bool = False, parameters: Path | None = None) -> NetworkPlan:
    """The accelerator of a network's file, folded for `target` cycles an image."""
    network = description.load(path, parameters)
    return plan.plan_network(network, replace(rate.fold(network, target), reload=reload))


def random_folding(network: model.Network, seed: int) -> Folding:
    """Any legal PE and SIMD; of a first dense layer those that divide its columns, be the input padded or not."""
    rng = Random(seed)
    layers = {
        layer.name: LayerFolding(rng.choice(lanes.legal_pe(layer)), rng.choice(lanes.legal_simd(layer)))
        for layer in network.layers
        if layer.matrix
    }
    chosen = Folding("random", layers, reload=rng.random() < 0.4)
    return several_pixels(network, chosen, Random(f"pixels {seed}")) if seed >= SEVERAL_PIXELS else chosen


def several_pixels(network: model.Network, chosen: Folding, rng: Random) -> Folding:
    """Mostly `chosen` with any number of pixels at once in layers that can have several, and not to be written."""
    if rng.random() < 0.2:
        return chosen
    layers = dict(chosen.layers)
    for layer in network.layers:
        if layer.matrix and (pixels := rng.choice(lanes.legal_pixels(layer))) > 1:
            layers[layer.name] = folding.whole(layer, pixels)
    return replace(chosen, layers=layers, target=rng.choice((0, ANY_RATE)), reload=False)


def drawn(folder: Path, seed: int) -> NetworkPlan:
    """A random network in `folder` with a random folding, or one that reaches a random rate."""
    network = description.load(write(folder, seed))
    rng = Random(seed + 1)
    target = rng.choice((60, 300, 2000, 20_000))
    chosen = rng.random() < (0.5 if seed < SEVERAL_PIXELS else 0.8)
    while True:
        try:
            return plan.plan_network(network, random_folding(network, seed) if chosen else rate.fold(network, target))
        except InputError as error:
            # The input, a pad or a pool has no PE and no SIMD, and may be slower than what the others are folded for.
            assert "cycles an image are asked for" in str(error), error
            chosen, target = False, 2 * target


def other_parameters(folder: Path) -> Path:
    """Write parameters of the same shapes, every bit turned round and thresholds one higher; returns the path."""
    path = folder / "other.npz"
    path.write_bytes(params_npz.to_bytes(tuple(map(_turned, params_npz.load(folder / "net.npz")))))
    return path


def _turned(matrix: params_npz.Matrix) -> params_npz.Matrix:
    """Other parameters of the same formats: numbers and biases in the reverse order."""
    return replace(
        matrix,
        weights=matrix.weights[:, ::-1] if matrix.weights.dtype == np.int8 else 1 - matrix.weights,
        thresholds=None if matrix.thresholds is None else one_higher(matrix.thresholds),
        biases=None if matrix.biases is None else matrix.biases[::-1],
    )


def one_higher(thresholds: np.ndarray) -> np.ndarray:
    """int32 thresholds plus one, as far as int32 goes."""
    return np.minimum(thresholds, INT32.max - 1) + np.int32(1)


def images(network: model.Network, count: int, seed: int) -> np.ndarray:
    """Random images uint8 [count, H, W, C]; the first two are all dark and all bright."""
    shape = (count, network.source.height, network.source.width, network.source.channels)
    drawn = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    drawn[0] = 0
    drawn[1 % count] = 255
    return drawn
