# SPDX-License-Identifier: Apache-2.0
"""The files of a max pooling."""

from dataclasses import asdict, dataclass

from finn_gen.base.counters import Due
from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import TRUE, Loops, all_of, count_down, either, negated, number, part
from finn_gen.ip import Files
from finn_gen.ip.pool.plan import Axis, PoolPlan


@dataclass(frozen=True)
class _Counts:
    """The counters along an axis: its counter `name`, the `unit` that it counts, and Verilog.

    They go on where it `steps`; `phase_wraps` where the phase begins anew; `next_due` is what `due` becomes.
    """

    axis: Axis
    name: str
    unit: str
    steps: str
    phase_wraps: str
    due: Due | None
    next_due: str


@dataclass(frozen=True)
class _Halving:
    """A comparison of each pixel of a word with its neighbour: the net with the larger ones, and what it compares.

    `left` and `right` are the parts of `net` with the pixels of either side, the last one first.
    """

    name: str
    lanes: int
    net: str
    left: list[str]
    right: list[str]


def _halvings(plan: PoolPlan) -> list[_Halving]:
    """The comparisons of the pixels of a word, until a window is one; none where a word is one pixel."""
    found, net, pixel = [], "in_word", plan.params.pe * plan.params.bits
    pixels = plan.params.pixels
    while pixels > plan.params.out_pixels:
        pixels //= 2
        left, right = (
            [f"{net}{part(2 * index + side, pixel)}" for index in reversed(range(pixels))] for side in (0, 1)
        )
        found.append(_Halving(f"of_{plan.params.pixels // pixels}", pixels * plan.params.pe, net, left, right))
        net = found[-1].name
    return found


def emit(plan: PoolPlan) -> Files:
    """The pooling's one file."""
    loops, params, halvings = Loops(plan.levels), plan.params, _halvings(plan)
    step = " x ".join(map(str, params.steps if params.steps[0] != params.steps[1] else params.steps[:1]))
    text = render(
        "ip/pool/pool.v.j2",
        plan=plan,
        params=params,
        window=" x ".join(map(str, params.kernel)),
        step=step,
        loops=loops,
        axes=(
            _counts(plan, "x", plan.column_due, loops.last("fold"), loops.last("fold", "x")),
            _counts(plan, "y", plan.row_due, loops.last("fold", "x"), loops.last()),
        ),
        x_ends="x_ends" if plan.column_due else negated(loops.last("x")) if plan.drops else TRUE,
        halvings=halvings,
        entering=halvings[-1].name if halvings else "in_word",
        last=loops.at(asdict(plan.final)),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}


def _counts(plan: PoolPlan, name: str, due: Due | None, steps: str, ends: str) -> _Counts:
    """`steps` holds in the last word of a position, `ends` in the last word of the axis."""
    across = name == "x"
    axis, size, unit = (plan.across, plan.row_groups, "columns") if across else (plan.down, plan.params.ifm_h, "rows")
    wraps = f"{name}_phase_q == {number(axis.phase_width, axis.last_phase)}"
    if size % axis.stride:
        wraps = f"{either(ends)} || {wraps}"
    next_due = count_down(due, f"{name}_due_q", f"{name}_ends", ends) if due else ""
    return _Counts(axis, name, unit, all_of(("take", steps)), wraps, due, next_due)
