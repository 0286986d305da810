# SPDX-License-Identifier: Apache-2.0
"""The size of a matrix-vector-threshold unit, estimated."""

import functools
from collections.abc import Sequence
from operator import or_

import numpy as np

from finn_gen import family
from finn_gen.base.counters import counter_width
from finn_gen.family.costs import Costs, Piece, fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.mvtu import fanout
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.ip.mvtu.registers import Registers
from finn_gen.ip.mvtu.thresholds import Table
from finn_gen.ip.mvtu.weights import Weights


def area(plan: MvtuPlan) -> Resources:
    """Its parts, one by one, of each copy."""
    if plan.params.pixels > 1:
        return area(plan.unit) * plan.params.pixels
    costs = family.get(plan.params.family).costs
    parts = (
        _issue(costs, plan),
        _operands(costs, plan),
        _weights(costs, plan),
        _tables(costs, plan),
        _rows(costs, plan),
    )
    return sum(parts, Resources())


def least_luts(pe: int, simd: int, in_bits: int, weights: np.ndarray) -> int:
    """Fewer LUTs than any unit of `pe` rows and `simd` columns a cycle takes, known before one is planned.

    The cheapest unit seen, 1,024 x 32 constants unfolded, takes 0.165 for each product of a bit, and four rows that
    share all their sums would add an eighth of a LUT; products with a weight of 0 may vanish.
    """
    return int(pe * simd * in_bits * np.count_nonzero(weights) // (8 * weights.size))


def _issue(costs: Costs, plan: MvtuPlan) -> Resources:
    """Counters of words and passes, the replay buffer, the address of the weights."""
    fold, total = plan.fold, Resources(3)
    if fold.sf > 1:
        total += costs.index(fold.sf_width)
    if fold.nf > 1:
        total += costs.index(fold.nf_width) + Resources(0, 1 + bool(plan.registers))
    if fold.replayed:
        # Each counter's word and the one that follows, whether slots are free and filled, copies of the slot.
        following = 2 * fold.sf_width
        flags = Resources(fitted(fold.sf_width / 2 + 2), 2)
        copies = Resources(0, len(plan.replay_lanes) * fold.sf_width)
        total += costs.index(fold.sf_width) + Resources(0, following) + flags + copies + _replay_buffer(costs, plan)
        if not fold.sf_is_power and len(plan.weights.slices) == 1:
            total += costs.index(plan.weights.address_width)
    elif fold.nf > 1:
        total += costs.reg_slice(plan.ports.in_width)
    if len(plan.weights.slices) > 1:
        # The address and the one that follows.
        total += costs.index(plan.weights.address_width) + Resources(*[plan.weights.address_width] * 2)
    return total


def _replay_buffer(costs: Costs, plan: MvtuPlan) -> Resources:
    """The input vector in a memory whose style is left to Yosys.

    Where a register follows directly it may take block RAM, which then has that register inside.
    """
    if plan.pipeline.operand_stages == 2 and costs.block_is_cheaper(plan.ports.in_width, plan.fold.sf):
        return costs.block_ram(plan.ports.in_width, plan.fold.sf) + Resources(0, -plan.ports.in_width)
    return costs.lut_ram(plan.ports.in_width, plan.fold.sf) + Resources(0, -plan.ports.in_width)


def _operands(costs: Costs, plan: MvtuPlan) -> Resources:
    """The input word and its parities, and the valid and last bits beside the sums."""
    parities = sum(-(-(len(terms) - 1) // 5) for terms in plan.tree.parity_terms)
    registers = plan.tree.shared * -(-plan.params.pe // plan.input_group) + (2 if plan.fold.sf > 1 else 1) * (
        plan.tree.stages + 1
    )
    if plan.pipeline.operand_stages == 2:
        registers += plan.ports.in_width + 2
    if plan.thresholds.initial and plan.fold.sf > 1:
        registers += 1
    return Resources(parities, registers)


def _weights(costs: Costs, plan: MvtuPlan) -> Resources:
    """The memory of the weights, or the address of the constants."""
    weights = plan.weights
    if weights.constant:
        return Resources(0, plan.pipeline.operand_stages * weights.address_width if weights.depth > 1 else 0)
    if weights.storage == "lut" and not plan.registers:
        if weights.stored:
            return _sliced(costs, weights.stored, weights.slices)
        # Of a sketch all columns differ.
        return Resources(costs.lut_rom_luts(weights.width, weights.depth), weights.width + _addresses(weights))
    if weights.storage == "lut":
        return costs.lut_ram(weights.width, weights.depth)
    used = block_memory(costs, weights.width, weights.pieces, plan.registers is not None)
    return used + Resources(0, _addresses(weights))


def _addresses(weights: Weights) -> int:
    """Registers of the address of each slice of a memory, where there are several."""
    return weights.address_width * len(weights.slices) if len(weights.slices) > 1 else 0


def block_memory(costs: Costs, width: int, pieces: Sequence[Piece], written: bool) -> Resources:
    """Words of weights in block RAM, with the register behind them."""
    total = Resources(0, width)
    for piece in pieces:
        total += costs.block_ram(width, piece.depth, written)
    if len(pieces) > 1:
        # Pieces are told apart by the bits of the address down to the lowest one of a base.
        bases = functools.reduce(or_, (piece.base for piece in pieces))
        low = (bases & -bases).bit_length() - 1
        depth = pieces[-1].base + pieces[-1].depth
        total += Resources(width * costs.mux_luts(len(pieces)), counter_width(depth - 1) - low)
    return total


def _sliced(costs: Costs, words: Sequence[str], slices: Sequence[int]) -> Resources:
    """A read-only memory in LUTs, with a copy of the address for each of its slices where there are several."""
    address = (len(words) - 1).bit_length() * len(slices) if len(slices) > 1 else 0
    parts = zip(fanout.cut(words, slices), slices, strict=True)
    return sum((costs.rom(each, width) for each, width in parts), Resources(0, address))


def _tables(costs: Costs, plan: MvtuPlan) -> Resources:
    """What the accumulators start from, and the thresholds of outputs of several bits."""
    fold, reloaded = plan.fold, plan.registers is not None
    initial, ladder = plan.thresholds.initial, plan.thresholds.ladder
    total = Resources()
    if initial and (fold.nf > 1 or reloaded):
        total += _table(costs, initial, reloaded)
        if fold.nf > 1:
            total += costs.index(initial.address_width)
            if len(initial.slices) > 1 and not reloaded:
                # The counter of rows is one of the copies of the address.
                total += Resources(0, -initial.address_width)
    elif initial and fold.sf > 1:
        total += Resources(0, 1)
    if ladder:
        total += Resources(0, 1)
        if fold.nf > 1 or reloaded:
            total += _table(costs, ladder, reloaded)
        if fold.nf > 1 and reloaded:
            total += costs.index(ladder.address_width)
    return total


def _table(costs: Costs, table: Table, reloaded: bool) -> Resources:
    """A table of numbers for the rows."""
    if reloaded or len(table.slices) == 1:
        return costs.table(table, reloaded)
    return _sliced(costs, table.words, table.slices) + Resources(0, len(table.slices))


def _rows(costs: Costs, plan: MvtuPlan) -> Resources:
    """Sums and accumulators, comparisons of outputs of several bits, and the FIFO of results."""
    copies, pe, width = 1 if plan.weights.constant else plan.params.pe, plan.params.pe, plan.accumulator.width
    registers = len(plan.tree.registers) * copies + (width * pe if plan.fold.sf > 1 else 0)
    total = Resources(plan.tree.luts * copies + width * pe, registers)
    if plan.thresholds.ladder:
        total += Resources(pe * (plan.thresholds.levels // 2) * (width - 1), pe * width)
    if plan.fold.sf > 1 and plan.row_group < pe:
        total += Resources(0, 2 * -(-pe // plan.row_group))
    if plan.registers:
        total += _axil_slave(costs, plan.registers)
    return total + costs.fifo(plan.ports.out_width, plan.pipeline.fifo_depth, "srl", mark=False)


def _axil_slave(costs: Costs, registers: Registers) -> Resources:
    """The AXI-Lite slave and the words that are written through it."""
    lanes = sum(memory.lanes for memory in registers.table.memories)
    ff = 2 + 1 + registers.address_width + 32 + 4 + 1 + 1 + 1 + registers.stage_width + registers.wait_stages
    return Resources(fitted(80 + 32 * costs.mux_luts(lanes) + 0.4 * registers.stage_width), ff)
