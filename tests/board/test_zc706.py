# SPDX-License-Identifier: Apache-2.0
"""The block design for the ZC706: its scripts run through a strict model of Vivado, and planted mistakes do not."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from finn_gen.base.errors import InputError
from finn_gen.board import zynq7
from tests.lib.paths import ROOT
from tests.lib.vivado_bench import BOARD, DESCRIPTION, FRONT_ENDS, Bench, tclint, toy_project
from vivado_model.errors import VivadoError

# What a finished design leaves open, each for a reason that facts.yaml or the documentation of the IP names.
OPEN = [
    "/ps7/S_AXI_HP0_FIFO_CTRL",
    "/ps7/TTC0_WAVE0_OUT",
    "/ps7/TTC0_WAVE1_OUT",
    "/ps7/TTC0_WAVE2_OUT",
    "/ps7/USBIND_0",
    "/reset/aux_reset_in",
    "/reset/bus_struct_reset",
    "/reset/dcm_locked",
    "/reset/mb_debug_sys_rst",
    "/reset/mb_reset",
    "/reset/peripheral_reset",
]


@pytest.fixture(params=FRONT_ENDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """The toy's project in a fresh folder, once for each interpreter."""
    toy_project(tmp_path / "toy")
    return Bench(tmp_path / "toy", request.param)


def test_the_scripts_lead_from_nothing_to_a_bitstream(bench: Bench) -> None:
    said = bench.run("project.tcl", "build.tcl")
    assert "worst slack 0.123 ns" in said
    assert {path.name for path in (bench.folder / "out").iterdir()} == {
        "toy_axi.bit",
        "toy_axi.hwh",
        "toy_axi.xsa",
        "toy_axi.json",
        "toy_axi.h",
        "utilization.rpt",
        "timing.rpt",
        "power.rpt",
        "drc.rpt",
    }
    assert bench.model.projects[str(bench.folder / "vivado" / "toy.xpr")].properties["part"] == "xc7z045ffg900-2"


def test_nothing_is_left_open_without_a_reason(bench: Bench) -> None:
    bench.run("project.tcl")
    design = bench.model.designs["system"]
    assert bench.model.messages == [f"{point} is not connected" for point in OPEN]
    assert [(each.space, each.offset, each.size) for each in design.mappings] == [
        (("ps7", "Data"), 0x43C00000, 1 << 14),
        (("accelerator", "m_axi"), 0, 1 << 30),
    ]
    assert design.clock_of(("accelerator", "aclk")) == (("ps7", "FCLK_CLK0"), 200.0)


def test_without_board_files_the_part_alone_will_do(bench: Bench) -> None:
    bench.model.board_files = False
    assert "no board files of xilinx.com:zc706:part0:1.4" in bench.run("project.tcl", "build.tcl")


def test_the_constraints_are_commands_of_an_open_design(bench: Bench) -> None:
    bench.run("project.tcl", "build.tcl")
    (bench.folder / "constrain.tcl").write_text(
        "open_project vivado/toy.xpr\nopen_run impl_1\nsource zc706.xdc\nclose_project\n"
    )
    bench.run("constrain.tcl")
    bench.edit("zc706.xdc", "GENERAL.COMPRESS", "GENERAL.COMPRES")
    with pytest.raises(VivadoError, match=r"does not have a property 'BITSTREAM\.GENERAL\.COMPRES'"):
        bench.run("constrain.tcl")


