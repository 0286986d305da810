# SPDX-License-Identifier: Apache-2.0
"""From the plan of a network to the files of its accelerator. No decision here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import yaml

from finn_gen import __version__, ip, network_files
from finn_gen.folding import legal_pe, legal_simd
from finn_gen.input_stage import padded_columns
from finn_gen.library import building_block, xc7_twin
from finn_gen.plan import NetworkPlan, Stage
from finn_gen.template import render


def plan_json(plan: NetworkPlan) -> str:
    """The plan as JSON, the same bytes for the same plan; its `folding` can be given to `finn-gen` again."""
    folding = {
        "format": 1,
        "name": plan.folding.name,
        "target": plan.folding.target,
        "input_width": plan.folding.input_width,
        "packed": plan.folding.packed,
        "reload": plan.folding.reload,
        "layers": {name: asdict(fold) for name, fold in plan.folding.layers.items()},
        "fifos": dict(plan.folding.fifos),
    }
    document = {
        "generator": f"finn-gen {__version__}",
        "network": plan.module,
        "parameters": parameters_digest(plan),
        "clock_mhz": plan.clock_mhz,
        "interval": plan.interval,
        "latency": plan.latency,
        "fps": round(plan.fps, 1),
        "input": asdict(plan.input),
        "scores": {
            "stage": plan.stages[plan.scores_stage].name,
            "count": plan.scores,
            "width": plan.score_width,
            "signed": plan.score_signed,
        },
        "label": plan.marked,
        "resources": asdict(plan.resources),
        "limited_by": [stage.name for stage in plan.limiting],
        "stages": [_stage_json(stage, legal_values(plan, stage.layer)) for stage in plan.stages],
        "folding": folding,
    }
    return json.dumps(document, indent=1) + "\n"


def _stage_json(stage: Stage, legal: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    kept = {
        "name": stage.name,
        "ip": stage.ip,
        "layer": stage.layer,
        "in_width": stage.plan.in_width,
        "out_width": stage.plan.out_width,
        "in_words": stage.in_words,
        "out_words": stage.out_words,
        "cycles": stage.cycles,
        "latency": stage.plan.latency,
        "resources": asdict(stage.resources),
        "values": dict(stage.values),
    }
    if stage.ip == "mvtu":
        kept["storage"] = stage.plan.weights.storage
        kept["legal"] = dict(legal)
    return kept


def legal_values(plan: NetworkPlan, layer: str) -> dict[str, tuple[int, ...]]:
    """PE and SIMD that a conv or dense layer of the plan could have; empty for any other name."""
    for known in plan.network.layers:
        if known.name == layer and known.matrix:
            padded = padded_columns(plan.network, known, plan.input)
            return {"pe": legal_pe(known), "simd": legal_simd(known, padded)}
    return {}


def parameters_digest(plan: NetworkPlan) -> str:
    """SHA-256 of all weights and thresholds, in hexadecimal."""
    found = hashlib.sha256()
    for layer in plan.network.layers:
        if layer.matrix:
            found.update(layer.matrix.weights.tobytes())
            if layer.matrix.thresholds is not None:
                found.update(layer.matrix.thresholds.tobytes())
    return found.hexdigest()


def digest(plan: NetworkPlan) -> str:
    """Twelve hexadecimal digits that stand in the header of what the plan was rendered to."""
    return hashlib.sha256(plan_json(plan).encode()).hexdigest()[:12]


def stage_files(stage: Stage) -> dict[str, str | bytes]:
    """What is generated for one stage; a FIFO is nothing but an instance of finn_fifo."""
    if stage.ip == "fifo":
        return {}
    if stage.ip == "input":
        text = render("accel/common/input.v.j2", plan=stage.plan, digest=ip.digest(stage.plan))
        return {f"{stage.plan.module}.v": text}
    return ip.get(stage.ip).emit(stage.plan)


def design_files(plan: NetworkPlan, observed: bool = False) -> dict[str, str | bytes]:
    """The accelerator's own files: Verilog, memories and the plan.

    Where it is `observed`, it has the ports boundary_valid and boundary_ready, which show every stream inside.
    """
    files: dict[str, str | bytes] = {}
    for stage in plan.stages:
        files |= stage_files(stage)
    files[f"{plan.module}.v"] = render("accel/common/accelerator.v.j2", observed=observed, **_values(plan))
    files[f"{plan.module}.plan.json"] = plan_json(plan)
    return files


def _values(plan: NetworkPlan) -> dict[str, Any]:
    return {"plan": plan, "stages": plan.stages, "digest": digest(plan), "describe": describe, "net": plan.inner_name}


def accelerator_files(plan: NetworkPlan) -> dict[str, str | bytes]:
    """`design_files` and the testbench."""
    testbench = render("accel/common/testbench.v.j2", **_values(plan))
    return design_files(plan) | {f"{plan.module}_tb.v": testbench}


def modules(plan: NetworkPlan) -> tuple[str, ...]:
    """Building blocks of rtl/ that the accelerator instantiates."""
    used = {module for stage in plan.stages for module in stage.plan.modules}
    return tuple(sorted(used if plan.marked else used | {"finn_frame_marker"}))


def folder_files(plan: NetworkPlan) -> dict[str, str | bytes]:
    """A folder that stands alone: `accelerator_files`, the building blocks, and lists of the Verilog files.

    `<net>.f` lists what is synthesized, `<net>_tb.f` what is simulated, `<net>.xc7.f` the first with building
    blocks in primitives of 7-series, which lie in `xc7/`.
    """
    own = accelerator_files(plan)
    testbench = f"{plan.module}_tb.v"
    files = stand_alone(plan.module, modules(plan), {name: text for name, text in own.items() if name != testbench})
    return files | {testbench: own[testbench], f"{plan.module}_tb.f": f"{files[f'{plan.module}.f']}{testbench}\n"}


def stand_alone(top: str, blocks: Sequence[str], own: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    """`own` files with the building blocks they instantiate, and lists of the Verilog files, the top's last.

    `<top>.f` takes the plain building blocks, `<top>.xc7.f` those in primitives of 7-series, which lie in `xc7/`.
    """
    verilog = [path for path in own if path.endswith(".v")]
    plain = {f"{module}.v": building_block(module).read_text() for module in blocks}
    twins = {module: path for module in blocks if (path := xc7_twin(module))}
    lists = {f"{top}.f": [*plain, *verilog]}
    if twins:
        chosen = [f"xc7/{module}.v" if module in twins else f"{module}.v" for module in blocks]
        lists[f"{top}.xc7.f"] = [*chosen, *verilog]
    files = {**plain, **own, **{f"xc7/{module}.v": path.read_text() for module, path in twins.items()}}
    return files | {name: "".join(f"{path}\n" for path in paths) for name, paths in lists.items()}


def fusesoc_files(vlnv: str, plan: NetworkPlan) -> dict[str, str | bytes]:
    """A generated accelerator for FuseSoC: `accelerator_files`, the network for the reference, and a `.core`.

    The building blocks come from what the calling core depends on. Its top is that of the targets that ask for the
    testbench by the flag finn_testbench, `<net>_tb`, else `<net>`.
    """
    files = accelerator_files(plan)
    network = network_files.to_files(plan.network)
    testbench = f"{plan.module}_tb.v"
    verilog = [path for path in files if path.endswith(".v") and path != testbench]
    memories = [path for path in files if path.endswith(".mem")]
    copied = {f"{plan.module}.plan.json": "finn.plan.json", **{name: name for name in network}}
    core = {
        "name": vlnv,
        "description": f"Generated by finn-gen: {plan.module}",
        "filesets": {
            "rtl": {
                "files": [*verilog, *({path: {"file_type": "user", "copyto": path}} for path in memories)],
                "file_type": "verilogSource",
            },
            "plan": {
                "files": [{name: {"copyto": copy}} for name, copy in copied.items()],
                "file_type": "user",
            },
            "testbench": {"files": [testbench], "file_type": "verilogSource"},
        },
        "targets": {
            "default": {"filesets": ["rtl", "plan", "finn_testbench? (testbench)"]},
        },
    }
    return files | network | {f"{plan.module}.core": "CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False)}


def describe(stage: Stage) -> str:
    """A stage in a line: what passes, in how many cycles."""
    words = f"{stage.in_words} words of {stage.plan.in_width} bits an image"
    if stage.ip == "fifo":
        return f"{stage.ip}: {stage.plan.depth} word{'s' * (stage.plan.depth > 1)} of {stage.plan.width} bits"
    after = f"{stage.out_words} of {stage.plan.out_width} bits"
    return f"{stage.ip}: {words} in, {after} out; {stage.cycles} cycles"
