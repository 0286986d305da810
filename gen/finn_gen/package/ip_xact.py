# SPDX-License-Identifier: Apache-2.0
"""From rendered files to an IP that Vivado takes: component.xml (IP-XACT, IEEE 1685-2009), its GUI, a packing script.

The folder that holds these files beside those that they name is an IP repository of one IP. What reads a
component.xml of ours can rely on these elements, always in the order of the standard's schema:

component               vendor, library, name, version; description; parameters (Component_Name alone)
busInterface            name, busType, abstractionType, master | slave; portMap (logicalPort, physicalPort), one
                        a port that exists; parameters as `bus_interfaces` derives them. A slave of kind aximm has
                        a memoryMapRef and a master of kind aximm an addressSpaceRef, each of the interface's name
addressSpace            name, range, width
memoryMap               one addressBlock `reg0` at 0: range, width 32, usage register; its registers, arrays written
                        out (NAME_0, NAME_1), with fields
model                   views xilinx_anylanguagesynthesis, xilinx_anylanguagebehavioralsimulation, xilinx_xpgui;
                        all ports: wire with direction and, where declared with a range, vector (left, right 0);
                        modelParameters: what the top was rendered for, not to be changed
fileSet                 one a view; a file has a name relative to the folder, and fileType verilogSource or
                        tclSource, or userFileType mem
vendorExtensions        xilinx:coreExtensions: supportedFamilies, taxonomies, displayName, coreRevision;
                        xilinx:packagingInfo: xilinxVersion

Vivado itself has not read any of it yet. It follows files that Vivado wrote, in particular those of 2018.3 for
memories in userFileType mem.
"""

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from finn_gen import __version__
from finn_gen.base.errors import InputError
from finn_gen.base.registers import WIDTH, Register, RegisterMap
from finn_gen.base.template import render
from finn_gen.emit.bundle import list_name
from finn_gen.family import DEFAULT
from finn_gen.package.bus_interfaces import Interface, interfaces
from finn_gen.package.verilog_ports import Header, Port, read_header

VENDOR = "finn"
VERSION = ".".join(__version__.split(".")[:2])
VIVADO = "2018.3"
"""The Vivado whose files these follow, and the oldest that package_ip.tcl runs in unasked."""
LEAST_RANGE = 4096
"""Bytes of the smallest address block: AXI lets no slave share a page of 4 KiB."""

SERIES_7 = (
    "artix7", "artix7l", "aartix7", "qartix7", "kintex7", "kintex7l", "qkintex7", "qkintex7l", "virtex7", "qvirtex7",
    "spartan7", "aspartan7", "zynq", "azynq", "qzynq",
)  # fmt: skip
FAMILIES = (*SERIES_7, "kintexu", "virtexu", "kintexuplus", "virtexuplus", "zynquplus")
"""Vivado's names for 7-series with Zynq-7000, and for those with UltraScale and UltraScale+."""

SPIRIT = "http://www.spiritconsortium.org/XMLSchema/SPIRIT/1685-2009"
XILINX = "http://www.xilinx.com"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SYNTHESIS, _SIMULATION, _GUI = (
    "xilinx_anylanguagesynthesis",
    "xilinx_anylanguagebehavioralsimulation",
    "xilinx_xpgui",
)
_ACCESS = {"ro": "read-only", "rw": "read-write", "wo": "write-only", "w1c": "read-write", "pulse": "write-only"}
_TCL_LINE = 120
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")
_MEMORY = re.compile(r'"([^"\s]+\.mem)"')


@dataclass(frozen=True)
class Mapped:
    """The registers of a core, `base` bytes into the memory map of a slave; `prefix` goes before their names."""

    prefix: str
    base: int
    registers: RegisterMap


@dataclass(frozen=True)
class AddressBlock:
    """The memory map of the slave `interface`: `size` bytes with the registers (name, offset, register)."""

    interface: str
    size: int
    registers: tuple[tuple[str, int, Register], ...]


