# SPDX-License-Identifier: Apache-2.0
"""Running a simulator and judging its answers, with scripts in the simulator's place."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.errors import InputError
from finn_gen.formats import description, params_npz
from finn_gen.network import model
from finn_sim.accel import design as designs
from finn_sim.accel import report, simulation
from finn_sim.accel.design import Design
from finn_sim.accel.job import LOG, Job, Lines
from finn_sim.accel.simulation import Answer, SimulationError
from finn_sim.pictures import Pictures
from tests.lib.paths import ROOT

# Eight pixels are compared with each row: the scores are the numbers of equal bits.
WEIGHTS = np.array([[1] * 8, [0] * 4 + [1] * 4, [1] * 4 + [0] * 4], np.uint8)
DESIGN = Design("toy", "max", 200.0, True, 8, 1, 4, False, 3, interval=16, latency=62)
IMAGES = np.array([[0] * 4 + [255] * 4, [255] * 8, [255] * 4 + [0] * 4], np.uint8).reshape(3, 2, 4, 1)
SCORES = [[4, 8, 0], [8, 4, 4], [4, 0, 8]]
NAMES = ("a.png", "b.png", "c.png")


def job(folder: Path, labels: list[int] | None = (1, 0, 1)) -> Job:
    source = model.Shape(2, 4, 1)
    layers = description.chain("toy", source, [{"kind": "dense", "units": 3}], [params_npz.Matrix(WEIGHTS, None)])
    network = model.Network("toy", "threshold", source, layers, ("white", "below", "above"))
    numbers = None if labels is None else np.array(labels)
    return Job(folder, DESIGN, network, Pictures(IMAGES, numbers, NAMES, "pictures"))


def line(index: int, scores: list[int] | None = None, label: int | None = None, match: int | None = None) -> str:
    """The test bench's line for image `index`: as the reference has it, unless something else is given."""
    found = scores or SCORES[index]
    label = int(np.argmax(found)) if label is None else label
    word = "".join(f"{score:x}" for score in reversed(found))
    equal = found == SCORES[index] and label == int(np.argmax(SCORES[index]))
    match = int(equal) if match is None else match
    return f"IMAGE {index} label={label} scores={word} start={16 * index} end={16 * index + 62} match={match}"


GOOD = [line(0), line(1), line(2), "DONE images=3 mismatches=0 cycles=95"]


def simulator(folder: Path, lines: list[str], code: int = 0, then: str = "") -> list[str]:
    """A program that says these lines and exits with `code`."""
    path = folder / "simulator.py"
    path.write_text(f"print({chr(10).join(lines)!r}, flush=True)\n{then}\nraise SystemExit({code})\n")
    return [sys.executable, str(path)]


def run(folder: Path, lines: list[str], code: int = 0, labels: list[int] | None = (1, 0, 1)) -> dict:
    return job(folder, labels).run(simulator(folder, lines, code), "icarus", folder / "result.json")


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_quiet_run_tells_the_totals_and_of_images_that_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(0), line(1, scores=[8, 4, 5]), line(2), "DONE images=3 mismatches=1 cycles=95"]
    job(tmp_path).run(simulator(tmp_path, lines, code=1), "icarus", tmp_path / "result.json", Lines.NONE)
    said = capsys.readouterr().out.splitlines()
    assert "RTL DIFFERS" in said[0]
    assert said[1] == "toy-max"
    assert "NOT on 1 of 3 images" in "".join(said)


def test_long_names_are_cut_in_a_line_and_stay_different() -> None:
    long = "a name that is longer than a line of the table is wide"
    assert report.short(("cat", "x" * 24)) == ("cat", "x" * 24)
    shown = report.short((long, f"{long} 2", "dog", "x" * 25))
    assert shown == ("a name that is long...#0", "a name that is long...#1", "dog", "x" * 21 + "...")
    assert max(map(len, shown)) <= report.SHORT


