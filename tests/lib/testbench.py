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
from finn_gen.plan.network import NetworkPlan
from finn_gen.timing import chain as cycle_model
from finn_sim import reference
from finn_sim.accel import cycles, vectors
from finn_sim.accel.bench import build
from finn_sim.page import activity
from tests.lib import random_networks

IMAGES = 5


def skip_unless_asked(sim: str) -> None:
    """Skip a test on a simulator that SIM in the environment does not name."""
    if (only := os.environ.get("SIM")) and only != sim:
        pytest.skip(f"SIM={only}")


def asked() -> tuple[str, ...]:
    """The simulators that SIM in the environment leaves."""
    only = os.environ.get("SIM")
    return (only,) if only else ("icarus", "verilator")


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


def check_cycles(folder: Path, plan: NetworkPlan) -> None:
    """Every image passes every boundary in the cycles that the model says, and the first one in the latency planned."""
    seen = activity.read(folder, len(plan.stages))
    assert seen is not None and not (wrong := cycles.difference(plan, seen, IMAGES)), wrong
    assert seen.last[-1, 0] == plan.latency


def try_out(folder: Path, seed: int, sim: str) -> None:
    """A random network, its folding and images, in RTL: AssertionError unless answers and cycles are as they should."""
    found = random_networks.drawn(folder, seed)
    command = build(folder, found, sim)
    write_vectors(folder, found, random_networks.images(found.network, IMAGES, seed))
    times = run(folder, command, "+boundaries")
    assert times[0]["end"] - times[0]["start"] == found.latency
    check_cycles(folder, found)
    check_activity(folder, found)
    for valid, ready in ((100, 30), (25, 100), (60, 50)):
        run(folder, command, f"+valid_percent={valid}", f"+ready_percent={ready}", f"+seed={seed + 1}")


def check_activity(folder: Path, plan: NetworkPlan) -> None:
    """What every stage was seen doing fits the times at its boundaries, and FIFOs hold what the model says."""
    seen = activity.read(folder, len(plan.stages))
    trace = cycle_model.trace([stage.plan for stage in plan.stages], IMAGES)
    assert seen is not None and len(seen.activity) == len(plan.stages)
    for index, (stage, found) in enumerate(zip(plan.stages, seen.activity, strict=True)):
        assert min(found.busy, found.starved, found.stalled) >= 0, stage.name
        if (last := seen.last[index + 1, IMAGES - 1]) >= 0:
            assert found.cycles == last - seen.first[index, 0] + 1, stage.name
            # Every word that it gave moved in a cycle of its own, in which it was neither starved nor stalled.
            assert found.busy >= IMAGES * stage.out_words, stage.name
        assert (found.high_water is not None) == stage.inserted, stage.name
        if stage.inserted:
            assert found.high_water == trace.high_water[index], stage.name
