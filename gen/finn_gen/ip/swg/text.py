# SPDX-License-Identifier: Apache-2.0
"""The files of a sliding window generator."""

from dataclasses import asdict, dataclass
from typing import Any

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import Loops, all_of, number, span
from finn_gen.ip import Files
from finn_gen.ip.swg.parallel_plan import ParallelPlan
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.ip.swg.serial_plan import SerialPlan, Step


def emit(plan: SwgPlan) -> Files:
    """The generator's one file."""
    said = _serial(plan.serial) if plan.serial else _parallel(plan.parallel)
    text = render("ip/swg/swg.v.j2", plan=plan, params=plan.params, digest=digest(plan), **said)
    return {f"{plan.module}.v": text}


def _serial(serial: SerialPlan) -> dict[str, Any]:
    """What the template of the walk says of it."""
    loops, widths = Loops(serial.levels), {level.name: level.width for level in serial.levels}
    early = ""
    if serial.early:
        early = all_of((loops.last("oy"), f"ox_q == {number(widths['ox'], serial.early_ox)}"))
    return {
        "loops": loops,
        "room_of": lambda step: _room(serial, step),
        "room_input": _room_input(serial),
        "early_when": early,
        "ky_width": widths.get("ky", 1),
    }


def _less_one(serial: SerialPlan, words: int) -> str:
    """Words of room, less the one that every cycle without a write gives back."""
    return number(serial.room_width, words - 1)


def _room(serial: SerialPlan, step: Step) -> str:
    """Verilog: what a read adds to the room."""
    freed = _less_one(serial, step.freed)
    return f"set_free ? {freed} : {_less_one(serial, 0)}" if step.inside else freed


def _room_input(serial: SerialPlan) -> str:
    """Verilog: what a cycle adds to the room."""
    read = f"read ? room_step : {_less_one(serial, 0)}"
    return f"complete ? {_less_one(serial, serial.bonus)} : {read}" if serial.early else read


def _parallel(parallel: ParallelPlan) -> dict[str, Any]:
    """What the template of the register window says of its counters."""
    position, shifted = Loops(parallel.position), Loops(parallel.shifted)
    return {
        "loops": position,
        "shifted": shifted,
        "row_end": position.last("x"),
        "shifted_row_end": shifted.last() if parallel.words > 1 else position.last("x"),
        "image_end": position.last(),
        "final_pixel": position.at(asdict(parallel.final)),
        "taps": [span(tap, tap + parallel.pixel_width) for tap in reversed(parallel.taps)],
        **_places(parallel.waiting),
    }


@dataclass(frozen=True)
class _Place:
    """A place where a window waits: the nets with the one before it, and the one that says that the next is free."""

    name: str
    before: str
    valid_before: str
    next_free: str


def _places(waiting: int) -> dict[str, Any]:
    """The places between the register window and the output register, and what arrives there from the last one."""
    names = [f"wait_{number}" for number in range(waiting)]
    data = ["window", *(f"{name}_q" for name in names)]
    valid = ["full_q", *(f"{name}_valid_q" for name in names)]
    free = [*(f"{name}_free" for name in names), "out_free"]
    return {
        "places": [_Place(*nets) for nets in zip(names, data, valid, free[1:], strict=False)],
        "window_free": free[0],
        "arriving": data[-1],
        "arrives": valid[-1],
    }
