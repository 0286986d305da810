# SPDX-License-Identifier: Apache-2.0
"""The flow finn_sim, called by FuseSoC for a tiny accelerator of its own, and how it is found."""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finn_gen.base.files import write_tree
from finn_gen.formats import description, params_npz
from finn_gen.formats.description import to_files
from finn_gen.network import model
from finn_sim.accel import building
from tests.lib.commands import fusesoc
from tests.lib.paths import ROOT

WEIGHTS = np.array([[1] * 8, [0] * 4 + [1] * 4, [1] * 4 + [0] * 4], np.uint8)
PLAN = {
    "network": "toy",
    "clock_mhz": 200.0,
    "interval": 3,
    "latency": 5,
    "input": {"packed": True, "word_width": 8, "words": 1},
    "scores": {"count": 3, "width": 4, "signed": False},
    "folding": {"name": "max"},
}
CORE = """CAPI=2:
name: acme:accel:toy:1.0.0
filesets:
  rtl: {files: [toy_tb.v], file_type: verilogSource}
  data:
    files:
      - finn.plan.json: {copyto: finn.plan.json}
      - finn.network.yaml: {copyto: finn.network.yaml}
      - finn.parameters.npz: {copyto: finn.parameters.npz}
    file_type: user
parameters:
  fault: {datatype: int, paramtype: plusarg}
  stop: {datatype: int, paramtype: plusarg}
targets:
  default:
    flow: finn_sim
    flow_options: {tool: icarus}
    filesets: [rtl, data]
    parameters: [fault, stop]
    toplevel: toy_tb
"""
SHADES = {"white": [[255] * 4] * 2, "below": [[0] * 4, [255] * 4], "above": [[255] * 4, [0] * 4]}


def write_toy(folder: Path) -> None:
    """The core acme:accel:toy and three pictures of two classes, one of them wrongly named."""
    layers = [{"kind": "dense", "units": 3}]
    chain = description.chain("toy", model.Shape(2, 4, 1), layers, [params_npz.Matrix(WEIGHTS, None)])
    network = model.Network("toy", "threshold", model.Shape(2, 4, 1), chain, tuple(SHADES))
    files = {**to_files(network), "finn.plan.json": json.dumps(PLAN), "toy.core": CORE}
    write_tree(folder, {**files, "toy_tb.v": Path(__file__).with_name("toy_tb.v").read_bytes()})
    for label, shade in (("white", "white"), ("below", "below"), ("white", "above")):
        path = folder / "pictures" / label / f"{shade}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.array(SHADES[shade], np.uint8)).save(path)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    write_toy(folder)
    return folder


def run_toy(folder: Path, *options: str) -> subprocess.CompletedProcess:
    return fusesoc(folder, "run", "acme:accel:toy", *options)


def result(folder: Path) -> Path:
    return folder / "build" / "run" / "toy-max.json"


@pytest.mark.parametrize("tool", ["icarus", "verilator"])
def test_fusesoc_classifies_pictures_on_both_simulators(tool: str, toy: Path) -> None:
    done = run_toy(toy, "--images", "pictures", "--tool", tool)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1  below/below.png  below -> below  right  4 8 0" in done.stdout
    assert "2  white/above.png  white -> above  WRONG  4 0 8" in done.stdout
    assert "every score of all 3 images" in done.stdout
    record = json.loads(result(toy).read_text())
    wanted = {"images": 3, "correct": 2, "mismatches": 0, "ii_cycles": 3, "latency_cycles": 5, "tool": tool}
    assert wanted.items() <= record.items()
    few = run_toy(toy, "--images", "pictures", "--tool", tool, "--count", "1", "--result", "one.json")
    assert few.returncode == 0
    assert json.loads((toy / "one.json").read_text())["images"] == 1


