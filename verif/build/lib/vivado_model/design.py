# SPDX-License-Identifier: Apache-2.0
"""A block design: cells, pins, nets and addresses, and what Vivado's validation refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from vivado_model.catalog import Interface, IpDef, Pin, Segment, Shape
from vivado_model.errors import VivadoError

Point = tuple[str, str]
"""A pin: (cell, pin), or ("", port) for a port of the design."""


def path(point: Point) -> str:
    """As Vivado writes it: /cell/pin or /port."""
    return "/" + "/".join(filter(None, point))


@dataclass
class Cell:
    """An instance of an IP."""

    name: str
    ip: IpDef
    values: dict[str, str]

    _shapes: dict[tuple[str, ...], Shape] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """Pins, interfaces and addresses with the values as they are."""
        key = tuple(self.values.values())
        if key not in self._shapes:
            self._shapes[key] = self.ip.shape(self.values)
        return self._shapes[key]


@dataclass
class Port:
    """A port of the design: a pin (`direction` I or O) or an interface (`mode`)."""

    name: str
    direction: str = ""
    kind: str = "undef"
    width: int = 1
    vlnv: str = ""
    mode: str = ""


@dataclass(frozen=True)
class Mapping:
    """A slave's segment in the address space of a master."""

    space: Point  # (cell, space)
    segment: tuple[str, str, str]  # cell, interface, segment
    offset: int
    size: int


