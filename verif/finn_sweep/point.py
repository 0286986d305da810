# SPDX-License-Identifier: Apache-2.0
"""A point of a sweep, from the plan to what Yosys makes of it; runs on whichever worker has it."""

from __future__ import annotations

import base64
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator
from finn_gen.formats import description
from finn_gen.ip import Files
from finn_gen.network.model import Network
from finn_gen.plan import rate
from finn_gen.plan.folding import AUTO
from finn_gen.plan.network import NetworkPlan, plan_network
from finn_gen.plan.objective import Weights
from finn_gen.request import device as limit_of
from finn_sim import reference
from finn_sim.accel import bench, simulation, stimulus
from finn_sim.accel.design import of_plan
from finn_sweep.grid import Point


def evaluate(
    *, fps: float, storage: str, clock: float, device: str, steps: dict[str, Any], network: Path, parameters: Path,
    images: Path
) -> dict[str, Any]:  # fmt: skip
    """What comes of a point: `row`, by column, and `folding`, as a file of foldings has it.

    A point that cannot be built is a row that says why. `steps` says what is done beside the plan: `simulate` names a
    simulator, or nothing, and `synthesize` and `render` are true or not; `files` are those rendered. `network` and
    `parameters` are a network as `finn_gen.formats.description.to_files` writes it, `images` is a .npy file uint8
    [N,H,W,C].
    """
    point = Point(fps, storage, clock)
    with tempfile.TemporaryDirectory(prefix="finn_sweep_") as name:
        folder = Path(name)
        net = _network(folder / "network", network, parameters)
        try:
            plan = planned(net, point, device)
        except InputError as error:
            return {"row": {**asdict(point), "refused": str(error)}, "folding": None, "files": {}}
        row = {**asdict(point), "refused": "", **estimated(plan, device)}
        if steps["simulate"]:
            pictures = np.load(images, allow_pickle=False)
            row |= _simulated(folder / "simulation", plan, steps["simulate"], pictures)
        if steps["synthesize"]:
            row |= _synthesized(folder / "synthesis", plan)
        files = _travelling(accelerator.bundle(plan).folder()) if steps["render"] else {}
        chosen = json.loads(accelerator.plan_json(plan))["folding"]
        return {"row": row, "folding": {**chosen, "name": "sweep"}, "files": files}


def _travelling(files: Files) -> dict[str, Any]:
    """Files as JSON can say them: bytes in base64."""
    return {
        name: text if isinstance(text, str) else {"base64": base64.b64encode(text).decode()}
        for name, text in files.items()
    }


def _network(folder: Path, network: Path, parameters: Path) -> Network:
    write_tree(
        folder,
        {
            description.NETWORK_FILE: network.read_bytes(),
            description.PARAMETERS_FILE: parameters.read_bytes(),
        },
    )
    return description.written(folder)


def planned(network: Network, point: Point, device: str) -> NetworkPlan:
    """The plan of a point. Raises InputError."""
    target, weights = rate.cycles_for(point.fps, point.clock), Weights.of_device(limit_of(device))
    found = rate.fold(network, target, "sweep", weights, family=family.of_device(device).name)
    if point.storage != AUTO:
        layers = {name: replace(fold, storage=point.storage) for name, fold in found.layers.items()}
        found = replace(found, layers=layers)
    return plan_network(network, found, point.clock)


def estimated(plan: NetworkPlan, device: str) -> dict[str, Any]:
    """The columns that a plan gives; `bram36` and what the device has count blocks of 36 kbit, or the family's two."""
    used, limit = plan.resources, limit_of(device)
    return {
        "interval_cycles": plan.interval,
        "planned_fps": round(plan.fps, 1),
        "latency_us": round(plan.latency / plan.clock_mhz, 3),
        "lut": used.lut,
        "ff": used.ff,
        "bram36": used.bram18 / 2,
        "lut_percent": round(100 * used.lut / limit.lut, 1),
        "bram_percent": round(100 * used.bram18 / limit.bram18, 1),
        "fits": used.fits(limit),
    }


def _simulated(folder: Path, plan: NetworkPlan, tool: str, images: np.ndarray) -> dict[str, Any]:
    """Whether every score and label of the images is the reference's, and the interval measured."""
    command = bench.build(folder, plan, tool)
    scores = reference.scores(plan.network, images)
    write_tree(folder, stimulus.files(of_plan(json.loads(accelerator.plan_json(plan))), images, scores))
    run = simulation.run([*command, f"+images={len(images)}"], folder, len(images), folder / "simulation.log")
    ends = np.array([answer.end for answer in run.answers])
    interval = int(np.median(np.diff(ends))) if len(ends) > 1 else None
    return {
        "simulated_images": len(images),
        "mismatches": sum(not answer.match for answer in run.answers),
        "measured_interval_cycles": interval,
        "measured_latency_cycles": run.answers[0].end - run.answers[0].start,
    }


def _synthesized(folder: Path, plan: NetworkPlan) -> dict[str, Any]:
    """What Yosys makes of the accelerator for 7-series."""
    from finn_gen.family.xc7.synthesis import measure

    built = accelerator.bundle(plan)
    write_tree(folder, built.folder())
    area = measure([folder / name for name in built.listed("xc7")], plan.module)
    return {"yosys_lut": area.total_luts, "yosys_ff": area.ff, "yosys_bram36": area.bram36, "yosys_dsp": area.dsp}
