# SPDX-License-Identifier: Apache-2.0
"""The size of a width converter, estimated."""

from finn_gen import family
from finn_gen.base.verilog import lanes
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.dwc.plan import DwcPlan, GearPlan, Kind


def area(plan: DwcPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    if plan.kind is Kind.EQUAL:
        return costs.reg_slice(plan.ports.in_width + plan.params.tlast)
    if plan.kind is Kind.DOWN:
        part = 1 if plan.ratio == 2 else costs.mux_luts(plan.ratio) + 1
        part = Resources(plan.ports.out_width * part, plan.ports.in_width + plan.ports.out_width)
        return part + Resources(2 + plan.index_width, plan.index_width + 2 + 2 * plan.params.tlast)
    if plan.kind is Kind.UP:
        if plan.params.tlast:
            return Resources(plan.ports.out_width + 5, 2 * plan.ports.out_width + plan.ratio + 4)
        return Resources(
            fitted(2 + plan.index_width), 2 * plan.ports.out_width - plan.ports.in_width + plan.index_width + 1
        )
    if gear := plan.gear:
        return _gear(plan, gear)
    ring = plan.ring
    control = ring.slot_width + ring.word_width * len(lanes(plan.ports.out_width, 2)) + ring.fill_width
    read = plan.ports.out_width * costs.mux_luts(ring.words)
    # With TLAST the units behind each slot that ends a frame within a word are masked, fitted.
    behind = sum(ring.out_units - lane for ends in ring.ends for _, lane in ends)
    mask = 0.2 * ring.unit * behind + 12 if plan.params.tlast else 0
    luts = read + fitted(mask + 2 * ring.fill_width + ring.slots)
    return Resources(luts, ring.width + plan.ports.out_width + control + 1 + (ring.slots + 1) * plan.params.tlast)


def _gear(plan: DwcPlan, gear: GearPlan) -> Resources:
    """The shifts of a word, of which a bit with a neighbour to be moved from takes more than one without; fitted.

    A word that waited is chosen beside the first one. A bit that is held takes its neighbour a word above, or joins
    what arrives.
    """
    tlast, held, width = plan.params.tlast, gear.held_width, plan.ports.in_width
    shifts = [gear.unit << bit for bit in range(gear.place_width)]
    widths = [min(held, width + 2 * by - gear.unit) for by in shifts]
    moved = sum(max(0, after - 2 * by) for after, by in zip(widths, shifts, strict=True))
    copies = sum(len(lanes(bits, 2)) for bits in widths) + len(lanes(width)) * gear.skids
    control = 7 * gear.words_width * gear.skids
    luts = held + fitted(1.05 * moved + 0.25 * (sum(widths) - moved) + control)
    flags = gear.place_width + 2 * gear.words_width + 1 + (2 + gear.skids) * tlast
    return Resources(luts, held + gear.near_width + width * gear.skids + copies + flags)
