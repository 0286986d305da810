# SPDX-License-Identifier: Apache-2.0
"""The page of a run of an accelerator in its own test bench."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.emit import accelerator
from finn_gen.family.resources import Resources
from finn_gen.network.model import Network
from finn_gen.plan import folding
from finn_gen.plan.network import NetworkPlan, plan_network
from finn_gen.report import plan_parts
from finn_gen.report.measured import Measured
from finn_gen.report.page import Card, Part, Verdict, missing, page
from finn_gen.request import device as limit_of
from finn_sim.accel.design import Design
from finn_sim.accel.report import Report
from finn_sim.accel.simulation import Answer
from finn_sim.page import activity
from finn_sim.page.shown import Said, confusion_part, pictures_part
from finn_verif.plan import FILE as PLAN_FILE

TITLE = {"verilator": "Verilator", "icarus": "Icarus Verilog"}
VERSION = {"verilator": ("verilator", "--version"), "icarus": ("iverilog", "-V")}


@dataclass(frozen=True, eq=False)
class Run:
    """A run as far as it came: answers, and why it failed, or the record that `finn_sim.accel.report` made."""

    folder: Path
    design: Design
    network: Network
    judge: Report
    answers: Sequence[Answer]
    tool: str
    request: Mapping[str, Any]
    record: Mapping[str, Any] | None = None
    failure: str = ""


def run_page(run: Run) -> str:
    """The page of a run, of one that failed too; what cannot be had costs its own part."""
    said = [
        Said(answer.index, answer.label, run.judge.rtl_scores(answer), run.judge.equal(answer))
        for answer in run.answers
    ]
    parts = [
        pictures_part(run.judge.pictures, run.judge.classes, said),
        confusion_part(run.judge.pictures, run.judge.classes, said),
    ]
    more, figures = _planned(run)
    verdict = _verdict(run, said)
    return page(
        f"{run.design.name}, {run.design.folding}",
        f"An accelerator simulated in {TITLE.get(run.tool, run.tool)}",
        verdict,
        [*_cards(run), *figures],
        [*parts, *more],
    )


def _verdict(run: Run, said: Sequence[Said]) -> Verdict:
    count, asked = len(said), len(run.judge.pictures)
    differing = [each.index + 1 for each in said if not each.equal]
    if run.failure:
        return Verdict(False, f"FAILED: {_of(count, asked)} came to an answer", (run.failure,))
    if differing:
        some = ", ".join(map(str, differing[:20])) + (", …" if len(differing) > 20 else "")
        title = f"FAILED: {_of(len(differing), asked)} differ{'s' * (len(differing) == 1)} from the reference"
        return Verdict(False, title, (f"Scores or label differ for image {some}.",))
    every = "the image" if asked == 1 else f"all {asked:,} images"
    return Verdict(True, f"Every score and label of {every} is the reference's", _rate(run))


def _of(count: int, asked: int) -> str:
    return f"{count:,} of {asked:,} image{'s' * (asked != 1)}"


def _rate(run: Run) -> tuple[str, ...]:
    found, planned = run.record["ii_cycles"], run.record["planned_ii_cycles"]
    if found is None:
        return ("The interval is not measured with a single image.",)
    if found == planned:
        return (f"An image every {found:,} cycle{'s' * (found != 1)}, as planned.",)
    return (f"An image every {found:,} cycles, where {planned:,} were planned.",)


def _cards(run: Run) -> list[Card]:
    """What the run measured."""
    if run.record is None:
        return []
    record = run.record
    cards = []
    if record["correct"] is not None:
        share = 100 * record["correct"] / record["images"]
        cards.append(Card("right labels", f"{share:.1f} %", f"{record['correct']:,} of {record['images']:,}"))
    if record["fps"] is not None:
        cards.append(Card("images a second", f"{record['fps']:,.0f}", f"measured, at {record['clock_mhz']:g} MHz"))
        cards.append(
            Card(
                "cycles an image", f"{record['ii_cycles']:,}", _beside(record["ii_cycles"], record["planned_ii_cycles"])
            )
        )
    found = record["latency_cycles"]
    note = f"{found:,} cycles, {_beside(found, record['planned_latency_cycles'])}"
    cards.append(Card("latency", f"{record['latency_us']:,.2f} µs", note))
    return cards


def _beside(found: int, planned: int) -> str:
    return "as planned" if found == planned else f"planned {planned:,}"


def _planned(run: Run) -> tuple[list[Part], list[Card]]:
    """The parts and cards of the plan, made anew from its folding."""
    try:
        plan, device, limit = _plan(run)
        seen = _measured(run.folder, plan)
    except InputError as error:
        return [
            missing("plan", "Plan", f"Left out, since the plan in the work folder does not tell enough: {error}")
        ], []
    versions = {"simulator": version(run.tool), "request": str(run.request.get("digest", "not known"))}
    cards = plan_parts.cards(plan, limit)
    kept = [card for card in cards if run.record is None or card.name in ("LUT", "BRAM36")]
    return plan_parts.parts(plan, device, limit, versions, seen), kept


def _plan(run: Run) -> tuple[NetworkPlan, str, Resources]:
    """The plan, the device that it is for, and what that has. Raises InputError."""
    path = run.folder / PLAN_FILE
    plan = plan_network(run.network, folding.load(path, run.network), run.design.clock_mhz)
    if accelerator.plan_json(plan) != path.read_text(encoding="utf-8"):
        raise InputError(f"{path}: another version of finn-gen made it")
    first, *_ = family.get(plan.folding.family).devices
    usual = family.DEFAULT_DEVICE if family.of_device(family.DEFAULT_DEVICE).name == plan.folding.family else first
    device = run.request.get("device", usual)
    return plan, device, limit_of(device)


def _measured(folder: Path, plan: NetworkPlan) -> Measured | None:
    return activity.read(folder, len(plan.stages))


def version(tool: str) -> str:
    """A simulator and its version, its name alone where it does not say."""
    try:
        said = subprocess.run(VERSION[tool], capture_output=True, text=True, timeout=20).stdout
    except (OSError, KeyError, subprocess.TimeoutExpired):
        said = ""
    line = said.strip().split("\n")[0]
    return re.sub(r"\s+", " ", line) or tool
