# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a sliding window generator are."""

from finn_gen.family.delays import USUAL, Clock, Delays, Path
from finn_gen.ip.swg.grouped_plan import GroupedPlan
from finn_gen.ip.swg.memory import Lines
from finn_gen.ip.swg.parallel_plan import ParallelPlan
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.ip.swg.serial_plan import SerialPlan


def clock(plan: SwgPlan, delays: Delays) -> Clock:
    """Those of its structure."""
    if plan.grouped:
        return _grouped(plan.grouped, delays)
    return _serial(plan.serial, plan, delays) if plan.serial else _parallel(plan.parallel, delays)


def _serial(ring: SerialPlan, plan: SwgPlan, delays: Delays) -> Clock:
    """From the loop that goes on to how far the reader moves, and what that sets free."""
    levels = 2 + (len(ring.steps) > 3)
    moved = delays.control(levels, ring.room_width) + delays.chain(max(ring.room_width, ring.ahead_width))
    if ring.early:
        moved += delays.luts([2])
    hop = delays.control(levels - 1) + delays.chain(ring.hop_width) + delays.luts([ring.address_width] * ring.wraps)
    width = plan.ports.out_width
    block = ring.style == "block"
    # A loop goes on when all inner ones do.
    inner = 2 + max(0, len(ring.levels) - 2)
    read = Path("words that may be read", delays.control(inner, 3 * USUAL if block else 3 * USUAL + width, 4))
    shows = delays.slow_block if block else delays.register
    inside = [Path("reader's next word", max(moved, hop)), read, Path("output", shows)]
    if not block:
        memory = delays.register + delays.luts([width]) + delays.net() + delays.joined(-(-ring.addresses // 64))
        inside.append(Path("LUT RAM", memory))
    written = delays.control(2, end=width) + delays.chain(ring.room_width)
    hand = Path("words that may be read", max(written, read.ns))
    return Clock(
        inside=tuple(inside),
        data=Path("memory", delays.control(0)),
        valid=hand,
        ready=hand,
        shows_data=shows,
        shows_valid=delays.register,
        shows_ready=delays.register + delays.luts([2]),
    )


def _parallel(plan: ParallelPlan, delays: Delays) -> Clock:
    """From what says that there is room to the enables of the register window."""
    moved = plan.register_width + plan.lines.width
    levels = 2
    if plan.words > 1:
        levels = 4 + bool(plan.waiting)
        moved = max(moved, plan.window_width)
    step = Path("room for a column", delays.control(levels, end=moved))
    column = _column(plan.lines, delays)
    return Clock((step, column), step, step, step, *[delays.register] * 2, delays.register + delays.luts([4, 2]))


def _grouped(plan: GroupedPlan, delays: Delays) -> Clock:
    """The same behind a register slice, which groups enter."""
    entry = delays.reg_slice(plan.group_width)
    step = Path("room for a column", delays.control(3, end=plan.register_width + plan.lines.width))
    inside = (*entry.inside, step, _column(plan.lines, delays))
    return Clock(inside, entry.data, entry.valid, step, *[delays.register] * 3)


def _column(lines: Lines, delays: Delays) -> Path:
    """From the line buffers into the register window."""
    above = delays.slow_block if lines.style == "block" and lines.depth > 1 else delays.register
    return Path("line buffer", above + delays.luts([2]) + delays.net())
