# SPDX-License-Identifier: Apache-2.0
"""Two programs at once on one folder: the second waits before its first write, and says for whom."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from finn_gen import cli
from finn_gen.base import files
from finn_gen.board import project as written_project
from tests.lib.paths import ROOT
from tools import project, system

HOLD = """
import sys
from pathlib import Path
from finn_gen.base.files import alone
with alone(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""
SYSTEM = ["sfc", "--folding", "fix"]


def holder(folder: Path) -> subprocess.Popen:
    """A program that has the folder as soon as it prints a line, until its input ends."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", HOLD, folder], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_the_second_waits_and_says_for_whom(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    first = holder(folder)
    assert first.stdout.readline() == "mine\n"
    second = holder(folder)
    told = second.stderr.readline()
    assert told.startswith(f"{folder}: in use by process {first.pid} (") and str(folder) in told
    assert second.poll() is None
    first.stdin.close()
    assert second.stdout.readline() == "mine\n"
    assert first.wait() == 0
    assert [path.name for path in folder.iterdir()] == [files.LOCK]
    second.stdin.close()
    assert second.wait() == 0
    assert not list(folder.iterdir())


def test_a_killed_program_holds_nobody_up(tmp_path: Path) -> None:
    first = holder(tmp_path)
    first.stdout.readline()
    first.kill()
    first.wait()
    assert (tmp_path / files.LOCK).exists()
    with files.alone(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("module", "call"),
    [
        (cli, lambda out: cli.main(["ip", "fifo", "-o", str(out)])),
        (cli, lambda out: cli.main(["ip", "fifo", "--package", "-o", str(out)])),
        (cli, lambda out: cli.main(["build", "sfc", "--folding", "fix", "-o", str(out)])),
        (written_project, lambda out: project.main(["sfc", "--folding", "fix", "-o", str(out)])),
        (system, lambda out: system.prepare(system.parser().parse_args(SYSTEM), contextlib.ExitStack())),
    ],
    ids=["ip", "ip-package", "build", "project", "system"],
)  # fmt: skip
def test_nothing_is_written_to_a_folder_before_it_is_taken(
    module: object, call: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    taken: list[Path] = []

    @contextlib.contextmanager
    def alone(folder: Path) -> Iterator[None]:
        assert not list(tmp_path.rglob("*")), "something was written before"
        taken.append(folder)
        yield
        # Whoever comes next may change it from here on.
        taken.append(sorted(path for path in tmp_path.rglob("*") if path.is_file()))

    monkeypatch.setattr(module, "alone", alone)
    monkeypatch.setattr(system, "BUILD", tmp_path)
    call(tmp_path / "out")
    written = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(written) > 1
    assert taken[0] in (tmp_path / "out", *tmp_path.iterdir())
    assert module is system or taken[1] == written


def test_a_project_that_takes_the_place_of_another_says_so(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for clock, other in ((200, False), (200, False), (100, True)):
        assert project.main(["sfc", "--folding", "fix", "--clock", str(clock), "-o", str(tmp_path)]) == 0
        assert ("held another project, whose place this one takes" in capsys.readouterr().out) == other


def test_two_set_ups_do_not_write_to_one_environment(tmp_path: Path) -> None:
    """Of which the second does nothing, since the first has done all."""
    (tmp_path / "tools").mkdir()
    text = (ROOT / "tools" / "setup.py").read_text()
    steps = 'def set_up(requirements):\n    print("begin", flush=True)\n    sys.stdin.readline()\n'
    steps += '    VENV.mkdir()\n    READY.touch()\n    print("end", flush=True)\n\n\ndef all_of_it(requirements):\n'
    assert "def set_up(requirements):\n" in text
    (tmp_path / "tools" / "setup.py").write_text(text.replace("def set_up(requirements):\n", steps))
    for name in ("requirements/dev.txt", "pyproject.toml", "verif/pyproject.toml", "driver/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    pipe = subprocess.PIPE
    command = [sys.executable, tmp_path / "tools" / "setup.py"]
    first = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    assert first.stdout.readline() == "begin\n"
    second = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    assert second.stdout.readline() == f"setup: waiting for another set-up of this folder, process {first.pid}\n"
    first.stdin.write("\n")
    first.stdin.close()
    assert first.stdout.read() == "end\n"
    assert (first.wait(), second.wait()) == (0, 0)
    assert second.stdout.read() == ""


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("my dir", "has a space in it"),
        ("a$b", "has $ in it"),
        ("x#y'z", "has #, ' in it"),
        ("a:b", "has : in it"),
        ("é%=,", r"has %, ,, =, \xe9 in it"),
    ],
)
def test_a_path_that_the_tools_cannot_work_in_is_refused_at_once(folder: str, words: str, tmp_path: Path) -> None:
    (tmp_path / folder / "tools").mkdir(parents=True)
    for name in ("Makefile", "tools/setup.py"):
        (tmp_path / folder / name).write_bytes((ROOT / name).read_bytes())
    for name in ("requirements/dev.txt", "pyproject.toml", "verif/pyproject.toml", "driver/pyproject.toml"):
        (tmp_path / folder / name).parent.mkdir(exist_ok=True)
        (tmp_path / folder / name).touch()
    done = subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}"], cwd=tmp_path / folder, capture_output=True, text=True
    )
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("setup:")]
    assert words in line and "move it to a path of the letters a to z, digits" in line
    assert not (tmp_path / folder / ".venv").exists()
