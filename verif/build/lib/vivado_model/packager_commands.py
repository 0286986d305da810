# SPDX-License-Identifier: Apache-2.0
"""Commands of Vivado's IP packager (ipx::), as far as package_ip.tcl calls them; save_core writes a component.xml."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vivado_model.catalog import IpDef
from vivado_model.errors import VivadoError
from vivado_model.ip_xact import AXIMM, AXIS, NEEDED, SPIRIT, read
from vivado_model.objects import Thing, matches
from vivado_model.project_commands import Vivado
from vivado_model.session import command, settable

_PORT = re.compile(r"\b(input|output|inout)\s+(?:wire\s+|reg\s+)?(?:\[(\d+):(\d+)\]\s*)?(\w+)")
_SIGNALS = {"clock": "CLK", "reset": "RST", "interrupt": "INTERRUPT"}


@dataclass
class Bus:
    """A bus interface of the component."""

    name: str
    vlnv: str
    mode: str
    ports: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    memory_map: str = ""


@dataclass
class Block:
    """An address block and its registers, each with its properties."""

    properties: dict[str, str]
    registers: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Core:
    """A component while it is edited."""

    root: Path
    properties: dict[str, str]
    ports: dict[str, tuple[str, str]]  # name -> direction, left index or ""
    files: list[Path]
    buses: dict[str, Bus]
    user_parameters: dict[str, str]
    maps: dict[str, dict[str, Block]] = field(default_factory=dict)
    gui: bool = False
    summed: bool = False
    checked: bool = False


@dataclass
class VivadoWithPackager(Vivado):
    """All commands, those of the packager too. `overlooked` names interfaces that it does not infer, for tests."""

    overlooked: frozenset[str] = frozenset()
    core: Core | None = None
    customised: IpDef | None = None  # the IP whose dialogue (xgui/*.tcl) is shown
    shown: list[str] = field(default_factory=list)

    def _core(self, words: str) -> Core:
        self.one(words, "component")
        self.here  # noqa: B018 (the project that it was made of must be open)
        assert self.core is not None
        return self.core

    def _changed(self) -> None:
        assert self.core is not None
        self.core.summed = self.core.checked = False

    def _writer(self, values: dict[str, str], what: str) -> object:
        write = settable(values, what)

        def change(name: str, value: str) -> None:
            write(name, value)
            self._changed()

        return change

    # ---- from the sources to a component

    @command("ipx::package_project", flags="import_files", options="root_dir vendor library taxonomy set_current")
    def package_project(
        self,
        *,
        root_dir: str = "",
        vendor: str = "",
        library: str = "",
        taxonomy: str = "",
        set_current: str = "true",
        import_files: bool = False,
    ) -> list[Thing]:
        """The open project as a component below `root_dir`; interfaces are inferred from names."""
        for option, value in (("root_dir", root_dir), ("vendor", vendor), ("library", library)):
            if not value:
                raise VivadoError(f"-{option} is needed")
        if not import_files:
            raise VivadoError("without -import_files the component would name files outside of its folder")
        top = self._top()
        sources = [path for path, fileset in self.here.files.items() if fileset == "sources_1"]
        text = next(path.read_text() for path in sources if re.search(rf"^module\s+{top}\b", path.read_text(), re.M))
        header = re.search(rf"^module\s+{top}\b\s*(#\(.*?\)\s*)?\((.*?)\)\s*;", _uncommented(text), re.M | re.S)
        if header is None:
            raise VivadoError(f"the ports of module {top} cannot be read")
        ports = {
            name: (direction, left if left is not None else "") for direction, left, _, name in _PORT.findall(header[2])
        }
        parameters = dict(re.findall(r"parameter\s+(?:\w+\s+)?(?:\[.*?\]\s*)?(\w+)\s*=\s*([^,)\s]+)", header[1] or ""))
        folder = Path(root_dir) / "src"
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for path in sources:
            if (folder / path.name).exists():
                raise VivadoError(f"two sources are called {path.name}")
            shutil.copy(path, folder / path.name)
            files.append(folder / path.name)
        properties = {
            "vendor": vendor,
            "library": library,
            "name": top,
            "version": "1.0",
            "core_revision": "1",
            "display_name": top,
            "description": top,
            "supported_families": "",
            "taxonomy": taxonomy,
        }
        buses = {bus.name: bus for bus in _inferred(ports) if bus.name not in self.overlooked}
        self.core = Core(Path(root_dir), properties, ports, files, buses, parameters)
        return self.current_core()

    @command("ipx::current_core")
    def current_core(self) -> list[Thing]:
        """The component."""
        if self.core is None:
            raise VivadoError("[Common 17-53] no component is open")
        values = self.core.properties
        return [
            Thing("component", "component_1", "component_1", lambda: values, self._writer(values, "the component"))  # type: ignore[arg-type]
        ]

    # ---- parameters of the component

    @command("ipx::get_user_parameters", flags="quiet", options="of_objects", words=(0, 1))
    def get_user_parameters(self, pattern: str = "*", of_objects: str = "", quiet: bool = False) -> list[Thing]:
        """Parameters that whoever uses the IP could set."""
        core = self._core(of_objects)
        return [
            Thing("user_parameter", f"user_parameter.{name}", name, lambda name=name: {"NAME": name})  # type: ignore[misc]
            for name in core.user_parameters
            if matches(name, [pattern])
        ]

    @command("ipx::remove_user_parameter", words=(2, 2))
    def remove_user_parameter(self, name: str, words: str) -> None:
        """Take one of them away."""
        core = self._core(words)
        if name not in core.user_parameters:
            raise VivadoError(f"there is no user parameter {name}")
        del core.user_parameters[name]
        self._changed()

    # ---- interfaces

    @command("ipx::infer_bus_interface", words=(3, 3))
    def infer_bus_interface(self, ports: str, vlnv: str, words: str) -> list[Thing]:
        """A clock, reset or interrupt of one port."""
        core = self._core(words)
        match = re.fullmatch(r"xilinx\.com:signal:(clock|reset|interrupt)_rtl:1\.0", vlnv)
        if not match:
            raise VivadoError(f"'{vlnv}' is no signal interface")
        if ports not in core.ports:
            raise VivadoError(f"there is no port {ports}")
        mode = "slave" if core.ports[ports][0] == "input" else "master"
        core.buses[ports] = Bus(ports, vlnv, mode, {_SIGNALS[match[1]]: ports})
        self._changed()
        return [self._bus(core.buses[ports])]

    def _bus(self, bus: Bus) -> Thing:
        def write(name: str, value: str) -> None:
            if name.lower() != "slave_memory_map_ref":
                raise VivadoError(f"property {name} of interface {bus.name} cannot be set")
            assert self.core is not None
            if value not in self.core.maps:
                raise VivadoError(f"interface {bus.name}: there is no memory map {value}")
            bus.memory_map = value
            self._changed()

        return Thing("bus_interface", f"bus_interface.{bus.name}", bus.name, lambda: {"NAME": bus.name}, write)

    @command("ipx::get_bus_interfaces", flags="quiet", options="of_objects", words=(0, 1))
    def get_bus_interfaces(self, pattern: str = "*", of_objects: str = "", quiet: bool = False) -> list[Thing]:
        """Interfaces by name."""
        core = self._core(of_objects)
        return [self._bus(bus) for bus in core.buses.values() if matches(bus.name, [pattern])]

    def _of(self, words: str, kind: str) -> str:
        return str(self.one(words, kind).key)

    @command("ipx::get_bus_parameters", flags="quiet", options="of_objects", words=(0, 1))
    def get_bus_parameters(self, pattern: str = "*", of_objects: str = "", quiet: bool = False) -> list[Thing]:
        """Parameters of an interface."""
        bus = self._named_bus(of_objects)
        return [self._bus_parameter(bus, name) for name in bus.parameters if matches(name, [pattern])]

    def _named_bus(self, words: str) -> Bus:
        assert self.core is not None
        return self.core.buses[self._of(words, "bus_interface")]

    def _bus_parameter(self, bus: Bus, name: str) -> Thing:
        def write(prop: str, value: str) -> None:
            if prop.lower() != "value":
                raise VivadoError(f"property {prop} of parameter {name} cannot be set")
            bus.parameters[name] = value
            self._changed()

        text = f"bus_parameter.{bus.name}.{name}"
        return Thing("bus_parameter", text, name, lambda: {"NAME": name, "VALUE": bus.parameters[name]}, write)

    @command("ipx::add_bus_parameter", words=(2, 2))
    def add_bus_parameter(self, name: str, words: str) -> list[Thing]:
        """A parameter of an interface."""
        bus = self._named_bus(words)
        if name in bus.parameters:
            raise VivadoError(f"interface {bus.name} has a parameter {name} already")
        bus.parameters[name] = ""
        self._changed()
        return [self._bus_parameter(bus, name)]

    # ---- memory maps

    @command("ipx::get_memory_maps", flags="quiet", options="of_objects", words=(0, 1))
    def get_memory_maps(self, pattern: str = "*", of_objects: str = "", quiet: bool = False) -> list[Thing]:
        """Memory maps by name."""
        core = self._core(of_objects)
        return [self._map(name) for name in core.maps if matches(name, [pattern])]

    @staticmethod
    def _map(name: str) -> Thing:
        return Thing("memory_map", f"memory_map.{name}", name, lambda: {"NAME": name})

    @command("ipx::add_memory_map", words=(2, 2))
    def add_memory_map(self, name: str, words: str) -> list[Thing]:
        """An empty memory map."""
        core = self._core(words)
        if name in core.maps:
            raise VivadoError(f"there is a memory map {name} already")
        core.maps[name] = {}
        self._changed()
        return [self._map(name)]

    @command("ipx::get_address_blocks", flags="quiet", options="of_objects", words=(0, 1))
    def get_address_blocks(self, pattern: str = "*", of_objects: str = "", quiet: bool = False) -> list[Thing]:
        """Blocks of a memory map."""
        assert self.core is not None
        memory = self._of(of_objects, "memory_map")
        return [self._block(memory, name) for name in self.core.maps[memory] if matches(name, [pattern])]

    def _block(self, memory: str, name: str) -> Thing:
        assert self.core is not None
        values = self.core.maps[memory][name].properties
        text = f"address_block.{memory}.{name}"
        writer = self._writer(values, f"block {name}")
        return Thing("address_block", text, (memory, name), lambda: {"NAME": name, **values}, writer)  # type: ignore[arg-type]

    @command("ipx::add_address_block", words=(2, 2))
    def add_address_block(self, name: str, words: str) -> list[Thing]:
        """A block in a memory map."""
        assert self.core is not None
        memory = self._of(words, "memory_map")
        if name in self.core.maps[memory]:
            raise VivadoError(f"memory map {memory} has a block {name} already")
        block = Block({"base_address": "0", "range": "4096", "width": "32", "usage": "memory"})
        self.core.maps[memory][name] = block
        self._changed()
        return [self._block(memory, name)]

    @command("ipx::add_register", words=(2, 2))
    def add_register(self, name: str, words: str) -> list[Thing]:
        """A register in a block."""
        assert self.core is not None
        memory, block = self.one(words, "address_block").key  # type: ignore[misc]
        registers = self.core.maps[memory][block].registers
        if name in registers:
            raise VivadoError(f"block {block} has a register {name} already")
        values = registers[name] = {"address_offset": "0", "size": "32", "description": ""}
        self._changed()
        text = f"register.{memory}.{block}.{name}"
        return [Thing("register", text, name, lambda: values, self._writer(values, f"register {name}"))]  # type: ignore[arg-type]

    # ---- the dialogue of an IP

    def _shown(self, name: str) -> None:
        if name in self.shown:
            raise VivadoError(f"'{name}' is shown twice")
        self.shown.append(name)

    @command("ipgui::add_param", options="name parent", words=(1, 1))
    def add_param(self, instance: str, name: str = "", parent: str = "") -> str:
        """A parameter in the dialogue."""
        if self.customised is None or name not in self.customised.parameters:
            raise VivadoError(f"the IP has no parameter '{name}'")
        self._shown(name)
        return name

    @command("ipgui::add_page", options="name", words=(1, 1))
    def add_page(self, instance: str, name: str = "") -> str:
        """A page of the dialogue."""
        self._shown(name)
        return name

    # ---- the end

    @command("ipx::create_xgui_files", words=(1, 1))
    def create_xgui_files(self, words: str) -> None:
        """The dialogue."""
        self._core(words).gui = True

    @command("ipx::update_checksums", words=(1, 1))
    def update_checksums(self, words: str) -> None:
        """Sums over the files."""
        self._core(words).summed = True

    @command("ipx::check_integrity", words=(1, 1))
    def check_integrity(self, words: str) -> None:
        """Whether the component hangs together."""
        core = self._core(words)
        problems = list(_problems(core))
        if problems:
            raise VivadoError("\n".join(problems))
        core.checked = True

    @command("ipx::save_core", words=(1, 1))
    def save_core(self, words: str) -> None:
        """Write the component; what was changed after the check is not saved."""
        core = self._core(words)
        if not (core.gui and core.summed and core.checked):
            raise VivadoError("the component was changed after its checksums and its check, or has no dialogue")
        path = core.root / "component.xml"
        path.write_text(_component(core))
        read(path)  # what a block design would refuse


def _uncommented(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def _inferred(ports: dict[str, tuple[str, str]]) -> Iterator[Bus]:
    """Interfaces as Vivado finds them: ports that share a prefix and end in the names of AXI."""
    prefixes = sorted({name.rpartition("_")[0] for name in ports if name.endswith(("_awvalid", "_tvalid"))})
    for prefix in prefixes:
        members = {name[len(prefix) + 1 :].upper(): name for name in ports if name.startswith(f"{prefix}_")}
        stream = "TVALID" in members
        master = ports[members["TVALID" if stream else "AWVALID"]][0] == "output"
        vlnv = AXIS if stream else AXIMM
        needed = NEEDED[AXIS] if stream else NEEDED["AXI4" if "AWLEN" in members else "AXI4LITE"]
        if set(needed.split()) <= set(members):
            yield Bus(prefix, vlnv, "master" if master else "slave", members)


def _problems(core: Core) -> Iterator[str]:
    for bus in core.buses.values():
        if bus.vlnv == AXIMM and bus.mode == "slave" and not bus.memory_map:
            yield f"interface {bus.name} has no memory map"
        for name, value in bus.parameters.items():
            if not value:
                yield f"parameter {name} of interface {bus.name} has no value"
    clocked = {
        name
        for bus in core.buses.values()
        for name in bus.parameters.get("ASSOCIATED_BUSIF", "").split(":")
        if bus.vlnv.endswith("clock_rtl:1.0")
    }
    for bus in core.buses.values():
        if bus.vlnv in {AXIMM, AXIS} and bus.name not in clocked:
            yield f"interface {bus.name} is not associated to a clock"
    families = core.properties["supported_families"].split()
    if len(families) % 2 or any(cycle != "Production" for cycle in families[1::2]):
        yield f"supported_families: '{core.properties['supported_families'][:60]}' is no list of family and Production"
    for memory, blocks in core.maps.items():
        for name, block in blocks.items():
            size = int(block.properties["range"], 0)
            offsets = [int(each["address_offset"], 0) for each in block.registers.values()]
            if len(set(offsets)) != len(offsets):
                yield f"two registers of {memory}/{name} have the same offset"
            if any(offset + 4 > size for offset in offsets):
                yield f"a register of {memory}/{name} lies outside of its {size} bytes"


def _component(core: Core) -> str:
    """component.xml with what a block design needs."""
    root = ET.Element(SPIRIT + "component")

    def add(parent: ET.Element, path: str, text: str = "", **attributes: str) -> ET.Element:
        for tag in path.split("/"):
            parent = ET.SubElement(parent, SPIRIT + tag)
        parent.text = text or None
        for name, value in attributes.items():
            parent.set(SPIRIT + name, value)
        return parent

    for tag in ("vendor", "library", "name", "version"):
        add(root, tag, core.properties[tag])
    buses = add(root, "busInterfaces")
    for bus in core.buses.values():
        _bus_xml(add, add(buses, "busInterface"), bus)
    spaces = add(root, "addressSpaces")
    for bus in core.buses.values():
        if bus.vlnv == AXIMM and bus.mode == "master":
            space = add(spaces, "addressSpace")
            add(space, "name", bus.name)
            add(space, "range", str(2 << int(core.ports[bus.ports["AWADDR"]][1])))
    maps = add(root, "memoryMaps")
    for name, blocks in core.maps.items():
        memory = add(maps, "memoryMap")
        add(memory, "name", name)
        for block, values in blocks.items():
            element = add(memory, "addressBlock")
            add(element, "name", block)
            add(element, "range", values.properties["range"])
    ports = add(root, "model/ports")
    for name, (direction, left) in core.ports.items():
        port = add(ports, "port")
        add(port, "name", name)
        wire = add(port, "wire")
        add(wire, "direction", {"input": "in", "output": "out"}.get(direction, direction))
        if left:
            add(wire, "vector/left", left)
    files = add(root, "fileSets/fileSet")
    for file in core.files:
        add(files, "file/name", str(file.relative_to(core.root)))
    return ET.tostring(root, encoding="unicode")


def _bus_xml(add: object, element: ET.Element, bus: Bus) -> None:
    assert callable(add)
    add(element, "name", bus.name)
    vendor, library, name, version = bus.vlnv.split(":")
    parts = {"vendor": vendor, "library": library, "version": version}
    add(element, "busType", name=name.removesuffix("_rtl"), **parts)
    add(element, "abstractionType", name=name, **parts)
    mode = add(element, bus.mode)
    if bus.memory_map:
        add(mode, "memoryMapRef", memoryMapRef=bus.memory_map)
    if bus.vlnv == AXIMM and bus.mode == "master":
        add(mode, "addressSpaceRef", addressSpaceRef=bus.name)
    maps = add(element, "portMaps")
    for logical, physical in bus.ports.items():
        pair = add(maps, "portMap")
        add(pair, "logicalPort/name", logical)
        add(pair, "physicalPort/name", physical)
    parameters = add(element, "parameters")
    for name, value in bus.parameters.items():
        parameter = add(parameters, "parameter")
        add(parameter, "name", name)
        add(parameter, "value", value)