@dataclass(frozen=True)
class Component:
    """What is packaged. File sets are paths relative to the folder, the top last, memories behind it."""

    library: str
    display_name: str
    description: str
    header: Header
    interfaces: tuple[Interface, ...]
    blocks: tuple[AddressBlock, ...]
    synthesis: tuple[str, ...]
    simulation: tuple[str, ...]
    families: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name in the VLNV: that of the top module."""
        return self.header.module

    @property
    def gui(self) -> str:
        """Path of the file that lays out Vivado's dialogue."""
        return f"xgui/{self.name}_v{VERSION.replace('.', '_')}.tcl"


def component_files(
    module: str,
    files: Mapping[str, str | bytes],
    *,
    description: str,
    display_name: str | None = None,
    library: str = "ip",
    windows: Mapping[str, Sequence[Mapped]] | None = None,
    parameters: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, str]:
    """component.xml, package_ip.tcl and the GUI's file (path to text) of the IP whose top is `module`.

    `files` are those of the folder (path to content). `<module>.f` lists the Verilog that is simulated, and
    synthesized unless `<module>.xc7.f` lists other files for that: then the IP is one for 7-series alone. Memories
    are those that the Verilog names. Other files stay out of the IP's file sets. `windows` gives the registers
    behind AXI slaves by interface, `parameters` further parameters of interfaces (`bus_interfaces.interfaces`).
    InputError names the file, port or register and the rule. Same arguments, same bytes.
    """
    component = plan_component(
        module, files, description=description, display_name=display_name, library=library,
        windows=windows, parameters=parameters,
    )  # fmt: skip
    gui = render("ip/common/xgui.tcl.j2")
    revision = _revision(component, files, gui)
    return {
        "component.xml": _xml(component, revision),
        component.gui: gui,
        "package_ip.tcl": _script(component, revision),
    }


def plan_component(
    module: str,
    files: Mapping[str, str | bytes],
    *,
    description: str,
    display_name: str | None = None,
    library: str = "ip",
    windows: Mapping[str, Sequence[Mapped]] | None = None,
    parameters: Mapping[str, Mapping[str, int]] | None = None,
) -> Component:
    """What `component_files` writes."""
    for path in files:
        if not _PATH.fullmatch(path):
            raise InputError(f"file {path!r}: a path is relative, of letters, digits and ._-/, and has no ..")
    top = f"{module}.v"
    if top not in files:
        raise InputError(f"{top}: there is no such file, but the top of the IP must be in it")
    header = read_header(top, _text_of(files, top))
    if header.module != module:
        raise InputError(f"{top}: it holds the module {header.module}, but must hold {module}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", library):
        raise InputError(f"library={library!r}: it must be a letter, then letters, digits or _, all small")
    buses = interfaces(header.ports, parameters)
    plain = _file_set(files, list_name(module), top)
    primitives = list_name(module, DEFAULT) in files
    return Component(
        library=library,
        display_name=_printable("display_name", display_name or module),
        description=_printable("description", description),
        header=header,
        interfaces=buses,
        blocks=_blocks(header, buses, windows or {}),
        synthesis=_file_set(files, list_name(module, DEFAULT), top) if primitives else plain,
        simulation=plain,
        families=SERIES_7 if primitives else FAMILIES,
    )


# --------------------------------------------------------------------------- files


def _text_of(files: Mapping[str, str | bytes], path: str) -> str:
    content = files[path]
    return content if isinstance(content, str) else content.decode()


def _file_set(files: Mapping[str, str | bytes], listing: str, top: str) -> tuple[str, ...]:
    """The Verilog files of `listing`, the top last, and the memories that they read."""
    if listing not in files:
        raise InputError(f"{listing}: there is no such file, but it must list the Verilog files of the IP")
    verilog = _text_of(files, listing).splitlines()
    if top not in verilog:
        raise InputError(f"{listing}: it must list {top}, the top of the IP")
    ordered = [*(path for path in dict.fromkeys(verilog) if path != top), top]
    memories: dict[str, None] = {}
    for path in ordered:
        if path not in files:
            raise InputError(f"{listing}: {path} is listed, but there is no such file")
        if PurePosixPath(path).suffix != ".v":
            raise InputError(f"{listing}: {path} is listed, but only Verilog (.v) can be")
        memories.update(dict.fromkeys(_MEMORY.findall(_text_of(files, path))))
    for path in memories:
        if path not in files:
            raise InputError(f"{listing}: the Verilog reads {path}, but there is no such file")
    return (*ordered, *memories)


