# SPDX-License-Identifier: Apache-2.0
"""Whole systems: the real driver on the simulated accelerator with control, DMA and a memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from finn_gen.base.files import write_tree
from finn_gen.emit import system, weights
from finn_verif.runner import simulate
from tests.lib import random_networks
from tests.lib.driver_setup import INT_SEED, LABEL_SEED, SCORES_SEED

CYCLES = 300
"""Cycles an image that the networks are folded for."""
OVERHEAD = 1500
"""Cycles that the driver may take around a job: programming both channels, taking note of its end."""


@pytest.mark.parametrize(
    ("seed", "sim", "reload", "only"),
    [
        (LABEL_SEED, "verilator", True, None),
        (SCORES_SEED, "icarus", False, "pictures|counters"),
        (INT_SEED, "icarus", False, "pictures"),
    ],
)
def test_the_driver_runs_the_simulated_accelerator(
    seed: int, sim: str, reload: bool, only: str | None, tmp_path: Path
) -> None:
    path = random_networks.write(tmp_path, seed)
    net = random_networks.planned(path, CYCLES, reload)
    found = system.plan_system(net)
    files = system.bundle(found).folder()
    write_tree(tmp_path / "rtl", files)
    sources = [tmp_path / "rtl" / line for line in files[f"{found.module}.f"].split()]
    data = [tmp_path / "rtl" / name for name in files if name.endswith(".mem")]
    facts = {
        "path": str(tmp_path / "rtl" / f"{found.module}.json"),
        "network": str(path),
        "words": [
            ["source", net.input.words],
            *([name, stage.out_words] for name, stage in zip(net.boundaries[1:], net.stages, strict=True)),
        ],
        "overhead": OVERHEAD,
        "other": "",
    }
    if reload:
        other = random_networks.other_parameters(tmp_path)
        turned = random_networks.planned(path, CYCLES, True, other)
        for name, of in (("weights", net), ("other_weights", turned)):
            (tmp_path / f"{name}.npz").write_bytes(weights.weights_file(of))
            facts[name] = str(tmp_path / f"{name}.npz")
        facts["other"] = str(other)
    simulate(sources, found.module, "tests.system.tb_system", plan=facts, data=data, sim=sim, test_filter=only)
