# SPDX-License-Identifier: Apache-2.0
"""package_ip.tcl through the model of the packager: what it makes serves the block design as component.xml does."""

import shutil
from pathlib import Path

import pytest

from finn_gen import ip
from finn_gen.emit import core_files
from finn_gen.files import write_tree
from finn_gen.packages import ip_package
from finn_verif.vivado.errors import VivadoError
from finn_verif.vivado.ip_xact import read
from vivado_bench import FRONT_ENDS, Bench, toy_project


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


@pytest.mark.parametrize("name", ip.NAMES)
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_script_of_every_ip_runs(front_end: object, name: str, tmp_path: Path) -> None:
    core = ip.get(name)
    plan = core.build(core.examples[0])
    write_tree(tmp_path / "ip", ip_package(name, plan))
    bench = Bench(tmp_path / "ip", front_end)
    bench.run("package_ip.tcl", arguments=("../packaged",))
    ours, theirs = (read(tmp_path / folder / "component.xml") for folder in ("ip", "packaged"))
    assert ours.vlnv == theirs.vlnv
    assert dict(ours.shape({}).pins) == dict(theirs.shape({}).pins)
    assert set(ours.shape({}).interfaces) == set(theirs.shape({}).interfaces)
    # The top's own files alone: a package lists no more than the design needs.
    assert {path.name for path in (tmp_path / "packaged" / "src").glob("*.v")} <= {
        Path(path).name for path in core_files(name, plan)
    }


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
    "no-dialogue": ("ipx::create_xgui_files $core\n", "", "has no dialogue"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_planted_mistake_is_refused(bench: Bench, old: str, new: str, message: str) -> None:
    bench.edit("package_ip.tcl", old, new)
    with pytest.raises(VivadoError, match=message):
        bench.run("package_ip.tcl", arguments=("../packaged",))