@pytest.mark.parametrize("tool", ["icarus", "verilator"])
def test_a_score_that_differs_fails_and_is_recorded(tool: str, toy: Path) -> None:
    done = run_toy(toy, "--images", "pictures", "--tool", tool, "--fault", "1")
    assert done.returncode == 1
    assert "RTL DIFFERS: the reference says above 4 0 8" in done.stdout
    assert "1 of 3 images: scores or label differ from the reference" in done.stderr + done.stdout
    assert json.loads(result(toy).read_text())["mismatches"] == 1


def test_a_simulation_that_ends_early_fails_and_leaves_no_record_but_a_report(toy: Path) -> None:
    done = run_toy(toy, "--images", "pictures", "--stop", "2", "--report")
    assert done.returncode == 1
    assert "stopped after 2 of 3 images" in done.stderr + done.stdout
    assert not result(toy).exists()
    page = (toy / "build" / "run" / "toy-max" / "report.html").read_text()
    assert "FAILED: 2 of 3 images came to an answer" in page and page.count("<img alt=") == 2


def test_a_build_that_fails_has_a_report_too(tmp_path: Path) -> None:
    write_toy(tmp_path)
    bench = tmp_path / "toy_tb.v"
    bench.write_text(bench.read_text().replace("endmodule", "this is no Verilog"))
    done = run_toy(tmp_path, "--images", "pictures", "--report")
    assert done.returncode == 1
    page = (tmp_path / "build" / "run" / "toy-max" / "report.html").read_text()
    assert "FAILED: 0 of 3 images came to an answer" in page and "icarus does not build the simulation" in page


def test_a_report_is_written_where_the_environment_asks_for_it(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = toy / "build" / "run" / "toy-max" / "report.html"
    page.unlink(missing_ok=True)
    monkeypatch.setenv("REPORT", "0")
    assert run_toy(toy, "--images", "pictures").returncode == 0
    assert not page.exists()
    monkeypatch.setenv("REPORT", "1")
    done = run_toy(toy, "--images", "pictures", "--fault", "1")
    assert done.returncode == 1 and "report          build/run/toy-max/report.html" in done.stdout
    assert "FAILED: 1 of 3 images differs from the reference" in page.read_text()


def test_more_than_forty_images_have_a_line_each_only_if_that_is_asked_for(toy: Path) -> None:
    many = toy / "many"
    for index in range(41):
        path = many / "white" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(toy / "pictures" / "white" / "white.png", path)
    few = run_toy(toy, "--images", "many", "--fault", "7").stdout
    lines = [line for line in few.splitlines() if ".png" in line]
    assert len(lines) == 1 and "RTL DIFFERS" in lines[0]
    assert "More than 40 images: lines of those that differ alone; --verbose (VERBOSE=1) prints all." in few
    assert run_toy(toy, "--images", "many", "--verbose").stdout.count(".png") == 41
    assert run_toy(toy, "--images", "many", "--count", "40").stdout.count(".png") == 40
    quiet = run_toy(toy, "--images", "many", "--quiet").stdout
    assert ".png" not in quiet and "VERBOSE" not in quiet


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_build_shows_on_a_terminal_alone_that_it_is_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "INTERVAL_S", 0.01)
    for name in ("Vtoy_tb.cpp", "Vtoy_tb__1.cpp", "Vother.cpp", "Vtoy_tb__1.o"):
        (tmp_path / name).touch()
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with building.alive("verilator", tmp_path, "toy_tb", stream):
            time.sleep(0.3)
    assert "verilator builds the simulation" in terminal.getvalue() and "1/2" in terminal.getvalue()
    assert file.getvalue() == ""
    os.utime(tmp_path / "Vtoy_tb__1.cpp", (time.time() + 60,) * 2)
    assert building.compiled(tmp_path, "toy_tb") == (0, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--images", "none"], "none: there is no such file or folder"),
        (["--images", "pictures", "--count", "0"], "it must be 1 or more"),
        ([], "images: none given and no samples found"),
    ],
)
def test_wrong_pictures_are_refused_before_anything_is_built(options: list[str], words: str, tmp_path: Path) -> None:
    write_toy(tmp_path)
    done = run_toy(tmp_path, *options)
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "build" / "acme_accel_toy_1.0.0" / "default" / "acme_accel_toy_1.0.0").exists()


