# SPDX-License-Identifier: Apache-2.0
"""The page of a run of a whole system: driver, control, DMA, accelerator and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from finn_gen.family.resources import Resources
from finn_gen.plan.network import NetworkPlan
from finn_gen.report import plan_parts
from finn_gen.report.page import Card, Verdict, page, part
from finn_sim import reference
from finn_sim.page.accelerator import version
from finn_sim.page.shown import PACKAGE, Said, confusion_part, pictures_part
from finn_sim.pictures import Pictures

JUDGED = "The driver compares answers with the reference; scores are the reference's."


@dataclass(frozen=True, eq=False)
class System:
    """A system that was to be simulated.

    classes  names of the scores
    scores   of the reference, int64 [N, K] for the N pictures
    limit    what `device` has
    """

    plan: NetworkPlan
    device: str
    limit: Resources
    pictures: Pictures
    classes: Sequence[str]
    scores: np.ndarray


def system_page(system: System, record: Mapping[str, Any] | None, failure: str = "") -> str:
    """The page: `record` is what `finn_sim.system.classify` wrote, None of a run that did not come to its end."""
    plan, parts, cards = system.plan, [], []
    if record:
        answers = np.asarray(record["answers"])[: len(system.pictures)]
        labels = answers.reshape(-1) if plan.marked else reference.labels(answers)
        said = [
            Said(index, int(label), scores, int(label) == int(np.argmax(scores)))
            for index, (label, scores) in enumerate(zip(labels, system.scores.tolist(), strict=True))
        ]
        parts = [
            pictures_part(system.pictures, system.classes, said, JUDGED),
            confusion_part(system.pictures, system.classes, said),
            part("system", "The system", PACKAGE, record=record),
        ]
        found, fps = record["sustained_interval_cycles"], record["throughput_test"]["throughput[images/s]"]
        cards = [
            Card("cycles an image", f"{found:,.2f}", f"sustained, planned {record['planned_interval_cycles']:,}"),
            Card("images a second", f"{fps:,.0f}", "one job, with filling the pipeline"),
        ]
    kept = [card for card in plan_parts.cards(plan, system.limit) if not record or card.name in ("LUT", "BRAM36")]
    about = {"simulator": version("verilator")}
    return page(
        f"{plan.module}, {plan.folding.name}",
        "A system with driver, control, DMA, accelerator and memory, simulated in Verilator",
        _verdict(record, failure),
        [*cards, *kept],
        [*parts, *plan_parts.parts(plan, system.device, system.limit, about)],
    )


def _verdict(record: Mapping[str, Any] | None, failure: str) -> Verdict:
    if record is None:
        return Verdict(False, "FAILED: the simulation did not come to its end", (failure,))
    if failure:
        return Verdict(False, f"FAILED: {failure}")
    title = f"All {record['images']:,} answers are the reference's"
    lines = f"An image every {record['sustained_interval_cycles']:,.2f} cycles in the steady state."
    return Verdict(True, title, (lines, "Cycles of single stages are measured by make run REPORT=1."))
