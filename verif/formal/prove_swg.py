# SPDX-License-Identifier: Apache-2.0
"""Proofs of the sliding window generator: both structures, small images."""

from dataclasses import replace

from proof import Bug, Proof

from finn_gen import ip
from finn_gen.emit import core_files
from finn_gen.ip.swg import SwgPlan

_HARNESS = (
    "ifm_ch", "bits", "simd", "ifm_h", "ifm_w", "k_h", "k_w", "stride_h", "stride_w", "dilation_h", "dilation_w",
    "ofm_h", "ofm_w", "tlast", "in_width", "out_width", "in_tdata_width", "out_tdata_width", "in_words", "out_words",
)  # fmt: skip


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


def _bounds(plan: SwgPlan) -> dict[str, int]:
    """Words in the core, and cycles that a word may be held up, as axis_image takes them."""
    most = 2 * plan.in_words + 1
    if plan.serial:
        # From a word's entering the buffer to its being read; the reader takes one of its reads to get there.
        return {
            "MOST": max(most, plan.in_words + plan.serial.depth + 1),
            "OFFER_WITHIN": 1,
            "ACCEPT_WITHIN": plan.out_words // (plan.ofm_h * plan.ofm_w) + 1,
            "EARLY": plan.serial.early,
            "GAP": plan.serial.gap,
            "DEPTH": plan.serial.depth,
            "WORD_PASSES": _passes(plan, "word"),
            "KX_PASSES": _passes(plan, "kx"),
            "ADDRESS_WIDTH": plan.serial.address_width,
            "AHEAD_WIDTH": plan.serial.ahead_width,
            "ROOM_WIDTH": plan.serial.room_width,
        }
    words = plan.parallel.words
    return {
        # The first rows of an image enter whatever waits behind the window register.
        "MOST": most + plan.in_words + plan.parallel.queue,
        "OFFER_WITHIN": 1 if words == 1 else 3 + plan.parallel.waiting + plan.parallel.span,
        "ACCEPT_WITHIN": 1 if words == 1 else plan.out_words,
        "EARLY": 0,
    }


def _proof(name: str, cover_depth: int = 45, **values: int) -> Proof:
    shape = {"ifm_ch": 1, "simd": 1, "ifm_h": 3, "ifm_w": 3, "k_h": 2, "k_w": 2} | values
    plan = ip.get("swg").build(shape)
    sources = {path: text for path, text in core_files("swg", plan).items() if path.endswith(".v")}
    defines = ("TLAST",) * plan.tlast
    if plan.serial:
        sources["finn_ram.v"] = sources["finn_ram.v"].replace("\nendmodule", _CONTENTS)
        defines += ("SERIAL", *(f"{level.name.upper()}={level.width}" for level in plan.serial.levels))
    bounds = _bounds(plan)
    return Proof(
        name=f"swg-{name}",
        harness="prove_swg",
        core=plan.module,
        sources=sources,
        parameters={name.upper(): int(getattr(plan, name)) for name in _HARNESS} | bounds,
        defines=defines,
        cover_depth=cover_depth,
        induction=bounds["ACCEPT_WITHIN"] + 3 if plan.serial else 0,
    )


PROOFS = (
    _proof("2x2"),
    _proof("prefetch", ifm_h=2, prefetch=1),
    _proof("words", ifm_ch=2, ifm_h=2, ifm_w=2, k_w=1, tlast=1),
    _proof("k-is-image", ifm_h=2, ifm_w=2),
    _proof("dilation", k_w=1, dilation_h=2),
    _proof("stride", ifm_w=4, k_h=1, stride_h=2, stride_w=2),
    _proof("stride-without-window", ifm_w=4, k_h=1, k_w=1, stride_h=2, stride_w=3, tlast=1),
    _proof("one-pixel", ifm_h=1, ifm_w=1, k_h=1, k_w=1, tlast=1),
    _proof("window-a-word", ifm_h=2, simd=4, tlast=1),
    _proof("half-a-window-a-word", ifm_h=2, simd=2),
)
# A planted bug has to show within the steps of induction; one that only breaks the induction step is left open.
_LONGER = replace(PROOFS[0], induction=14)
BUGS = tuple(
    Bug(f"swg-{name}", _LONGER, "finn_swg.v", old, new)
    for name, old, new in (
        ("offers-before-the-pixel-came", "wire may_read  = !ahead_q[3];", "wire may_read  = 1'b1;"),
        ("overwrites-what-it-needs", "s_axis_tready = !room_q[3];", "s_axis_tready = 1'b1;"),
    )
)
