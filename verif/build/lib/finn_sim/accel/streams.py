# SPDX-License-Identifier: Apache-2.0
"""The streams between the stages of an accelerator, as its test bench's signals, by layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finn_verif.plan import FILE as PLAN_FILE
from finn_verif.waves import Groups, Signal


def groups(folder: Path) -> Groups:
    """The streams of the accelerator whose plan lies in the work folder of a simulator; its test bench is the top."""
    plan = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
    return of_plan(plan, f"{plan['network']}_tb", f"{plan['network']}_tb.dut")


def of_plan(plan: Mapping[str, Any], ports: str, inside: str) -> Groups:
    """The streams of a plan, as finn_gen.emit.accelerator.plan_json writes it: a group a layer, input first.

    ports, inside  full names of the scopes with the accelerator's own streams, and with those between its stages
    """
    stages = plan["stages"]
    found: dict[str, list[Signal]] = {
        "clock": [Signal(f"{ports}.aclk"), Signal(f"{ports}.aresetn")],
        "images": [*_stream(f"{ports}.s_axis", stages[0]["in_width"]), Signal(f"{ports}.s_axis_tlast")],
    }
    for stage in stages[:-1]:
        inner = stage["name"].removeprefix(f"{plan['network']}_")
        found.setdefault(stage["layer"], []).extend(_stream(f"{inside}.{inner}", stage["out_width"]))
    found["answers"] = [*_stream(f"{ports}.m_axis", stages[-1]["out_width"]), Signal(f"{ports}.m_axis_tlast")]
    return found


def _stream(name: str, width: int) -> list[Signal]:
    """The signals of a stream whose words have `width` bits, padded to bytes."""
    return [Signal(f"{name}_tvalid"), Signal(f"{name}_tready"), Signal(f"{name}_tdata", -(-width // 8) * 8)]
