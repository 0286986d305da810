# SPDX-License-Identifier: Apache-2.0
"""The clock that an accelerator reaches at least, by the model of its family, and the path that limits it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finn_gen import family, ip
from finn_gen.base.errors import InputError
from finn_gen.family.delays import Delays, Path
from finn_gen.plan.chain import Stage
from finn_gen.plan.network import NetworkPlan

DEFAULT_MHZ = 200.0
"""Of a plan for which no clock is asked."""


@dataclass(frozen=True)
class Limit:
    """The longest path of an accelerator, and the stage in which it ends."""

    stage: str
    path: Path


def limit(stages: Sequence[Stage], delays: Delays) -> Limit:
    """The longest path within the stages and between them."""
    return max(_paths(stages, delays), key=lambda found: found.path.ns)


def _paths(stages: Sequence[Stage], delays: Delays) -> Iterator[Limit]:
    clocks = [ip.clock(stage.plan, delays) for stage in stages]
    for stage, clock in zip(stages, clocks, strict=True):
        yield Limit(stage.name, clock.slowest)
    # A net from a stage to another also drives what the former reads of it.
    joined = delays.doubled
    for (before, sends), (after, takes) in itertools.pairwise(zip(stages, clocks, strict=True)):
        for name, path, shown, begins, stage in (
            ("data", takes.data, sends.shows_data, before, after),
            ("valid", takes.valid, sends.shows_valid, before, after),
            ("ready", sends.ready, takes.shows_ready, after, before),
        ):
            ns = path.ns - delays.register + shown + joined
            if name == "ready" and shown > delays.register:
                # The last LUT of the one and the first of the other are one.
                ns -= delays.luts([1])
            yield Limit(stage.name, Path(f"{name} of {begins.name}, {path.words}", ns))


def of(plan: NetworkPlan) -> Limit | None:
    """The longest path of an accelerator; None in a family that has no model."""
    delays = family.get(plan.folding.family).delays
    return limit(plan.stages, delays) if delays else None


def checked(plan: NetworkPlan) -> NetworkPlan:
    """`plan`, or InputError where its clock is above DEFAULT_MHZ and what some stage reaches by the model.

    Up to there `line` says it: the bound is on the safe side, and who asks for no clock is to get a plan.
    """
    if plan.clock_mhz <= DEFAULT_MHZ:
        return plan
    found = of(plan)
    legal = max(found.path.mhz, DEFAULT_MHZ) if found else plan.clock_mhz
    if plan.clock_mhz > legal:
        raise InputError(
            f"clock={plan.clock_mhz:g}: {found.stage} reaches {found.path.mhz} MHz by the model "
            f"({found.path.words}: {found.path.ns:.2f} ns); legal is a clock of up to {legal:g} MHz, "
            "or another folding, in which that stage is smaller"
        )
    return plan


def line(plan: NetworkPlan) -> str:
    """What a plan says of its clock; "" where there is no model."""
    found = of(plan)
    if not found:
        return ""
    less = f", less than the {plan.clock_mhz:g} planned" if found.path.mhz < plan.clock_mhz else ""
    return f"clock     {found.path.mhz} MHz at least by the model{less}, limited by {found.stage}: {found.path.words}"
