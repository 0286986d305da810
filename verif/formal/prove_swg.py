# SPDX-License-Identifier: Apache-2.0
"""Proofs of the sliding window generator: every structure, small images."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from finn_gen.ip.swg import serial_plan
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.ip.swg.serial_images import Walk
from verif.formal.images import build, image_proof, numbers
from verif.formal.proof import Bug, Proof

_DEFAULTS = {"ifm_ch": 1, "simd": 1, "ifm_h": 3, "ifm_w": 3, "k_h": 2, "k_w": 2}
_EXPECT = (
    "ifm_ch", "bits", "simd", "ifm_w", "k_h", "k_w",
    "stride_h", "stride_w", "dilation_h", "dilation_w", "ofm_h", "ofm_w",
)  # fmt: skip
_WALK = ("ifm_h", "ifm_w", "k_w", "stride_h", "stride_w", "dilation_h", "dilation_w", "ofm_h", "ofm_w")
_RING = ("depth", "addresses", "early", "gap", "bonus", "address_width", "ahead_width", "room_width", "gap_width")
_CORE = ("IN_WIDTH", "IN_TDATA_WIDTH", "IN_WORDS", "OUT_WORDS", "MOST", "OFFER_WITHIN", "ACCEPT_WITHIN")
_STEPS = 3
"""Of induction: a word's being refused and its being stable reach back by one cycle, the reset by one more."""
_CONTENTS = """
    wire [DEPTH*WIDTH-1:0] contents;
    genvar word;
    generate
        for (word = 0; word < DEPTH; word = word + 1) begin : g_contents
            assign contents[word*WIDTH +: WIDTH] = mem[word];
        end
    endgenerate

endmodule"""
"""Shows the harness what a memory holds."""


def _passes(plan: SwgPlan, name: str) -> int:
    return next((level.last + 1 for level in plan.serial.levels if level.name == name), 1)


def _serial(name: str, plan: SwgPlan) -> Proof:
    ring = plan.serial
    window = plan.out_words // (plan.ofm_h * plan.ofm_w)
    bounds = {
        "MOST": plan.in_words + ring.depth,
        # With early entry the window after which the next image may enter waits for the last word of its own.
        "OFFER_WITHIN": 2 if ring.early else 1,
        "ACCEPT_WITHIN": max(window, ring.gap + 2),
    }
    proof = image_proof("swg", name, plan, _EXPECT, bounds)
    sources = dict(proof.sources)
    sources["finn_ram.v"] = sources["finn_ram.v"].replace("\nendmodule", _CONTENTS)
    return replace(
        proof,
        harness="prove_swg_serial",
        sources=sources,
        parameters=numbers(plan, _WALK)
        | numbers(ring, _RING)
        | {"WORD_PASSES": _passes(plan, "word"), "KX_PASSES": _passes(plan, "kx")}
        | {key: proof.parameters[key] for key in _CORE},
        modules={"expect_swg": {**proof.modules["expect_swg"], "EARLY": ring.early}, "prove_image": proof.parameters},
        defines=(
            *proof.defines,
            *(f"{level.name.upper()}={level.width}" for level in ring.levels),
            *(f"{level.name.upper()}_LAST={level.last}" for level in ring.levels if level.flagged),
            *("EARLY",) * bool(ring.early),
        ),
        cover_depth=45,
        induction=_STEPS,
    )


def _parallel(name: str, plan: SwgPlan) -> Proof:
    structure = plan.parallel
    whole = structure.words == 1
    # The first rows of an image enter whatever waits behind the window register.
    first_rows = structure.lines.depth * (plan.params.k_h - 1)
    bounds = {
        "MOST": 3 * plan.in_words + 1 + max(structure.queue, first_rows),
        "OFFER_WITHIN": 1 if whole else 3 + structure.waiting + structure.span,
        "ACCEPT_WITHIN": 1 if whole else plan.out_words,
    }
    return image_proof("swg", name, plan, _EXPECT, bounds, cover_depth=45)


def _grouped(name: str, plan: SwgPlan) -> Proof:
    # Two groups wait in the slice; windows behind the end of a row come a cycle later.
    bounds = {
        "MOST": plan.in_words + 3,
        "OFFER_WITHIN": 1 + plan.grouped.runs_on,
        "ACCEPT_WITHIN": 1,
        "INPUT_FULL_AFTER": 1,
    }
    expect = ("ifm_ch", "bits", "simd", "ifm_w", "k_h", "k_w", "dilation_h", "dilation_w", "ofm_w", "pixels")
    return image_proof("swg", name, plan, expect, bounds, groups=True)