# The last verb of the design; what is planted goes before it.
LAST = "# these two have their own defaults"
# In component.xml: what is replaced (a regular expression), by what, and what the message must say.
COMPONENT = {
    "physical-port": (">m_axi_awaddr<", ">m_axi_awadr<", "port map of m_axi 'm_axi_awadr': there is no such port"),
    "clock-of": ("s_axil:m_axi", "s_axi:m_axi", "ASSOCIATED_BUSIF of aclk 's_axi': there is no such interface"),
    "no-clock": ("s_axil:m_axi", "s_axil", "interface /accelerator/m_axi is not associated to any clock pin"),
    "reset-of": (">aresetn</spirit:value>", ">resetn</spirit:value>", "ASSOCIATED_RESET of aclk 'resetn'"),
    "polarity": ("ACTIVE_LOW", "LOW", "POLARITY of aresetn 'LOW': it must be"),
    "reset-high": ("ACTIVE_LOW", "ACTIVE_HIGH", "/peripheral_aresetn is ACTIVE_LOW, /accelerator/aresetn ACTIVE_HIGH"),
    "file": ("<spirit:name>toy_axi.v<", "<spirit:name>toy.v<", "file 'toy.v': there is no such file"),
    "memory-map": ('memoryMapRef="s_axil"', 'memoryMapRef="axil"', "memoryMapRef of s_axil 'axil': there is no such"),
    "space": ('addressSpaceRef="m_axi"', 'addressSpaceRef="axi"', "addressSpaceRef of m_axi 'axi': there is no such"),
    "missing-ready": (">WREADY<", ">WVALIDS<", "portMaps of (s_axil|m_axi) 'WREADY': a port of this name is missing"),
    "direction": (
        "(<spirit:name>m_axi_awaddr</spirit:name>\\s*<spirit:wire>\\s*<spirit:direction>)out",
        r"\1in",
        "port map AWADDR of m_axi 'm_axi_awaddr': the port has the wrong direction for a Master",
    ),
    "version": ("<spirit:version>0.1<", "<spirit:version>new<", "vendor:library:name:version 'finn:accel:toy_axi:new'"),
    "bus-type": ("aximm_rtl", "axis_rtl", "abstractionType of .* it does not belong to the busType"),
    "range": ('<spirit:range spirit:format="long">16384<', "<spirit:range>12345<", "range of reg0 '12345'"),
    "entities": ("<spirit:component", "<!DOCTYPE x><spirit:component", "a document type declaration is not allowed"),
    "not-xml": ("</spirit:component>", "", "not well-formed"),
    "frequency": (
        "(<spirit:name>)(ASSOCIATED_BUSIF)",
        r"\1FREQ_HZ</spirit:name><spirit:value>100000000</spirit:value></spirit:parameter>"
        r"<spirit:parameter><spirit:name>\2",
        r"FREQ_HZ does not match between /accelerator/aclk \(100000000\) and /ps7/FCLK_CLK0 \(200000000\)",
    ),
}
MISTAKES = yaml.safe_load((ROOT / "tests" / "board" / "zc706_mistakes.yaml").read_text())
COMMANDS = yaml.safe_load((ROOT / "tests" / "vivado" / "vivado_mistakes.yaml").read_text())


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_refused_by_name(bench: Bench, mistake: str) -> None:
    planted = MISTAKES[mistake]
    bench.edit(planted["file"], planted["old"], planted["new"])
    with pytest.raises(VivadoError, match=planted["message"]):
        bench.run("project.tcl")


@pytest.mark.parametrize("mistake", COMMANDS)
def test_the_model_itself_refuses_what_the_verbs_would_have(bench: Bench, mistake: str) -> None:
    planted = COMMANDS[mistake]
    bench.edit("design.tcl", LAST, f"{planted['tcl']}\n{LAST}")
    with pytest.raises(VivadoError, match=planted["message"]):
        bench.run("project.tcl")


@pytest.mark.parametrize(("old", "new", "message"), COMPONENT.values(), ids=COMPONENT)
def test_a_component_that_does_not_hang_together_is_refused(bench: Bench, old: str, new: str, message: str) -> None:
    path = bench.folder / "ip" / "toy_axi" / "component.xml"
    text = path.read_text()
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text, count=1))
    with pytest.raises(VivadoError, match=message):
        bench.run("project.tcl")


def test_the_newest_version_of_an_ip_is_taken(bench: Bench) -> None:
    for version in ("0.9", "0.10"):
        folder = bench.folder / "ip" / f"toy_{version}"
        shutil.copytree(bench.folder / "ip" / "toy_axi", folder)
        path = folder / "component.xml"
        path.write_text(path.read_text().replace("<spirit:version>0.1<", f"<spirit:version>{version}<"))
    bench.run("project.tcl")
    cells = bench.model.designs["system"].cells
    assert cells["accelerator"].ip.vlnv == "finn:accel:toy_axi:0.10"
    # Found although it is hidden, and not the 1.7 that is no part for block designs.
    assert cells["control"].ip.vlnv == "xilinx.com:ip:axi_interconnect:2.1"


def test_a_parameter_that_vivado_passes_over_is_found_all_the_same(bench: Bench) -> None:
    bench.model.skips_unknown = True
    bench.run("project.tcl")
    shutil.rmtree(bench.folder / "vivado")
    bench.edit("design.tcl", "PCW_USE_FABRIC_INTERRUPT 1", "PCW_USE_FABRIC_INTERUPT 1")
    with pytest.raises(VivadoError, match=r"cell: ps7 .*: parameter PCW_USE_FABRIC_INTERUPT is '.*' after it was set"):
        bench.run("project.tcl")
    assert any("no parameter PCW_USE_FABRIC_INTERUPT" in message for message in bench.model.messages)


def test_an_old_version_of_vivado_stops_unless_overridden(bench: Bench) -> None:
    bench.model.version = "2018.3"
    with pytest.raises(VivadoError, match=r"this is Vivado 2018\.3; the scripts are written for 2019\.2 to"):
        bench.run("project.tcl")
    assert not (bench.folder / "vivado").exists()
    said = bench.run("project.tcl", "build.tcl", environment={"FINN_ANY_VIVADO": "1"})
    assert "WARNING: version: this is Vivado 2018.3" in said


