# SPDX-License-Identifier: Apache-2.0
"""package_ip.tcl through the model of the packager: what it makes serves the block design as component.xml does."""

import functools
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.package.packages import ip_package
from finn_gen.package.verilog_ports import read_header
from tests.lib.packaged import (
    RELOADABLE,
    SPIRIT,
    SYNTHESIS,
    accelerators,
    buses,
    described,
    file_set,
    system,
    text,
)
from tests.lib.packaged import read as read_xml
from tests.lib.vivado_bench import FRONT_ENDS, Bench, tclint, toy_project
from vivado_model.errors import VivadoError
from vivado_model.ip_xact import read
from vivado_model.packager_commands import Core


@pytest.fixture(params=FRONT_ENDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """The toy's IP in a fresh folder, once for each interpreter."""
    toy_project(tmp_path / "toy")
    return Bench(tmp_path / "toy" / "ip" / "toy_axi", request.param)


def test_what_the_script_packages_makes_the_same_block_design(bench: Bench) -> None:
    said = bench.run("package_ip.tcl", arguments=("../packaged",))
    assert "packaged as finn:accel:toy_axi:0.1" in said
    project = bench.folder.parent.parent
    bench.folder = project
    (project / "ip" / "packaged").rename(project / "packaged")
    bench.run("project.tcl")
    ours = bench.model.designs["system"]
    shutil.rmtree(project / "ip")
    shutil.rmtree(project / "vivado")
    (project / "ip").mkdir()
    (project / "packaged").rename(project / "ip" / "toy_axi")
    bench.run("project.tcl")
    theirs = bench.model.designs["system"]
    assert theirs is not ours
    assert theirs.nets == ours.nets
    assert theirs.interface_nets == ours.interface_nets
    assert theirs.mappings == ours.mappings
    one, two = (design.cells["accelerator"].shape for design in (ours, theirs))
    assert one.pins == two.pins
    assert set(one.segments) == set(two.segments)
    for name, interface in one.interfaces.items():
        assert (interface.vlnv, interface.mode, interface.clock) == (
            two.interfaces[name].vlnv,
            two.interfaces[name].mode,
            two.interfaces[name].clock,
        )
        assert dict(interface.bus).items() <= dict(two.interfaces[name].bus).items()


@functools.cache
def package(name: str) -> Mapping[str, str | bytes]:
    """The first example of an IP, a small accelerator, or the small system, packaged."""
    if name == "small_axi":
        return {**system(), **described()}
    if name in accelerators():
        return accelerators()[name]
    return ip_package(ip.get(name).build(ip.get(name).examples[0]))


def run_elsewhere(bench: Bench, folder: str, *words: str, **environment: str) -> str:
    """Run the script of `folder` from the bench's own, the path to it relative."""
    script = Path(folder) / "package_ip.tcl"
    return bench.front_end.run(bench.model, [script], bench.folder, environment, words)


def packaged_as(core: Core, folder: Path) -> None:
    """Check that the packager's `core` is what component.xml in `folder` says, file for file and word for word."""
    root = read_xml(folder)
    path = "spirit:vendorExtensions/xilinx:coreExtensions/xilinx:"
    assert core.properties == {
        **{name: text(root, f"spirit:{name}") for name in ("vendor", "library", "name", "version", "description")},
        "core_revision": text(root, f"{path}coreRevision"),
        "display_name": text(root, f"{path}displayName"),
        "supported_families": core.properties["supported_families"],
        "taxonomy": "/UserIP",
    }
    families = [each.text for each in root.findall(f"{path}supportedFamilies/xilinx:family", SPIRIT)]
    assert core.properties["supported_families"].split() == [word for one in families for word in (one, "Production")]
    wanted = buses(root)
    assert set(core.buses) == set(wanted)
    for name, bus in core.buses.items():
        assert bus.vlnv.split(":")[2] == f"{wanted[name]['kind']}_rtl"
        assert (bus.mode, bus.ports) == (wanted[name]["mode"], wanted[name]["ports"])
        assert bus.parameters == wanted[name]["parameters"]
    memories = {}
    for memory in root.findall("spirit:memoryMaps/spirit:memoryMap", SPIRIT):
        block = memory.find("spirit:addressBlock", SPIRIT)
        registers = [
            tuple(text(one, f"spirit:{field}") for field in ("name", "addressOffset", "size", "description"))
            for one in block.findall("spirit:register", SPIRIT)
        ]
        kept = tuple(text(block, f"spirit:{field}") for field in ("name", "range", "width", "usage"))
        memories[text(memory, "spirit:name")] = (kept, registers)
    found = {}
    for name, blocks in core.maps.items():
        ((block, each),) = blocks.items()
        registers = [
            (one, hex(int(values["address_offset"], 0)), values["size"], values["description"])
            for one, values in each.registers.items()
        ]
        found[name] = ((block, *(each.properties[field] for field in ("range", "width", "usage"))), registers)
    assert found == memories
    assert {bus.name: bus.memory_map for bus in core.buses.values() if bus.memory_map} == {name: name for name in found}


@pytest.mark.parametrize("name", [*ip.NAMES, RELOADABLE, "small_axi"])
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_script_packages_the_same_ip(front_end: object, name: str, tmp_path: Path) -> None:
    files = package(name)
    write_tree(tmp_path / "ip", files)
    bench = Bench(tmp_path, front_end)
    said = run_elsewhere(bench, "ip", "packaged")
    core, (project,) = bench.model.core, bench.model.projects.values()
    root = read_xml(tmp_path / "ip")
    assert f"{tmp_path / 'packaged'}: packaged as " in said
    assert core.root == tmp_path / "packaged"
    assert list(project.files) == [tmp_path / "ip" / path for path in file_set(root, SYNTHESIS)]
    packaged_as(core, tmp_path / "ip")
    assert not core.user_parameters
    assert bench.model.project is None
    ours, theirs = (read(tmp_path / folder / "component.xml") for folder in ("ip", "packaged"))
    assert ours.vlnv == theirs.vlnv
    assert dict(ours.shape({}).pins) == dict(theirs.shape({}).pins)
    assert set(ours.shape({}).interfaces) == set(theirs.shape({}).interfaces)
    # The top's own files alone: a package lists no more than the design needs.
    assert {path.name for path in (tmp_path / "packaged" / "src").glob("*.v")} <= {Path(path).name for path in files}


@pytest.fixture(params=FRONT_ENDS)
def fifo(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A FIFO in the folder ip, once for each interpreter."""
    write_tree(tmp_path / "ip", package("fifo"))
    return Bench(tmp_path, request.param)


def test_what_the_top_was_rendered_for_is_not_to_be_changed(fifo: Bench) -> None:
    assert read_header("finn_axis_fifo.v", (fifo.folder / "ip" / "finn_axis_fifo.v").read_text()).parameters
    run_elsewhere(fifo, "ip", "packaged")
    assert not fifo.model.core.user_parameters
    fifo.edit("ip/package_ip.tcl", "    ipx::remove_user_parameter [get_property NAME $parameter] $core\n", "")
    run_elsewhere(fifo, "ip", "kept")
    assert fifo.model.core.user_parameters


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_script_quotes_text(front_end: object, tmp_path: Path) -> None:
    nasty = 'a $b [exit 3] {c \\ "d" }'
    nasty += f"  {nasty * 9} {'x' * 99} \\ {nasty}"
    write_tree(tmp_path / "ip", system() | described(description=nasty, display_name=nasty))
    bench = Bench(tmp_path, front_end)
    run_elsewhere(bench, "ip")
    assert bench.model.core.root == tmp_path / "small_axi_packaged"
    assert bench.model.core.properties["description"] == bench.model.core.properties["display_name"] == nasty


@pytest.mark.parametrize("version", ["2018.2", "2016.4.1", "unknown"])
def test_the_script_refuses_an_old_vivado_unless_told_otherwise(fifo: Bench, version: str) -> None:
    fifo.model.version = version
    with pytest.raises(VivadoError, match=f"this is Vivado {version}, but the script is .* 2018.3 and newer") as caught:
        run_elsewhere(fifo, "ip", "packaged")
    assert "FINN_ANY_VIVADO" in str(caught.value)
    assert not fifo.model.projects
    assert not (fifo.folder / "packaged").exists()
    said = run_elsewhere(fifo, "ip", "packaged", FINN_ANY_VIVADO="1")
    assert f"WARNING: package_ip.tcl: this is Vivado {version}" in said
    assert (fifo.folder / "packaged" / "component.xml").is_file()


@pytest.mark.parametrize("version", ["2018.3", "2019.1_AR72614", "2023.2.1", "2025.2"])
def test_the_script_runs_in_a_newer_vivado(fifo: Bench, version: str) -> None:
    fifo.model.version = version
    assert "WARNING" not in run_elsewhere(fifo, "ip", "packaged")
    assert (fifo.folder / "packaged" / "component.xml").is_file()


def test_the_script_does_not_write_over_an_ip(fifo: Bench) -> None:
    write_tree(fifo.folder, {"taken/component.xml": "mine"})
    with pytest.raises(VivadoError, match="holds an IP already"):
        run_elsewhere(fifo, "ip", "taken")
    assert [path.name for path in (fifo.folder / "taken").iterdir()] == ["component.xml"]
    assert (fifo.folder / "taken" / "component.xml").read_text() == "mine"


def test_the_script_stops_where_vivado_infers_less_than_there_is(fifo: Bench) -> None:
    fifo.model.overlooked = frozenset({"m_axis"})
    with pytest.raises(VivadoError, match="did not infer the interface m_axis;"):
        run_elsewhere(fifo, "ip", "packaged")
    assert not (fifo.folder / "packaged" / "component.xml").exists()


def test_only_what_is_named_is_overlooked(fifo: Bench) -> None:
    script = (
        "create_project -in_memory\nadd_files ip/finn_axis_fifo.v\nset_property top finn_axis_fifo [current_fileset]\n"
    )
    script += "ipx::package_project -root_dir out -vendor v -library l -import_files\n"
    write_tree(fifo.folder, {"all.tcl": script})
    found = []
    for overlooked in ("m_axis", ""):
        fifo.model = type(fifo.model)(overlooked=frozenset(overlooked.split()))
        fifo.run("all.tcl")
        found.append(set(fifo.model.core.buses))
        shutil.rmtree(fifo.folder / "out")
    assert found == [{"s_axis"}, {"s_axis", "m_axis"}]


def test_every_script_passes_tclint(tmp_path: Path) -> None:
    names = [*ip.NAMES, *accelerators(), "small_axi"]
    for name in names:
        write_tree(tmp_path / name, package(name))
    scripts = [str(path) for path in sorted(tmp_path.rglob("*.tcl"))]
    assert len(scripts) == 2 * len(names)
    assert tclint(scripts, tmp_path) == ""


def test_tclint_has_the_settings_of_the_project(tmp_path: Path) -> None:
    script = tmp_path / "long.tcl"
    script.write_text(f"puts {'x' * 115}\n")
    assert tclint([str(script)], tmp_path) == ""
    script.write_text(f"puts {'x' * 116}\n")
    assert "[line-length]" in tclint([str(script)], tmp_path)


def test_the_dialogue_shows_the_parameters_of_the_ip(bench: Bench) -> None:
    (xgui,) = (bench.folder / "xgui").glob("*.tcl")
    bench.model.customised = read(bench.folder / "component.xml")
    (bench.folder / "show.tcl").write_text(f"source xgui/{xgui.name}\ninit_gui ip_1\n")
    bench.run("show.tcl")
    assert set(bench.model.shown) >= set(bench.model.customised.parameters)
    bench.edit(f"xgui/{xgui.name}", '"Component_Name"', '"ComponentName"')
    bench.model.shown.clear()
    with pytest.raises(VivadoError, match="the IP has no parameter 'ComponentName'"):
        bench.run("show.tcl")


MISTAKES = {
    "command": ("ipx::save_core $core", "ipx::store_core $core", r'invalid command.*"ipx::store_core"'),
    "option": ("-import_files", "-import_file", "unknown option '-import_file'"),
    "property": ("set_property display_name", "set_property displayname", "does not have a property 'displayname'"),
    "port": ("ipx::infer_bus_interface aclk", "ipx::infer_bus_interface clk", "there is no port clk"),
    "signal": ("signal:reset_rtl", "signal:resetn_rtl", "is no signal interface"),
    "file": ("    toy_axi.v\n", "    toy.v\n", "there is no file '.*toy.v'"),
    "top": ("set_property top toy_axi", "set_property top toy", "module 'toy' not found in the sources"),
    "clock-of": ("    m_axi\n} :]", "} :]", "interface m_axi is not associated to a clock"),
    "map": ("set_property slave_memory_map_ref s_axil", "set_property slave_memory_map_ref axil", "no memory map axil"),
    "unchecked": ("ipx::check_integrity $core\n", "", "changed after its checksums and its check"),
    "object": ("ipx::update_checksums $core", "ipx::update_checksums core", "'core': it is no component"),
    "families": ("Production\n} $core", "Retired\n} $core", "is no list of family and Production"),
    "closed": ("ipx::save_core $core\nclose_project", "close_project\nipx::save_core $core", "no open project"),
    "no-dialogue": ("ipx::create_xgui_files $core\n", "", "has no dialogue"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_planted_mistake_is_refused(bench: Bench, old: str, new: str, message: str) -> None:
    bench.edit("package_ip.tcl", old, new)
    with pytest.raises(VivadoError, match=message):
        bench.run("package_ip.tcl", arguments=("../packaged",))
