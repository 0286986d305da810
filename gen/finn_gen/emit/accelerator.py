# SPDX-License-Identifier: Apache-2.0
"""From the plan of a network to the files of its accelerator. No decision here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from finn_gen import __version__
from finn_gen.base.digest import digest_of
from finn_gen.base.template import render
from finn_gen.base.words import counted
from finn_gen.emit.bundle import Bundle
from finn_gen.formats import description
from finn_gen.formats.description import REQUEST_FILE
from finn_gen.ip import Files
from finn_gen.ip.input.plan import InputPlan
from finn_gen.plan import folding
from finn_gen.plan.chain import Stage
from finn_gen.plan.network import NetworkPlan


def plan_json(plan: NetworkPlan) -> str:
    """The plan as JSON, the same bytes for the same plan; its `folding` can be given to `finn-gen` again."""
    document = {
        "generator": f"finn-gen {__version__}",
        "network": plan.module,
        "parameters": parameters_digest(plan),
        "clock_mhz": plan.clock_mhz,
        "interval": plan.interval,
        "latency": plan.latency,
        "fps": round(plan.fps, 1),
        "input": _input_json(plan.input),
        "scores": {
            "stage": plan.stages[plan.scores_stage].name,
            "count": plan.scores,
            "width": plan.score_width,
            "signed": plan.score_signed,
        },
        "label": plan.marked,
        "resources": asdict(plan.resources),
        "limited_by": [stage.name for stage in plan.limiting],
        "stages": [_stage_json(stage, plan.legal(stage.layer)) for stage in plan.stages],
        "folding": folding.described(plan.folding),
    }
    return json.dumps(document, indent=1) + "\n"


def _input_json(stage: InputPlan) -> dict[str, Any]:
    asked = stage.params
    return {
        "module": stage.module,
        "modules": stage.modules,
        "encoding": asked.encoding,
        "packed": asked.packed,
        "convert": stage.convert,
        "lanes": stage.lanes,
        "word_width": asked.word_width,
        "words": stage.words,
        "last_bits": stage.last_bits,
        **asdict(stage.ports),
        "latency": stage.latency,
    }


def _stage_json(stage: Stage, legal: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    kept = {
        "name": stage.name,
        "ip": stage.ip.name,
        "layer": stage.layer,
        "in_width": stage.plan.ports.in_width,
        "out_width": stage.plan.ports.out_width,
        "in_words": stage.in_words,
        "out_words": stage.out_words,
        "cycles": stage.cycles,
        "latency": stage.plan.latency,
        "resources": asdict(stage.resources),
        "values": stage.plan.params.asked,
    }
    facts = stage.ip.facts(stage.plan)
    if facts.pe:
        kept |= {"storage": facts.holds, "legal": dict(legal)}
    return kept


def parameters_digest(plan: NetworkPlan) -> str:
    """SHA-256 of all that is computed with, in hexadecimal."""
    found = hashlib.sha256()
    for layer in plan.network.layers:
        if layer.matrix:
            found.update(layer.matrix.weights.tobytes())
            for numbers in (layer.matrix.thresholds, layer.matrix.biases):
                if numbers is not None:
                    found.update(numbers.tobytes())
            if layer.matrix.fraction:
                found.update(bytes([layer.matrix.fraction]))
    return found.hexdigest()


def digest(plan: NetworkPlan) -> str:
    """Twelve hexadecimal digits that stand in the header of what the plan was rendered to."""
    return digest_of(plan_json(plan))


def stage_files(stage: Stage) -> Files:
    """What is generated for one stage, unless it is nothing but an instance of a building block."""
    return {} if stage.ip.block else stage.ip.emit(stage.plan)


def design_files(plan: NetworkPlan, observed: bool = False) -> Files:
    """The accelerator's own files: Verilog, memories and the plan.

    Where it is `observed`, it has the ports boundary_valid and boundary_ready, which show every stream inside.
    """
    files: Files = {}
    for stage in plan.stages:
        files |= stage_files(stage)
    files[f"{plan.module}.v"] = render("accel/common/accelerator.v.j2", observed=observed, **_values(plan))
    files[f"{plan.module}.plan.json"] = plan_json(plan)
    return files


def _values(plan: NetworkPlan) -> dict[str, Any]:
    return {"plan": plan, "stages": plan.stages, "digest": digest(plan), "describe": describe, "net": plan.inner_name}


def accelerator_files(plan: NetworkPlan) -> Files:
    """`design_files` and the testbench."""
    testbench = render("accel/common/testbench.v.j2", **_values(plan))
    return design_files(plan) | {f"{plan.module}_tb.v": testbench}


def modules(plan: NetworkPlan) -> tuple[str, ...]:
    """Building blocks of rtl/ that the accelerator instantiates."""
    used = {module for stage in plan.stages for module in stage.plan.modules}
    return tuple(sorted(used if plan.marked else used | {"finn_frame_marker"}))


def bundle(plan: NetworkPlan) -> Bundle:
    """The accelerator and its testbench."""
    return Bundle(plan.module, accelerator_files(plan), modules(plan), f"{plan.module}_tb.v")


def fusesoc_files(vlnv: str, plan: NetworkPlan, request: Mapping[str, Any] | None = None) -> Files:
    """A generated accelerator for FuseSoC, the network for the reference, and a `.core`.

    What was asked, by which runs of accelerators of the same name are told apart, comes along as finn.request.json.

    The building blocks come from what the calling core depends on. Its top is that of the targets that ask for the
    testbench by the flag finn_testbench, `<net>_tb`, else `<net>`.
    """
    network = description.to_files(plan.network)
    if request is not None:
        network[REQUEST_FILE] = json.dumps(dict(request)) + "\n"
    copied = {f"{plan.module}.plan.json": "finn.plan.json", **{name: name for name in network}}
    built = bundle(plan)
    return built.own | network | {f"{plan.module}.core": built.fusesoc_core(vlnv, copied, toplevel=False)}


def describe(stage: Stage) -> str:
    """A stage in a line: what passes, in how many cycles."""
    if stage.inserted:
        return f"{stage.ip.name}: {stage.ip.facts(stage.plan).holds} of {counted(stage.plan.ports.out_width, 'bit')}"
    words = f"{counted(stage.in_words, 'word')} of {counted(stage.plan.ports.in_width, 'bit')} an image"
    after = f"{stage.out_words} of {counted(stage.plan.ports.out_width, 'bit')}"
    return f"{stage.ip.name}: {words} in, {after} out; {counted(stage.cycles, 'cycle')}"