def test_a_version_that_cannot_be_read_stops(bench: Bench) -> None:
    bench.model.version = "nightly"
    with pytest.raises(VivadoError, match="Vivado calls itself 'nightly'"):
        bench.run("project.tcl")


@pytest.mark.parametrize("slack", [(-0.001, 0.1), (0.1, -0.001)])
def test_missed_timing_fails_and_gives_no_bitstream(bench: Bench, slack: tuple[float, float]) -> None:
    bench.model.slack = slack
    with pytest.raises(VivadoError, match=r"timing is not met: worst slack .*-0\.001 ns.*timing\.rpt"):
        bench.run("project.tcl", "build.tcl")
    assert not list((bench.folder / "out").glob("toy_axi.*"))


@pytest.mark.parametrize(
    ("step", "run"), [("synth_design", "synth_1"), ("route_design", "impl_1"), ("write_bitstream", "impl_1")]
)
def test_a_failed_step_is_told_with_its_log(bench: Bench, step: str, run: str) -> None:
    bench.model.fail_step = step
    with pytest.raises(VivadoError, match=rf"build: {run} ended as '{step} ERROR'; see .*{run}/runme\.log"):
        bench.run("project.tcl", "build.tcl")


def test_a_project_is_never_overwritten(bench: Bench) -> None:
    bench.run("project.tcl")
    with pytest.raises(VivadoError, match="exists; delete the folder vivado"):
        bench.run("project.tcl")


def test_a_build_without_a_project_says_what_to_do(bench: Bench) -> None:
    with pytest.raises(VivadoError, match=r"there is no .*toy\.xpr; run project\.tcl first"):
        bench.run("build.tcl")


# ---- the generator


def system(**changes: object) -> zynq7.System:
    return zynq7.plan({**DESCRIPTION, **changes}, BOARD)


def test_the_same_description_gives_the_same_bytes_without_a_path_of_this_machine() -> None:
    first, second = (zynq7.scripts(system()) for _ in range(2))
    assert first == second
    for name, text in first.items():
        words = [word for line in str(text).splitlines() if not line.startswith("#") for word in line.split()]
        assert not [word for word in words if re.match(r"[{\"]?(/|~|[A-Za-z]:[/\\])\w", word)], name


def test_every_script_passes_tclint(tmp_path: Path) -> None:
    toy_project(tmp_path)
    scripts = [str(path) for pattern in ("*.tcl", "*.xdc") for path in sorted(tmp_path.glob(pattern))]
    assert len(scripts) == 8
    assert tclint(scripts, tmp_path) == ""


@pytest.mark.parametrize(
    ("wanted", "given"),
    [(200, 200), (250, 250), (150, 1000 / 7), (142.857143, 1000 / 7), (100, 100), (110, 1000 / 10), (125, 125)],
)
def test_the_clock_is_the_fastest_possible_that_was_planned_for(wanted: float, given: float) -> None:
    assert system(clock_mhz=wanted).clock_mhz == pytest.approx(given)


@pytest.mark.parametrize("wanted", [251, 0.2, 0])
def test_a_clock_that_the_board_does_not_have_is_refused(wanted: float) -> None:
    with pytest.raises(InputError, match=r"FCLK_CLK0 of this board gives 0\.252 to 250 MHz"):
        system(clock_mhz=wanted)


@pytest.mark.parametrize(
    ("size", "base", "mapped"),
    [
        (4096, 0x43C00000, 4096),
        (256, 0x43C00000, 4096),
        (1 << 22, 0x43C00000, 1 << 22),
        (1 << 24, 0x44000000, 1 << 24),
        (1 << 29, 0x60000000, 1 << 29),
        (1 << 30, 0x40000000, 1 << 30),
    ],
)
def test_registers_lie_where_their_size_allows(size: int, base: int, mapped: int) -> None:
    planned = system(size=size)
    assert (planned.control_base, planned.control_size) == (base, mapped)


@pytest.mark.parametrize(
    ("size", "rule"), [(5000, "a power of two"), (1 << 31, "0x40000000 to 0x7fffffff is too small")]
)
def test_registers_that_do_not_fit_are_refused(size: int, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        system(size=size)


@pytest.mark.parametrize("name", ["", "a b", "x;exit", "[exit]", "../x", "a{b", "1st"])
@pytest.mark.parametrize("field", ["network", "module"])
def test_a_name_that_could_be_a_command_is_refused(field: str, name: str) -> None:
    with pytest.raises(InputError, match=f"{field} .* must be a plain name"):
        system(**{field: name})


@pytest.mark.parametrize("field", DESCRIPTION)
def test_a_description_without_a_field_is_refused(field: str) -> None:
    with pytest.raises(InputError, match=f"field '{field}' is missing"):
        zynq7.plan({name: value for name, value in DESCRIPTION.items() if name != field}, BOARD)
