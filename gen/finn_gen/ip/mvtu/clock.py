# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a matrix-vector-threshold unit are."""

from __future__ import annotations

from dataclasses import replace

from finn_gen import family
from finn_gen.family.delays import USUAL, Clock, Delays, Path
from finn_gen.ip.mvtu import fanout
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.ip.mvtu.tree import CUT, Kind


def clock(plan: MvtuPlan, delays: Delays) -> Clock:
    """Those of the unit; what copies of it are told goes to all of them."""
    found, copies = _unit(plan.unit, delays), delays.net(plan.params.pixels) - delays.net()
    taken, hand = (replace(path, ns=path.ns + copies) for path in (found.valid, found.ready))
    return replace(found, valid=taken, ready=hand)


def _unit(plan: MvtuPlan, delays: Delays) -> Clock:
    """The tree, the accumulators, comparisons with thresholds, memories, and the words that are issued."""
    issue = _issue(plan, delays)
    taken = Path("words that are issued", delays.control(2, plan.ports.in_width))
    hand = Path("results", _results(plan, delays))
    inputs = Path("parities of the input", delays.control(1 + _parities(plan)))
    inside = (_tree(plan, delays), _sum(plan, delays), *_ladder(plan, delays), *_weights(plan, delays), issue, hand)
    return Clock(inside, inputs, taken, hand, *[delays.register] * 3)


def _results(plan: MvtuPlan, delays: Delays) -> float:
    """From the number of results that wait to the shift registers that hold them."""
    count = plan.pipeline.fifo_count_width
    oldest = delays.register + delays.luts([4 * count]) + delays.chain(count)
    read = oldest + delays.luts([2, plan.ports.out_width]) + delays.net()
    return max(read, delays.control(2, end=plan.ports.out_width + USUAL))


def _parities(plan: MvtuPlan) -> int:
    """LUTs one behind the other of the parities that the sums of all rows share."""
    levels: dict[int, int] = {}
    for place, terms in enumerate(plan.tree.parity_terms):
        before = max(levels.get(term, 0) for term in terms)
        levels[plan.ports.in_width + place] = before + (1 if len(terms) <= 6 else 2)
    return max(levels.values(), default=0)


def _tree(plan: MvtuPlan, delays: Delays) -> Path:
    """From a register to the next one, through cells of the tree."""
    tree = plan.tree
    chained = {Kind.COUNTER, Kind.MIXED, Kind.AND_ADD}
    ns = delays.register
    for level in range(CUT):
        kinds = {cell.kind for cell in tree.cells if cell.level % CUT == level}
        if kinds:
            ns += delays.luts([plan.params.pe if plan.weights.constant else 4])
        if kinds & chained:
            ns += delays.chain(4) + delays.carry_out
    return Path("compressor tree", ns + delays.net(2))


def _sum(plan: MvtuPlan, delays: Delays) -> Path:
    """Three addends of a row, through the carries of columns beside each other and along the chain."""
    rows = plan.row_group if plan.thresholds.initial and not plan.weights.constant else USUAL
    addend = delays.luts([2])
    if max(plan.tree.waits.values(), default=0) >= family.get(plan.params.family).costs.shortest_srl:
        addend += delays.memory - delays.register
    ns = delays.register + max(addend, delays.luts([rows])) + delays.luts([2]) + delays.net(2)
    return Path("accumulators", ns + delays.chain(plan.accumulator.width) + delays.net(2))


def _ladder(plan: MvtuPlan, delays: Delays) -> tuple[Path, ...]:
    """An accumulator against thresholds, and the number of those that it reaches."""
    if not plan.thresholds.ladder:
        return ()
    half, bits = plan.thresholds.levels // 2, plan.params.out_bits
    ns = delays.register + delays.luts([half * plan.accumulator.width]) + delays.chain(plan.accumulator.width)
    # A LUT adds up to six; beyond that adders follow each other.
    levels = {2: 0, 3: 1, 4: 2}.get(bits, 2 * bits - 5)
    ns += delays.luts([3] * levels) + (delays.chain(bits) if bits > 3 else 0)
    return (Path("comparisons with thresholds", ns + delays.net(2)),)


def _weights(plan: MvtuPlan, delays: Delays) -> tuple[Path, ...]:
    """From the address through the memory to its register."""
    weights = plan.weights
    if weights.constant:
        return ()
    if weights.blocks:
        shown = delays.slow_block + delays.joined(len(weights.pieces)) + delays.net()
        return (Path("block RAM of the weights", shown),)
    memory = delays.register + delays.luts([fanout.MOST]) + delays.joined(-(-weights.depth // 64))
    return (Path("weights in LUTs", memory + delays.net()),)


def _issue(plan: MvtuPlan, delays: Delays) -> Path:
    """From the room behind the unit to the words that go in: their counters and addresses."""
    levels = 3 if plan.fold.sf > 1 else 2
    loads = plan.weights.address_width * len(plan.weights.slices) + plan.fold.sf_width * 2
    return Path("words that are issued", delays.control(levels + bool(plan.registers), loads))
