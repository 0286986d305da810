# SPDX-License-Identifier: Apache-2.0
"""Proofs of the width converter: every kind of ratio, with and without TLAST."""

import itertools

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from finn_gen.ip.dwc.plan import DwcPlan, GearPlan, Kind, plan_kind
from verif.formal.proof import Bug, Proof


def _proof(in_width: int, out_width: int, tlast: bool = False, gear: bool = False) -> Proof:
    plan = ip.get("dwc").build({"in_width": in_width, "out_width": out_width, "tlast": tlast})
    # Ratios that are small enough to be proved go through a ring, unless told otherwise.
    plan = plan_kind(plan.params, gear=gear)
    return Proof(
        name=f"dwc-{in_width}-{out_width}" + "-gear" * gear + "-tlast" * tlast,
        harness="prove_dwc",
        core=plan.module,
        sources={path: text for path, text in of_core(plan).folder(plain=True).items() if path.endswith(".v")},
        parameters={
            "IN_WIDTH": in_width,
            "OUT_WIDTH": out_width,
            "IN_TDATA_WIDTH": plan.ports.in_tdata_width,
            "OUT_TDATA_WIDTH": plan.ports.out_tdata_width,
            "TLAST": int(tlast),
            **_bounds(plan),
        },
        defines=("TLAST",) * tlast,
        cover_depth=40,
    )


def _bounds(plan: DwcPlan) -> dict[str, int]:
    """Capacity in bits and bounds in cycles, as axis_bits and axis_progress take them."""
    capacity, offer, accept, output_full, input_full = {
        Kind.EQUAL: (2 * plan.ports.in_width, 0, 1, 1, 1),
        Kind.DOWN: (plan.ports.in_width + plan.ports.out_width, 0, plan.ratio, 1, 0),
        # Without TLAST the last lane of a word has no place but the output register.
        Kind.UP: (2 * plan.ports.out_width - (0 if plan.params.tlast else plan.ports.in_width), 0, 1, 0, 1),
        Kind.RING: _ring_bounds(plan),
        Kind.GEAR: _gear_bounds(plan),
    }[plan.kind]
    return {
        "CAPACITY": capacity,
        "OFFER_WITHIN": offer,
        "ACCEPT_WITHIN": accept,
        "OUTPUT_FULL_AFTER": output_full,
        "INPUT_FULL_AFTER": input_full,
    }


