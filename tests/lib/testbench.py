# SPDX-License-Identifier: Apache-2.0
"""Accelerators in the Verilog testbench that is generated with them: what it reads, how it is built and run."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator
from finn_gen.plan.network import NetworkPlan
from finn_sim import reference
from finn_sim.accel import vectors

IMAGES = 5


def skip_unless_asked(sim: str) -> None:
    """Skip a test on a simulator that SIM in the environment does not name."""
    if (only := os.environ.get("SIM")) and only != sim:
        pytest.skip(f"SIM={only}")


def asked() -> tuple[str, ...]:
    """The simulators that SIM in the environment leaves."""
    only = os.environ.get("SIM")
    return (only,) if only else ("icarus", "verilator")


def build(folder: Path, plan: NetworkPlan, sim: str) -> list[str]:
    """The accelerator in its testbench; the command that runs it."""
    write_tree(folder, accelerator.bundle(plan).folder())
    top = f"{plan.module}_tb"
    if sim == "icarus":
        subprocess.run(["iverilog", "-g2005", "-o", "tb", "-s", top, "-c", f"{top}.f"], cwd=folder, check=True)
        return ["vvp", "-n", "tb"]
    command = ["verilator", "--binary", "-j", "2", "-O1", "--top-module", top, "--Mdir", "obj", "-f", f"{top}.f"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return [f"obj/V{top}"]


def run(folder: Path, command: list[str], *arguments: str, images: int = IMAGES) -> list[dict[str, int]]:
    """Start and end of every image; AssertionError unless every one of them matches the reference."""
    command = [*command, f"+images={images}", *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout[-2000:]
    lines = re.findall(r"IMAGE (\d+) .*start=(\d+) end=(\d+) match=1", result.stdout)
    assert len(lines) == images and f"DONE images={images} mismatches=0" in result.stdout, result.stdout[-2000:]
    return [{"start": int(start), "end": int(end)} for _, start, end in lines]


def write_vectors(folder: Path, plan: NetworkPlan, images: np.ndarray) -> None:
    """What the testbench reads: images uint8 [N, H, W, C], and the reference's answers to them."""
    scores = reference.scores(plan.network, images)
    entry = plan.input
    write_tree(
        folder,
        {
            vectors.STIMULUS: vectors.stimulus(images, entry.params.packed, entry.params.word_width, entry.words),
            vectors.SCORES: vectors.scores(scores, plan.score_width, plan.score_signed),
            vectors.LABELS: vectors.labels(reference.labels(scores)),
        },
    )
