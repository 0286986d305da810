# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a width converter are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.dwc.plan import DwcPlan, GearPlan, Kind, RingPlan

SIMPLE = 2
"""Bits of a counter of parts that are decided on in one LUT with the rest."""
LANE = 30
"""Bits that a copy of what selects them stands for."""


def clock(plan: DwcPlan, delays: Delays) -> Clock:
    """The structure's own paths, and those of handshake to the registers of both words."""
    width = max(plan.ports.in_width, plan.ports.out_width)
    shown, steps = delays.register, 1
    if plan.kind is Kind.GEAR:
        inside, steps = _gear(plan.gear, delays), 1 + plan.gear.near_bits
    elif plan.kind is Kind.RING:
        inside, shown = _ring(plan.ring, plan, delays), delays.register + delays.luts([4, 1])
    else:
        # Behind words of another width a counter says which part comes.
        many = plan.index_width > SIMPLE
        levels = 1 + (plan.kind is not Kind.EQUAL) + many
        parts = delays.control(levels, width, LANE if many else width) + (delays.chain(plan.index_width) if many else 0)
        inside = (Path("parts of a word", parts),)
    hand = Path("room", max(path.ns for path in inside))
    word = Path("places of a word", delays.control(steps))
    return Clock(inside, word, hand, hand, delays.register, delays.register, shown)


def _ring(ring: RingPlan, plan: DwcPlan, delays: Delays) -> tuple[Path, ...]:
    """The fill level, compared and counted, and the multiplexers that read."""
    levels = 3 + plan.params.tlast
    read = delays.register + delays.net(LANE) + delays.lut + delays.joined(-(-ring.words // 2))
    return (
        Path("fill level", delays.control(levels, plan.ports.out_width) + delays.chain(ring.fill_width)),
        Path("words of the ring", read + delays.net() * (1 + plan.params.tlast)),
    )


def _gear(gear: GearPlan, delays: Delays) -> tuple[Path, ...]:
    """Room to what is held, and the place of a word to the copies that select."""
    held = delays.control(4, gear.held_width, 1)
    place = delays.control(4, 2 * LANE, LANE // 4)
    return Path("room for a word", held), Path("place of a word", place)
