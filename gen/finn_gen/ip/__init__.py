# SPDX-License-Identifier: Apache-2.0
"""The IPs that can be generated, each a module of this package that exports `IP`."""

import hashlib
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.base.params import Param, check_module_name, check_params
from finn_gen.base.registers import RegisterMap

NAMES = ("ctrl", "dma", "dwc", "fifo", "label", "mvtu", "pad", "pool", "swg")


@dataclass(frozen=True)
class Benchmark:
    """A parameter set whose size is measured. `asked` bounds figures of `area.Area` from above."""

    name: str
    values: Mapping[str, Any]
    asked: Mapping[str, float]


@dataclass(frozen=True)
class Ip:
    """A generator of one kind of core.

    `plan` takes checked parameter values and returns a frozen dataclass of numbers, with at least `module`
    (the name of the Verilog module) and `modules` (the building blocks of rtl/ that it instantiates).
    `emit` turns a plan into text: relative path to content. `examples` are parameter sets that between them
    render every structure there is; lint goes over them. `benchmarks` are those whose size the IP's page states.
    """

    name: str
    summary: str
    params: tuple[Param, ...]
    plan: Callable[[dict[str, Any]], Any]
    emit: Callable[[Any], dict[str, str | bytes]]
    examples: tuple[Mapping[str, Any], ...]
    benchmarks: tuple[Benchmark, ...]

    def build(self, values: Mapping[str, Any]) -> Any:
        """The plan for `values` (defaults fill in the rest); InputError names the value, the rule, what is legal."""
        checked = check_params(self.name, self.params, values)
        check_module_name(self.name, checked["name"])
        return self.plan(checked)


def get(name: str) -> Ip:
    """The IP called `name`, or InputError."""
    if name not in NAMES:
        raise InputError(f"there is no IP {name!r}; legal are {', '.join(NAMES)}")
    return importlib.import_module(f"finn_gen.ip.{name}.plan").IP


def register_map(name: str, plan: Any) -> RegisterMap | None:
    """The registers of a core of the IP `name` behind its AXI-Lite slave, or None if it has none."""
    described = getattr(importlib.import_module(f"finn_gen.ip.{name}.plan"), "register_map", None)
    return described(plan) if described else None


def bus_parameters(name: str, plan: Any) -> dict[str, dict[str, int]]:
    """Parameters of bus interfaces that no port shows, as MAX_BURST_LENGTH, by interface and Vivado's name."""
    described = getattr(importlib.import_module(f"finn_gen.ip.{name}.plan"), "bus_parameters", None)
    return described(plan) if described else {}


def plan_json(plan: Any) -> str:
    """A plan as JSON, the same bytes for the same plan."""
    return json.dumps(asdict(plan), indent=1, sort_keys=True) + "\n"


def digest(plan: Any) -> str:
    """Twelve hexadecimal digits that stand in the header of what a plan was rendered to."""
    return hashlib.sha256(plan_json(plan).encode()).hexdigest()[:12]
