# SPDX-License-Identifier: Apache-2.0
"""A block design as a picture (SVG): boxes in columns, interfaces thick, clocks and resets thin, addresses beside pins.

Every net has a track of its own in each channel between two columns, and a lane of its own below the boxes if it goes
over several channels; pins that face each other stand at different heights. So lines cross, but never run together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from vivado_model.design import Design, Point

ROW, HALF, NOTE = 24, 12, 14  # a pin's row, the shift between facing columns, the line of an address
CHAR, SMALL = 7.2, 6.0  # width of a character at 12 and at 10 px, monospaced
PAD, TRACK, LANE, MARGIN, GAP = 10, 14, 14, 24, 36
TITLE = 46
COLOURS = {"bus": "#1f4e79", "clk": "#2e7d4f", "rst": "#a0522d", "intr": "#7a3e9d", "undef": "#555555"}
NAMES = {"bus": "interface", "clk": "clock", "rst": "reset", "intr": "interrupt", "undef": "other"}
FONT = 'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace"'


@dataclass
class Row:
    """Pins of a box that one line leads to; `y` is where it meets the box."""

    label: str
    net: str
    kind: str
    takes: bool
    note: str = ""
    right: bool = False
    y: int = 0


@dataclass
class Box:
    """A cell, or a port of the design (without a title)."""

    name: str
    title: str
    about: str
    column: int
    rows: list[Row] = field(default_factory=list)
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


def svg(design: Design) -> str:
    """The picture; the same bytes for the same design."""
    boxes = _boxes(design)
    _choose_sides(boxes)
    nets = _nets(boxes)
    widths = _tracks(nets, boxes)
    height = _place(boxes, widths)
    lanes = [net for net in sorted(nets) if len(_channels(nets[net])) > 1]
    lane_y = {net: height + GAP // 2 + LANE * index for index, net in enumerate(lanes)}
    bottom = height + GAP // 2 + LANE * len(lanes) + GAP
    right = max(box.x + box.width for box in boxes) + widths[-1][0] + MARGIN
    body = [
        *(line for net in sorted(nets) for line in _wire(net, nets[net], widths, boxes, lane_y)),
        *(line for box in boxes for line in _draw_box(box)),
        *_legend(nets, bottom),
    ]
    size = f'width="{right}" height="{bottom + 16}" viewBox="0 0 {right} {bottom + 16}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<rect width="100%" height="100%" fill="white"/>\n'
    return head + "\n".join(body) + "\n</svg>\n"


# ---- what is drawn


def _boxes(design: Design) -> list[Box]:
    columns = _columns(design)
    boxes = []
    for port in design.ports.values():
        point = ("", port.name)
        net = f"bus {design.interface_net_of(point)}" if port.mode else f"net {design.net_of(point)}"
        box = Box(f"/{port.name}", "", "", 0)
        kind = "bus" if port.mode else port.kind
        box.rows.append(Row(port.name, net, kind, port.mode == "Master" or port.direction == "O", right=True))
        boxes.append(box)
    for cell in design.cells.values():
        _, _, name, version = cell.ip.vlnv.split(":")
        box = Box(cell.name, cell.name, f"{name} {version}", columns[cell.name])
        box.rows = [*_interface_rows(design, cell.name), *_pin_rows(design, cell.name)]
        boxes.append(box)
    # Boxes with interfaces first, so that thick lines are short.
    return sorted(boxes, key=lambda box: (box.column, all(row.kind != "bus" for row in box.rows)))


def _columns(design: Design) -> dict[str, int]:
    """Distance over interfaces from the cell that has ports of the design, from 1; 2 for cells without interfaces."""
    at_ports = [other[0] for pair in design.interface_nets.values() for end, other in (pair, pair[::-1]) if not end[0]]
    first = at_ports[0] if at_ports else next(iter(design.cells))
    found = {first: 1}
    todo = [first]
    while todo:
        cell = todo.pop(0)
        for a, b in design.interface_nets.values():
            for here, there in ((a, b), (b, a)):
                if here[0] == cell and there[0] and there[0] not in found:
                    found[there[0]] = found[cell] + 1
                    todo.append(there[0])
    return {name: found.get(name, 2) for name in design.cells}


def _interface_rows(design: Design, cell: str) -> Iterator[Row]:
    for name, interface in design.cells[cell].shape.interfaces.items():
        net = design.interface_net_of((cell, name))
        if net is None:
            continue
        to_port = any(not end[0] for end in design.interface_nets[net])
        takes = interface.mode == "Slave" and not to_port
        yield Row(name, f"bus {net}", "bus", takes, _addresses(design, (cell, name)))


def _addresses(design: Design, point: Point) -> str:
    """Where a slave's segments lie."""
    notes = {
        f"{_hex(each.offset)} .. {_hex(each.offset + each.size - 1)}, {_size(each.size)}"
        for each in design.mappings
        if each.segment[:2] == point
    }
    return "; ".join(sorted(notes))


