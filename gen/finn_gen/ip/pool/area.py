# SPDX-License-Identifier: Apache-2.0
"""The size of a max pooling, estimated."""

from finn_gen import family
from finn_gen.base.counters import Counter
from finn_gen.base.verilog import lanes
from finn_gen.family.costs import Costs, fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.pool.plan import Axis, PoolPlan


def area(plan: PoolPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    across, down = plan.across, plan.down
    total = costs.levels(_counted(plan)) + Resources(4, plan.ports.out_width + 2 + plan.params.tlast)
    total += sum((costs.counter(axis.phase_width) for axis in (across, down) if axis.has_phase), Resources())
    total += sum((costs.counter(due.width) for due in (plan.column_due, plan.row_due) if due), Resources())
    total += (
        costs.half_slice(plan.slice_width)
        if plan.slice_module == "finn_half_slice"
        else costs.reg_slice(plan.slice_width)
    )
    # A maximum along the row and one down the columns; begun windows need a multiplexer of their own.
    luts = sum(axis.lanes * _lane(axis, plan.params.bits) for axis in (across, down) if axis.k > 1)
    luts += _within_words(plan)
    if down.k > 1:
        # Part of what chooses the maximum down the column merges with the multiplexer of a register slice.
        merges = plan.params.bits > 1 and plan.slice_module == "finn_reg_slice" and not plan.halves
        luts -= 0.7 * plan.ports.out_width if merges else 0
        total += Resources(0, len(lanes(down.state_width)) if down.stride > 1 else 0)
        if plan.one_place:
            total += Resources(0, plan.state_width)
        else:
            addresses = 2 * plan.address_width * len(plan.lanes_of_buffer)
            total += Resources(0, addresses) + costs.ram(plan.state_width, plan.depth, plan.style)
    if across.k > 1:
        total += Resources(0, len(lanes(across.state_width)) if across.stride > 1 else 0)
        total += _row(costs, plan, across)
    return total + Resources(fitted(luts))


def _counted(plan: PoolPlan) -> tuple[Counter, ...]:
    """The counters that stay: of words of several pixels not that of rows, where these are whole windows."""
    due, rows = plan.row_due, plan.params.ifm_h
    whole = not plan.carries_last and (not due or (due.whole and due.first == due.again))
    if plan.grouped and whole and rows % plan.down.stride == 0:
        return tuple(level for level in plan.levels if level.name != "y")
    return plan.levels


def _within_words(plan: PoolPlan) -> float:
    """LUTs of the comparisons of the pixels of a word; of bits they are an OR of as many inputs as pixels."""
    if not plan.halves:
        return 0
    columns, bits = plan.params.pixels // plan.params.out_pixels, plan.params.bits
    if bits == 1:
        return plan.word_lanes * -(-(columns - 1) // 5)
    comparison = 1.9 * bits - 1.9 if bits > 3 else 2.1 * bits - 3.6
    return plan.word_lanes * (columns - 1) * comparison


def _lane(axis: Axis, bits: int) -> float:
    """LUTs of a comparison."""
    restart = axis.stride > 1 and not axis.apart
    if bits == 1:
        return 0.5 if axis.stride == 1 else 1 + restart
    return 1.6 * bits - 2 if axis.stride == 1 else 2.3 * bits - 1.5 + 0.6 * bits * restart


def _row(costs: Costs, plan: PoolPlan, across: Axis) -> Resources:
    """What is kept of the row; of windows apart the maximum is the register of the next stage."""
    if across.apart and plan.folds == 1:
        return Resources()
    if plan.folds < costs.shortest_srl:
        return Resources(0, (plan.folds - across.apart) * across.state_width)
    return Resources(costs.srl_luts(across.state_width, plan.folds))
