# SPDX-License-Identifier: Apache-2.0
"""Pareto fronts of a sweep: the accelerators that no other one beats in rate and in what it costs, as a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from finn_gen.plan.folding import STORAGES
from finn_gen.report import scale
from finn_gen.report.page import Card, Part, Verdict, missing, page, part

PACKAGE = "finn_sweep"
COSTS = {"lut": "LUT", "bram36": "BRAM36", "latency_us": "latency, us"}
"""What a front sets the rate against: column and title."""
WIDTH, HEIGHT = 1080, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 16, 52


def front(rows: Sequence[Mapping[str, Any]], cost: str) -> list[int]:
    """Indices of the rows that no other one beats: more images a second for no more of `cost`; the slowest first.

    Of rows with the same rate and cost the first one counts. Rows without a plan count not at all.
    """
    order = sorted(
        (index for index, row in enumerate(rows) if not row["refused"]),
        key=lambda index: (-rows[index]["planned_fps"], rows[index][cost], index),
    )
    best, found = math.inf, []
    for index in order:
        if rows[index][cost] < best:
            best = rows[index][cost]
            found.append(index)
    return found[::-1]


def marked(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with a column `front`: the costs on whose front they lie."""
    lying = {cost: set(front(rows, cost)) for cost in COSTS}
    return [
        {**row, "front": " ".join(cost for cost in COSTS if index in lying[cost])} for index, row in enumerate(rows)
    ]


@dataclass(frozen=True)
class Dot:
    """A row in a picture: its place, the mark of its storage, and whether it lies on the front."""

    x: float
    y: float
    mark: int
    on_front: bool
    title: str


@dataclass(frozen=True)
class Chart:
    """Rate, to the right, against a cost, upwards; both axes are logarithmic, but that 0 lies at the bottom."""

    title: str
    width: int
    height: int
    box: tuple[float, float, float, float]
    dots: tuple[Dot, ...]
    line: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


def chart(rows: Sequence[Mapping[str, Any]], cost: str) -> Chart | None:
    """The picture of a cost; None without a row that has a plan."""
    good = [(index, row) for index, row in enumerate(rows) if not row["refused"]]
    if not good:
        return None
    lying = front(rows, cost)
    xs = scale.decades(*_span([row["planned_fps"] for _, row in good]))
    ys = scale.decades(*_span([max(row[cost], 0.5) for _, row in good]))
    box = (LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)

    def place(row: Mapping[str, Any]) -> tuple[float, float]:
        return _place(row["planned_fps"], xs, box[0], box[2]), _place(max(row[cost], 0.5), ys, box[3], box[1])

    dots = tuple(
        Dot(
            *place(row),
            STORAGES.index(row["storage"]),
            index in lying,
            f"{row['planned_fps']:,.0f} images/s, {row[cost]:,g} {COSTS[cost]}; {row['storage']}, {row['clock']:g} MHz",
        )
        for index, row in good
    )
    corners = [place(rows[index]) for index in lying]
    # A step: whatever is faster than one point of the front costs what the next one does.
    steps = [corners[0]]
    for (_, y), (x, above) in pairwise(corners):
        steps += [(steps[-1][0], above), (x, above)] if y != above else [(x, above)]
    return Chart(
        COSTS[cost],
        WIDTH,
        HEIGHT,
        box,
        dots,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in steps),
        tuple((_place(tick, xs, box[0], box[2]), scale.short(tick)) for tick in xs),
        tuple((_place(tick, ys, box[3], box[1]), scale.short(tick)) for tick in ys),
    )


def _span(values: Sequence[float]) -> tuple[float, float]:
    return min(values) * 0.8, max(values) * 1.2


def _place(value: float, ticks: Sequence[float], start: float, end: float) -> float:
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])
    return start + (math.log10(value) - low) / (high - low) * (end - start)


def sweep_page(title: str, subtitle: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The page of a sweep; `rows` as `marked` gives them."""
    good = [row for row in rows if not row["refused"]]
    shown = [(STORAGES.index(name), name) for name in STORAGES if any(row["storage"] == name for row in good)]
    parts: list[Part] = []
    for cost, name in COSTS.items():
        drawn = chart(rows, cost)
        heading = f"Rate against {name}"
        if drawn:
            lying = [rows[index] for index in front(rows, cost)]
            filled = part("fronts", heading, PACKAGE, chart=drawn, shown=shown, lying=lying, cost=cost)
            parts.append(Part(f"front-{cost}", heading, filled.body))
        else:
            parts.append(missing(f"front-{cost}", heading, "No point can be built."))
    parts.append(part("points", "All points", PACKAGE, rows=rows))
    wrong = [row for row in good if row.get("mismatches")]
    tried = [row for row in good if "mismatches" in row]
    verdict = Verdict(
        not wrong if tried else None,
        f"{len(wrong)} of {len(tried)} simulated points differ from the reference"
        if wrong
        else f"all {len(tried)} simulated points give the reference's scores"
        if tried
        else "planned, not simulated",
    )
    cards = [Card("points", f"{len(rows)}", f"{len(rows) - len(good)} of them cannot be built")]
    if good:
        fastest = max(good, key=lambda row: row["planned_fps"])
        smallest = min(good, key=lambda row: row["lut"])
        cards += [
            Card("fastest", f"{fastest['planned_fps']:,.0f} images/s", f"{fastest['lut']:,} LUT, estimated"),
            Card("smallest", f"{smallest['lut']:,} LUT", f"{smallest['planned_fps']:,.0f} images/s"),
        ]
    return page(title, subtitle, verdict, cards, parts)