def _hex(value: int) -> str:
    text = f"{value:08x}"
    return f"0x{text[:-4]}_{text[-4:]}"


def _size(size: int) -> str:
    for unit, bits in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << bits:
            return f"{size >> bits} {unit}"
    return f"{size} bytes"


def _pin_rows(design: Design, cell: str) -> Iterator[Row]:
    """Connected pins; those that take the same net share a row."""
    shared: dict[tuple[str, bool], list[str]] = {}
    for name, pin in design.cells[cell].shape.pins.items():
        net = design.net_of((cell, name))
        if net is not None:
            label = name + (f" {pin.mhz:g} MHz" if pin.mhz is not None else "")
            shared.setdefault((net, pin.direction == "I"), []).append(label)
    order = list(COLOURS)
    rows = []
    for (net, takes), names in shared.items():
        driver = next(point for point in design.nets[net] if (pin := design.pin(point)) and pin.direction == "O")
        kind = getattr(design.pin(driver), "kind", "undef")
        rows.append(Row(", ".join(names), f"net {net}", kind, takes))
    yield from sorted(rows, key=lambda row: order.index(row.kind))


def _choose_sides(boxes: list[Box]) -> None:
    """Each row faces the others of its net: right if most of them stand further right, or it is the only column."""
    last = max(box.column for box in boxes)
    for box in boxes:
        for row in box.rows:
            if box.column == 0:
                continue
            others = [other.column for other in boxes for each in other.rows if each.net == row.net and each is not row]
            right = sum(column > box.column for column in others) + sum(column == box.column for column in others) / 2
            row.right = right * 2 >= len(others) and box.column < last


def _nets(boxes: list[Box]) -> dict[str, list[tuple[Box, Row]]]:
    found: dict[str, list[tuple[Box, Row]]] = {}
    for box in boxes:
        for row in box.rows:
            found.setdefault(row.net, []).append((box, row))
    return found


def _channels(members: list[tuple[Box, Row]]) -> list[int]:
    """The channels that a net comes to; channel c is right of column c."""
    return sorted({box.column if row.right else box.column - 1 for box, row in members})


# ---- where it is drawn


