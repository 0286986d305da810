# SPDX-License-Identifier: Apache-2.0
"""A plan as text for people."""

from __future__ import annotations

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.words import counted, every
from finn_gen.family.resources import Resources
from finn_gen.plan import clock, folding
from finn_gen.plan.chain import Stage, total
from finn_gen.plan.folding import LayerFolding
from finn_gen.plan.network import NetworkPlan, without_fifos
from finn_gen.plan.rate import faster

_HEADS = ("stage", "PE", "SIMD", "weights", "bits in", "bits out", "cycles")


def _row(stage: Stage, parts: int) -> tuple[str, ...]:
    """Cells of a stage; a block RAM is `parts` of 18 kbit."""
    facts, used = stage.ip.facts(stage.plan), stage.resources
    return (
        stage.name,
        str(facts.pe or ""),
        str(facts.simd or ""),
        facts.holds,
        str(stage.plan.ports.in_width),
        str(stage.plan.ports.out_width),
        str(stage.cycles),
        str(used.lut),
        str(used.ff),
        f"{used.bram18 / parts:g}",
    )


def table(plan: NetworkPlan) -> str:
    """A line a stage, and the sum."""
    used, of = plan.resources, family.get(plan.folding.family)
    rows = [(*_HEADS, of.lut, "FF", of.block), *(_row(stage, of.block_parts) for stage in plan.stages)]
    rows.append(("sum", *[""] * 6, str(used.lut), str(used.ff), f"{used.bram18 / of.block_parts:g}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _packing(packed: bool) -> str:
    """What an input word carries."""
    return "bits, packed" if packed else "bytes"


def summary(plan: NetworkPlan) -> str:
    """Rate, latency, input, what limits the rate, and the clock."""
    us, asked = plan.latency / plan.clock_mhz, plan.input.params
    words = f"{counted(plan.input.words, 'word')} of {counted(asked.word_width, 'bit')}"
    limits = ", ".join(stage.name for stage in plan.limiting) or "no single stage"
    lines = (
        [] if plan.smallest_fifos else ["fifos     large enough, but not the smallest: the search would take too long"]
    )
    return "\n".join(
        (
            f"rate      {plan.fps:,.0f} images/s at {plan.clock_mhz:g} MHz: one {every(plan.interval, 'cycle', ',')}",
            f"latency   {counted(plan.latency, 'cycle', ',')}, {us:,.2f} us",
            f"input     {words} an image ({_packing(asked.packed)})",
            f"limit     {limits}",
            *filter(None, (clock.line(plan),)),
            *lines,
        )
    )


def _folded(fold: LayerFolding) -> str:
    """PE and SIMD, and how many pixels at once where there are several."""
    return f"{fold.pe}/{fold.simd}" + (f" of {fold.pixels} pixels" if fold.pixels > 1 else "")


def next_step(plan: NetworkPlan) -> str:
    """What the next faster folding would cost."""
    try:
        chosen = faster(plan.network, plan.folding, plan.interval)
        stages = without_fifos(plan.network, chosen)
    except InputError as error:
        return f"faster    not possible: {error}"
    interval = max(stage.cycles for stage in stages)
    own = tuple(stage for stage in plan.stages if not stage.inserted)
    before, after = total(own), total(stages)
    changed = [
        f"{name} {_folded(fold)}"
        for name, fold in chosen.layers.items()
        if _folded(fold) != _folded(plan.folding.layers[name])
    ]
    parts = [f"PE/SIMD of {', '.join(changed)}"] if changed else []
    if (chosen.input_width, chosen.packed) != (plan.folding.input_width, plan.folding.packed):
        parts.append(f"input words of {counted(chosen.input_width, 'bit')} ({_packing(chosen.packed)})")
    fps, steps = plan.clock_mhz * 1e6 / interval, " and ".join(parts) or "deeper FIFOs"
    of = family.get(plan.folding.family)
    blocks = (after.bram18 - before.bram18) / of.block_parts
    return (
        f"faster    {fps:,.0f} images/s (an image {every(interval, 'cycle', ',')}) with {steps}: "
        f"{after.lut - before.lut:+,} {of.lut}, {after.ff - before.ff:+,} FF, {blocks:+g} {of.block}"
    )


def device_use(used: Resources, device: str, limit: Resources, what: str = "") -> str:
    """How much of a device something takes, `what` it is; a warning where that is more than there is."""
    kind = family.of_device(device)
    blocks = (used.bram18 / kind.block_parts, limit.bram18 / kind.block_parts)
    parts = ((kind.lut, used.lut, limit.lut), ("FF", used.ff, limit.ff), (kind.block, *blocks))
    text = ", ".join(f"{amount:,g} of {most:,g} {name}" for name, amount, most in parts)
    over = [name for name, amount, most in parts if amount > most]
    warning = f"\nwarning   more {' and '.join(over)} than {device} has" if over else ""
    of = f"{what}, " if what else ""
    return f"{device:10}{text} ({of}estimated after Yosys){warning}"


def legal(plan: NetworkPlan) -> str:
    """The PE and SIMD that each layer could have, and where there are several of them, how many pixels at once."""
    lines = []
    for layer in plan.network.layers:
        if not layer.matrix:
            continue
        values, pixels = plan.legal(layer.name), folding.pixels_of(layer, plan.folding.reload)
        lines += [f"{layer.name:10}{what:5}{' '.join(map(str, values[what]))}" for what in ("pe", "simd")]
        if len(pixels) > 1:
            pe, simd = layer.matrix.weights.shape
            lines.append(f"{layer.name:10}pixels {' '.join(map(str, pixels))} (several with pe {pe}, simd {simd})")
    return "\n".join(lines)
