# SPDX-License-Identifier: Apache-2.0
"""Test bench that classifies pictures with the driver and measures the rate; `make system` runs it.

The plan, a JSON file, holds:

description, images, expected  files: the accelerator's description, .npy of uint8 [N, H, W, C], .npy of the answers
job_images                     images a job, of which N is a multiple
latency                        of the memory, in cycles
said, record                   files to write: lines as they come, numbers as JSON
"""

from __future__ import annotations

import json
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from finn_gen.base.words import counted
from finn_sim.system.bench import System
from finn_verif import plan

PATIENCE_INTERVALS = 20
"""The driver gives up after so many, and the latency, without an answer."""


@cocotb.test()
async def test_pictures_are_classified_at_the_accelerators_rate(dut) -> None:
    """Answers are those expected; the rate is judged by who reads the record."""
    facts = plan.load()
    system = System(dut, Path(facts.description), lambda: facts.latency)
    await system.start()
    ends: list[float] = []

    async def watch() -> None:
        while True:
            await RisingEdge(dut.interrupt)
            ends.append(system.cycles())

    cocotb.start_soon(watch())
    with Path(facts.said).open("a", buffering=1) as said:
        record = await system.drive(lambda: program(system, facts, ends, said.write))
    Path(facts.record).write_text(json.dumps(record, indent=1) + "\n")


def program(system: System, facts, ends: list[float], say) -> dict:
    """What a user of the driver does; `ends` gets the cycle in which each job ended."""
    images, expected = np.load(facts.images), np.load(facts.expected)
    told = system.description
    timeout = system.seconds(told.latency + PATIENCE_INTERVALS * told.interval)
    with system.open(timeout=timeout, job_images=facts.job_images) as overlay:
        start = system.cycles()
        answers = overlay.accel.classify(images)
        cycles, jobs = system.cycles() - start, list(ends)
        say(f"{counted(len(images), 'image')} classified in {counted(len(jobs), 'job')}, {cycles:.0f} cycles\n")
        statistics = overlay.accel.statistics()
        say(statistics.table() + "\n")
        say(f"throughput_test of {counted(facts.job_images, 'image')} is running\n")
        report = overlay.accel.throughput_test(facts.job_images)
    wrong = np.flatnonzero((answers != expected).reshape(len(images), -1).any(axis=1))
    assert wrong.size == 0, f"image {wrong[0]}: {answers[wrong[0]]}, must be {expected[wrong[0]]}"
    # From the end of the first job to that of the last nothing fills or runs empty.
    steady = (jobs[-1] - jobs[0]) / (len(images) - facts.job_images)
    return {
        "network": told.network,
        "images": len(images),
        "job_images": facts.job_images,
        "memory_latency_cycles": facts.latency,
        "planned_interval_cycles": told.interval,
        "sustained_interval_cycles": round(steady, 2),
        "answers": answers.tolist(),
        "throughput_test": report,
        "cycles": statistics.cycles,
        "boundaries": {b.name: {"busy": b.busy, "stalled": b.stalled} for b in statistics.boundaries},
    }
