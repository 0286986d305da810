# SPDX-License-Identifier: Apache-2.0
"""`make run`: what is asked in words becomes a run of FuseSoC, for networks of the repository and of one's own."""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finn_gen.base.errors import InputError
from finn_gen.formats import params_npz
from finn_gen.request import Request
from finn_sim.accel import design, records
from tests.lib.paths import ROOT
from tests.lib.recorded import check_views, signals
from tools import run

sys.path.append(str(ROOT / "gen"))  # where FuseSoC calls its generators
fusesoc_accelerator = importlib.import_module("fusesoc_accelerator")

OWN = """\
format: 1
name: own_net
input: {height: 4, width: 4, channels: 1, encoding: threshold}
parameters: own.npz
classes: [dark, upper, lower, bright]
layers:
  - {name: l0, kind: dense, units: 8}
  - {name: l1, kind: dense, units: 4}
  - {name: label, kind: label}
"""


def words(*arguments: str) -> list[str]:
    asked = Request.from_arguments(run.parser().parse_args(arguments))
    return run.carried(asked) or run.written(asked)


def make_run(*arguments: str | Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "tools.run", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A network of one's own, with pictures; its parameters are random."""
    rng = np.random.default_rng(5)
    first = params_npz.Matrix(rng.integers(0, 2, (8, 16), np.uint8), rng.integers(6, 11, (8, 1)).astype(np.int32))
    last = params_npz.Matrix(rng.integers(0, 2, (4, 8), np.uint8), None)
    (tmp_path / "own.npz").write_bytes(params_npz.to_bytes((first, last)))
    (tmp_path / "own.yaml").write_text(OWN)
    for index in range(8):
        path = tmp_path / "pictures" / ("dark", "upper", "3")[index % 3] / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (4, 4), np.uint8)).save(path)
    return tmp_path


def test_a_folding_that_the_core_has_is_a_target_of_it() -> None:
    assert words("cnv") == ["run", "--target", "default", "finn:accel:cnv"]
    assert words("lfc", "--folding", "paper") == ["run", "--target", "default", "finn:accel:lfc"]
    assert words("cnv", "--folding", "fix") == ["run", "--target", "fix", "finn:accel:cnv"]


def test_anything_else_gets_a_core_of_its_own() -> None:
    seen = {tuple(words("sfc", *more)) for more in (["--fps", "1000"], ["--fps", "2000"], ["--clock", "100"])}
    assert len(seen) == 3
    for command in seen:
        assert command[0] == "--cores-root"
        text = (Path(command[1]) / "run.core").read_text()
        assert "finn_accelerator" in text
        assert f"network: {ROOT / 'accel' / 'sfc' / 'sfc.yaml'}" in text
        assert command[-1] in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["vgg"], "network vgg: no such file, and no network of that name; there are"),
        (["sfc", "--parameters", "none.npz"], "none.npz: cannot be read"),
        (["sfc", "--images", "none"], "none: there is no such file or folder"),
        (["sfc", "--fps", "1e12"], "less than a cycle an image; legal is up to 2e+08"),
        (["sfc", "--classes", "none.txt"], "none.txt: cannot be read"),
        (["sfc", "--clock", "fast"], "clock='fast': it must be a number"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_with_exit_code_2(arguments: list[str], words: str) -> None:
    done = make_run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_wrong_parameter_file_is_refused(own: Path) -> None:
    with pytest.raises(InputError, match="the parameters hold 8x16 weights; this layer has 256x784"):
        words("sfc", "--parameters", str(own / "own.npz"))


def record_of(work: Path, results: Path, *arguments: str | Path) -> str:
    """The name of the record of what is asked, which is written; the generator writes to the folder `work`."""
    asked = {"files_root": str(ROOT), "vlnv": "a:b:c:1"}
    asked["parameters"] = Request.from_arguments(run.parser().parse_args([*map(str, arguments)])).words()
    work.mkdir(exist_ok=True)
    with contextlib.chdir(work):
        fusesoc_accelerator.generate(asked)
    plan = next(work.glob("*.plan.json"))
    about = records.asked(work)
    place = records.place(results, design.of_plan(json.loads(plan.read_text())), about)
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps({"request": about["digest"]}))
    shutil.rmtree(work)
    return place.name


