# SPDX-License-Identifier: Apache-2.0
"""The width converters, cycle by cycle."""

import math

from finn_gen.ip.dwc.plan import DwcPlan, Kind
from finn_gen.timing import storage
from finn_gen.timing.actor import Actor, Rate, Timing
from finn_gen.timing.kernel import Kernel, Row, flags, part

# Narrower and wider: parameters (FRAME: words of a frame, with TLAST), and the state of each.
RATIO, FRAME = range(2)
BUSY, PART, DOWN_VALID = range(3)
LANE, UP_VALID = range(2)
G_LANE, G_FULL, G_VALID, G_WORD = range(4)
# Through a ring: units of a word in and out, of the ring; words of a frame in and out; units that the last ones count
# (the rest of the ring is left out); and its state: fill level, output valid, word of the frame in and out.
IN_UNITS, OUT_UNITS, UNITS, IN_WORDS, OUT_WORDS, LAST_IN, LAST_OUT = range(7)
FILL, R_VALID, R_IN, R_OUT = range(4)
# Through a gearbox: units of a word in and out, whether a word may wait beside the shifter, words of a frame in, 0
# without TLAST. Its state: words that wait; output words that the one in the shifter completes, -1 without one; whole
# ones held; the next word's place in units; words of the frame that were shifted.
SKIDS, G_FRAME = range(2, 4)
WAITING, NEAR, WHOLE, PLACE, G_IN = range(5)


@part
def down_step(p: Row, s: Row, take: int, give: int) -> int:
    """To a width that is RATIO times narrower."""
    busy, part, valid = s[BUSY], s[PART], s[DOWN_VALID]
    free = not valid or give
    final = part == p[RATIO] - 1
    if take:
        s[BUSY] = 1
    elif free and final:
        s[BUSY] = 0
    if free:
        if take or busy:
            s[PART] = 0 if busy and final else part + 1
        s[DOWN_VALID] = 1 if take or busy else 0
    return flags(s[DOWN_VALID] > 0, s[BUSY] == 0, s[BUSY] > 0 and s[DOWN_VALID] == 0)


@part
def up_step(p: Row, s: Row, take: int, give: int) -> int:
    """To a width that is RATIO times wider, without TLAST."""
    final = s[LANE] == p[RATIO] - 1
    if give:
        s[UP_VALID] = 0
    if take:
        if final:
            s[UP_VALID] = 1
        s[LANE] = 0 if final else s[LANE] + 1
    return flags(s[UP_VALID] > 0, not (s[LANE] == p[RATIO] - 1 and s[UP_VALID] > 0), False)


@part
def gather_step(p: Row, s: Row, take: int, give: int) -> int:
    """To a width that is RATIO times wider, with TLAST at every FRAME-th word."""
    lane, full, valid, word = s[G_LANE], s[G_FULL], s[G_VALID], s[G_WORD]
    free = not valid or give
    last = take and word == p[FRAME] - 1
    whole = take and (last or lane == p[RATIO] - 1)
    if whole:
        s[G_LANE] = 0
    elif take:
        s[G_LANE] = lane + 1
    if take:
        s[G_WORD] = 0 if last else word + 1
    if free:
        s[G_FULL] = 0
        s[G_VALID] = 1 if full or whole else 0
    elif whole:
        s[G_FULL] = 1
    return flags(s[G_VALID] > 0, s[G_FULL] == 0, False)


@part
def ring_step(p: Row, s: Row, take: int, give: int) -> int:
    """Through a ring of UNITS units, the last words of a frame as long as its ends leave."""
    fill, valid = s[FILL], s[R_VALID]
    free = not valid or give
    leave = free and fill >= p[OUT_UNITS]
    if take:
        last = s[R_IN] == p[IN_WORDS] - 1
        s[FILL] += p[LAST_IN] if last else p[IN_UNITS]
        s[R_IN] = 0 if last else s[R_IN] + 1
    if leave:
        last = s[R_OUT] == p[OUT_WORDS] - 1
        s[FILL] -= p[LAST_OUT] if last else p[OUT_UNITS]
        s[R_OUT] = 0 if last else s[R_OUT] + 1
    if free:
        s[R_VALID] = 1 if leave else 0
    return flags(s[R_VALID] > 0, s[FILL] <= p[UNITS] - p[IN_UNITS], s[R_VALID] == 0 and s[FILL] >= p[OUT_UNITS])


@part
def gear_step(p: Row, s: Row, take: int, give: int) -> int:
    """Through a shifter, which a word leaves when no whole output word is held; a frame's last completes its own."""
    if give:
        s[WHOLE] -= 1
    if s[NEAR] >= 0 and s[WHOLE] == 0:
        s[WHOLE] = s[NEAR]
        s[NEAR] = -1
    s[WAITING] += take
    if s[WAITING] > 0 and s[NEAR] < 0:
        s[WAITING] -= 1
        end = s[PLACE] + p[IN_UNITS]
        last = p[G_FRAME] > 0 and s[G_IN] == p[G_FRAME] - 1
        s[NEAR] = (end + (p[OUT_UNITS] - 1 if last else 0)) // p[OUT_UNITS]
        s[PLACE] = 0 if last else end % p[OUT_UNITS]
        s[G_IN] = 0 if last or p[G_FRAME] == 0 else s[G_IN] + 1
    ready = s[WAITING] == 0 if p[SKIDS] else s[NEAR] < 0
    return flags(s[WHOLE] > 0, ready, s[NEAR] >= 0 and s[WHOLE] == 0)


DOWN, UP = Kernel("dwc.down", down_step), Kernel("dwc.up", up_step)
GATHER, RING = Kernel("dwc.gather", gather_step), Kernel("dwc.ring", ring_step)
GEAR = Kernel("dwc.gear", gear_step)


def rate(plan: DwcPlan) -> Rate:
    """Bits in are bits out."""
    unit = math.gcd(plan.ports.in_width, plan.ports.out_width)
    return Rate(plan.ports.out_width // unit, plan.ports.in_width // unit, padded=plan.params.tlast)


def actor(plan: DwcPlan, taken: int, given: int) -> Actor:
    """The converter of the plan's kind."""
    if plan.kind is Kind.EQUAL:
        return storage.register_slice(plan.module)
    if plan.kind is Kind.DOWN:
        return Actor(plan.module, DOWN, (plan.ratio,), (0, 0, 0))
    if plan.kind is Kind.UP and plan.params.tlast:
        return Actor(plan.module, GATHER, (plan.ratio, taken), (0, 0, 0, 0))
    if plan.kind is Kind.UP:
        return Actor(plan.module, UP, (plan.ratio,), (0, 0))
    if gear := plan.gear:
        frame = taken if plan.params.tlast else 0
        return Actor(plan.module, GEAR, (gear.in_units, gear.out_units, int(gear.skids), frame), (0, -1, 0, 0, 0))
    ring = plan.ring
    # The last word in completes the ring, the last one out empties it.
    last_in = ring.units - (taken - 1) % ring.slots * ring.in_units
    last_out = ring.units - (given - 1) % ring.words * ring.out_units
    parameters = (ring.in_units, ring.out_units, ring.units, taken, given)
    ends = (last_in, last_out) if plan.params.tlast else (ring.in_units, ring.out_units)
    return Actor(plan.module, RING, (*parameters, *ends), (0, 0, 0, 0))


TIMING = Timing((storage.SLICE, DOWN, UP, GATHER, RING, GEAR), rate, actor)
