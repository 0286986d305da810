# SPDX-License-Identifier: Apache-2.0
"""The IPs that can be generated, each a package in this one that exports `IP`.

    params   what is asked: a frozen dataclass, from which the checks, the command line and the pages follow
    plan     what is built: numbers
    text     what a template cannot say by itself, and the files of a core; without it `rendered` emits the one file
    timing   its cycle-accurate model, for IPs that are stages of a chain
    area     its size, estimated
    clock    how long its paths are, at most, by the model of a family

A package that is put here is found by everything that goes over all IPs.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from finn_gen import family
from finn_gen.base.digest import digest
from finn_gen.base.errors import InputError
from finn_gen.base.params import CoreParams, check_module_name
from finn_gen.base.registers import RegisterMap
from finn_gen.base.template import render
from finn_gen.family.delays import Clock, Delays
from finn_gen.family.resources import Resources
from finn_gen.timing.actor import Timing

Files = dict[str, str | bytes]
"""Relative path -> content."""


@dataclass(frozen=True)
class Benchmark:
    """A parameter set whose size is measured. `asked` bounds figures of `family.xc7.synthesis.Area` from above."""

    name: str
    values: Mapping[str, Any]
    asked: Mapping[str, float]


@dataclass(frozen=True)
class Block:
    """An instance of a building block: its parameters, as text, and the bits of outputs that are left unused."""

    module: str
    parameters: Mapping[str, str]
    unused: Mapping[str, int]


@dataclass(frozen=True)
class Facts:
    """What tables say of a core: rows and columns a cycle, where those are chosen, and what it holds, in words."""

    pe: int | None = None
    simd: int | None = None
    holds: str = ""


def _no_facts(_: Any) -> Facts:
    return Facts()


def _no_registers(_: Any) -> None:
    return None


def _no_bus_parameters(_: Any) -> dict[str, dict[str, int]]:
    return {}


@dataclass(frozen=True)
class Ip:
    """A generator of one kind of core.

    params      class of the checked parameters
    plan_type   class of its plans: frozen, numbers, with at least `module` (the name of the Verilog module), `modules`
                (the building blocks of rtl/ that it instantiates) and `params`
    plan        parameters -> plan; InputError for what cannot be built
    emit        plan -> the files of the core
    area        plan -> estimated size, synthesized alone
    clock       plan, delays of a family -> how long its paths are at most
    area_inside plan -> estimated size as a stage of a chain, where that differs; else None
    timing      the cycle-accurate model; None for an IP that is no stage of a chain
    facts       plan -> what tables say of it
    registers   plan -> registers behind its AXI4-Lite slave, None if it has none
    bus_parameters  plan -> parameters of bus interfaces that no port shows, by interface and Vivado's name
    block       plan -> the building block that a stage of a chain is an instance of, instead of a module of its own
    examples    parameter sets that between them render every structure there is; lint goes over them
    benchmarks  those whose size the IP's page states
    """

    name: str
    summary: str
    params: type[CoreParams]
    plan_type: type
    plan: Callable[[Any], Any]
    emit: Callable[[Any], Files]
    area: Callable[[Any], Resources]
    clock: Callable[[Any, Delays], Clock]
    examples: tuple[Mapping[str, Any], ...]
    benchmarks: tuple[Benchmark, ...] = ()
    area_inside: Callable[[Any], Resources] | None = None
    timing: Timing | None = None
    block: Callable[[Any], Block] | None = None
    facts: Callable[[Any], Facts] = _no_facts
    registers: Callable[[Any], RegisterMap | None] = _no_registers
    bus_parameters: Callable[[Any], dict[str, dict[str, int]]] = _no_bus_parameters

    def check(self, values: Mapping[str, Any]) -> Any:
        """The parameters for `values`, defaults filled in; InputError names the value, the rule, what is legal."""
        params = self.params.of(self.name, values)
        check_module_name(self.name, params.name)
        family.get(params.family)
        return params

    def build(self, values: Mapping[str, Any]) -> Any:
        """The plan for `values`; InputError as `check`, and for what cannot be built."""
        return self.plan(self.check(values))


def rendered(template: str) -> Callable[[Any], Files]:
    """The `emit` of an IP of one file, whose template (a path below the library's root) needs no phrases of its own.

    It is given the plan, its parameters as `params`, and the digest for the file's header.
    """

    def emit(plan: Any) -> Files:
        return {f"{plan.module}.v": render(template, plan=plan, params=plan.params, digest=digest(plan))}

    return emit


NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def get(name: str) -> Ip:
    """The IP called `name`, or InputError."""
    if name not in NAMES:
        raise InputError(f"there is no IP {name!r}; legal are {', '.join(NAMES)}")
    return importlib.import_module(f"finn_gen.ip.{name}").IP


@functools.cache
def every() -> tuple[Ip, ...]:
    """All IPs, by name."""
    return tuple(get(name) for name in NAMES)


@functools.cache
def _by_plan() -> dict[type, Ip]:
    return {ip.plan_type: ip for ip in every()}


def of(plan: Any) -> Ip:
    """The IP that a plan is of; TypeError for what is no plan."""
    found = _by_plan().get(type(plan))
    if not found:
        raise TypeError(f"{type(plan).__name__} is no plan of an IP; there are {', '.join(NAMES)}")
    return found


def estimate(plan: Any, inside: bool = False) -> Resources:
    """What a core takes that is rendered from `plan`, from the plan alone, in well under a millisecond.

    `inside` it is a stage of a chain.
    """
    core = of(plan)
    counted = core.area_inside(plan) if inside and core.area_inside else core.area(plan)
    return family.get(plan.params.family).costs.scaled(counted)


def clock(plan: Any, delays: Delays) -> Clock:
    """How long the paths of a core are that is rendered from `plan`, at most, from the plan alone."""
    return of(plan).clock(plan, delays)
