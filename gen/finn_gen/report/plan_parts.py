# SPDX-License-Identifier: Apache-2.0
"""The parts of a report that a plan gives, with what a simulation measured beside it where there was one."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from finn_gen import __version__
from finn_gen.emit import accelerator
from finn_gen.family.resources import Resources
from finn_gen.plan.chain import Stage, total
from finn_gen.plan.network import NetworkPlan
from finn_gen.report.measured import Activity, Measured
from finn_gen.report.page import Card, Part, Verdict, missing, page, part
from finn_gen.report.roofline import roofline
from finn_gen.report.timeline import IMAGES, timeline
from finn_gen.timing import chain as cycle_model


@dataclass(frozen=True)
class StageRow:
    """A stage: the share of the interval that its own cycles are, and what it was seen doing."""

    name: str
    kind: str
    cycles: int
    planned: float
    seen: Activity | None


@dataclass(frozen=True)
class FifoRow:
    """A FIFO: bits of a word, words that it holds, the most that it held by the model and in simulation."""

    name: str
    width: int
    depth: int
    style: str
    planned: int
    found: int | None


@dataclass(frozen=True)
class SizeRow:
    """What a layer or a kind of core takes, and its shares of all."""

    name: str
    stages: int
    used: Resources
    whole: Resources

    def share(self, kind: str) -> float:
        """Of all LUTs, FFs or block RAMs."""
        return getattr(self.used, kind) / max(1, getattr(self.whole, kind))


def of_plan(plan: NetworkPlan, device: str, limit: Resources, request: Mapping[str, str]) -> str:
    """The page for a plan that was not simulated; `request` is what was asked, to print."""
    verdict = Verdict(None, "Planned, not simulated", ("make run REPORT=1 puts what a simulation measures beside it.",))
    return page(
        f"{plan.module}, {plan.folding.name}",
        f"Plan of an accelerator for {device}",
        verdict,
        cards(plan, limit),
        parts(plan, device, limit, request),
    )


def cards(plan: NetworkPlan, limit: Resources) -> list[Card]:
    """The plan's main figures."""
    used = plan.resources
    return [
        Card("images a second", f"{plan.fps:,.0f}", f"planned, at {plan.clock_mhz:g} MHz"),
        Card("cycles an image", f"{plan.interval:,}", "planned interval"),
        Card("latency", f"{plan.latency / plan.clock_mhz:,.2f} µs", f"{plan.latency:,} cycles planned"),
        Card("LUT", f"{used.lut:,}", f"{100 * used.lut / limit.lut:.1f} % of the device"),
        Card("BRAM36", f"{used.bram18 / 2:,g}", f"{100 * used.bram18 / limit.bram18:.1f} % of the device"),
    ]


def parts(
    plan: NetworkPlan,
    device: str,
    limit: Resources,
    about: Mapping[str, str],
    measured: Measured | None = None,
) -> list[Part]:
    """All parts, in order; `about` are more lines for the last one, versions and digests."""
    images = IMAGES if measured is None else max(IMAGES, measured.first.shape[1])
    trace = cycle_model.trace([stage.plan for stage in plan.stages], images)
    seen: list[Activity | None] = [None] * len(plan.stages)
    if measured is not None and len(measured.activity) == len(plan.stages):
        seen = list(measured.activity)
    return [
        timeline_part(plan, trace, measured),
        stages_part(plan, seen),
        fifos_part(plan, trace.high_water, seen),
        resources_part(plan, device, limit),
        roofline_part(plan, device, limit),
        folding_part(plan),
        versions_part(plan, about),
    ]


def timeline_part(plan: NetworkPlan, trace: cycle_model.Trace, measured: Measured | None) -> Part:
    """When three images pass the stages."""
    names = ("input stream", *map(plan.inner_name, plan.stages))
    layers = ("", *(stage.layer for stage in plan.stages))
    found = timeline(names, layers, np.asarray(trace.first), np.asarray(trace.last), measured)
    return part("timeline", "Timeline", chart=found)


def stages_part(plan: NetworkPlan, seen: list[Activity | None]) -> Part:
    """What keeps every stage busy."""
    rows = [
        StageRow(plan.inner_name(stage), stage.ip.name, stage.cycles, stage.cycles / plan.interval, activity)
        for stage, activity in zip(plan.stages, seen, strict=True)
    ]
    limits = [plan.inner_name(stage) for stage in plan.limiting]
    return part("stages", "Busy, starved, stalled", rows=rows, limits=limits, measured=any(seen))


def fifos_part(plan: NetworkPlan, planned: tuple[int | None, ...], seen: list[Activity | None]) -> Part:
    """How full FIFOs get."""
    rows = [
        FifoRow(
            plan.inner_name(stage),
            stage.plan.ports.out_width,
            stage.plan.capacity,
            stage.plan.style,
            most or 0,
            activity.high_water if activity else None,
        )
        for stage, most, activity in zip(plan.stages, planned, seen, strict=True)
        if stage.inserted
    ]
    if not rows:
        return missing("fifos", "FIFOs", "This plan needs no FIFO.")
    return part("fifos", "FIFOs", rows=rows, measured=any(seen), smallest=plan.smallest_fifos)


def resources_part(plan: NetworkPlan, device: str, limit: Resources) -> Part:
    """What is taken by layer and by kind of core."""
    used = plan.resources
    shares = [
        ("LUT", used.lut, limit.lut),
        ("FF", used.ff, limit.ff),
        ("BRAM36", used.bram18 / 2, limit.bram18 / 2),
    ]
    return part(
        "resources",
        "Resources",
        device=device,
        shares=shares,
        used=used,
        by_layer=_sizes(plan, [stage.layer for stage in plan.stages]),
        by_kind=_sizes(plan, [stage.ip.name for stage in plan.stages]),
    )


def _sizes(plan: NetworkPlan, groups: Iterable[str]) -> list[SizeRow]:
    found: dict[str, list[Stage]] = {}
    for name, stage in zip(groups, plan.stages, strict=True):
        found.setdefault(name, []).append(stage)
    return [SizeRow(name, len(stages), total(stages), plan.resources) for name, stages in found.items()]


def roofline_part(plan: NetworkPlan, device: str, limit: Resources) -> Part:
    """What bounds the rate."""
    found = roofline(plan, limit, device)
    if found is None:
        return missing("roofline", "Roofline", "The network has no layer with weights.")
    return part("roofline", "Roofline", chart=found, fps=plan.fps)


def folding_part(plan: NetworkPlan) -> Part:
    """PE and SIMD of every layer."""
    cycles = {layer.name: 0 for layer in plan.network.layers}
    storage: dict[str, str] = {}
    for stage in plan.stages:
        cycles[stage.layer] = max(cycles.get(stage.layer, 0), stage.cycles)
        facts = stage.ip.facts(stage.plan)
        if facts.pe:
            storage[stage.layer] = facts.holds
    rows = [
        (layer, plan.folding.layers.get(layer.name), storage.get(layer.name, ""), cycles[layer.name])
        for layer in plan.network.layers
    ]
    return part("folding", "Folding", name=plan.folding.name, rows=rows, interval=plan.interval)


def versions_part(plan: NetworkPlan, about: Mapping[str, str]) -> Part:
    """What made this, to make it again."""
    lines = {
        "finn-gen": __version__,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "plan": accelerator.digest(plan),
        "parameters (SHA-256)": accelerator.parameters_digest(plan),
        **about,
    }
    return part("versions", "Versions and digests", lines=lines)
