# SPDX-License-Identifier: Apache-2.0
"""Whole accelerators: random networks and foldings, in their own Verilog testbench and in the shared environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from finn_gen.base.files import write_tree
from finn_gen.base.library import building_block
from finn_gen.emit import accelerator
from finn_gen.timing import chain as cycle_model
from finn_verif.runner import simulate
from tests.lib import random_networks
from tests.lib.testbench import IMAGES, build, skip_unless_asked, try_out, write_vectors


@pytest.mark.parametrize(
    ("seed", "sim"),
    [
        *((seed, "icarus") for seed in range(16)),
        *((random_networks.SEVERAL_BITS + seed, "icarus") for seed in range(8)),
        (100, "verilator"),
        (random_networks.SEVERAL_BITS + 8, "verilator"),
    ],
)
def test_random_networks_answer_as_the_reference_in_the_planned_cycles(seed: int, sim: str, tmp_path: Path) -> None:
    skip_unless_asked(sim)
    try_out(tmp_path, seed, sim)


def test_a_wrong_score_fails_the_testbench(tmp_path: Path) -> None:
    found = random_networks.drawn(tmp_path, 3)
    command = build(tmp_path, found, "icarus")
    write_vectors(tmp_path, found, random_networks.images(found.network, IMAGES, 3))
    scores = (tmp_path / "scores.mem").read_text().splitlines()
    scores[2] = f"{int(scores[2], 16) ^ 1:x}"
    (tmp_path / "scores.mem").write_text("\n".join(scores) + "\n")
    result = subprocess.run([*command, f"+images={IMAGES}"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert "IMAGE 2" in result.stdout and result.stdout.count("match=0") == 1


@pytest.mark.parametrize(
    ("seed", "sim"), [(2, "icarus"), (5, "icarus"), pytest.param(8, "verilator", marks=pytest.mark.lengthy)]
)
def test_streams_wrong_frames_and_resets(seed: int, sim: str, tmp_path: Path) -> None:
    found = random_networks.drawn(tmp_path, seed)
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
