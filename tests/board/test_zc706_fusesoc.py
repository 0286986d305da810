# SPDX-License-Identifier: Apache-2.0
"""Ways to the project: `make zc706`, and FuseSoC with edalize's Vivado flow, whose scripts run through the model."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from finn_gen.board import facts
from tests.lib.paths import ROOT
from tests.lib.vivado_bench import BOARD, FRONT_ENDS, Bench, toy_project
from tools import project as tool
from tools.docs import markdown, section
from vivado_model import draw, tclsh, tkinter_tcl
from vivado_model.errors import VivadoError


def fusesoc(folder: Path, *arguments: str, cores: Path | None = None) -> subprocess.CompletedProcess:
    command = ["fusesoc", "--cores-root", str(cores or folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})


def core(folder: Path, part: str = BOARD.part) -> None:
    """A core of the toy's project, as the generator finn_zynq7 writes it for a network, with a target for a part."""
    toy_project(folder)
    kinds = {"system.tcl": "tclSource", "zc706.xdc": "xdc"}
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    files = [{path: {"file_type": kinds.get(path, "user")}} for path in paths]
    target = {
        "flow": "vivado",
        "flow_options": {"part": part, "source_mgmt_mode": "All"},
        "filesets": ["all"],
        "toplevel": "system_wrapper",
    }
    document = {"name": "acme:test:toy:1.0.0", "filesets": {"all": {"files": files}}, "targets": {"default": target}}
    (folder / "toy.core").write_text("CAPI=2:\n" + yaml.safe_dump(document))


def vivado_calls(makefile: Path, goal: str) -> list[list[str]]:
    """Arguments of each call of Vivado that `make` would do for `goal`."""
    command = ["make", "-n", "-f", makefile.name, goal]
    said = subprocess.run(command, cwd=makefile.parent, capture_output=True, text=True, check=True).stdout
    # A rule of two targets is shown twice, but make finds the second there after the first.
    lines = dict.fromkeys(line for line in said.splitlines() if "vivado" in line)
    calls = [shlex.split(line) for line in lines]
    return [call[call.index("vivado") + 1 :] for call in calls]


def run_call(bench: Bench, call: list[str]) -> str:
    """What `vivado -mode batch -source A.tcl B.tcl project.xpr -tclargs C D` does."""
    at = call.index("-tclargs") if "-tclargs" in call else len(call)
    call, arguments = call[:at], call[at + 1 :]
    scripts = [word for word in call if word.endswith(".tcl")]
    opened = [word for word in call if word.endswith(".xpr")]
    options = [word for word in call if word not in scripts + opened]
    assert set(options) <= {"-notrace", "-quiet", "-nolog", "-mode", "batch", "-source"}
    if opened:
        bench.model.call("open_project", [str(bench.folder / opened[0])])
    said = bench.run(*scripts, arguments=tuple(arguments))
    if bench.model.project is not None:
        bench.model.call("close_project", [])
    return said


