# SPDX-License-Identifier: Apache-2.0
"""Whole accelerators: random networks and foldings, in their own Verilog testbench and in the shared environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from random import Random

import pytest

from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.base.library import building_block
from finn_gen.emit import accelerator
from finn_gen.formats import description
from finn_gen.network import lanes, model
from finn_gen.plan import network as plan
from finn_gen.plan import rate
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.plan.network import NetworkPlan
from finn_gen.timing import chain as cycle_model
from finn_verif.runner import simulate
from tests.lib import random_networks
from tests.lib.testbench import IMAGES, build, check_cycles, run, skip_unless_asked, write_vectors


def random_folding(network: model.Network, seed: int) -> Folding:
    """Any legal PE and SIMD; of a first dense layer those that divide its columns, be the input padded or not."""
    rng = Random(seed)
    layers = {
        layer.name: LayerFolding(rng.choice(lanes.legal_pe(layer)), rng.choice(lanes.legal_simd(layer)))
        for layer in network.layers
        if layer.matrix
    }
    return Folding("random", layers, reload=rng.random() < 0.4)


def planned(folder: Path, seed: int) -> NetworkPlan:
    """A random network in `folder` with a random folding, or one that reaches a random rate."""
    network = description.load(random_networks.write(folder, seed))
    rng = Random(seed + 1)
    if rng.random() < 0.5:
        return plan.plan_network(network, rate.fold(network, rng.choice((60, 300, 2000, 20_000))))
    try:
        return plan.plan_network(network, random_folding(network, seed))
    except InputError as error:
        assert "the best possible is" in str(error), error  # of a pad or a pool, which has no PE and no SIMD
        return plan.plan_network(network, rate.fold(network, 500))


@pytest.mark.parametrize(
    ("seed", "sim"), [*((seed, "icarus") for seed in range(20)), (100, "verilator"), (101, "verilator")]
)
def test_random_networks_answer_as_the_reference_in_the_planned_cycles(seed: int, sim: str, tmp_path: Path) -> None:
    skip_unless_asked(sim)
    found = planned(tmp_path, seed)
    command = build(tmp_path, found, sim)
    write_vectors(tmp_path, found, random_networks.images(found.network, IMAGES, seed))
    times = run(tmp_path, command, "+boundaries")
    assert times[0]["end"] - times[0]["start"] == found.latency
    check_cycles(tmp_path, found)
    for valid, ready in ((100, 30), (25, 100), (60, 50)):
        run(tmp_path, command, f"+valid_percent={valid}", f"+ready_percent={ready}", f"+seed={seed + 1}")


def test_a_wrong_score_fails_the_testbench(tmp_path: Path) -> None:
    found = planned(tmp_path, 3)
    command = build(tmp_path, found, "icarus")
    write_vectors(tmp_path, found, random_networks.images(found.network, IMAGES, 3))
    scores = (tmp_path / "scores.mem").read_text().splitlines()
    scores[2] = f"{int(scores[2], 16) ^ 1:x}"
    (tmp_path / "scores.mem").write_text("\n".join(scores) + "\n")
    result = subprocess.run([*command, f"+images={IMAGES}"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert "IMAGE 2" in result.stdout and result.stdout.count("match=0") == 1


@pytest.mark.parametrize(("seed", "sim"), [(2, "icarus"), (5, "icarus"), (8, "verilator")])
def test_streams_wrong_frames_and_resets(seed: int, sim: str, tmp_path: Path) -> None:
    found = planned(tmp_path, seed)
    files = accelerator.accelerator_files(found)
    write_tree(tmp_path, files)
    top = [path for path in files if path.endswith(".v") and not path.endswith("_tb.v")]
    sources = [*(building_block(name) for name in accelerator.modules(found)), *(tmp_path / path for path in top)]
    trace = cycle_model.trace([stage.plan for stage in found.stages], 64)
    facts = json.loads(accelerator.plan_json(found)) | {
        "description": str(tmp_path / "net.yaml"),
        "out_width": found.output.plan.ports.out_width,
        "out_words": found.output.out_words,
        "first": [int(cycle) for cycle in trace.first[-1]],
        "last": [int(cycle) for cycle in trace.last[-1]],
    }
    data = [tmp_path / path for path in files if path.endswith(".mem")]
    simulate(sources, found.module, "tests.accelerator.tb_accelerator", plan=facts, data=data, sim=sim)
