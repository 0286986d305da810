# SPDX-License-Identifier: Apache-2.0
"""The files of a sliding window generator."""

from dataclasses import asdict
from typing import Any

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import Loops, all_of, number
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
    }