def _proof(name: str, **values: int) -> Proof:
    plan = build("swg", _DEFAULTS, values)
    return (_serial if plan.serial else _parallel if plan.parallel else _grouped)(name, plan)


def _early(name: str, **values: int) -> Proof:
    """A proof of early entry, in a buffer for which the plan would take it at large images alone."""

    def choose(walk: Walk, shape: dict[str, Any], _in_words: int, _out_words: int) -> Walk | None:
        return serial_plan._early(walk, shape, sys.maxsize)

    with patch.multiple(serial_plan, SPARE=1.0, _choose_buffer=choose):
        plan = build("swg", {**_DEFAULTS, "k_w": 1}, values)
    return _serial(name, plan)


def _wraps(prove: Callable[..., Proof], name: str, **values: int) -> Proof:
    """A proof of a ring of as many addresses as words, as a plan takes it where a power of two would cost memory."""
    with patch.object(serial_plan, "addresses", lambda params, width, depth, style, held: depth):
        return prove(name, **values)


PROOFS = (
    _proof("2x2"),
    _wraps(_proof, "wraps", ifm_h=2),
    _proof("prefetch", ifm_h=2, prefetch=1),
    _proof("words", ifm_ch=2, ifm_h=2, ifm_w=2, k_w=1, tlast=1),
    _proof("k-is-image", ifm_h=2, ifm_w=2),
    _proof("dilation", k_w=1, dilation_h=2),
    _proof("stride", ifm_w=4, k_h=1, stride_h=2, stride_w=2),
    _proof("stride-without-window", ifm_w=4, k_h=1, k_w=1, stride_h=2, stride_w=3, tlast=1),
    _proof("one-pixel", ifm_h=1, ifm_w=1, k_h=1, k_w=1, tlast=1),
    _early("enters-early", ifm_h=2, tlast=1),
    _early("enters-early-in-a-later-row"),
    _wraps(_early, "enters-early-wraps", ifm_h=2),
    _proof("window-a-word", ifm_h=2, simd=4, tlast=1),
    _proof("half-a-window-a-word", ifm_h=2, simd=2),
    _proof("half-a-window-a-word-dilated", ifm_w=2, simd=2, dilation_h=2),
    _proof("two-pixels", ifm_h=2, ifm_w=4, simd=4, pixels=2, tlast=1),
    _proof("two-pixels-odd", ifm_h=3, ifm_w=3, simd=4, pixels=2),
    _proof("two-pixels-of-a-row", ifm_h=1, ifm_w=5, k_h=1, k_w=3, simd=3, pixels=2, tlast=1),
    _proof("two-pixels-one-word", ifm_h=3, ifm_w=2, simd=4, pixels=2, tlast=1),
    _proof("four-pixels", ifm_h=2, ifm_w=6, k_h=1, k_w=2, dilation_w=2, simd=2, pixels=4),
)
_STEPS_TO_BUG = 12
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = tuple(
    # A planted bug has to show within the steps of induction; one that only breaks the induction step is left open.
    Bug(f"swg-{name}", replace(_BY_NAME[f"swg-{proof}"], induction=_STEPS_TO_BUG), "finn_swg.v", old, new)
    for name, proof, old, new in (
        ("offers-before-the-pixel-came", "k-is-image", "may_read  = !ahead_q[3];", "may_read  = 1'b1;"),
        ("overwrites-what-it-needs", "k-is-image", "s_axis_tready = !room_q[3];", "s_axis_tready = 1'b1;"),
        ("leaves-out-too-little", "enters-early", "gap_q <= 2'd2;", "gap_q <= 2'd1;"),
        ("takes-a-word-into-the-gap", "enters-early", "!room_q[4] && !gap;", "!room_q[4];"),
        ("ends-the-window-too-early", "enters-early", "early && !entered_q && ky_last;", "1'b0;"),
        ("forgets-the-end-of-a-row", "two-pixels", "behind_q || ", ""),
        ("waits-for-the-next-image", "two-pixels", "step || (behind_q && out_free)", "step"),
        ("lets-every-window-enter", "enters-early", "wire early     = ox_early_q;", "wire early     = 1'b1;"),
    )
)
