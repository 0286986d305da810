# SPDX-License-Identifier: Apache-2.0
"""What bounds the rate of a network on a device: its LUTs, its block RAMs, the memory that images come from.

After Williams, Waterman, Patterson, "Roofline", 2009, and Umuroglu et al., "FINN", 2017, section 3: operations are
multiplications and additions, two a synapse; an operation's intensity is how many of them come to a byte that is
moved. Weights stay on the chip, so that images and results are all that moves. The roofs of the device scale the plan:
were all of it filled at what an operation costs there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from finn_gen.base.errors import InputError
from finn_gen.family.resources import Resources
from finn_gen.network.model import Layer
from finn_gen.plan.chain import total
from finn_gen.plan.network import NetworkPlan
from finn_gen.report import scale

PORT_BYTES = 8
"""Bytes a cycle of the memory port: 64 bits, the DMA's default."""
WIDTH, HEIGHT = 1080, 430
LEFT, RIGHT, TOP, BOTTOM = 76, 128, 20, 52
LETTER = 7.2
"""Width of a letter, rather too much."""
LINE = 15
"""Height of a line of text."""
MOST_NAME = 18
"""Letters of a name in the picture."""


@dataclass(frozen=True)
class Point:
    """A layer, or the whole network: operations an image, operations a byte, operations a second.

    `peak` is what its lanes could do if they always worked.
    """

    name: str
    ops: int
    intensity: float
    rate: float
    peak: float
    whole: bool = False
    x: float = 0.0
    y: float = 0.0
    peak_y: float = 0.0

    @property
    def use(self) -> float:
        """Share of the peak that is reached."""
        return self.rate / self.peak


@dataclass(frozen=True)
class Roof:
    """A bound in operations a second, and what it means in images a second."""

    name: str
    rate: float
    fps: float
    why: str
    y: float = 0.0


@dataclass(frozen=True)
class Label:
    """A text in the picture; `anchor` is SVG's."""

    text: str
    x: float
    y: float
    anchor: str = "start"
    strong: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """About what it covers: left, top, right, bottom."""
        width = LETTER * len(self.text)
        left = {"start": self.x, "middle": self.x - width / 2, "end": self.x - width}[self.anchor]
        return left, self.y - 11, left + width, self.y + 3


