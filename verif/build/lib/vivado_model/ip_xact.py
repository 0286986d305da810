# SPDX-License-Identifier: Apache-2.0
"""A user's IP from its component.xml (IP-XACT 1685-2009, as Vivado's packager writes it)."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path

from vivado_model.catalog import Interface, IpDef, Parameter, Pin, Segment, Shape, Space
from vivado_model.errors import VivadoError

SPIRIT = "{http://www.spiritconsortium.org/XMLSchema/SPIRIT/1685-2009}"
MAX_BYTES = 4 << 20
PAGE = 4096
AXIMM = "xilinx.com:interface:aximm_rtl:1.0"
AXIS = "xilinx.com:interface:axis_rtl:1.0"
_SIGNALS = {
    "xilinx.com:signal:clock_rtl:1.0": "clk",
    "xilinx.com:signal:reset_rtl:1.0": "rst",
    "xilinx.com:signal:interrupt_rtl:1.0": "intr",
}
# Logical ports without which Vivado's packager does not take a bus for one of its kind.
NEEDED = {
    "AXI4": "AWADDR AWLEN AWSIZE AWBURST AWVALID AWREADY WDATA WSTRB WLAST WVALID WREADY BRESP BVALID BREADY "
    "ARADDR ARLEN ARSIZE ARBURST ARVALID ARREADY RDATA RRESP RLAST RVALID RREADY",
    "AXI4LITE": "AWADDR AWVALID AWREADY WDATA WVALID WREADY BRESP BVALID BREADY ARADDR ARVALID ARREADY "
    "RDATA RRESP RVALID RREADY",
    AXIS: "TDATA TVALID",
}
# Which logical ports the master gives; the slave gives the rest.
_FROM_MASTER = re.compile(r"AW(?!READY)|W(?!READY)|AR(?!READY)|BREADY|RREADY|T(?!READY)")


def read(path: Path) -> IpDef:
    """The IP that `path`, a component.xml, describes; VivadoError with the element if it does not hang together."""
    if path.stat().st_size > MAX_BYTES:
        raise VivadoError(f"{path.name}: more than {MAX_BYTES} bytes")
    text = path.read_bytes()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:  # entities could expand without end
        raise VivadoError(f"{path.name}: a document type declaration is not allowed")
    try:
        return _Component(path, ET.fromstring(text)).ip()
    except ET.ParseError as error:
        raise VivadoError(f"{path.name}: not well-formed: {error}") from None
    except ValueError as error:
        raise VivadoError(f"{path.name}: a number is none: {error}") from None


@functools.cache
def _tags(path: str) -> str:
    return "/".join(SPIRIT + name for name in path.split("/"))


def _find(element: ET.Element, path: str) -> str:
    found = element.find(_tags(path))
    return "" if found is None else (found.text or "").strip()


def _all(element: ET.Element, path: str) -> Iterator[ET.Element]:
    yield from element.iterfind(_tags(path))


def _vlnv(element: ET.Element | None) -> str:
    if element is None:
        return ""
    return ":".join(element.get(SPIRIT + part, "") for part in ("vendor", "library", "name", "version"))


class _Component:
    def __init__(self, path: Path, root: ET.Element) -> None:
        self.path, self.root = path, root
        if root.tag != SPIRIT + "component":
            raise VivadoError(f"{path.name}: the root is {root.tag}, not a component of IP-XACT 1685-2009")
        self.vlnv = ":".join(_find(root, part) for part in ("vendor", "library", "name", "version"))
        if not re.fullmatch(r"[\w.\-]+:[\w.\-]+:\w+:\d+(\.\d+)*", self.vlnv):
            raise self._wrong("vendor:library:name:version", self.vlnv, "it must be complete, the version as in 1.0")

    def _wrong(self, element: str, value: str, rule: str) -> VivadoError:
        return VivadoError(f"{self.path.name}: {element} '{value}': {rule}")

    def ip(self) -> IpDef:
        self._check_files()
        ports = {pin.name: pin for pin in self._ports()}
        parameters = dict(self._parameters())
        pins, interfaces, resets = self._interfaces(ports)
        pins = {name: resets.get(name, pin) for name, pin in pins.items()}
        segments, spaces = self._addresses(interfaces)
        shape = Shape(pins, interfaces, segments, spaces)
        return IpDef(self.vlnv, parameters, lambda values: shape, root=self.path.parent)

    def _check_files(self) -> None:
        listed = 0
        for file in _all(self.root, "fileSets/fileSet/file"):
            name = _find(file, "name")
            listed += 1
            inside = not Path(name).is_absolute() and ".." not in Path(name).parts
            if not inside or not (self.path.parent / name).is_file():
                raise self._wrong("file", name, "there is no such file below the component's folder")
        if not listed:
            raise self._wrong("fileSets", "", "no file is listed")

    def _ports(self) -> Iterator[Pin]:
        for port in _all(self.root, "model/ports/port"):
            name, direction = _find(port, "name"), _find(port, "wire/direction")
            if direction not in {"in", "out", "inout"}:
                raise self._wrong("direction of port " + name, direction, "it must be in, out or inout")
            left, right = _find(port, "wire/vector/left"), _find(port, "wire/vector/right")
            try:
                high, low = int(left or 0), int(right or 0)
            except ValueError:
                raise self._wrong("vector of port " + name, f"{left}:{right}", "it must be two numbers") from None
            yield Pin(
                name,
                {"in": "I", "out": "O", "inout": "IO"}[direction],
                abs(high - low) + 1,
                scalar=not left,
                tied=bool(_find(port, "wire/driver/defaultValue")),
            )

    def _parameters(self) -> Iterator[tuple[str, Parameter]]:
        for given in _all(self.root, "parameters/parameter"):
            name = _find(given, "name")
            value = given.find(SPIRIT + "value")
            if name == "" or value is None:
                raise self._wrong("parameter", name, "it needs a name and a value")
            low, high = value.get(SPIRIT + "minimum"), value.get(SPIRIT + "maximum")
            yield (
                name,
                Parameter(
                    name,
                    (value.text or "").strip(),
                    low=float(low) if low else None,
                    high=float(high) if high else None,
                    whole=value.get(SPIRIT + "format") == "long",
                    derived=value.get(SPIRIT + "resolve", "immediate") not in {"user", "dependent"}
                    and name != "Component_Name",
                ),
            )

    def _interfaces(self, ports: dict[str, Pin]) -> tuple[dict[str, Pin], dict[str, Interface], dict[str, Pin]]:
        found: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {}
        used: dict[str, str] = {}
        for bus in _all(self.root, "busInterfaces/busInterface"):
            name = _find(bus, "name")
            vlnv = _vlnv(bus.find(SPIRIT + "abstractionType"))
            kind = _vlnv(bus.find(SPIRIT + "busType"))
            if vlnv.replace("_rtl:", ":") != kind:
                raise self._wrong(f"abstractionType of {name}", vlnv, f"it does not belong to the busType {kind}")
            mode = "Master" if bus.find(SPIRIT + "master") is not None else "Slave"
            logical = {
                _find(each, "logicalPort/name"): _find(each, "physicalPort/name")
                for each in _all(bus, "portMaps/portMap")
            }
            for port in logical.values():
                if port not in ports:
                    raise self._wrong(f"port map of {name}", port, "there is no such port")
                if port in used:
                    raise self._wrong(f"port map of {name}", port, f"{used[port]} has this port already")
                used[port] = name
            parameters = {_find(each, "name"): _find(each, "value") for each in _all(bus, "parameters/parameter")}
            if name in found:
                raise self._wrong("busInterface", name, "the name is taken")
            found[name] = (vlnv, mode, logical, parameters)
        clocks, resets = self._signals(found, ports)
        interfaces = {}
        for name, (vlnv, mode, logical, parameters) in found.items():
            if vlnv in _SIGNALS:
                continue
            bus = self._bus(name, vlnv, mode, logical, ports)
            bus |= {key: parameters[key] for key in bus if parameters.get(key)}
            element = next(
                each for each in _all(self.root, "busInterfaces/busInterface") if _find(each, "name") == name
            )
            space = element.find(f"{SPIRIT}master/{SPIRIT}addressSpaceRef")
            interfaces[name] = Interface(
                name,
                vlnv,
                mode,
                bus,
                clock=clocks.get(name, ""),
                space="" if space is None else space.get(SPIRIT + "addressSpaceRef", ""),
            )
        alone = {name: pin for name, pin in ports.items() if used.get(name) not in interfaces}
        return alone, interfaces, resets

    def _signals(
        self, found: Mapping[str, tuple[str, str, dict[str, str], dict[str, str]]], ports: Mapping[str, Pin]
    ) -> tuple[dict[str, str], dict[str, Pin]]:
        """Clock pin of each interface, and the pins for clocks, resets and interrupts with what is said of them."""
        clocks: dict[str, str] = {}
        reset_clock: dict[str, str] = {}
        signals: dict[str, Pin] = {}
        for name, (vlnv, mode, logical, parameters) in found.items():
            kind = _SIGNALS.get(vlnv)
            if kind is None:
                continue
            if len(logical) != 1:
                raise self._wrong("portMaps of " + name, ", ".join(logical), "one port is needed")
            (port,) = logical.values()
            pin = ports[port]
            if (pin.direction == "I") != (mode == "Slave"):
                raise self._wrong(
                    "busInterface", name, f"{mode}, but port {port} is no {'input' * (mode == 'Slave') or 'output'}"
                )
            if kind == "clk":
                for bus in filter(None, parameters.get("ASSOCIATED_BUSIF", "").split(":")):
                    if bus not in found:
                        raise self._wrong(f"ASSOCIATED_BUSIF of {name}", bus, "there is no such interface")
                    clocks[bus] = port
                for reset in filter(None, parameters.get("ASSOCIATED_RESET", "").split(":")):
                    if reset not in ports:
                        raise self._wrong(f"ASSOCIATED_RESET of {name}", reset, "there is no such port")
                    reset_clock[reset] = port
            hertz = parameters.get("FREQ_HZ") if kind == "clk" else None
            polarity = parameters.get("POLARITY", "") if kind == "rst" else ""
            if kind == "rst" and polarity not in {"ACTIVE_LOW", "ACTIVE_HIGH"}:
                raise self._wrong(f"POLARITY of {name}", polarity, "it must be ACTIVE_LOW or ACTIVE_HIGH")
            signals[port] = Pin(
                port, pin.direction, pin.width, kind, scalar=pin.scalar, polarity=polarity,
                fixed_hz=int(hertz) if hertz and self._fixed(name) else None,
            )  # fmt: skip
        for reset, clock in reset_clock.items():
            if reset in signals:
                pin = signals[reset]
                signals[reset] = Pin(
                    pin.name, pin.direction, pin.width, "rst", scalar=pin.scalar, polarity=pin.polarity, clock=clock
                )
        return clocks, signals

    def _fixed(self, interface: str) -> bool:
        """Whether FREQ_HZ of this clock cannot be set by the design around it (no resolve attribute)."""
        for bus in _all(self.root, "busInterfaces/busInterface"):
            if _find(bus, "name") == interface:
                for each in _all(bus, "parameters/parameter"):
                    value = each.find(SPIRIT + "value")
                    if _find(each, "name") == "FREQ_HZ" and value is not None:
                        return value.get(SPIRIT + "resolve", "immediate") == "immediate"
        return False

    def _bus(
        self, name: str, vlnv: str, mode: str, logical: Mapping[str, str], ports: Mapping[str, Pin]
    ) -> dict[str, str]:
        """Protocol and widths, which follow from the ports."""
        protocol = vlnv
        if vlnv == AXIMM:
            protocol = "AXI4" if "AWLEN" in logical or "ARLEN" in logical else "AXI4LITE"
        for needed in NEEDED.get(protocol, "").split():
            if needed not in logical:
                raise self._wrong(f"portMaps of {name}", needed, "a port of this name is missing")
        for one, port in logical.items():
            gives = bool(_FROM_MASTER.match(one)) == (mode == "Master")
            if vlnv in {AXIMM, AXIS} and (ports[port].direction == "O") != gives:
                raise self._wrong(f"port map {one} of {name}", port, f"the port has the wrong direction for a {mode}")

        def width(one: str) -> str:
            return str(ports[logical[one]].width) if one in logical else "0"

        if vlnv == AXIMM:
            if width("AWADDR") != width("ARADDR") or width("WDATA") != width("RDATA"):
                raise self._wrong("busInterface", name, "addresses or data of both directions differ in width")
            return {"PROTOCOL": protocol, "DATA_WIDTH": width("WDATA"), "ADDR_WIDTH": width("AWADDR")}
        if vlnv == AXIS:
            bits = int(width("TDATA"))
            if bits % 8:
                raise self._wrong(f"TDATA of {name}", str(bits), "it must be whole bytes")
            return {"TDATA_NUM_BYTES": str(bits // 8), "HAS_TLAST": str(int("TLAST" in logical))}
        return {}

    def _addresses(self, interfaces: Mapping[str, Interface]) -> tuple[tuple[Segment, ...], tuple[Space, ...]]:
        maps = {_find(each, "name"): each for each in _all(self.root, "memoryMaps/memoryMap")}
        listed = {_find(each, "name"): each for each in _all(self.root, "addressSpaces/addressSpace")}
        segments: list[Segment] = []
        spaces: dict[str, Space] = {}
        for bus in _all(self.root, "busInterfaces/busInterface"):
            name = _find(bus, "name")
            reference = bus.find(f"{SPIRIT}slave/{SPIRIT}memoryMapRef")
            if reference is not None and (name not in interfaces or interfaces[name].vlnv != AXIMM):
                raise self._wrong(f"memoryMapRef of {name}", "", "only memory-mapped slaves have one")
            if reference is not None:
                wanted = reference.get(SPIRIT + "memoryMapRef", "")
                if wanted not in maps:
                    raise self._wrong(f"memoryMapRef of {name}", wanted, "there is no such memory map")
                for block in _all(maps[wanted], "addressBlock"):
                    size = int(_find(block, "range") or "0", 0)
                    if size <= 0 or size & (size - 1):
                        raise self._wrong(f"range of {_find(block, 'name')}", str(size), "it must be a power of two")
                    # No slave shares a page of AXI: a block of a page is legal for fewer address bits, too.
                    if size > max(PAGE, 1 << int(interfaces[name].bus["ADDR_WIDTH"])):
                        raise self._wrong(
                            f"range of {_find(block, 'name')}", str(size), f"{name} has too few address bits for it"
                        )
                    segments.append(Segment(_find(block, "name"), name, size))
            elif name in interfaces and interfaces[name].vlnv == AXIMM and interfaces[name].mode == "Slave":
                raise self._wrong("busInterface", name, "a memory-mapped slave needs a memoryMapRef")
            if name in interfaces and interfaces[name].vlnv == AXIMM and interfaces[name].mode == "Master":
                wanted = interfaces[name].space
                if wanted not in listed:
                    raise self._wrong(f"addressSpaceRef of {name}", wanted, "there is no such address space")
                size = int(_find(listed[wanted], "range") or "0", 0)
                if size <= 0:
                    raise self._wrong(f"range of {wanted}", str(size), "it must be above zero")
                windows = spaces[wanted].windows if wanted in spaces else {}
                spaces[wanted] = Space(wanted, {**windows, name: (0, size)})
        return tuple(segments), tuple(spaces.values())
