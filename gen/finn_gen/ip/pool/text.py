# SPDX-License-Identifier: Apache-2.0
"""The files of a max pooling."""

from dataclasses import asdict, dataclass

from finn_gen.base.counters import Due
from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import TRUE, Loops, all_of, count_down, either, number
from finn_gen.ip import Files
from finn_gen.ip.pool.plan import PoolPlan


@dataclass(frozen=True)
class _Axis:
    """The counters along an axis: its counter `name`, the `unit` that it counts, and Verilog.

    They go on where it `steps`; `phase_wraps` where the phase begins anew; `next_due` is what `due` becomes.
    """

    name: str
    unit: str
    steps: str
    phase_wraps: str
    due: Due | None
    next_due: str


def emit(plan: PoolPlan) -> Files:
    """The pooling's one file."""
    loops = Loops(plan.levels)
    text = render(
        "ip/pool/pool.v.j2",
        plan=plan,
        params=plan.params,
        loops=loops,
        axes=(
            _axis(plan, "x", plan.column_due, loops.last("fold"), loops.last("fold", "x")),
            _axis(plan, "y", plan.row_due, loops.last("fold", "x"), loops.last()),
        ),
        x_ends="x_ends" if plan.column_due else TRUE,
        last=loops.at(asdict(plan.final)),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}


_SIZES = {"x": ("columns", "ifm_w"), "y": ("rows", "ifm_h")}


def _axis(plan: PoolPlan, name: str, due: Due | None, steps: str, ends: str) -> _Axis:
    """`steps` holds in the last word of a position, `ends` in the last word of the axis."""
    unit, size = _SIZES[name]
    wraps = f"{name}_phase_q == {number(plan.phase_width, plan.last_phase)}"
    if getattr(plan.params, size) % plan.params.stride:
        wraps = f"{either(ends)} || {wraps}"
    next_due = count_down(due, f"{name}_due_q", f"{name}_ends", ends) if due else ""
    return _Axis(name, unit, all_of(("take", steps)), wraps, due, next_due)
