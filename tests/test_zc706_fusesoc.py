# SPDX-License-Identifier: Apache-2.0
"""The block design through FuseSoC and edalize's Vivado flow: what `--setup` writes runs through the model."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from vivado_bench import FRONT_ENDS, Bench, toy_project

ROOT = Path(__file__).resolve().parent.parent


def fusesoc(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = ["fusesoc", "--cores-root", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})


def core(folder: Path) -> None:
    """A core of the toy's project, as the generator finn_zc706 writes it for a network."""
    toy_project(folder)
    kinds = {"system.tcl": "tclSource", "zc706.xdc": "xdc"}
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    files = [{path: {"file_type": kinds.get(path, "user")}} for path in paths]
    target = {
        "flow": "vivado",
        "flow_options": {"part": "xc7z045ffg900-2", "source_mgmt_mode": "All"},
        "filesets": ["all"],
        "toplevel": "system_wrapper",
    }
    document = {"name": "acme:test:toy:1.0.0", "filesets": {"all": {"files": files}}, "targets": {"default": target}}
    (folder / "toy.core").write_text("CAPI=2:\n" + yaml.safe_dump(document))


def vivado_calls(makefile: Path, goal: str) -> list[list[str]]:
    """Arguments of each call of Vivado that `make` would do for `goal`."""
    command = ["make", "-n", "-f", makefile.name, goal]
    said = subprocess.run(command, cwd=makefile.parent, capture_output=True, text=True, check=True).stdout
    calls = [shlex.split(line) for line in said.splitlines() if "vivado" in line]
    return [call[call.index("vivado") + 1 :] for call in calls]


def run_call(bench: Bench, call: list[str]) -> str:
    """What `vivado -mode batch -source A.tcl B.tcl project.xpr` does."""
    scripts = [word for word in call if word.endswith(".tcl")]
    opened = [word for word in call if word.endswith(".xpr")]
    assert [word for word in call if word not in scripts + opened] == ["-notrace", "-mode", "batch", "-source"]
    if opened:
        bench.model.call("open_project", [str(bench.folder / opened[0])])
    said = bench.run(*scripts)
    bench.model.call("close_project", [])
    return said


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_what_setup_writes_leads_to_the_same_design(front_end: object, tmp_path: Path) -> None:
    core(tmp_path)
    result = fusesoc(tmp_path, "run", "--setup", "acme:test:toy")
    assert result.returncode == 0, result.stdout + result.stderr
    (makefile,) = tmp_path.glob("build/**/Makefile")
    bench = Bench(makefile.parent, front_end)
    (bitstream,) = re.findall(r"^(\S+\.bit):", makefile.read_text(), re.M)
    said = "".join(run_call(bench, call) for call in vivado_calls(makefile, bitstream))
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
