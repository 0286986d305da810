# SPDX-License-Identifier: Apache-2.0
"""A random network with a software model of its accelerator, for tests of drivers."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import finn_driver
from finn_driver.description import load
from finn_gen.emit import system
from finn_gen.plan.network import NetworkPlan
from finn_sim import reference
from tests.lib import random_networks
from tests.lib.fake_device import FakeDevice

LABEL_SEED, SCORES_SEED = 8, 22
"""A network that ends in a label, and one that ends in scores, signed ones."""
INT_SEED = 20
"""One whose input is whole numbers of a few bits, with dilated windows."""
SEEDS = (LABEL_SEED, SCORES_SEED, 0, 1, 2, 3, 5, 6, 11, 13, 19, INT_SEED)


@functools.cache
def planned(seed: int, reload: bool = False) -> NetworkPlan:
    """A random network and its accelerator."""
    with tempfile.TemporaryDirectory() as folder:
        return random_networks.planned(random_networks.write(Path(folder), seed), reload=reload)


def image_of(data: bytes, found: NetworkPlan) -> np.ndarray:
    """The image [1, H, W, C] in packed bytes, taken apart word by word."""
    entry, source = found.input, found.network.source
    size = len(data) // entry.words
    words = [int.from_bytes(data[i : i + size], "little") for i in range(0, len(data), size)]
    assert all(word < 1 << entry.params.word_width for word in words), "bits beyond a word are set"
    bits = [word >> bit & 1 for word in words for bit in range(entry.params.word_width)]
    step = 1 if entry.params.packed else 8
    elements = [sum(bits[i + k] << k for k in range(step)) for i in range(0, source.elements * step, step)]
    assert not any(bits[source.elements * step :]), "bits beyond an image are set"
    shape = (1, source.height, source.width, source.channels)
    return (np.array(elements) * (255 if entry.params.packed else 1)).astype(np.uint8).reshape(shape)


def answer_of(found: NetworkPlan) -> Callable[[bytes], bytes]:
    """What the accelerator gives for an image's bytes, as bytes."""
    last = found.output

    def answer(data: bytes) -> bytes:
        scores = reference.scores(found.network, image_of(data, found))
        numbers, width = reference.labels(scores).tolist(), last.plan.ports.out_width
        if not found.marked:
            numbers, width = scores[0].tolist(), found.score_width
        lanes = last.plan.ports.out_width // width
        size = -(-last.plan.ports.out_width // 8)
        words = [numbers[i : i + lanes] for i in range(0, len(numbers), lanes)]
        return b"".join(
            sum(n % (1 << width) << (width * lane) for lane, n in enumerate(word)).to_bytes(size, "little")
            for word in words
        )

    return answer


class Setup:
    """A network, its description in a file, and a device that behaves like its accelerator."""

    def __init__(self, folder: Path, seed: int, reload: bool = False) -> None:
        self.folder = folder
        self.plan = planned(seed, reload)
        self.path = folder / f"{self.plan.module}_axi.json"
        found = system.plan_system(self.plan)
        self.path.write_text(system.description(found))
        self.path.with_suffix(".h").write_text(system.header(found))
        self.description = load(self.path)
        self.device = FakeDevice(self.description, answer_of(self.plan))

    def open(self, **options: object) -> finn_driver.Overlay:
        return finn_driver.Overlay(self.path, backend=self.device, **{"timeout": 1e-3, "job_images": 4, **options})

    def images(self, count: int) -> np.ndarray:
        """Random images; all the third has is just dark or just bright."""
        drawn = random_networks.images(self.plan.network, count, 7)
        drawn[2:3] = 127 + drawn[2:3] % 2
        return drawn

    def expected(self, images: np.ndarray) -> np.ndarray:
        scores = reference.scores(self.plan.network, images)
        return reference.labels(scores) if self.plan.marked else scores