def _revision(component: Component, files: Mapping[str, str | bytes], gui: str) -> int:
    """A number that changes with anything in the IP: Vivado tells by it that an instance is outdated."""
    found = hashlib.sha256(_xml(component, 0).encode())
    found.update(gui.encode())
    for path in sorted({*component.synthesis, *component.simulation}):
        content = files[path]
        found.update(b"\0" + path.encode() + b"\0" + (content.encode() if isinstance(content, str) else content))
    return 1 + int(found.hexdigest()[:7], 16)


def _printable(what: str, text: str) -> str:
    """`text`, if XML can hold it."""
    for character in text:
        if not (character in "\t\n" or " " <= character < "\x7f" or "\xa0" <= character <= "\ud7ff"):
            raise InputError(f"{what}: it holds the character {character!r}; legal are printable ones")
    return text


# --------------------------------------------------------------------------- memory maps


def _blocks(
    header: Header, buses: Sequence[Interface], windows: Mapping[str, Sequence[Mapped]]
) -> tuple[AddressBlock, ...]:
    slaves = {bus.name: bus for bus in buses if bus.bus == "aximm" and bus.mode == "slave"}
    for name in windows:
        if name not in slaves:
            raise InputError(f"registers of the interface {name!r}: {header.module} has no such AXI slave")
    return tuple(
        AddressBlock(
            interface=name,
            size=max(LEAST_RANGE, 1 << int(bus.parameter("ADDR_WIDTH"))),
            registers=_registers(name, int(bus.parameter("ADDR_WIDTH")), windows.get(name, ())),
        )
        for name, bus in slaves.items()
    )