@dataclass(frozen=True)
class Roofline:
    """The picture. Coordinates are pixels; `slope` are the ends of the memory's line."""

    width: int
    height: int
    box: tuple[float, float, float, float]
    points: tuple[Point, ...]
    roofs: tuple[Roof, ...]
    slope: tuple[float, float, float, float]
    labels: tuple[Label, ...]
    beside: tuple[tuple[Label, float], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


def roofline(plan: NetworkPlan, limit: Resources, device: str) -> Roofline | None:
    """Where the plan and its layers lie below the roofs of `device`; None for a network without weights."""
    points = _points(plan)
    if len(points) < 2:
        return None
    roofs = _roofs(plan, points[-1], limit, device)
    ends = [value for point in points for value in (point.rate, point.peak)]
    ends += [roof.rate for roof in roofs]
    xs = scale.decades(*_span([point.intensity for point in points]))
    ys = scale.decades(*_span(ends))
    box = (LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)

    def x_of(value: float) -> float:
        return scale.place(value, xs, box[0], box[2])

    def y_of(value: float) -> float:
        return scale.place(value, ys, box[3], box[1])

    bandwidth = PORT_BYTES * plan.clock_mhz * 1e6
    low = max(xs[0], ys[0] / bandwidth)
    high = min(xs[-1], ys[-1] / bandwidth)
    slope = (x_of(low), y_of(low * bandwidth), x_of(high), y_of(high * bandwidth))
    placed = tuple(
        replace(point, x=x_of(point.intensity), y=y_of(point.rate), peak_y=y_of(point.peak)) for point in points
    )
    seen = tuple(replace(roof, y=y_of(roof.rate)) if roof.name != "memory" else roof for roof in roofs)
    return Roofline(
        WIDTH,
        HEIGHT,
        box,
        placed,
        seen,
        slope,
        tuple(_labels(placed, seen, slope, box)),
        _beside(seen, box[2]),
        tuple((x_of(tick), scale.short(tick)) for tick in xs),
        tuple((y_of(tick), scale.short(tick)) for tick in ys),
    )


def _labels(
    points: Sequence[Point], roofs: Sequence[Roof], slope: tuple[float, float, float, float], box: Sequence[float]
) -> list[Label]:
    """Names of lines and points, each where it covers nothing else; left out where there is no room."""
    taken = [(p.x - 7, p.y - 7, p.x + 7, p.y + 7) for p in points]
    taken += [(p.x - 3, p.peak_y, p.x + 3, p.y) for p in points]
    taken += [(box[0], roof.y - 1, box[2], roof.y + 1) for roof in roofs if roof.y]
    steps = [index / 40 for index in range(41)]
    line = [(slope[0] + t * (slope[2] - slope[0]), slope[1] + t * (slope[3] - slope[1])) for t in steps]
    taken += [(x - 4, y - 4, x + 4, y + 4) for x, y in line]
    wanted = [[Label("memory port", x + 8, y + dy) for dy in (6, 20, 30, -24) for x, y in line[4:36]]]
    for point in sorted(points, key=lambda point: not point.whole):
        text = point.name if len(point.name) <= MOST_NAME else f"{point.name[: MOST_NAME - 1]}…"
        sides = [
            (dx * (8 + far), 4 + dy, "start" if dx > 0 else "end")
            for far in (2, 14, 30)
            for dy in (0, -10, 10, -20, 20, -32, 32)
            for dx in (1, -1)
        ]
        wanted.append([Label(text, point.x + dx, point.y + dy, anchor, point.whole) for dx, dy, anchor in sides])
    found = []
    for places in wanted:
        for label in places:
            if _inside(label.box, box) and not any(_overlap(label.box, other) for other in taken):
                taken.append(label.box)
                found.append(label)
                break
    return found


def _beside(roofs: Sequence[Roof], right: float) -> tuple[tuple[Label, float], ...]:
    """The names of the device's roofs on the right, none over another, each with the height of its line."""
    found: list[tuple[Label, float]] = []
    for roof in sorted((roof for roof in roofs if roof.y), key=lambda roof: roof.y):
        lowest = found[-1][0].y + LINE if found else 0.0
        found.append((Label(f"all {roof.name}", right + 22, max(roof.y + 4, lowest)), roof.y))
    return tuple(found)


def _inside(inner: Sequence[float], outer: Sequence[float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _span(values: list[float]) -> tuple[float, float]:
    return min(values) * 0.7, max(values) * 1.4


def _bytes(layer: Layer) -> float:
    """Bytes that go into a layer and come out of it for an image."""
    return sum(shape.elements * shape.bits for shape in (layer.source, layer.result)) / 8


def table(plan: NetworkPlan, limit: Resources, device: str) -> str:
    """The roofline as text: a line a bound, the nearest first, and a line a layer with what it takes.

    Raises InputError for a network without weights.
    """
    points = _points(plan)
    if len(points) < 2:
        raise InputError(f"{plan.module}: a roofline is of layers with weights, and it has none")
    roofs = sorted(bounds(plan, limit, device), key=lambda roof: roof.fps)
    lines = [("bound", "ops/s", "images/s", "times the plan's", "why")]
    lines += [
        (roof.name, scale.short(roof.rate), f"{roof.fps:,.0f}", f"{roof.fps / plan.fps:,.1f}", roof.why)
        for roof in roofs
    ]
    rows = [("layer", "ops", "ops/byte", "ops/s", "of its peak", "LUT", "BRAM36")]
    for point in points:
        used = plan.resources if point.whole else total([s for s in plan.stages if s.layer == point.name])
        figures = (f"{point.ops:,}", scale.short(point.intensity), scale.short(point.rate), f"{100 * point.use:.1f} %")
        rows.append((point.name, *figures, f"{used.lut:,}", f"{used.bram18 / 2:g}"))
    return "\n\n".join((_aligned(lines), _aligned(rows)))


def bounds(plan: NetworkPlan, limit: Resources, device: str) -> list[Roof]:
    """What bounds the rate of a network with weights: the device's LUTs, FFs and block RAMs, and the memory port."""
    return _roofs(plan, _points(plan)[-1], limit, device)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows with the first column and a last one of words to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    words = rows[0][-1] == "why"
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join([*cells[:-1], row[-1]] if words else cells))
    return "\n".join(lines)


def _points(plan: NetworkPlan) -> tuple[Point, ...]:
    """The layers with weights, and the whole last. All layers run at the accelerator's rate."""
    lanes: Mapping[str, int] = {name: fold.pixels * fold.pe * fold.simd for name, fold in plan.folding.layers.items()}
    hertz = plan.clock_mhz * 1e6
    points = [
        Point(
            layer.name,
            2 * layer.synapses,
            2 * layer.synapses / _bytes(layer),
            2 * layer.synapses * plan.fps,
            2 * lanes[layer.name] * hertz,
        )
        for layer in plan.network.layers
        if layer.matrix
    ]
    ops = sum(point.ops for point in points)
    moved = (plan.input.words * plan.input.params.word_width + plan.output.out_words * _out_bits(plan)) / 8
    whole = Point(plan.module, ops, ops / moved, ops * plan.fps, sum(point.peak for point in points), whole=True)
    return (*points, whole)


def _out_bits(plan: NetworkPlan) -> int:
    return plan.output.plan.ports.out_tdata_width


def _roofs(plan: NetworkPlan, whole: Point, limit: Resources, device: str) -> list[Roof]:
    used, found = plan.resources, []
    for name, has, takes in (
        ("LUT", limit.lut, used.lut),
        ("FF", limit.ff, used.ff),
        ("BRAM", limit.bram18, used.bram18),
    ):
        if takes:
            grown = has / takes
            amount, of = (takes / 2, has / 2) if name == "BRAM" else (takes, has)
            why = f"the plan takes {amount:,g} of {of:,g} {name}{'36' * (name == 'BRAM')} of {device}"
            found.append(Roof(name, whole.rate * grown, plan.fps * grown, why))
    bytes_an_image = whole.ops / whole.intensity
    fps = PORT_BYTES * plan.clock_mhz * 1e6 / bytes_an_image
    why = f"{bytes_an_image:,.0f} bytes an image through a port of {8 * PORT_BYTES} bits at {plan.clock_mhz:g} MHz"
    found.append(Roof("memory", whole.ops * fps, fps, why))
    return found
