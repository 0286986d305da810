# SPDX-License-Identifier: Apache-2.0
"""Commands of the block design."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vivado_model.catalog import Board, IpDef, xilinx
from vivado_model.design import Cell, Design, Point, Port, path
from vivado_model.errors import VivadoError
from vivado_model.objects import Thing, matches
from vivado_model.session import Session, command

_NAME = re.compile(r"[A-Za-z]\w*")
_PORT_KINDS = ("clk", "rst", "intr", "ce", "data", "undef")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def number(text: str, what: str) -> int:
    """A size or an address: decimal, hexadecimal, or with K, M, G."""
    match = re.fullmatch(r"(0[xX][0-9a-fA-F_]+|\d+)([KMG]?)", text)
    if not match:
        raise VivadoError(f"{what} '{text}' is no number")
    return int(match[1], 0) * _UNITS[match[2]]


@dataclass
class BlockDesignCommands(Session):
    """create_bd_*, get_bd_*, connect_bd_*, addresses, validation. `board` is that of the project, if it has one."""

    board: Board | None = None
    ips: dict[str, IpDef] = field(default_factory=xilinx)
    designs: dict[str, Design] = field(default_factory=dict)
    current: str = ""
    skips_unknown: bool = False  # as Vivado does: an unknown CONFIG.* of a cell is a message and nothing more

    @property
    def bd(self) -> Design:
        """The block design that commands work on."""
        if not self.current:
            raise VivadoError("there is no open block design")
        return self.designs[self.current]

    # ---- objects

    def _cell(self, cell: Cell) -> Thing:
        design = self.bd

        def read() -> dict[str, str]:
            return {
                "PATH": f"/{cell.name}",
                "TYPE": "ip",
                "VLNV": cell.ip.vlnv,
                **{f"CONFIG.{name}": value for name, value in cell.values.items()},
            }

        def write(name: str, value: str) -> None:
            if not name.upper().startswith("CONFIG."):
                raise VivadoError(f"cell /{cell.name}: property {name} cannot be set")
            parameter = name[len("CONFIG.") :]
            if self.skips_unknown and cell.ip.parameter(parameter) is None:
                self.messages.append(f"CRITICAL WARNING: [BD 41-1276] cell /{cell.name} has no parameter {parameter}")
                return
            design.configure(cell, parameter, value)

        return Thing("bd_cell", f"/{cell.name}", cell.name, read, write)

    def _pin(self, point: Point) -> Thing:
        pin = self.bd.pin(point)
        assert pin is not None

        def read() -> dict[str, str]:
            low, high = ("", "") if pin.scalar else (str(pin.low), str(pin.low + max(pin.width, 1) - 1))
            found = {"DIR": pin.direction, "LEFT": high, "RIGHT": low, "TYPE": pin.kind, "PATH": path(point)}
            if pin.kind == "rst":
                found["CONFIG.POLARITY"] = pin.polarity
            if pin.mhz is not None:
                found["CONFIG.FREQ_HZ"] = str(round(pin.mhz * 1e6))
            return found

        return Thing("bd_pin", path(point), point, read)

    def _interface(self, point: Point) -> Thing:
        one = self.bd.interface(point)
        assert one is not None
        bus = {f"CONFIG.{name}": value for name, value in one.bus.items()}
        return Thing(
            "bd_intf_pin",
            path(point),
            point,
            lambda: {"MODE": one.mode, "VLNV": one.vlnv, "PATH": path(point), **bus},
        )

    def _port(self, port: Port) -> Thing:
        point = ("", port.name)
        if port.mode:
            return Thing("bd_intf_port", path(point), point, lambda: {"MODE": port.mode, "VLNV": port.vlnv})
        high = str(port.width - 1) if port.width > 1 else ""
        return Thing(
            "bd_port",
            path(point),
            point,
            lambda: {"DIR": port.direction, "TYPE": port.kind, "LEFT": high, "RIGHT": "0" if high else ""},
        )

    def _net(self, name: str) -> Thing:
        return Thing("bd_net", f"/{name}", name, dict)

    def _interface_net(self, name: str) -> Thing:
        return Thing("bd_intf_net", f"/{name}", name, dict)

    def _segment(self, key: tuple[str, str, str]) -> Thing:
        size = dict(self.bd.segments())[key].size
        return Thing("bd_addr_seg", "/" + "/".join(key), key, lambda: {"RANGE": str(size)})

    # ---- designs and cells

    @command("create_bd_design", words=(1, 1))
    def create_bd_design(self, name: str) -> str:
        """Begin a block design."""
        if not _NAME.fullmatch(name):
            raise VivadoError(f"'{name}' is no name for a block design")
        if name in self.designs:
            raise VivadoError(f"there is a block design {name} already")
        self.designs[name] = Design(name)
        self.current = name
        return name

    @command("current_bd_design", flags="quiet", words=(0, 1))
    def current_bd_design(self, name: str = "", quiet: bool = False) -> str:
        """The open block design, or another one from now on."""
        if name:
            if name not in self.designs:
                raise VivadoError(f"there is no block design {name}")
            self.current = name
        return self.bd.name

    @command("create_bd_cell", options="type vlnv", words=(1, 1))
    def create_bd_cell(self, name: str, type: str = "", vlnv: str = "") -> list[Thing]:
        """A cell of an IP; the version may be left out, then it is the newest."""
        if type != "ip":
            raise VivadoError(f"-type {type or '(missing)'}: only ip is known")
        if not _NAME.fullmatch(name):
            raise VivadoError(f"'{name}' is no name for a cell")
        if name in self.bd.cells:
            raise VivadoError(f"there is a cell /{name} already")
        ip = self.ips.get(vlnv)
        if ip is None:
            raise VivadoError(f"[BD 5-390] there is no IP '{vlnv}' in the catalog")
        if "IPI" not in ip.contexts:
            raise VivadoError(f"IP {vlnv} cannot be used in a block design")
        values = {name: parameter.default for name, parameter in ip.parameters.items()}
        self.bd.cells[name] = Cell(name, ip, values)
        self.bd.validated = False
        return [self._cell(self.bd.cells[name])]

    @command("get_bd_cells", flags="quiet hierarchical", options="filter", words=(0, 1))
    def get_bd_cells(
        self, patterns: str = "*", quiet: bool = False, hierarchical: bool = False, filter: str = ""
    ) -> list[Thing]:
        """Cells by name."""
        found = [self._cell(cell) for cell in self.bd.cells.values() if matches(cell.name, patterns.split())]
        return self.filtered(found, filter, f"cells '{patterns}'", quiet)

    # ---- pins, ports and nets

    def _points(self, things: Sequence[Thing], single: bool) -> Iterable[Point]:
        """Pins (or interfaces, if not `single`) of cells and nets."""
        for thing in things:
            if thing.kind == "bd_cell":
                listed = self.bd.pins() if single else self.bd.interfaces()
                yield from (point for point, _ in listed if point[0] == thing.key)
            elif thing.kind == "bd_net" and single:
                yield from (point for point in self.bd.nets[str(thing.key)] if point[0])
            elif thing.kind == "bd_intf_net" and not single:
                yield from (point for point in self.bd.interface_nets[str(thing.key)] if point[0])
            else:
                raise VivadoError(f"-of_objects {thing.text}: a {thing.kind} has none")

    @command("get_bd_pins", flags="quiet", options="of_objects filter", words=(0, 1))
    def get_bd_pins(
        self, patterns: str = "*/*", quiet: bool = False, of_objects: str | None = None, filter: str = ""
    ) -> list[Thing]:
        """Pins by name, or of cells and nets. Those inside of AXI interfaces are not among them."""
        listed = (
            (point for point, _ in self.bd.pins())
            if of_objects is None
            else self._points(self.objects(of_objects), True)
        )
        found = [self._pin(point) for point in listed if matches(path(point), patterns.split())]
        return self.filtered(found, filter, f"pins '{patterns}'", quiet)

    @command("get_bd_intf_pins", flags="quiet", options="of_objects filter", words=(0, 1))
    def get_bd_intf_pins(
        self, patterns: str = "*/*", quiet: bool = False, of_objects: str | None = None, filter: str = ""
    ) -> list[Thing]:
        """Interface pins by name, or of cells and nets."""
        listed = (
            (point for point, _ in self.bd.interfaces())
            if of_objects is None
            else self._points(self.objects(of_objects), False)
        )
        found = [self._interface(point) for point in listed if matches(path(point), patterns.split())]
        return self.filtered(found, filter, f"interface pins '{patterns}'", quiet)

    @command("get_bd_ports", flags="quiet", options="filter", words=(0, 1))
    def get_bd_ports(self, patterns: str = "*", quiet: bool = False, filter: str = "") -> list[Thing]:
        """Ports of the design."""
        ports = [port for port in self.bd.ports.values() if not port.mode and matches(port.name, patterns.split())]
        return self.filtered([self._port(port) for port in ports], filter, f"ports '{patterns}'", quiet)

    @command("get_bd_intf_ports", flags="quiet", options="filter", words=(0, 1))
    def get_bd_intf_ports(self, patterns: str = "*", quiet: bool = False, filter: str = "") -> list[Thing]:
        """Interface ports of the design."""
        ports = [port for port in self.bd.ports.values() if port.mode and matches(port.name, patterns.split())]
        return self.filtered([self._port(port) for port in ports], filter, f"interface ports '{patterns}'", quiet)

    @command("get_bd_nets", flags="quiet", options="of_objects", words=(0, 1))
    def get_bd_nets(self, patterns: str = "*", quiet: bool = False, of_objects: str | None = None) -> list[Thing]:
        """Nets by name or at pins."""
        names = [
            name
            for name in self.bd.nets
            if matches(name, patterns.split())
            and (of_objects is None or any(thing.key in self.bd.nets[name] for thing in self.objects(of_objects)))
        ]
        return self.filtered([self._net(name) for name in names], "", f"nets '{patterns}'", quiet)

    @command("get_bd_intf_nets", flags="quiet", options="of_objects", words=(0, 1))
    def get_bd_intf_nets(self, patterns: str = "*", quiet: bool = False, of_objects: str | None = None) -> list[Thing]:
        """Interface nets by name or at interfaces."""
        names = [
            name
            for name, ends in self.bd.interface_nets.items()
            if matches(name, patterns.split())
            and (of_objects is None or any(thing.key in ends for thing in self.objects(of_objects)))
        ]
        return self.filtered([self._interface_net(name) for name in names], "", f"interface nets '{patterns}'", quiet)

    def _new_port(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise VivadoError(f"'{name}' is no name for a port")
        if name in self.bd.ports:
            raise VivadoError(f"there is a port /{name} already")

    @command("create_bd_port", options="dir type from to", words=(1, 1))
    def create_bd_port(self, name: str, dir: str = "", type: str = "undef", **bounds: str) -> list[Thing]:
        """A port of the design."""
        self._new_port(name)
        if dir not in {"I", "O"}:
            raise VivadoError(f"-dir {dir or '(missing)'} of port {name}: it must be I or O")
        if type not in _PORT_KINDS:
            raise VivadoError(f"-type {type} of port {name}: it must be one of {', '.join(_PORT_KINDS)}")
        width = 1
        if bounds:
            if set(bounds) != {"from", "to"}:
                raise VivadoError(f"port {name}: -from and -to belong together")
            width = abs(number(bounds["from"], "-from") - number(bounds["to"], "-to")) + 1
        self.bd.ports[name] = Port(name, dir, type, width)
        return [self._port(self.bd.ports[name])]

    @command("create_bd_intf_port", options="mode vlnv", words=(1, 1))
    def create_bd_intf_port(self, name: str, mode: str = "", vlnv: str = "") -> list[Thing]:
        """An interface port of the design."""
        self._new_port(name)
        if mode not in {"Master", "Slave"}:
            raise VivadoError(f"-mode {mode or '(missing)'} of port {name}: it must be Master or Slave")
        if not re.fullmatch(r"[\w.]+:\w+:\w+_rtl:[\d.]+", vlnv):
            raise VivadoError(f"[BD 41-52] -vlnv '{vlnv}' of port {name} is no bus of the catalog")
        self.bd.ports[name] = Port(name, vlnv=vlnv, mode=mode)
        return [self._port(self.bd.ports[name])]

    @command("connect_bd_net", options="net", words=(1, 64))
    def connect_bd_net(self, *words: str, net: str | None = None) -> list[Thing]:
        """Pins and ports to one net."""
        points = [thing.key for word in words for thing in self.objects(word, "bd_pin", "bd_port")]
        self.bd.connect(points, net)  # type: ignore[arg-type]
        return [self._net(self.bd.net_of(points[0]) or "")]  # type: ignore[arg-type]

    @command("connect_bd_intf_net", options="intf_net boundary_type", words=(2, 2))
    def connect_bd_intf_net(
        self, a: str, b: str, intf_net: str | None = None, boundary_type: str = "upper"
    ) -> list[Thing]:
        """Two interfaces with each other."""
        ends = [self.one(word, "bd_intf_pin", "bd_intf_port").key for word in (a, b)]
        self.bd.connect_interfaces(*ends, intf_net)  # type: ignore[arg-type]
        return [self._interface_net(self.bd.interface_net_of(ends[0]) or "")]  # type: ignore[arg-type]

    # ---- addresses

    @command("get_bd_addr_spaces", flags="quiet", words=(0, 1))
    def get_bd_addr_spaces(self, patterns: str = "*", quiet: bool = False) -> list[Thing]:
        """Address spaces of masters."""
        found = [
            Thing("bd_addr_space", path(space), space, dict)
            for space in self.bd.spaces()
            if matches(path(space), patterns.split())
        ]
        return self.filtered(found, "", f"address spaces '{patterns}'", quiet)

    @command("get_bd_addr_segs", flags="quiet", options="filter", words=(0, 1))
    def get_bd_addr_segs(self, patterns: str = "*", quiet: bool = False, filter: str = "") -> list[Thing]:
        """Segments of slaves."""
        found = [self._segment(key) for key, _ in self.bd.segments() if matches("/".join(key), patterns.split())]
        return self.filtered(found, filter, f"address segments '{patterns}'", quiet)

    @command("assign_bd_address", options="target_address_space offset range", words=(1, 1))
    def assign_bd_address(
        self, segments: str, target_address_space: str = "", offset: str = "", range: str = ""
    ) -> None:
        """Map a segment. Where it goes must be said: Vivado would choose, and choose anew in another version."""
        for option, value in (("target_address_space", target_address_space), ("offset", offset), ("range", range)):
            if not value:
                raise VivadoError(f"-{option} is needed")
        space = self.one(target_address_space, "bd_addr_space").key
        segment = self.one(segments, "bd_addr_seg").key
        self.bd.assign(space, segment, number(offset, "-offset"), number(range, "-range"))  # type: ignore[arg-type]

    @command("exclude_bd_addr_seg", options="target_address_space", words=(1, 1))
    def exclude_bd_addr_seg(self, segments: str, target_address_space: str = "") -> None:
        """A segment that a master is not to see."""
        space = self.one(target_address_space, "bd_addr_space").key
        self.bd.excluded.add((space, self.one(segments, "bd_addr_seg").key))  # type: ignore[arg-type]

    # ---- the end

    @command("regenerate_bd_layout")
    def regenerate_bd_layout(self) -> None:
        """Draw anew."""
        self.bd  # noqa: B018 (there must be one)

    @command("validate_bd_design", flags="force")
    def validate_bd_design(self, force: bool = False) -> str:
        """All rules at once; what is open without harm becomes a message."""
        problems = self.bd.problems()
        self.messages += [f"{point} is not connected" for point in self.bd.unconnected()]
        if problems:
            raise VivadoError("\n".join(problems))
        self.bd.validated = True
        return "1"