def _registers(interface: str, address_width: int, windows: Iterable[Mapped]) -> tuple[tuple[str, int, Register], ...]:
    """Name, offset and description of every register, arrays written out, by offset."""
    found: list[tuple[str, int, Register]] = []
    taken: dict[int, str] = {}
    for window in windows:
        if not re.fullmatch(r"(?:[A-Z][A-Z0-9_]*_)?", window.prefix):
            raise InputError(f"{interface}: prefix {window.prefix!r}: it must be capitals, digits and _, and end in _")
        for register in window.registers.registers:
            for index, offset in enumerate(register.offsets):
                name = f"{window.prefix}{register.name}" + (f"_{index}" if register.count > 1 else "")
                address = window.base + offset
                if address + 4 > 1 << address_width or window.base < 0:
                    raise InputError(
                        f"{interface}: {name} at {address:#x} lies outside of {1 << address_width:#x} bytes"
                    )
                if address in taken:
                    raise InputError(f"{interface}: {name} and {taken[address]} both lie at {address:#x}")
                taken[address] = name
                found.append((name, address, register))
    names = [name for name, _, _ in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{interface}: there are two registers {name}; give their windows different prefixes")
    return tuple(sorted(found, key=lambda entry: entry[1]))


# --------------------------------------------------------------------------- component.xml


def _xml(component: Component, revision: int) -> str:
    for prefix, uri in (("spirit", SPIRIT), ("xilinx", XILINX), ("xsi", XSI)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(_tag("component"))
    for tag, text in zip(("vendor", "library", "name", "version"), _vlnv(component), strict=True):
        _add(root, tag, text)
    buses = _add(root, "busInterfaces")
    for bus in component.interfaces:
        _bus_interface(buses, bus)
    _address_spaces(root, component.interfaces)
    if component.blocks:
        maps = _add(root, "memoryMaps")
        for block in component.blocks:
            _memory_map(maps, block)
    _model(root, component)
    _file_sets(root, component)
    _add(root, "description", component.description)
    parameter = _add(_add(root, "parameters"), "parameter")
    _add(parameter, "name", "Component_Name")
    default = f"{component.name}_v{VERSION.replace('.', '_')}"
    _add(parameter, "value", default, resolve="user", id="PARAM_VALUE.Component_Name", order="1")
    _vendor_extensions(root, component, revision)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _vlnv(component: Component) -> tuple[str, str, str, str]:
    return VENDOR, component.library, component.name, VERSION


def _tag(name: str, namespace: str = SPIRIT) -> str:
    return f"{{{namespace}}}{name}"


def _add(parent: ET.Element, tag: str, text: str | int | None = None, **attributes: str) -> ET.Element:
    """A child of the standard's namespace, as are its attributes."""
    child = ET.SubElement(parent, _tag(tag), {_tag(name): value for name, value in attributes.items()})
    if text is not None:
        child.text = str(text)
    return child


def _add_xilinx(parent: ET.Element, tag: str, text: str | int | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, _tag(tag, XILINX), {_tag(name, XILINX): value for name, value in attributes.items()})
    if text is not None:
        child.text = str(text)
    return child


def _bus_interface(parent: ET.Element, bus: Interface) -> None:
    element = _add(parent, "busInterface")
    _add(element, "name", bus.name)
    for tag, name in (("busType", bus.bus), ("abstractionType", f"{bus.bus}_rtl")):
        _add(element, tag, vendor="xilinx.com", library=bus.library, name=name, version="1.0")
    mode = _add(element, bus.mode)
    if bus.bus == "aximm":
        reference = "memoryMapRef" if bus.mode == "slave" else "addressSpaceRef"
        _add(mode, reference, **{reference: bus.name})
    maps = _add(element, "portMaps")
    for logical, physical in bus.ports:
        pair = _add(maps, "portMap")
        _add(_add(pair, "logicalPort"), "name", logical)
        _add(_add(pair, "physicalPort"), "name", physical)
    if bus.parameters:
        parameters = _add(element, "parameters")
        for name, value in bus.parameters:
            parameter = _add(parameters, "parameter")
            _add(parameter, "name", name)
            _add(parameter, "value", value, id=f"BUSIFPARAM_VALUE.{bus.name.upper()}.{name}")


def _address_spaces(root: ET.Element, buses: Sequence[Interface]) -> None:
    masters = [bus for bus in buses if bus.bus == "aximm" and bus.mode == "master"]
    spaces = _add(root, "addressSpaces") if masters else None
    for bus in masters:
        space = _add(spaces, "addressSpace")
        _add(space, "name", bus.name)
        _add(space, "range", 1 << int(bus.parameter("ADDR_WIDTH")), format="long")
        _add(space, "width", bus.parameter("DATA_WIDTH"), format="long")


def _memory_map(parent: ET.Element, block: AddressBlock) -> None:
    memory = _add(parent, "memoryMap")
    _add(memory, "name", block.interface)
    element = _add(memory, "addressBlock")
    _add(element, "name", "reg0")
    _add(element, "baseAddress", 0, format="long")
    _add(element, "range", block.size, format="long")
    _add(element, "width", WIDTH, format="long")
    _add(element, "usage", "register")
    for name, offset, register in block.registers:
        _register(element, name, offset, register)


def _register(parent: ET.Element, name: str, offset: int, register: Register) -> None:
    element = _add(parent, "register")
    _add(element, "name", name)
    _add(element, "description", _printable(f"register {name}", register.doc))
    _add(element, "addressOffset", f"{offset:#x}")
    _add(element, "size", WIDTH, format="long")
    accesses = {_ACCESS[field.access] for field in register.fields} or {_ACCESS[register.access]}
    _add(element, "access", accesses.pop() if len(accesses) == 1 else "read-write")
    _add(_add(element, "reset"), "value", f"{register.value:#x}")
    bits = [(field.name, field.low, field.width, field.access, field.doc) for field in register.fields]
    for field, low, width, access, doc in bits or [(name, 0, WIDTH, register.access, register.doc)]:
        child = _add(element, "field")
        _add(child, "name", field)
        _add(child, "description", _printable(f"register {name}, field {field}", doc))
        _add(child, "bitOffset", low)
        _add(child, "bitWidth", width, format="long")
        _add(child, "access", _ACCESS[access])
        if access == "w1c":
            _add(child, "modifiedWriteValue", "oneToClear")


def _model(root: ET.Element, component: Component) -> None:
    model = _add(root, "model")
    views = _add(model, "views")
    for view, display, purpose in (
        (_SYNTHESIS, "Synthesis", "synthesis"),
        (_SIMULATION, "Simulation", "simulation"),
        (_GUI, "UI Layout", "xgui.ui"),
    ):
        element = _add(views, "view")
        _add(element, "name", view)
        _add(element, "displayName", display)
        _add(element, "envIdentifier", f":vivado.xilinx.com:{purpose}")
        if view != _GUI:
            _add(element, "language", "Verilog")
            _add(element, "modelName", component.name)
        _add(_add(element, "fileSetRef"), "localName", f"{view}_view_fileset")
    ports = _add(model, "ports")
    for port in component.header.ports:
        _port(ports, port)
    if component.header.parameters:
        parameters = _add(model, "modelParameters")
        for name, value in component.header.parameters:
            parameter = _add(parameters, "modelParameter", dataType="integer")
            parameter.set(_tag("type", XSI), "spirit:nameValueTypeType")
            _add(parameter, "name", name)
            _add(parameter, "displayName", name)
            _add(parameter, "value", value, format="long", resolve="generated", id=f"MODELPARAM_VALUE.{name}")


def _port(parent: ET.Element, port: Port) -> None:
    element = _add(parent, "port")
    _add(element, "name", port.name)
    wire = _add(element, "wire")
    _add(wire, "direction", port.direction)
    if port.vector:
        vector = _add(wire, "vector")
        _add(vector, "left", port.width - 1, format="long")
        _add(vector, "right", 0, format="long")
    definition = _add(_add(wire, "wireTypeDefs"), "wireTypeDef")
    _add(definition, "typeName", "wire")
    _add(definition, "viewNameRef", _SYNTHESIS)
    _add(definition, "viewNameRef", _SIMULATION)


def _file_sets(root: ET.Element, component: Component) -> None:
    sets = _add(root, "fileSets")
    for view, paths in (
        (_SYNTHESIS, component.synthesis),
        (_SIMULATION, component.simulation),
        (_GUI, (component.gui,)),
    ):
        element = _add(sets, "fileSet")
        _add(element, "name", f"{view}_view_fileset")
        for path in paths:
            file = _add(element, "file")
            _add(file, "name", path)
            for tag, kind in _file_types(path):
                _add(file, tag, kind)


def _file_types(path: str) -> Iterator[tuple[str, str]]:
    if path.endswith(".mem"):
        yield "userFileType", "mem"
    elif path.endswith(".tcl"):
        yield "fileType", "tclSource"
        yield "userFileType", "XGUI_VERSION_2"
    else:
        yield "fileType", "verilogSource"


def _vendor_extensions(root: ET.Element, component: Component, revision: int) -> None:
    extensions = _add(root, "vendorExtensions")
    core = _add_xilinx(extensions, "coreExtensions")
    families = _add_xilinx(core, "supportedFamilies")
    for family in component.families:
        _add_xilinx(families, "family", family, lifeCycle="Production")
    _add_xilinx(_add_xilinx(core, "taxonomies"), "taxonomy", "/UserIP")
    _add_xilinx(core, "displayName", component.display_name)
    _add_xilinx(core, "coreRevision", revision)
    _add_xilinx(_add_xilinx(extensions, "packagingInfo"), "xilinxVersion", VIVADO)


# --------------------------------------------------------------------------- package_ip.tcl


def _script(component: Component, revision: int) -> str:
    """The script that lets Vivado package the same IP."""
    return render(
        "ip/common/package_ip.tcl.j2",
        component=component,
        revision=revision,
        vendor=VENDOR,
        vlnv_version=VERSION,
        oldest=VIVADO,
        word=_tcl_word,
        buses=[bus for bus in component.interfaces if bus.library == "interface"],
    )


def _tcl_word(text: str, before: str = "") -> str:
    """`text` as one word of Tcl that nothing is substituted in, on further lines where `before` and it are too long."""
    escaped = re.sub(r'([\\"$\[\]{}])', r"\\\1", text).replace("\n", "\\n").replace("\t", "\\t")
    # A backslash, the end of the line and the spaces that follow are one space: only a lone space can become that.
    first, *rest = re.split(r"(?<! ) (?! )", escaped)
    lines = [f'{before}"{first}']
    for piece in rest:
        if len(lines[-1]) + len(piece) + len(' " $core') > _TCL_LINE:
            lines[-1] += "\\"
            lines.append("    " + piece)
        else:
            lines[-1] += " " + piece
    return "\n".join(lines)[len(before) :] + '"'