@dataclass
class Design:
    """What the commands build."""

    name: str
    cells: dict[str, Cell] = field(default_factory=dict)
    ports: dict[str, Port] = field(default_factory=dict)
    nets: dict[str, list[Point]] = field(default_factory=dict)
    interface_nets: dict[str, tuple[Point, Point]] = field(default_factory=dict)
    mappings: list[Mapping] = field(default_factory=list)
    excluded: set[tuple[Point, tuple[str, str, str]]] = field(default_factory=set)
    validated: bool = False

    # ---- what is there

    def pin(self, point: Point) -> Pin | None:
        """The pin or port, None if there is none."""
        cell, name = point
        if cell:
            return self.cells[cell].shape.pins.get(name) if cell in self.cells else None
        port = self.ports.get(name)
        if port is None or port.mode:
            return None
        # From within the design an input port drives.
        return Pin(name, {"I": "O", "O": "I"}[port.direction], port.width, port.kind)

    def interface(self, point: Point) -> Interface | None:
        """The interface pin or port, None if there is none."""
        cell, name = point
        if cell:
            return self.cells[cell].shape.interfaces.get(name) if cell in self.cells else None
        port = self.ports.get(name)
        return Interface(name, port.vlnv, port.mode) if port is not None and port.mode else None

    def net_of(self, point: Point) -> str | None:
        """Name of the net at a pin."""
        return next((name for name, members in self.nets.items() if point in members), None)

    def interface_net_of(self, point: Point) -> str | None:
        """Name of the interface net at an interface."""
        return next((name for name, ends in self.interface_nets.items() if point in ends), None)

    def driver(self, point: Point) -> Point | None:
        """What drives the net at a pin."""
        net = self.net_of(point)
        for member in self.nets.get(net or "", ()):
            pin = self.pin(member)
            if pin is not None and pin.direction == "O":
                return member
        return None

    def pins(self) -> Iterator[tuple[Point, Pin]]:
        """All pins of cells."""
        for cell in self.cells.values():
            for name, pin in cell.shape.pins.items():
                yield (cell.name, name), pin

    def interfaces(self) -> Iterator[tuple[Point, Interface]]:
        """All interfaces of cells."""
        for cell in self.cells.values():
            for name, interface in cell.shape.interfaces.items():
                yield (cell.name, name), interface

    # ---- changes

    def configure(self, cell: Cell, name: str, value: str) -> None:
        """Set a parameter; what is connected must still be there afterwards."""
        parameter = cell.ip.parameter(name)
        if parameter is None:
            raise VivadoError(f"[BD 41-1276] there is no parameter CONFIG.{name} of cell /{cell.name} ({cell.ip.vlnv})")
        parameter.check(f"/{cell.name}", value)
        cell.values[name] = value
        if name == "preset" and value in cell.ip.presets:
            cell.values |= cell.ip.presets[value]
        shape = cell.shape
        for member in [point for members in self.nets.values() for point in members]:
            if member[0] == cell.name and member[1] not in shape.pins:
                raise VivadoError(f"CONFIG.{name} {value} takes the connected pin {path(member)} away")
        for ends in self.interface_nets.values():
            for end in ends:
                if end[0] == cell.name and end[1] not in shape.interfaces:
                    raise VivadoError(f"CONFIG.{name} {value} takes the connected interface {path(end)} away")
        self.validated = False

    def connect(self, points: list[Point], name: str | None) -> None:
        """Pins to one net, with those that share a net already."""
        nets = {net for point in points if (net := self.net_of(point))}
        members = [point for net in sorted(nets) for point in self.nets[net]]
        members += [point for point in points if point not in members]
        if len(members) < 2:
            raise VivadoError(f"connect_bd_net: {path(members[0])} alone makes no connection")
        drivers = [point for point in members if self._pin(point).direction == "O"]
        if len(drivers) > 1:
            raise VivadoError(f"two drivers on one net: {' and '.join(map(path, drivers))}")
        if not drivers:
            raise VivadoError(f"no driver among {', '.join(map(path, members))}: all are inputs")
        (driver,) = drivers
        for point in members:
            if point != driver:
                self._fit(driver, point)
        for net in nets:
            del self.nets[net]
        self.nets[name or "_".join(filter(None, driver))] = members
        self.validated = False

    def _pin(self, point: Point) -> Pin:
        pin = self.pin(point)
        if pin is None:
            raise VivadoError(f"there is no pin {path(point)}")
        return pin

    def _fit(self, driver: Point, taker: Point) -> None:
        gives, takes = self._pin(driver), self._pin(taker)
        if takes.width and gives.width != takes.width:
            raise VivadoError(
                f"[BD 41-2384] width mismatch: {path(driver)} has {gives.width} bits, {path(taker)} {takes.width}"
            )
        kinds = {gives.kind, takes.kind}
        if gives.kind != takes.kind and kinds & {"clk", "rst", "intr"} and "undef" not in kinds:
            raise VivadoError(f"type mismatch: {path(driver)} is {gives.kind}, {path(taker)} is {takes.kind}")
        if takes.kind in {"clk", "rst"} and gives.kind == "undef" and not self._constant(driver):
            raise VivadoError(f"type mismatch: {path(driver)} is no {takes.kind}, {path(taker)} needs one")
        if takes.kind == "rst" and takes.polarity and gives.polarity and gives.polarity != takes.polarity:
            raise VivadoError(f"polarity mismatch: {path(driver)} is {gives.polarity}, {path(taker)} {takes.polarity}")

    def _constant(self, point: Point) -> bool:
        return point[0] in self.cells and self.cells[point[0]].ip.name == "xlconstant"

    def connect_interfaces(self, a: Point, b: Point, name: str | None) -> None:
        """One interface to another."""
        one, other = self.interface(a), self.interface(b)
        if one is None or other is None:
            raise VivadoError(f"there is no interface {path(a if one is None else b)}")
        for end in (a, b):
            if self.interface_net_of(end):
                raise VivadoError(f"interface {path(end)} is already connected")
        if one.vlnv != other.vlnv:
            raise VivadoError(f"interfaces of different kind: {path(a)} is {one.vlnv}, {path(b)} is {other.vlnv}")
        # A port of the design continues the pin behind it: same mode.
        same = (not a[0]) != (not b[0])
        if (one.mode == other.mode) != same:
            raise VivadoError(f"modes do not fit: {path(a)} is {one.mode}, {path(b)} is {other.mode}")
        shared = [
            (key, one.bus.get(key, ""), other.bus.get(key, ""))
            for key in ("PROTOCOL", "DATA_WIDTH", "TDATA_NUM_BYTES", "HAS_TLAST")
        ]
        differ = ", ".join(
            f"{key} ({left}, {right})" for key, left, right in shared if left and right and left != right
        )
        if differ:
            raise VivadoError(f"[BD 41-237] bus interface does not match between {path(a)} and {path(b)}: {differ}")
        self.interface_nets[name or "_".join(filter(None, a))] = (a, b)
        self.validated = False

    # ---- addresses

    def segments(self) -> Iterator[tuple[tuple[str, str, str], Segment]]:
        """All segments of slaves."""
        for cell in self.cells.values():
            for segment in cell.shape.segments:
                yield (cell.name, segment.interface, segment.name), segment

    def windows(self, space: Point) -> dict[str, tuple[int, int]]:
        """Addresses that a space can speak, by interface."""
        return next((dict(each.windows) for each in self.cells[space[0]].shape.spaces if each.name == space[1]), {})

    def spaces(self) -> Iterator[Point]:
        """All address spaces."""
        for cell in self.cells.values():
            for space in cell.shape.spaces:
                yield cell.name, space.name

    def reached(self, space: Point) -> dict[tuple[str, str], str]:
        """Slave interfaces (cell, interface) that a space reaches, with the master interface it goes through."""
        found: dict[tuple[str, str], str] = {}
        for master in self.windows(space):
            self._follow((space[0], master), master, found, set())
        return found

    def _follow(self, start: Point, master: str, found: dict[tuple[str, str], str], seen: set[Point]) -> None:
        net = self.interface_net_of(start)
        if net is None or start in seen:
            return
        seen.add(start)
        for end in self.interface_nets[net]:
            if end == start or not end[0]:
                continue
            slave = self.interface(end)
            if slave is None:
                continue
            found[end] = master
            for through in slave.through:
                self._follow((end[0], through), master, found, seen)

    def assign(self, space: Point, segment: tuple[str, str, str], offset: int, size: int) -> None:
        """Map a segment; refused where it does not fit by itself, the whole is looked at in `problems`."""
        known = dict(self.segments())[segment]
        what = f"{'/'.join(('', *segment))} at {offset:#x}, {size:#x} bytes"
        reached = self.reached(space)
        if segment[:2] not in reached:
            raise VivadoError(f"{what}: {path(space)} does not reach {path(segment[:2])}")
        if size < 128 or size & (size - 1):
            raise VivadoError(f"{what}: the range must be a power of two")
        if offset % size:
            raise VivadoError(f"{what}: misaligned, the offset must be a multiple of the range")
        if size < known.size:
            raise VivadoError(f"{what}: smaller than the segment's {known.size:#x} bytes")
        if known.base is not None and not known.base <= offset <= offset + size <= known.base + known.size:
            raise VivadoError(f"{what}: outside of the slave's {known.base:#x} to {known.size:#x}")
        low, high = self.windows(space)[reached[segment[:2]]]
        if not low <= offset < offset + size <= high:
            raise VivadoError(f"{what}: outside of the master's window {low:#x} to {high - 1:#x}")
        if any(each.space == space and each.segment == segment for each in self.mappings):
            raise VivadoError(f"{what}: mapped into {path(space)} already")
        self.mappings.append(Mapping(space, segment, offset, size))
        self.validated = False

    # ---- validation

    def problems(self) -> list[str]:
        """What validate_bd_design refuses; each names the thing."""
        return [*self._open(), *self._clocks(), *self._resets(), *self._address_problems()]

    def unconnected(self) -> list[str]:
        """Everything that is connected to nothing, also where that is as it should be."""
        pins = [path(point) for point, _ in self.pins() if self.net_of(point) is None]
        return sorted(pins + [path(point) for point, _ in self.interfaces() if self.interface_net_of(point) is None])

    def _open(self) -> Iterator[str]:
        for point, pin in self.pins():
            if self.net_of(point) is not None:
                continue
            if pin.direction == "I" and not pin.tied:
                number = "758] clock" if pin.kind == "clk" else "759] input"
                yield f"[BD 41-{number} pin {path(point)} is not connected to a source"
            if pin.direction == "O" and pin.kind == "intr":
                yield f"interrupt {path(point)} is not connected"
        for point, interface in self.interfaces():
            if self.interface_net_of(point) is None and not interface.tied:
                yield f"[BD 41-967] interface {path(point)} is not connected"
        for port in self.ports.values():
            if self.net_of(("", port.name)) is None and self.interface_net_of(("", port.name)) is None:
                yield f"port /{port.name} is not connected"

    def clock_of(self, point: Point) -> tuple[Point, float] | None:
        """Source and MHz of the clock at a clock pin."""
        source = self.driver(point)
        if source is None:
            return None
        mhz = self._pin(source).mhz
        return source, mhz if mhz is not None else 100.0

    def _clocks(self) -> Iterator[str]:
        for point, pin in self.pins():
            if pin.kind == "clk" and pin.fixed_hz is not None and (clock := self.clock_of(point)):
                given = round(clock[1] * 1e6)
                if given != pin.fixed_hz:
                    yield (
                        f"[BD 41-238] port/pin property FREQ_HZ does not match between {path(point)} ({pin.fixed_hz}) "
                        f"and {path(clock[0])} ({given})"
                    )
        for point, interface in self.interfaces():
            axi = ":aximm_rtl:" in interface.vlnv or ":axis_rtl:" in interface.vlnv
            if axi and not interface.clock:
                yield f"[BD 41-967] interface {path(point)} is not associated to any clock pin"
        for a, b in self.interface_nets.values():
            ends = [(end, interface) for end in (a, b) if (interface := self.interface(end)) and interface.clock]
            clocks = [(end, self.clock_of((end[0], interface.clock))) for end, interface in ends]
            if len(clocks) == 2 and all(clock for _, clock in clocks):
                (end, one), (other, two) = clocks
                assert one is not None and two is not None
                if one != two:
                    here, there = f"{path(one[0])}, {one[1]:g} MHz", f"{path(two[0])}, {two[1]:g} MHz"
                    yield (
                        f"[BD 41-237] bus interface property CLK_DOMAIN or FREQ_HZ does not match between "
                        f"{path(end)} ({here}) and {path(other)} ({there})"
                    )

    def _resets(self) -> Iterator[str]:
        for point, pin in self.pins():
            if pin.kind != "rst" or pin.direction != "I" or not pin.clock:
                continue
            source = self.driver(point)
            if source is None or self._constant(source):
                continue
            gives = self._pin(source)
            mine = self.clock_of((point[0], pin.clock))
            if not gives.clock:
                yield f"[BD 41-1347] reset pin {path(point)} is connected to the asynchronous reset {path(source)}"
                continue
            its = self.clock_of((source[0], gives.clock))
            if mine and its and mine != its:
                yield (
                    f"reset pin {path(point)} (clock {path(mine[0])}) is connected to "
                    f"{path(source)} (clock {path(its[0])})"
                )

    def _address_problems(self) -> Iterator[str]:
        for space in self.spaces():
            mine = [each for each in self.mappings if each.space == space]
            mapped = {each.segment for each in mine}
            reached = self.reached(space)
            for segment, _ in self.segments():
                if segment[:2] in reached and segment not in mapped and (space, segment) not in self.excluded:
                    yield f"[BD 41-1356] {'/'.join(('', *segment))} is not mapped into {path(space)}"
            yield from self._overlaps(space, mine)
            for each in mine:
                if each.segment[:2] not in reached:
                    yield f"{'/'.join(('', *each.segment))} is mapped, but {path(space)} does not reach it"

    @staticmethod
    def _overlaps(space: Point, mappings: Iterable[Mapping]) -> Iterator[str]:
        ordered = sorted(mappings, key=lambda each: each.offset)
        for one, two in pairwise(ordered):
            if one.offset + one.size > two.offset:
                yield (
                    f"overlapping addresses in {path(space)}: {'/'.join(('', *one.segment))} at "
                    f"{one.offset:#x} ({one.size:#x} bytes) and {'/'.join(('', *two.segment))} at {two.offset:#x}"
                )