def make(bench: Bench, goal: str) -> str:
    """All calls of Vivado for a goal of edalize's Makefile."""
    return "".join(run_call(bench, call) for call in vivado_calls(bench.folder / "Makefile", goal))


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_what_setup_writes_leads_to_the_same_design(front_end: object, tmp_path: Path) -> None:
    core(tmp_path)
    result = fusesoc(tmp_path, "run", "--setup", "acme:test:toy")
    assert result.returncode == 0, result.stdout + result.stderr
    (makefile,) = tmp_path.glob("build/**/Makefile")
    bench = Bench(makefile.parent, front_end)
    (bitstream,) = re.findall(r"^(\S+\.bit):", makefile.read_text(), re.M)
    said = make(bench, bitstream)
    assert "Bitstream generation completed" in said
    assert (makefile.parent / bitstream).is_file()

    toy_project(tmp_path / "direct")
    direct = Bench(tmp_path / "direct", front_end)
    direct.run("project.tcl")
    here, there = bench.model.designs["system"], direct.model.designs["system"]
    assert (here.nets, here.interface_nets, here.mappings) == (there.nets, there.interface_nets, there.mappings)
    (project,) = bench.model.projects.values()
    assert project.properties["part"] == "xc7z045ffg900-2"
    assert project.filesets["sources_1"]["top"] == "system_wrapper"


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_target_with_the_part_of_another_board_stops(front_end: object, tmp_path: Path) -> None:
    core(tmp_path, "xc7z020clg484-1")
    assert fusesoc(tmp_path, "run", "--setup", "acme:test:toy").returncode == 0
    (makefile,) = tmp_path.glob("build/**/Makefile")
    (bitstream,) = re.findall(r"^(\S+\.bit):", makefile.read_text(), re.M)
    with pytest.raises(VivadoError, match=f"for the part xc7z020clg484-1, the board has {BOARD.part}"):
        make(Bench(makefile.parent, front_end), bitstream)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_other_goals_of_edalize_run_too(front_end: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HW_TARGET", raising=False)
    monkeypatch.delenv("JTAG_FREQ", raising=False)
    core(tmp_path)
    assert fusesoc(tmp_path, "run", "--setup", "acme:test:toy").returncode == 0
    (makefile,) = tmp_path.glob("build/**/Makefile")
    bench = Bench(makefile.parent, front_end)
    make(bench, "synth")
    assert list(makefile.parent.glob("*.edn"))
    for file in makefile.parent.glob("*.xpr"):
        file.touch()  # as make would find it
    said = make(bench, "pgm")
    assert "successfully programmed" in said
    assert [device for device, _ in bench.model.programmed] == ["xc7z045_1"]
    bench.model.cable = False
    with pytest.raises(VivadoError, match="exit 1"):
        make(bench, "pgm")


def test_nothing_that_setup_writes_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    core(tmp_path)
    assert fusesoc(tmp_path, "run", "--setup", "acme:test:toy").returncode == 0
    (makefile,) = tmp_path.glob("build/**/Makefile")
    for script in makefile.parent.rglob("*.tcl"):
        assert str(tmp_path) not in script.read_text(), script.name


def test_a_run_without_vivado_fails_and_names_it(tmp_path: Path) -> None:
    core(tmp_path)
    result = fusesoc(tmp_path, "run", "acme:test:toy")
    assert result.returncode != 0
    assert "vivado" in result.stdout + result.stderr


@pytest.fixture(scope="module")
def sfc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of SFC, as `make zc706 NET=sfc` writes it."""
    folder = tmp_path_factory.mktemp("sfc")
    assert tool.main(["sfc", "-o", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_project_of_a_network_builds(front_end: object, sfc: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sfc"
    shutil.copytree(sfc, folder)
    bench = Bench(folder, front_end)
    bench.run("project.tcl", "build.tcl")
    described = json.loads((folder / "out" / "sfc_axi.json").read_text())
    control, memory = bench.model.designs["system"].mappings
    assert (control.offset, control.size) == (0x43C00000, described["size"])
    assert (memory.offset, memory.size) == (0, 1 << 30)
    drawn = (folder / "system.svg").read_text()
    assert drawn == draw.svg(bench.model.designs["system"])
    assert "sfc_axi 0.1" in drawn


@pytest.mark.parametrize("name", facts.carried())
def test_the_estimates_of_a_page_are_up_to_date(name: str) -> None:
    page = (ROOT / "fpga" / name / "README.md").read_text()
    row = markdown(tool.estimate_row("sfc", facts.load(name)), []).splitlines()[0]
    assert row in section(page, "estimate"), "make docs writes it"


def test_the_picture_of_the_page_is_up_to_date(sfc: Path) -> None:
    # Drawn for CNV, whose system differs from SFC's in its name alone.
    drawn = (sfc / "system.svg").read_text().replace("sfc_axi", "cnv_axi")
    assert (ROOT / "fpga" / "zc706" / "system.svg").read_text() == drawn, "make docs draws it"


def test_the_project_of_a_network_names_no_folder_of_this_machine(sfc: Path) -> None:
    for path in sfc.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert str(sfc) not in text, path.name
            assert str(ROOT) not in text, path.name


def test_the_same_network_gives_the_same_bytes_and_leaves_nothing_of_another(sfc: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    (folder / "ip" / "old_axi").mkdir(parents=True)
    (folder / "ip" / "old_axi" / "component.xml").write_text("of another network")
    assert tool.main(["sfc", "-o", str(folder)]) == 0
    first, second = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()} for top in (sfc, folder)
    )
    assert first == second


def test_without_any_tcl_there_is_a_project_and_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for front_end in (tkinter_tcl, tclsh):
        monkeypatch.setattr(front_end, "available", lambda: False)
    assert tool.main(["sfc", "-o", str(tmp_path)]) == 0
    assert "no picture, for there is neither tclsh nor tkinter" in capsys.readouterr().out
    assert (tmp_path / "project.tcl").exists()
    assert not (tmp_path / "system.svg").exists()


def test_a_clock_that_the_board_lacks_is_said_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["lfc", "--folding", "bnn-pynq", "--clock", "260", "-o", str(tmp_path / "out")]) == 2
    assert "FCLK_CLK0 of this board gives" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_fusesoc_reaches_the_same_block_design(sfc: Path, tmp_path: Path) -> None:
    result = fusesoc(tmp_path, "run", "--setup", "--target", "zc706", "finn:accel:sfc", cores=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    (makefile,) = tmp_path.glob("build/**/Makefile")
    (scripts,) = makefile.parent.glob("src/*/system.tcl")
    for path in ("design.tcl", "ip/sfc_axi/component.xml"):
        assert (scripts.parent / path).read_bytes() == (sfc / path).read_bytes()
    assert not list(makefile.parent.glob("src/finn_rtl_*"))  # the IP brings its building blocks itself