def test_a_good_run_is_told_and_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run(tmp_path, ["VCD info: nothing", *GOOD])
    said = capsys.readouterr().out
    assert re.search(r"^1  a.png  below -> below  right  4 8 0$", said, re.M)
    assert re.search(r"^3  c.png  below -> above  WRONG  4 0 8$", said, re.M)
    assert "2 of 3 (66.67 %), 1 wrong" in said
    assert "every score of all 3 images" in said
    assert "16 cycles, as planned" in said
    assert "12,500,000.0 FPS, 0.31 us latency" in said
    assert "\r" not in said, "no progress bar where the output is no terminal"
    assert json.loads((tmp_path / "result.json").read_text()) == record
    wanted = {"images": 3, "correct": 2, "mismatches": 0, "ii_cycles": 16, "latency_cycles": 62, "fps": 12.5e6}
    assert wanted.items() <= record.items()
    assert record["images_per_second"] == pytest.approx(3 / record["seconds"], rel=0.1)
    assert 0 < record["cpu_seconds"] < 10
    assert "VCD info" in (tmp_path / LOG).read_text()


def test_the_test_bench_finds_its_files(tmp_path: Path) -> None:
    run(tmp_path, GOOD)
    assert (tmp_path / "stimulus.mem").read_text() == "f0\nff\n0f\n"
    assert (tmp_path / "scores.mem").read_text() == "084\n448\n804\n"
    assert (tmp_path / "labels.mem").read_text() == "1\n0\n2\n"


def test_without_labels_nothing_is_right_or_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, GOOD, labels=None)["correct"] is None
    said = capsys.readouterr().out
    assert "not known: these pictures have no labels" in said
    assert re.search(r"^2  b.png  white  8 4 4$", said, re.M)


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        (line(1, [8, 5, 4]), "white -> white  right  8 5 4  RTL DIFFERS: the reference says white 8 4 4"),
        (line(1, label=2), "white -> above  WRONG  8 4 4  RTL DIFFERS: the reference says white 8 4 4"),
        (line(1, match=0), "white -> white  right  8 4 4  RTL DIFFERS"),
        (line(1, match=0).replace("448", "4x8"), "white -> white  right  unknown bits  RTL DIFFERS"),
        (line(1, match=0).replace("label=0", "label=x"), "white -> class -1  WRONG  8 4 4  RTL DIFFERS"),
    ],
)
def test_an_image_that_differs_from_the_reference_is_marked_and_counted(
    bad: str, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(0), bad, line(2), "DONE images=3 mismatches=1 cycles=95"]
    assert run(tmp_path, lines, code=1)["mismatches"] == 1
    said = capsys.readouterr().out
    assert f"2  b.png  {shown}" in said
    assert "NOT on 1 of 3 images" in said


def test_a_difference_that_the_test_bench_misses_is_found(tmp_path: Path) -> None:
    lines = [line(0), line(1, [8, 5, 4], match=1), line(2), "DONE images=3 mismatches=0 cycles=95"]
    assert run(tmp_path, lines)["mismatches"] == 1


def test_one_image_has_no_interval() -> None:
    pictures = Pictures(IMAGES[:1], None, NAMES[:1], "x")
    judge = report.Report(DESIGN, ("a", "b", "c"), pictures, np.array(SCORES[:1]))
    record = judge.record(simulation.Run((Answer(0, 1, 0x084, 3, 65, True),), 70, 0.5, 0.5), "icarus")
    assert (record["ii_cycles"], record["fps"], record["latency_cycles"]) == (None, None, 62)
    assert "not measured with one image (planned 16 cycles)" in report.totals(record)


def test_a_rate_or_latency_that_is_not_the_planned_one_shows_both() -> None:
    answers = tuple(Answer(i, 1, 0x084, 20 * i, 20 * i + 70, True) for i in range(3))
    pictures = Pictures(IMAGES, None, NAMES, "x")
    judge = report.Report(DESIGN, ("a", "b", "c"), pictures, np.array(SCORES))
    said = report.totals(judge.record(simulation.Run(answers, 200, 1.0, 0.5), "icarus"))
    assert "20 cycles (planned 16)" in said
    assert "70 cycles (planned 62)" in said


def test_negative_scores_are_read_as_such() -> None:
    signed = Design("toy", "max", 200.0, False, 8, 1, 4, True, 3, 16, 62)
    judge = report.Report(signed, ("a", "b", "c"), Pictures(IMAGES[:1], None, NAMES[:1], "x"), np.array([[-8, 7, -1]]))
    answer = Answer(0, 1, 0xF78, 0, 1, True)
    assert judge.rtl_scores(answer) == [-8, 7, -1]
    assert judge.equal(answer)


