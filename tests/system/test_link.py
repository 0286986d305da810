# SPDX-License-Identifier: Apache-2.0
"""Accelerators behind a serial line: the real driver on the simulated RTL of accelerator, control and host link."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit import link, weights
from finn_sim import reference
from finn_verif.runner import simulate
from tests.lib import random_networks
from tests.lib.driver_setup import LABEL_SEED, SCORES_SEED, planned

CYCLES = 300
"""Cycles an image that the networks are folded for."""
DIVISOR = 8
BYTES = 9000


def expected(network, images: np.ndarray) -> np.ndarray:
    scores = reference.scores(network, images)
    return reference.labels(scores) if network.layers[-1].kind == "label" else scores


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("seed", "sim", "reload", "only"),
    [
        (LABEL_SEED, "verilator", True, None),
        (SCORES_SEED, "icarus", False, "rate"),
    ],
)
def test_the_driver_runs_the_accelerator_over_a_line(
    seed: int, sim: str, reload: bool, only: str | None, tmp_path: Path
) -> None:
    path = random_networks.write(tmp_path, seed)
    net = random_networks.planned(path, CYCLES, reload)
    found = link.plan_link(net, round(net.clock_mhz * 1e6 / DIVISOR))
    assert found.uart.divisor == DIVISOR
    files = link.bundle(found).folder()
    folder = tmp_path / "rtl"
    write_tree(folder, files)
    source = net.network.source
    count = max(6, BYTES // found.image_bytes) if sim == "verilator" else 2 + 300 // found.image_bytes
    shape = (count, source.height, source.width, source.channels)
    images = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    np.save(folder / "images.npy", images)
    np.save(folder / "expected.npy", expected(net.network, images))
    facts = {
        "path": str(folder / f"{found.module}.json"),
        "images": str(folder / "images.npy"),
        "expected": str(folder / "expected.npy"),
        "count": count,
        "divisor": DIVISOR,
        # Few images do not show it: the first result and the last acknowledgement count.
        "efficiency": 0.9 if sim == "verilator" else 0.3,
        "weights": "",
    }
    if reload:
        other = random_networks.planned(path, CYCLES, True, random_networks.other_parameters(tmp_path))
        for name, of in (("weights", net), ("other_weights", other)):
            (folder / f"{name}.npz").write_bytes(weights.weights_file(of))
            facts[name] = str(folder / f"{name}.npz")
        np.save(folder / "other_expected.npy", expected(other.network, images))
        facts["other_expected"] = str(folder / "other_expected.npy")
    sources = [folder / line for line in files[f"{found.module}.f"].split()]
    data = [folder / name for name in files if name.endswith(".mem")]
    simulate(sources, found.module, "tests.system.tb_link", plan=facts, data=data, sim=sim, test_filter=only)


def test_a_rate_that_the_clock_does_not_give_is_refused() -> None:
    with pytest.raises(InputError, match="baud=90000000: it must be a whole number from 9600 to 50000000"):
        link.plan_link(planned(LABEL_SEED), 90_000_000)


def test_the_plan_says_what_the_line_carries() -> None:
    found = link.plan_link(planned(LABEL_SEED), 1_000_000)
    assert found.link_fps == pytest.approx(found.uart.baud / 10 * 254 / 260 / found.image_bytes)
    assert found.identity == 0x0108_00FE
