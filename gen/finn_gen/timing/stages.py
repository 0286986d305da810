# SPDX-License-Identifier: Apache-2.0
"""From the plans of IPs to the stages that `finn_gen.timing.kernel` runs: their words, kinds, parameters, states."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.ip.dwc.plan import DwcPlan
from finn_gen.ip.fifo.plan import FifoPlan
from finn_gen.ip.input.plan import InputPlan
from finn_gen.ip.label.plan import LabelPlan
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.ip.pad.plan import PadPlan
from finn_gen.ip.pool.plan import PoolPlan
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.timing import kernel as step


@dataclass(frozen=True)
class Rate:
    """`taken` words in give `given` words out.

    `whole`: that is an image. `padded`: TLAST completes what an image leaves of the last word out.
    """

    taken: int
    given: int
    whole: bool = False
    padded: bool = False


@dataclass(frozen=True)
class Stage:
    """A stage as `finn_gen.timing.kernel` runs it: `kind`, `parameters`, and the `state` after reset."""

    name: str
    kind: int
    parameters: tuple[int, ...]
    state: tuple[int, ...]


# --------------------------------------------------------------------------- words of an image


@singledispatch
def rate(plan: Any) -> Rate:
    """How many words a stage makes of how many; InputError for what is no stage of a chain."""
    raise InputError(f"{type(plan).__name__} is no plan of a stage; legal are those of finn_gen.ip, and InputPlan")


@rate.register
def _(plan: FifoPlan) -> Rate:
    return Rate(1, 1)


@rate.register
def _(plan: DwcPlan) -> Rate:
    unit = math.gcd(plan.in_width, plan.out_width)
    return Rate(plan.out_width // unit, plan.in_width // unit, padded=plan.tlast)


@rate.register
def _(plan: MvtuPlan) -> Rate:
    return Rate(plan.sf, plan.nf)


@rate.register(SwgPlan)
@rate.register(PadPlan)
@rate.register(PoolPlan)
@rate.register(LabelPlan)
def _(plan: Any) -> Rate:
    return Rate(plan.in_words, plan.out_words, whole=True)


@rate.register
def _(plan: InputPlan) -> Rate:
    return Rate(plan.words, plan.words, whole=True)


def image_words(plans: Sequence[Any], words: int | None = None) -> tuple[int, ...]:
    """Words of an image at every boundary of a chain: before stage 0, then behind every stage.

    `words` are those before stage 0. They follow from any stage that knows the size of an image; without one an
    image is the fewest words of which every stage gives whole ones. InputError names a stage that does not fit.
    """
    rates = [rate(plan) for plan in plans]
    if words is None:
        words = _input_words(rates)
    found = [words]
    for plan, each in zip(plans, rates, strict=True):
        groups = Fraction(found[-1], each.taken)
        if (each.whole and groups != 1) or (groups.denominator > 1 and not each.padded):
            rule = "an image is" if each.whole else "it takes multiples of"
            raise InputError(f"{plan.module}: {found[-1]} words of an image go in, but {rule} {each.taken}")
        found.append(math.ceil(groups * each.given))
    return tuple(found)


def _input_words(rates: Sequence[Rate]) -> int:
    ratio, words = Fraction(1), 1
    for each in rates:
        if each.whole:
            return math.ceil(each.taken / ratio)
        # The image is to be a whole number of groups: a multiple of the denominator of ratio / taken.
        words = math.lcm(words, (ratio / each.taken).denominator)
        ratio *= Fraction(each.given, each.taken)
    return words


# --------------------------------------------------------------------------- kinds, parameters, states


@singledispatch
def stage(plan: Any, taken: int, given: int) -> Stage:
    """The stage of a plan, with the words of an image that it takes and gives."""
    raise InputError(f"{type(plan).__name__} is no plan of a stage")


@stage.register
def _(plan: InputPlan, taken: int, given: int) -> Stage:
    return Stage(plan.module, step.SLICE, (2,), (0,))


@stage.register
def _(plan: FifoPlan, taken: int, given: int) -> Stage:
    return fifo_stage(plan.module, plan.capacity, plan.style == "reg")


def fifo_stage(name: str, capacity: int, registers: bool) -> Stage:
    """A register slice or a FIFO, of `capacity` words."""
    return Stage(name, step.SLICE if registers else step.FIFO, (capacity,), (0, 0))


@stage.register
def _(plan: DwcPlan, taken: int, given: int) -> Stage:
    if plan.kind == "equal":
        return Stage(plan.module, step.SLICE, (2,), (0,))
    if plan.kind == "down":
        return Stage(plan.module, step.DOWN, (plan.ratio,), (0, 0, 0))
    if plan.kind == "up" and plan.tlast:
        return Stage(plan.module, step.GATHER, (plan.ratio, taken), (0, 0, 0, 0))
    if plan.kind == "up":
        return Stage(plan.module, step.UP, (plan.ratio,), (0, 0))
    ring = plan.ring
    # The last word in completes the ring, the last one out empties it.
    last_in = ring.units - (taken - 1) % ring.slots * ring.in_units
    last_out = ring.units - (given - 1) % ring.words * ring.out_units
    parameters = (ring.in_units, ring.out_units, ring.units, taken, given)
    ends = (last_in, last_out) if plan.tlast else (ring.in_units, ring.out_units)
    return Stage(plan.module, step.RING, (*parameters, *ends), (0, 0, 0, 0))


@stage.register
def _(plan: MvtuPlan, taken: int, given: int) -> Stage:
    way = plan.operand_stages + plan.tree.stages + (plan.ladder is not None)
    limit = 1 << (plan.fifo_count_width - 1)
    return Stage(plan.module, step.MVTU, (plan.sf, plan.nf, way, limit), (0,) * 8)


@stage.register
def _(plan: PadPlan, taken: int, given: int) -> Stage:
    folds = plan.ifm_ch // plan.simd
    inside = (plan.left * folds, (plan.left + plan.ifm_w) * folds, plan.top, plan.top + plan.ifm_h)
    return Stage(plan.module, step.PAD, (plan.ofm_w * folds, plan.ofm_h, *inside, int(plan.leading)), (0,) * 5)


@stage.register
def _(plan: PoolPlan, taken: int, given: int) -> Stage:
    parameters = (plan.folds, plan.ifm_w, plan.ifm_h, plan.k, plan.stride, _slice_words(plan.slice_module))
    return Stage(plan.module, step.POOL, parameters, (0,) * 6)


@stage.register
def _(plan: LabelPlan, taken: int, given: int) -> Stage:
    parameters = (plan.in_words, int(plan.pe > 1), _slice_words(plan.slice_module))
    return Stage(plan.module, step.LABEL, parameters, (0,) * 3)


def _slice_words(module: str) -> int:
    return {"finn_reg_slice": 2, "finn_half_slice": 1}[module]


@stage.register
def _(plan: SwgPlan, taken: int, given: int) -> Stage:
    if plan.serial:
        return _serial(plan)
    ends = (
        *((plan.k_w - 1) * plan.dilation_w, plan.stride_w),
        *((plan.k_h - 1) * plan.dilation_h, plan.stride_h),
    )
    parallel, image = plan.parallel, (plan.ifm_w, plan.ifm_h, *ends)
    if parallel.words == 1:
        return Stage(plan.module, step.WINDOW, image, (0,) * 4)
    queue = (parallel.queue, int(parallel.queue_style == "reg"), parallel.waiting)
    return Stage(plan.module, step.WINDOWS, (*image, parallel.words, *queue), (0,) * (8 + parallel.waiting))


def _serial(plan: SwgPlan) -> Stage:
    serial, names = plan.serial, [level.name for level in plan.serial.levels]
    inner = sum(name not in ("ox", "oy") for name in names)

    def level(name: str) -> int:
        return names.index(name) if name in names else 0

    def padded(numbers: list[int], length: int) -> list[int]:
        return numbers + [0] * (length - len(numbers))

    early = (int(serial.early > 0), serial.gap, serial.bonus)
    loops = (len(names), inner, level("ox"), plan.ofm_w - 1 - serial.early, level("ky"))
    lists = (
        *padded([each.last for each in serial.levels], step.MAX_LOOPS),
        *padded([each.move for each in serial.steps], step.MAX_LOOPS + 1),
        *padded([each.freed for each in serial.steps], step.MAX_LOOPS + 1),
    )
    return Stage(plan.module, step.SERIAL, (*early, *loops, *lists), (-1, serial.depth - 1, *(0,) * (3 + len(names))))