def _ring_bounds(plan: DwcPlan) -> tuple[int, int, int, int, int]:
    if plan.ring is None:
        return 0, 0, 0, 0, 0
    capacity = plan.ring.width + plan.ports.out_width
    if plan.params.tlast:  # a frame that ends inside the ring leaves before the next one is taken
        return capacity, 1, plan.ring.words, 0, 0
    if plan.ports.in_width < plan.ports.out_width:
        return capacity, 1, 1, 0, 1
    return capacity, 1, -(-plan.ports.in_width // plan.ports.out_width), 2, 0


def _gear_bounds(plan: DwcPlan) -> tuple[int, int, int, int, int]:
    gear = plan.gear
    if gear is None:
        return 0, 0, 0, 0, 0
    most = gear.whole + 1 + plan.params.tlast
    widens = gear.in_units < gear.out_units
    return _gear_capacity(gear), 1, most, 0 if widens else 2, 2 if widens and not plan.params.tlast else 0


def _gear_capacity(gear: GearPlan) -> int:
    """The most bits held while the output stalls: an output word that is begun, and behind it a word of the input that
    joined it, one in the shifter and one that waits. Each may end a frame, and the padding counts with it."""
    most = 0
    for begun in range(gear.out_units):
        for lasts in itertools.product((False, True) if gear.tlast else (False,), repeat=2 + gear.skids):
            units = [begun]
            for last in lasts:
                units.append(units[-1] + gear.in_units)
                units[-1] += -units[-1] % gear.out_units if last else 0
            most = max(most, units[-1] if units[1] >= gear.out_units else 0)
    return most * gear.unit


_RATIOS = (
    *((3, 3), (8, 2), (6, 2), (3, 1), (2, 8), (2, 6), (1, 3)),
    *((2, 3), (3, 2), (3, 5), (5, 3), (6, 4), (8, 16), (16, 24)),
)
_GEARS = ((2, 3), (3, 2), (3, 5), (5, 2), (6, 4))
PROOFS = (
    *(_proof(*ratio, tlast) for ratio in _RATIOS for tlast in (False, True)),
    *(_proof(*ratio, tlast, gear=True) for ratio in _GEARS for tlast in (False, True)),
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = tuple(
    Bug(f"dwc-{name}", _BY_NAME[proof], "finn_dwc.v", old, new)
    for name, proof, old, new in (
        ("down-swaps-two-parts", "dwc-8-2", "part = hold_q[3:2]", "part = hold_q[5:4]"),
        (
            "down-loses-the-last-part-when-stalled",
            "dwc-8-2",
            "else if (out_free && final_part)",
            "else if (final_part)",
        ),
        (
            "down-repeats-the-first-part",
            "dwc-6-2",
            "busy_q && final_part ? 2'd0 : part_q + 1'b1",
            "take ? 2'd0 : part_q + 1'b1",
        ),
        ("down-sets-tlast-on-every-part", "dwc-8-2-tlast", "busy_q && final_part && hold_last_q", "hold_last_q"),
        ("down-leaves-an-unused-bit-set", "dwc-6-2", "{6'd0, out_q}", "{6'd1, out_q}"),
        ("up-puts-the-first-lane-on-top", "dwc-2-6", "{in_word, gather_q};", "{gather_q, in_word};"),
        ("up-wastes-a-cycle-a-word", "dwc-2-8", "!(final_lane && out_valid_q)", "!out_valid_q"),
        (
            "up-overwrites-a-stalled-word",
            "dwc-2-8",
            "!(final_lane && out_valid_q)",
            "!(final_lane && out_valid_q && lane_q[0] == 0)",
        ),
        ("up-pads-with-the-last-frame", "dwc-2-6-tlast", "if (!aresetn || leave)", "if (!aresetn)"),
        ("up-takes-tlast-of-the-next-word", "dwc-2-6-tlast", "full_q ? full_last_q : s_axis_tlast", "s_axis_tlast"),
        (
            "up-goes-on-in-the-next-lane",
            "dwc-2-6-tlast",
            "if (whole)\n                lane_q",
            "if (take && lane_q[2])\n                lane_q",
        ),
        ("ring-takes-into-a-slot-that-is-not-free", "dwc-3-2", "fill_q <= 4'd3", "fill_q <= 4'd4"),
        ("ring-stops-too-early", "dwc-3-2", "fill_q <= 4'd3", "fill_q <= 4'd1"),
        ("ring-offers-a-partial-word", "dwc-3-2", "fill_q >= 4'd2", "fill_q >= 4'd1"),
        ("ring-skips-a-word", "dwc-3-2", "word_q == 2'd2;", "word_q == 2'd1;"),
        ("ring-does-not-mask-the-padding", "dwc-3-2-tlast", "word[1:1] = 1'd0;", "word[1:1] = word[1:1];"),
        ("ring-hangs-on-a-short-frame", "dwc-3-2-tlast", "s_axis_tlast ? 4'd6 : 4'd3", "4'd3"),
        ("gear-takes-without-room", "dwc-3-2-gear", "skid_free_q <= 1'b0;", "skid_free_q <= 1'b1;"),
        ("gear-overwrites-what-is-held", "dwc-3-2-gear", "room      = final_q && (", "room      = 1'b1 || ("),
        (
            "gear-wastes-a-cycle-a-word",
            "dwc-2-3-gear",
            "(!valid_q || m_axis_tready);\n    wire merge",
            "!valid_q;\n    wire merge",
        ),
        ("gear-offers-a-partial-word", "dwc-3-2-gear", "near_words_q <= words;", "near_words_q <= 2'd2;"),
        ("gear-puts-a-word-too-high", "dwc-3-5-gear", "far_0_0_q <= place[0];", "far_0_0_q <= place[1];"),
        ("gear-goes-on-in-the-last-word", "dwc-3-2-gear-tlast", "place = last ? 1'd0 : over", "place = over"),
        ("gear-hangs-on-a-short-frame", "dwc-2-3-gear-tlast", "+ {1'd0, last} +", "+"),
    )
)
