# SPDX-License-Identifier: Apache-2.0
"""Generated IPs behind each other: random chains of pad, swg, mvtu, pool and label, and the layers of cnvW1A1."""

import random
from pathlib import Path

import numpy as np
import pytest

from finn_verif import runner, seed
from finn_verif.ref.stream import to_words
from tests.lib import bnn_pynq, harness
from tests.lib.chain import Stage, matched, mvtu_stage, random_chain, reference, stage, write
from tests.lib.paths import GOLDEN, needs_golden

THROTTLES = (
    {},
    {"source": 128, "sink": 128},
    {"source": 30},
    {"sink": 30},
    {"source": 200, "hold": 2000},
)
IMAGES = 2


def check_random_chain(folder: Path, sim: str, name: str) -> None:
    """Every word of a few random images through a random chain, with sources and sinks of all kinds."""
    rng = random.Random(f"{seed.choose()}/{name}")
    chain = random_chain(rng, folder)
    numbers = np.random.default_rng(rng.getrandbits(32))
    images = numbers.integers(chain.low, chain.high, (IMAGES, *chain.shape))
    inputs = [word for image in images for word in to_words(image, chain.lanes, chain.bits)]
    results = [reference(chain.stages, image) for image in images]
    outputs = [word for result in results for word in to_words(result, chain.out_lanes, chain.out_bits)]
    built = harness.build(write(chain.stages, folder), folder, runner.simulator(sim), max(len(inputs), len(outputs)))
    for throttle in THROTTLES:
        built.check(inputs, outputs, rounds=2, seed=rng.getrandbits(30), **throttle)


@pytest.mark.parametrize("number", range(24))
def test_random_chains_compute_what_the_reference_says(tmp_path: Path, number: int) -> None:
    check_random_chain(tmp_path, "icarus", f"chain {number}")


@pytest.mark.parametrize("number", range(2))
def test_random_chains_compute_on_verilator(tmp_path: Path, number: int) -> None:
    check_random_chain(tmp_path, "verilator", f"chain on verilator {number}")


def test_a_wrong_word_at_the_end_is_noticed(tmp_path: Path) -> None:
    pad = stage("pad", 0, ifm_ch=1, simd=1, ifm_h=2, ifm_w=2)
    built = harness.build(write([pad], tmp_path), tmp_path, "icarus", 17)
    right = [0] * 5 + [1] * 2 + [0] * 2 + [1] * 2 + [0] * 5
    built.check([1] * 4, right)
    with pytest.raises(AssertionError, match="result 15 of round 0 is 00, must be 01"):
        built.check([1] * 4, [*right[:-1], 1])
    with pytest.raises(AssertionError, match="a word after the last result"):
        built.check([1] * 4, right[:-1])
    with pytest.raises(AssertionError, match="hangs after 0 words and 16 results of rounds 1 and 0"):
        built.check([1] * 4, [*right, 0])


# Of the convolutions of cnvW1A1: name of the input, PE, SIMD, whether max pooling follows, simulator. The widest
# layers are quicker in Verilator, in spite of its compiler.
CNV = (
    ("in_q1p7", 16, 3, False, "verilator"),
    ("L0", 32, 32, True, "verilator"),
    ("P1", 32, 32, False, "verilator"),
    ("L2", 32, 32, True, "verilator"),
    ("P3", 32, 32, False, "icarus"),
    ("L4", 32, 32, False, "icarus"),
)


def cnv_layer(layer: int, folder: Path) -> tuple[list[Stage], np.ndarray, np.ndarray]:
    """The stages of a layer with BNN-PYNQ's parameters, its golden input and output, both [H, W, C]."""
    golden = np.load(GOLDEN / "cnvW1A1_deer_bin_layers.npz")
    name, pe, simd, pooled, _ = CNV[layer]
    image, result = golden[name], golden[f"P{layer}" if pooled else f"L{layer}"]
    bits, (height, width, channels) = 8 if layer == 0 else 1, image.shape
    weights, thresholds = bnn_pynq.cnv(GOLDEN / "cnvW1A1_cifar10")[layer]
    swg = stage("swg", 0, ifm_ch=channels, bits=bits, simd=min(simd, channels), ifm_h=height, ifm_w=width)
    values = {"pe": pe, "simd": simd, "in_bits": bits, "in_signed": layer == 0}
    stages = [swg, mvtu_stage(1, folder, weights.astype(np.int8) * 2 - 1, thresholds, **values)]
    if pooled:
        stages.append(stage("pool", 2, ifm_ch=len(weights), pe=pe, ifm_h=height - 2, ifm_w=width - 2))
    return matched(stages), image, result


@needs_golden
@pytest.mark.parametrize("layer", range(len(CNV)))
def test_convolutions_of_cnv_reproduce_the_golden_outputs(tmp_path: Path, layer: int) -> None:
    stages, image, result = cnv_layer(layer, tmp_path)
    first, last = stages[0].plan, stages[-1].plan
    inputs = to_words(image, first.in_width // first.bits, first.bits)
    outputs = to_words(result, last.out_width, 1)
    sim = runner.simulator(CNV[layer][-1])
    built = harness.build(write(stages, tmp_path), tmp_path, sim, max(len(inputs), len(outputs)))
    built.check(inputs, outputs)
    if sim == "verilator":
        built.check(inputs, outputs, rounds=2, source=128, sink=128)
