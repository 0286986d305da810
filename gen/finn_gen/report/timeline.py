# SPDX-License-Identifier: Apache-2.0
"""When images pass the stages of an accelerator, as bars: planned above measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from finn_gen.report import scale
from finn_gen.report.measured import Measured

IMAGES = 3
LEFT, WIDTH, ROW, TOP, BOTTOM = 190, 1080, 20, 8, 44
MARGIN = 30
LEAST = 1.5
"""Width of the shortest bar."""
NUMBERED = 14
"""Width of the smallest bar that has the image's number in it."""


@dataclass(frozen=True)
class Bar:
    """A bar in pixels, of image `image`, from 1 on; `told` is what it means."""

    x: float
    y: float
    width: float
    height: float
    image: int
    kind: str
    told: str

    @property
    def numbered(self) -> bool:
        """Whether there is room for the image's number."""
        return self.width >= NUMBERED and self.kind == "measured"


@dataclass(frozen=True)
class Line:
    """A row of the picture, one boundary; `band` is whether it is shaded, as every second layer is."""

    name: str
    y: float
    band: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Cycles:
    """A row of the table: the first and last cycle of an image at a boundary; None where it was not seen."""

    name: str
    image: int
    planned: tuple[int, int]
    found: tuple[int, int] | None


@dataclass(frozen=True)
class Timeline:
    """The picture, and the same as numbers. `differing` counts cycles that are not the planned ones."""

    images: int
    width: int
    height: float
    left: int
    rows: tuple[Line, ...]
    ticks: tuple[tuple[float, int], ...]
    table: tuple[Cycles, ...]
    measured: bool
    differing: int


def timeline(
    names: Sequence[str], layers: Sequence[str], first: np.ndarray, last: np.ndarray, measured: Measured | None
) -> Timeline:
    """The picture of planned times `first`, `last` [boundary, image]; names and layers of the boundaries in order."""
    images = min(IMAGES, first.shape[1])
    end = int(last[:, :images].max())
    if measured is not None:
        images = min(images, measured.first.shape[1])
        end = int(max(last[:, :images].max(), measured.last[:, :images].max()))
    step = (WIDTH - LEFT - MARGIN) / (end + 1)
    table = tuple(_table(names, images, first, last, measured))
    rows, band = [], False
    for index, name in enumerate(names):
        band ^= bool(index) and layers[index] != layers[index - 1]
        bars = _bars(index, step, [row for row in table if row.name == name], measured is not None)
        rows.append(Line(name, TOP + index * ROW, band, tuple(bars)))
    marks = tuple((LEFT + tick * step, tick) for tick in scale.ticks(end + 1))
    differing = sum(row.found not in (None, row.planned) for row in table)
    height = TOP + len(names) * ROW + BOTTOM
    return Timeline(images, WIDTH, height, LEFT, tuple(rows), marks, table, measured is not None, differing)


def _table(
    names: Sequence[str], images: int, first: np.ndarray, last: np.ndarray, measured: Measured | None
) -> Iterator[Cycles]:
    for index, name in enumerate(names):
        for image in range(images):
            found = None
            if measured is not None and measured.last[index, image] >= 0:
                found = int(measured.first[index, image]), int(measured.last[index, image])
            yield Cycles(name, image + 1, (int(first[index, image]), int(last[index, image])), found)


def _bars(index: int, step: float, cells: Sequence[Cycles], both: bool) -> Iterator[Bar]:
    """The bars of a boundary: slim ones for the plan, below them what was measured; the plan alone is wide."""
    top = TOP + index * ROW
    for cell in cells:
        lanes = [("planned", cell.planned, top + 2.5, 4.0), ("measured", cell.found, top + 8.0, 9.5)]
        for kind, span, y, height in lanes if both else [("measured", cell.planned, top + 4.0, 12.0)]:
            if span is None:
                continue
            what = kind if both else "planned"
            told = f"{cell.name}, image {cell.image}, {what}: cycles {span[0]:,} to {span[1]:,}"
            width = max(LEAST, (span[1] + 1 - span[0]) * step)
            yield Bar(LEFT + span[0] * step, y, width, height, cell.image, kind, told)