def test_runs_of_which_something_differs_keep_their_records(own: Path) -> None:
    """Networks of one name, in turn: another one, other parameters, names of classes, rates that differ by little."""
    elsewhere = own / "elsewhere"
    elsewhere.mkdir()
    for name in ("own.yaml", "own.npz"):
        shutil.copy(own / name, elsewhere / name)
    shutil.copy(own / "own.npz", own / "same.npz")
    (own / "classes.txt").write_text("dark\nupper\n3\n2\n")
    path = own / "own.yaml"
    runs = [
        [path, "--folding", "fix"],
        [elsewhere / "own.yaml", "--folding", "fix"],
        [path, "--folding", "fix", "--parameters", own / "same.npz"],
        [path, "--folding", "fix", "--classes", own / "classes.txt"],
        [path, "--folding", "fix", "--clock", "100"],
        [path, "--fps", "12000000"],
        [path, "--fps", "12000001"],
    ]
    found = [record_of(own / "work", own / "results", *words) for words in runs]
    assert found[0] == "own_net-fix.json"
    assert len(set(found)) == len(runs)
    # Again they have the same names.
    assert [record_of(own / "work", own / "results", *words) for words in runs[::-1]] == found[::-1]


def test_a_network_of_the_repository_has_the_short_name_for_its_records(own: Path) -> None:
    assert record_of(own / "work", own / "results", "sfc", "--folding", "fix") == "sfc-fix.json"
    (own / "own.yaml").write_text(OWN.replace("own_net", "sfc"))
    for results in ("results", "others"):
        found = record_of(own / "work", own / results, own / "own.yaml", "--folding", "fix")
        assert re.fullmatch("sfc-fix-[0-9a-f]{8}.json", found)


def test_quietly_the_totals_alone_are_printed(own: Path) -> None:
    (own / "own.yaml").write_text(OWN.replace("own_net", "quiet"))
    asked = [own / "own.yaml", "--images", own / "pictures", "--tool", "icarus", "--quiet"]
    done = make_run(*asked, "--folding", "fix")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    first, *others = done.stdout.splitlines()
    assert first == "quiet-fix"
    assert len(others) == 8 and all(line[:2] == "  " and line[2] != " " for line in others)


@pytest.mark.parametrize("tool", ["icarus", "verilator"])
def test_a_network_of_ones_own_runs_on_ones_own_pictures(tool: str, own: Path) -> None:
    # Tests run side by side: the record is called after the network.
    (own / "own.yaml").write_text(OWN.replace("own_net", f"own_{tool}"))
    done = make_run(own / "own.yaml", "--images", own / "pictures", "--tool", tool)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every score of all 8 images" in done.stdout
    assert "folding   modest: the fastest of about 20,000 LUTs" in done.stdout
    record = json.loads((ROOT / "build" / "run" / f"own_{tool}-modest.json").read_text())
    assert (record["tool"], record["images"], record["mismatches"]) == (tool, 8, 0)
    assert record["ii_cycles"] == record["planned_ii_cycles"]
    assert record["latency_cycles"] == record["planned_latency_cycles"]


@pytest.mark.parametrize("tool", ["icarus", "verilator"])
def test_waveforms_show_the_streams_between_the_layers(tool: str, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVES", "1")
    result = own / "record.json"
    words = [*run.written(Request(str(own / "own.yaml"))), "--images", str(own / "pictures"), "--tool", tool]
    done = subprocess.run(
        ["fusesoc", "--cores-root", str(ROOT), *words, "--count", "2", "--result", str(result)],
        cwd=own,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"gtkwave {result.with_suffix('.gtkw').name}" in done.stdout
    inner = ("input", "l0_mvtu", "l1_mvtu")
    streams = ["s_axis", *(f"dut.{each}" for each in inner), "m_axis"]
    found = signals(result.with_suffix(".fst"))
    shown = re.findall(r"^variable_add own_net_tb.(\S+)_tvalid$", result.with_suffix(".sucl").read_text(), re.M)
    assert [each for each in shown if not each.endswith("_dwc") and not each.endswith("_fifo")] == streams
    check_views(
        result.with_suffix(".fst"),
        re.findall(r"^variable_add (\S+)$", result.with_suffix(".sucl").read_text(), re.M),
    )
    assert len(found) > len(shown)