def test_an_unchanged_design_is_not_built_again_and_an_interrupted_build_is(toy: Path) -> None:
    work = toy / "build" / "acme_accel_toy_1.0.0" / "default"
    options = ("--images", "pictures", "--tool", "verilator")
    assert run_toy(toy, *options).returncode == 0
    program = work / "Vtoy_tb"
    built = program.stat().st_mtime_ns
    again = run_toy(toy, *options, "--count", "2")
    assert again.returncode == 0
    assert "verilator -f" not in again.stdout
    assert program.stat().st_mtime_ns == built
    # Verilator's output is there, the program is not yet.
    program.unlink()
    mended = run_toy(toy, *options)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert program.exists()


HOLD = "import sys; from pathlib import Path; from finn_gen.base.files import alone\n"
HOLD += "with alone(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"


def test_a_run_waits_for_another_in_its_work_root_before_it_writes_anything(tmp_path: Path) -> None:
    write_toy(tmp_path)
    work, pipe = tmp_path / "build" / "acme_accel_toy_1.0.0" / "default", subprocess.PIPE
    first = subprocess.Popen([sys.executable, "-c", HOLD, work], stdin=pipe, stdout=pipe, text=True)
    first.stdout.readline()
    command = ["fusesoc", "--cores-root", ".", "run", "acme:accel:toy", "--images", "pictures", "--tool", "icarus"]
    second = subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True)
    assert f"in use by process {first.pid} " in second.stderr.readline()
    assert [path.name for path in work.iterdir()] == [".lock"]
    first.stdin.close()
    said, _ = second.communicate()
    assert (first.wait(), second.returncode) == (0, 0)
    assert "every score of all 3 images" in said
    assert not (work / ".lock").exists()


def test_two_runs_at_once_give_their_own_results(tmp_path: Path) -> None:
    write_toy(tmp_path)
    command = ["fusesoc", "--cores-root", ".", "run", "acme:accel:toy", "--images", "pictures", "--tool", "icarus"]
    runs = [
        subprocess.Popen([*command, "--count", str(count)], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for count in (3, 1)
    ]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert "every score of all 3 images" in said[0]
    assert "every score of the image" in said[1]


def test_other_tools_are_refused(toy: Path) -> None:
    done = run_toy(toy, "--images", "pictures", "--tool", "modelsim")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


# --- how it is found --------------------------------------------------------------------------------------------------


def test_the_flow_is_found_beside_edalizes_own() -> None:
    flow = importlib.import_module("edalize.flows.finn_sim")
    assert Path(flow.__file__) == ROOT / "verif" / "edalize" / "flows" / "finn_sim.py"
    assert issubclass(flow.Finn_sim, importlib.import_module("edalize.flows.sim").Sim)


def test_a_missing_package_is_named() -> None:
    # In a process of its own, which finn_gen is kept from.
    program = "import sys; sys.modules['finn_gen'] = None; import edalize.flows.finn_sim"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "RuntimeError: flow finn_sim: no module finn_gen" in found.stderr
    assert "pip install 'finn-rtl/verif[accel]' with the path of a checkout" in found.stderr


def test_the_flow_is_found_from_a_wheel(tmp_path: Path) -> None:
    source, site = tmp_path / "verif", tmp_path / "site"
    shutil.copytree(ROOT / "verif", source, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__", "build"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(site), str(source)], check=True, capture_output=True)
    assert not list(site.glob("edalize/**/__init__.py")), "edalize is a namespace package"
    program = "import edalize.flows.finn_sim as f, edalize.flows.sim; print(f.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == site / "edalize" / "flows" / "finn_sim.py"
