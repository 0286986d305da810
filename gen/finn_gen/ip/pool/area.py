# SPDX-License-Identifier: Apache-2.0
"""The size of a max pooling, estimated."""

from finn_gen import family
from finn_gen.family.costs import fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.pool.plan import PoolPlan


def area(plan: PoolPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    total = costs.levels(plan.levels) + Resources(4, plan.ports.in_width + 2 + plan.params.tlast)
    if plan.params.stride > 1 and plan.params.k > 1:
        total += costs.counter(plan.phase_width) + costs.counter(plan.phase_width)
    total += sum((costs.counter(due.width) for due in (plan.column_due, plan.row_due) if due), Resources())
    total += (
        costs.half_slice(plan.slice_width)
        if plan.slice_module == "finn_half_slice"
        else costs.reg_slice(plan.slice_width)
    )
    if plan.params.k == 1:
        return total
    # A maximum along the row and one down the column; begun windows need a multiplexer of their own.
    restart = plan.params.stride > 1 and not plan.apart
    if plan.params.bits == 1:
        lane = 0.5 if plan.params.stride == 1 else 1 + restart
    else:
        lane = (
            1.6 * plan.params.bits - 2
            if plan.params.stride == 1
            else 2.3 * plan.params.bits - 1.5 + 0.6 * plan.params.bits * restart
        )
    # Part of what chooses the maximum down the column merges with the multiplexer of a register slice.
    merged = 0.7 * plan.ports.in_width if plan.params.bits > 1 and plan.slice_module == "finn_reg_slice" else 0
    total += Resources(fitted(2 * plan.lanes * lane - merged), 2 * plan.address_width + (plan.params.stride > 1))
    if plan.apart and plan.folds == 1:
        row = Resources()  # the maximum of the row is the register of the next stage
    elif plan.folds < costs.shortest_srl:
        row = Resources(0, (plan.folds - plan.apart) * plan.state_width)
    else:
        row = Resources(costs.srl_luts(plan.state_width, plan.folds))
    return total + row + costs.ram(plan.state_width, plan.depth, plan.style)
