# SPDX-License-Identifier: Apache-2.0
"""An accelerator in its own test bench without FuseSoC: rendered and built in a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator
from finn_gen.plan.network import NetworkPlan
from finn_sim.accel.simulation import SimulationError

_TAIL = 2000


def build(folder: Path, plan: NetworkPlan, tool: str) -> list[str]:
    """Render an accelerator to `folder` and build its test bench by `tool`, icarus or verilator, quickly.

    The command that runs it in that folder, without +images=N. SimulationError with the tool's words if it refuses.
    """
    write_tree(folder, accelerator.bundle(plan).folder())
    top = f"{plan.module}_tb"
    if tool == "icarus":
        _call(["iverilog", "-g2005", "-o", "tb", "-s", top, "-c", f"{top}.f"], folder)
        return ["vvp", "-n", "tb"]
    _call(["verilator", "--binary", "-j", "2", "-O1", "--top-module", top, "--Mdir", "obj", "-f", f"{top}.f"], folder)
    return [f"obj/V{top}"]


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SimulationError(f"{command[0]} does not build the simulation:\n{(done.stdout + done.stderr)[-_TAIL:]}")
