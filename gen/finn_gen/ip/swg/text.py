# SPDX-License-Identifier: Apache-2.0
"""The files of a sliding window generator."""

from dataclasses import asdict, dataclass
from typing import Any

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import TRUE, Loops, all_of, either, number, signed, span
from finn_gen.ip import Files
from finn_gen.ip.swg.grouped_plan import GroupedPlan
from finn_gen.ip.swg.parallel_plan import ParallelPlan
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.ip.swg.serial_plan import SerialPlan, Step


def emit(plan: SwgPlan) -> Files:
    """The generator's one file."""
    said = (
        _serial(plan.serial) if plan.serial else _parallel(plan.parallel) if plan.parallel else _grouped(plan.grouped)
    )
    text = render("ip/swg/swg.v.j2", plan=plan, params=plan.params, digest=digest(plan), **said)
    return {f"{plan.module}.v": text}


_NEXT = {
    "word": "next word of the run",
    "kx": "next column of the window",
    "ky": "next row of the window",
    "ox": "next window",
    "oy": "next row of windows",
    "image": "next image",
}


def _serial(serial: SerialPlan) -> dict[str, Any]:
    """What the template of the walk says of it."""
    loops, widths = Loops(serial.levels), {level.name: level.width for level in serial.levels}
    last_window = loops.last("ox", "oy")
    early = all_of((loops.last("oy"), "ox_early_q")) if serial.early else ""
    return {
        "loops": loops,
        "last_window": last_window,
        "steps": [_step(serial, step, last_window) for step in serial.steps],
        "room_input": _room_input(serial),
        "early_when": early,
        "ky_width": widths.get("ky", 1),
        "ox_width": widths.get("ox", 1),
    }


@dataclass(frozen=True)
class _Hop:
    """What a read does, in words and in Verilog: to the address (`around`: if the sum with `hop` is negative), to the
    words ahead, to the room."""

    level: str
    says: str
    hop: str
    around: str
    ahead: str
    room: str


def _step(serial: SerialPlan, step: Step, last_window: str) -> _Hop:
    """`step` for the template; `last_window` is Verilog that holds in the last window of an image."""
    way = f"{step.move} ahead" if step.move >= 0 else f"{-step.move} back"
    freed = f"{step.freed} set free"
    room = _less_one(serial, step.freed)
    if step.inside and last_window != TRUE:
        freed += " in the last window" + (" but for its top row" if serial.early else "")
        when = "set_free" if serial.early else "last_window"
        room = f"{when} ? {room} : {_less_one(serial, 0)}"
    ahead = signed(serial.ahead_width, -step.move)
    return _Hop(step.level, f"{_NEXT[step.level]}: {way}, {freed}", *_hop(serial, step.move), ahead, room)


def _hop(serial: SerialPlan, move: int) -> tuple[str, str]:
    """Verilog: what is added to the read address, and what if that sum is negative where the ring wraps."""
    if not serial.wraps:
        return number(serial.hop_width, move), ""
    back = move if move < 0 else move % serial.addresses - serial.addresses
    return signed(serial.hop_width, back), number(serial.address_width, back + serial.addresses)


def _less_one(serial: SerialPlan, words: int) -> str:
    """Words of room, less the one that every cycle without a write gives back."""
    return signed(serial.room_width, words - 1)


def _room_input(serial: SerialPlan) -> str:
    """Verilog: what a cycle adds to the room."""
    read = f"read ? room_step : {_less_one(serial, 0)}"
    return f"complete ? {_less_one(serial, serial.bonus)} : {read}" if serial.early else read


def _grouped(grouped: GroupedPlan) -> dict[str, Any]:
    """What the template of the register window of groups says of its counters."""
    position = Loops(grouped.position)
    row_ends = "row_ends" if grouped.row_due else TRUE
    inside = all_of(("group_valid", row_ends, "column_ends" if grouped.column_due else TRUE))
    completes = [*("behind_q",) * grouped.runs_on, *(inside,) * grouped.completes_inside]
    # Behind the last row the position is that of the next image's first group.
    behind = all_of(("behind_q", Loops([level for level in grouped.position if level.name == "y"]).at({})))
    return {
        "loops": position,
        "row_ends": row_ends,
        "row_end": position.last("x"),
        "image_end": position.last(),
        "completes": " || ".join(map(either, completes) if len(completes) > 1 else completes),
        "last": behind if grouped.runs_on else position.last(),
        "taps": [span(tap, tap + grouped.pixel_width) for tap in reversed(grouped.taps)],
    }


def _parallel(parallel: ParallelPlan) -> dict[str, Any]:
    """What the template of the register window says of its counters."""
    position, shifted = Loops(parallel.position), Loops(parallel.shifted)
    return {
        "loops": position,
        "shifted": shifted,
        "row_ends": "row_ends" if parallel.row_due else TRUE,
        "column_ends": "column_ends" if parallel.column_due else TRUE,
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