# --- simulators that fail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        ([], 0, "stopped after 0 of 3 images"),
        (GOOD[:2], 0, r"stopped after 2 of 3 images \(exit code 0\)"),
        (GOOD[:3], 0, "stopped after 3 of 3 images"),
        (["ERROR hang", *GOOD[:1]], 134, r"stopped after 1 of 3 images \(exit code 134\)(.|\n)*ERROR hang"),
        (GOOD, 1, "ended with exit code 1 and 0 mismatches"),
        ([*GOOD, GOOD[-1]], 0, "stopped after"),
        ([*GOOD[:3], "DONE images=2 mismatches=0 cycles=95"], 0, "a line that cannot be: DONE images=2"),
        ([*GOOD[:3], "DONE"], 0, "a line that cannot be: DONE"),
        ([*GOOD[:3], "DONE images=3 mismatches=1 cycles=95"], 1, "counts 1 mismatches but marked 0"),
        ([GOOD[0], line(1, [8, 5, 4]), GOOD[2], "DONE images=3 mismatches=1 cycles=9"], 0, "exit code 0 and 1 mism"),
        ([GOOD[1]], 0, "line for image 0 cannot be: IMAGE 1"),
        ([GOOD[0], "IMAGE 1 label=0"], 0, "line for image 1 cannot be"),
        ([*GOOD[:3], GOOD[2].replace("IMAGE 2", "IMAGE 3")], 0, "line for image 3 cannot be"),
    ],
)
def test_a_simulator_that_fails_leaves_no_record(lines: list[str], code: int, words: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("of an earlier run")
    with pytest.raises(SimulationError, match=words) as caught:
        run(tmp_path, lines, code)
    assert str(tmp_path / LOG) in str(caught.value)
    assert not (tmp_path / "result.json").exists()


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"\./Vtoy: cannot be started"):
        job(tmp_path).run(["./Vtoy"], "verilator", tmp_path / "result.json")


def test_nothing_is_left_running_when_a_line_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("run:\n\t@echo IMAGE 7\n\t@sleep 2\n\t@touch alive\n")
    with pytest.raises(SimulationError, match="line for image 0 cannot be"):
        job(tmp_path).run(["make", "run"], "icarus", tmp_path / "result.json")
    time.sleep(3)
    assert not (tmp_path / "alive").exists()


def test_a_program_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "PATIENCE", 0.2)
    path = tmp_path / "deaf.py"
    deaf = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    path.write_text(f"{deaf}print('IMAGE 7', flush=True)\ntime.sleep(60)\n")
    began = time.monotonic()
    with pytest.raises(SimulationError):
        job(tmp_path).run([sys.executable, str(path)], "icarus", tmp_path / "result.json")
    assert time.monotonic() - began < 30


# --- a terminal -------------------------------------------------------------------------------------------------------


def test_a_terminal_gets_a_progress_bar(tmp_path: Path) -> None:
    command = simulator(tmp_path, GOOD)
    program = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from pathlib import Path
        from tests.sim.test_report import job
        job(Path({str(tmp_path)!r})).run({command!r}, "icarus", Path({str(tmp_path / "result.json")!r}))
    """)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen([sys.executable, "-c", program], stdout=theirs, stderr=theirs, env=os.environ)
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:  # a terminal whose other end is closed
        pass
    assert process.wait() == 0, said.decode()
    assert b"\r" in said
    assert b"image/s" in said
    assert b"every score of all 3 images" in said


# --- the work folder --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("{", "not the plan"),
        ("[]", "not the plan"),
        ('{"network": "x"}', "KeyError: 'input'"),
    ],
)
def test_a_folder_without_a_plan_is_refused(text: str | None, words: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "finn.plan.json").write_text(text)
    with pytest.raises(InputError, match=words):
        designs.load(tmp_path)


LINE = "IMAGE {} label={} scores=0f start=3 end={} match=1\n"


def test_answers_are_read_again_from_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("START\n" + LINE.format(0, 2, 9) + "a word\n" + LINE.format(1, "x", 12) + "DONE\n")
    assert simulation.answers(log) == (Answer(0, 2, 15, 3, 9, True), Answer(1, -1, 15, 3, 12, True))


def test_a_log_with_a_line_that_cannot_be_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LINE.format(0, 2, 9) + LINE.format(2, 2, 12))
    with pytest.raises(SimulationError, match="line for image 1 cannot be"):
        simulation.answers(log)
