# SPDX-License-Identifier: Apache-2.0
"""The front of rate against LUTs and block RAMs, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from finn_gen.family.resources import Resources
from finn_gen.plan.front import Point
from finn_gen.report import scale

WIDTH, PANEL, GAP = 1080, 250, 40
LEFT, RIGHT, TOP, BOTTOM = 76, 28, 12, 48
LEGEND = ((1, "most LUTs of a rate"), (2, "between"), (3, "fewest LUTs of a rate"))
"""What colours say: the colours of `colors.css`, and words."""


@dataclass(frozen=True)
class Dot:
    """A plan in a panel: its place in pixels, the colour by its `rank`, what is shown where the pointer rests."""

    x: float
    y: float
    rank: int
    text: str


@dataclass(frozen=True)
class Panel:
    """A resource over the rate. `lines` join the plans of a rank; coordinates are pixels."""

    name: str
    top: float
    bottom: float
    ticks: tuple[tuple[float, str], ...]
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """The picture."""

    width: int
    height: int
    left: float
    right: float
    x_ticks: tuple[tuple[float, str], ...]
    panels: tuple[Panel, ...]
    legend: tuple[tuple[int, str], ...]


def chart(points: Sequence[Point], clock_mhz: float) -> Chart:
    """The front at a clock: LUTs above, block RAMs below."""
    rates = [_fps(point, clock_mhz) for point in points]
    xs = scale.decades(min(rates), max(rates))
    left, right = LEFT, WIDTH - RIGHT
    places = [scale.place(rate, xs, left, right) for rate in rates]
    luts = scale.decades(min(point.used.lut for point in points), max(point.used.lut for point in points))
    most = max(1.0, max(point.used.bram18 for point in points) / 2)
    blocks = scale.ticks(most * 1.05, 6)
    top, second = TOP, TOP + PANEL + GAP

    def lut_y(value: float) -> float:
        return scale.place(value, luts, top + PANEL, top)

    def block_y(value: float) -> float:
        return second + PANEL - value / (most * 1.05) * PANEL

    words = [_words(point, rate) for point, rate in zip(points, rates, strict=True)]
    ranks = _ranks(points)

    def dots(ys: Iterable[float]) -> list[Dot]:
        return [Dot(*each) for each in zip(places, ys, ranks, words, strict=True)]

    panels = (
        _panel("LUT", top, [(lut_y(t), scale.short(t)) for t in luts], dots(lut_y(p.used.lut) for p in points)),
        _panel(
            "BRAM36",
            second,
            [(block_y(t), scale.short(t)) for t in blocks],
            dots(block_y(p.used.bram18 / 2) for p in points),
        ),
    )
    x_ticks = tuple((scale.place(tick, xs, left, right), scale.short(tick)) for tick in xs)
    return Chart(WIDTH, second + PANEL + BOTTOM, left, right, x_ticks, panels, LEGEND)


def table(points: Sequence[Point], clock_mhz: float, limit: Resources) -> str:
    """A line a plan: rate, cycles, what it takes and the largest share of the device, its folding."""
    heads = ("images/s", "cycles", "LUT", "FF", "BRAM36", "of the device", "folding")
    rows = [heads]
    for point in points:
        used = point.used
        share = max(used.lut / limit.lut, used.ff / limit.ff, used.bram18 / limit.bram18)
        figures = (f"{_fps(point, clock_mhz):,.0f}", f"{point.interval:,}", f"{used.lut:,}", f"{used.ff:,}")
        rows.append((*figures, f"{used.bram18 / 2:g}", f"{100 * share:.1f} %", point.folding.name))
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = (
        "  ".join([*(cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False)), row[-1]])
        for row in rows
    )
    return "\n".join(lines)


def _fps(point: Point, clock_mhz: float) -> float:
    return clock_mhz * 1e6 / point.interval


def _words(point: Point, rate: float) -> str:
    used = point.used
    return f"{point.folding.name}: {rate:,.0f} images/s, {used.lut:,} LUT, {used.ff:,} FF, {used.bram18 / 2:g} BRAM36"


def _ranks(points: Sequence[Point]) -> list[int]:
    """Of each plan whether it has the most LUTs of its rate, 1, or the fewest, 3; 2 is between."""
    of_rate: dict[int, list[int]] = {}
    for point in points:
        of_rate.setdefault(point.interval, []).append(point.used.lut)
    return [
        1
        if point.used.lut == max(of_rate[point.interval])
        else 3
        if point.used.lut == min(of_rate[point.interval])
        else 2
        for point in points
    ]


def _panel(name: str, top: float, ticks: Sequence[tuple[float, str]], dots: Sequence[Dot]) -> Panel:
    lines = (" ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots if dot.rank == rank) for rank, _ in LEGEND)
    return Panel(name, top, top + PANEL, tuple(ticks), tuple(dots), tuple(line for line in lines if " " in line))
