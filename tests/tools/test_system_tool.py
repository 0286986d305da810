# SPDX-License-Identifier: Apache-2.0
"""`make system`: what it prepares, prints and refuses. The runs themselves are those of test_whole_system.py."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from tools import system as tool


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the tool write to a folder of the test."""
    monkeypatch.setattr(tool, "BUILD", tmp_path)


RECORD = {
    "network": "net",
    "images": 16,
    "planned_interval_cycles": 1000,
    "sustained_interval_cycles": 1019.0,
    "throughput_test": {"runtime[ms]": 1.5},
}


@pytest.mark.parametrize(("sustained", "tolerance", "good"), [(1019, 2, True), (1021, 2, False), (990, 0, True)])
def test_the_rate_is_judged_against_the_plans(
    sustained: float, tolerance: float, good: bool, capsys: pytest.CaptureFixture
) -> None:
    record = RECORD | {"sustained_interval_cycles": sustained}
    assert bool(tool.too_slow(record, tolerance)) != good
    tool.report(record)
    said = capsys.readouterr().out
    assert "runtime[ms]" in said and f"{sustained / 10 - 100:+.2f} %" in said


def test_a_slow_system_and_a_failed_simulation_end_with_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", ["system", "sfc", "--folding", "fix", "--tolerance", "1"])
    monkeypatch.setattr(tool, "run", lambda prepared: RECORD)
    assert tool.main() == 1
    assert "worse than planned by more than 1 %" in capsys.readouterr().err

    def fail(prepared: object) -> dict:
        raise tool.SimulationError("image 3: 1, must be 2")

    monkeypatch.setattr(tool, "run", fail)
    monkeypatch.setenv("REPORT", "1")
    assert tool.main() == 1
    said = capsys.readouterr()
    assert "image 3: 1, must be 2" in said.err
    page = Path(re.search(r"^(.*report\.html): written", said.out, re.M)[1]).read_text()
    assert "FAILED: the simulation did not come to its end" in page and "image 3: 1, must be 2" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vgg"], "network vgg: no such file"),
        (["sfc", "--latency", "1"], "latency=1: it must be at least 2 cycles"),
        (["sfc", "--images", "none"], "none: there is no such file or folder"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_with_exit_code_2(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", ["system", *words])
    assert tool.main() == 2
    assert said in capsys.readouterr().err


def test_few_pictures_fill_jobs_that_last_long_enough() -> None:
    prepared = tool.prepare(tool.parser().parse_args(["sfc", "--count", "5"]))
    told = json.loads(Path(prepared.facts["description"]).read_text())
    size = prepared.facts["job_images"]
    images, expected = np.load(prepared.facts["images"]), np.load(prepared.facts["expected"])
    assert size * told["interval"] >= tool.JOB_CYCLES
    assert prepared.told == f"5 pictures given in turn as {4 * size} images, 4 jobs of {size}, to measure the rate"
    assert len(images) == len(expected) == tool.JOBS * size
    np.testing.assert_array_equal(images[5:10], images[:5])
    assert all(path.is_file() for path in (*prepared.sources, *prepared.data))


def simulated(interval: int, latency: int, turnaround: int, job_images: int) -> float:
    """Cycles an image from the end of the first job to that of the last, image by image."""
    came, left, job_ends = 0.0, [], []
    for image in range(tool.JOBS * job_images):
        job, first = divmod(image, job_images)
        if first == 0 and job >= 2:
            came = max(came, job_ends[job - 2] + turnaround)
        left.append(max(came + latency, left[-1] + interval if left else 0))
        came += interval
        if first == job_images - 1:
            job_ends.append(left[-1])
    return (job_ends[-1] - job_ends[0]) / (len(left) - job_images)


@pytest.mark.parametrize(
    ("interval", "latency"), [(16384, 49358), (16384, 58429), (8192, 34440), (16, 57), (1000, 100_000)]
)
def test_few_pictures_are_given_so_often_that_the_rate_can_be_measured(interval: int, latency: int) -> None:
    size = tool.least_job(interval, latency)
    assert simulated(interval, latency, tool.JOB_CYCLES, size) == interval
    if size > 1:
        assert simulated(interval, latency, tool.JOB_CYCLES, size - 1) > interval


def test_as_many_pictures_as_are_needed_are_given_once() -> None:
    prepared = tool.prepare(tool.parser().parse_args(["sfc", "--folding", "fix", "--count", "12"]))
    assert prepared.told == "12 pictures in 4 jobs of 3"


def test_quietly_the_rate_alone_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(tool, "run", lambda prepared: RECORD)
    for more in ([], ["--quiet"]):
        monkeypatch.setattr(sys, "argv", ["system", "sfc", "--folding", "fix", *more])
        assert tool.main() == 0
        assert ("written; Verilator builds and runs it" in capsys.readouterr().out) == (not more)


def test_systems_of_which_something_differs_have_folders_of_their_own(tmp_path: Path) -> None:
    asked = (["--folding", "fix"], ["--folding", "fix", "--clock", "100"], ["--fps", "12207"], ["--fps", "12207.0001"])
    folders = [tool.prepare(tool.parser().parse_args(["sfc", *words])).folder for words in asked]
    assert folders[0] == tmp_path / "sfc-fix"
    assert len(set(folders)) == len(asked)


def test_waveforms_of_a_system_show_signals_that_it_has() -> None:
    prepared = tool.prepare(tool.parser().parse_args(["sfc", "--folding", "fix", "--count", "1"]))
    texts = {path.stem: path.read_text() for path in prepared.sources}
    assert {"m_axi", "s_axil", "images", "l0", "l3", "answers"} <= prepared.shown.keys()
    for signal in (each for group in prepared.shown.values() for each in group):
        top, *inner, name = signal.name.split(".")
        assert (top, inner) in [("sfc_axi", []), ("sfc_axi", ["u_accelerator"])]
        bits = rf"\[{signal.width - 1}:0\]" if signal.width else ""
        assert re.search(rf"(wire|input|output)\s+(wire)?\s*{bits}\s*{name}\b", texts["sfc" if inner else top]), name