def _tracks(nets: dict[str, list[tuple[Box, Row]]], boxes: list[Box]) -> list[tuple[int, dict[str, int]]]:
    """Width of each channel, and where in it the track of each net lies."""
    last = max(box.column for box in boxes)
    found = []
    for channel in range(last + 1):
        here = [net for net in sorted(nets) if channel in _channels(nets[net])]
        # Thin lines go to the middle, where they have many branches.
        here.sort(key=lambda net: (len(nets[net]), net))
        places = {net: GAP // 2 + TRACK * index for index, net in enumerate(here)}
        found.append((GAP + TRACK * max(len(here) - 1, 0), places))
    return found


def _place(boxes: list[Box], widths: list[tuple[int, dict[str, int]]]) -> int:
    """Coordinates of all boxes and rows; the lowest edge."""
    x, lowest = MARGIN, 0
    for column in range(max(box.column for box in boxes) + 1):
        mine = [box for box in boxes if box.column == column]
        width = max((_width(box) for box in mine), default=0)
        y = MARGIN
        for box in mine:
            box.x, box.y, box.width = x, y, width
            y += 0 if not box.title else TITLE
            for side in (False, True):
                at = y
                for row in (each for each in box.rows if each.right == side):
                    shift = HALF if column % 2 else 0  # facing columns are half a row apart
                    row.y = -(-(at - shift) // ROW) * ROW + shift
                    at = row.y + ROW + (NOTE if row.note else 0)
                box.height = max(box.height, at - box.y)
            y = box.y + box.height + (GAP if box.title else 0)
            lowest = max(lowest, box.y + box.height)
        x += width + widths[column][0]
    # A port of the design has one line, which can be straight.
    for box in boxes:
        for row in box.rows if box.column == 0 else ():
            row.y = next(each.y for other in boxes for each in other.rows if each.net == row.net and other is not box)
    return lowest


def _width(box: Box) -> int:
    def side(right: bool) -> float:
        return max(
            (max(len(row.label) * CHAR, len(row.note) * SMALL) for row in box.rows if row.right == right), default=0
        )

    titles = max(len(box.title) * CHAR * 1.2, len(box.about) * CHAR)
    return int(max(side(False) + side(True) + PAD, titles) + 2 * PAD)


# ---- as SVG


def _text(x: float, y: float, words: str, anchor: str = "start", *, size: int = 12, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" {FONT}{more}>{escape(words)}</text>'


def _draw_box(box: Box) -> Iterator[str]:
    if box.title:
        frame = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"'
        yield f'<rect {frame} fill="#f4f7fa" stroke="#33475b" stroke-width="1.5"/>'
        middle = box.x + box.width / 2
        yield _text(middle, box.y + 18, box.title, "middle", size=14, more=' font-weight="bold"')
        yield _text(middle, box.y + 34, box.about, "middle", size=11, more=' fill="#555555"')
    for row in box.rows:
        x = box.x + box.width - PAD if row.right else box.x + PAD
        anchor = "end" if row.right else "start"
        yield _text(x, row.y + 4, row.label, anchor)
        if row.note:
            yield _text(x, row.y + 4 + NOTE, row.note, anchor, size=10, more=' fill="#1f4e79"')


def _style(kind: str) -> str:
    dash = ' stroke-dasharray="6 3"' if kind == "rst" else ""
    return f'stroke="{COLOURS[kind]}" stroke-width="{4 if kind == "bus" else 1.4}" fill="none"{dash}'


def _wire(
    net: str,
    members: list[tuple[Box, Row]],
    widths: list[tuple[int, dict[str, int]]],
    boxes: list[Box],
    lane_y: dict[str, int],
) -> Iterator[str]:
    kind = members[0][1].kind
    ends: dict[int, list[int]] = {}
    for box, row in members:
        channel = box.column if row.right else box.column - 1
        edge = box.x + box.width if row.right else box.x
        track = _left_of(channel, boxes) + widths[channel][1][net]
        ends.setdefault(track, []).append(row.y)
        yield f'<path d="M{edge} {row.y}H{track}" {_style(kind)}/>'
        if row.takes:
            yield _arrow(edge, row.y, row.right, kind)
    if net in lane_y:
        for heights in ends.values():
            heights.append(lane_y[net])
        yield f'<path d="M{min(ends)} {lane_y[net]}H{max(ends)}" {_style(kind)}/>'
    for track, heights in ends.items():
        if len(heights) > 1:
            yield f'<path d="M{track} {min(heights)}V{max(heights)}" {_style(kind)} stroke-linecap="square"/>'
        for y in heights:
            if min(heights) < y < max(heights):
                yield f'<circle cx="{track}" cy="{y}" r="3" fill="{COLOURS[kind]}"/>'


def _left_of(channel: int, boxes: list[Box]) -> int:
    """Where a channel begins: the right edge of its left column."""
    return next(box.x + box.width for box in boxes if box.column == channel)


def _arrow(edge: int, y: int, right: bool, kind: str) -> str:
    size, high = (11, 6) if kind == "bus" else (7, 4)
    tail = edge + size if right else edge - size
    return f'<path d="M{edge} {y}L{tail} {y - high}V{y + high}Z" fill="{COLOURS[kind]}"/>'


def _legend(nets: dict[str, list[tuple[Box, Row]]], y: int) -> Iterator[str]:
    x = MARGIN
    used = {members[0][1].kind for members in nets.values()}
    for kind in COLOURS:
        if kind in used:
            yield f'<path d="M{x} {y}H{x + 34}" {_style(kind)}/>'
            yield _text(x + 42, y + 4, NAMES[kind])
            x += 42 + int(len(NAMES[kind]) * CHAR) + 30
