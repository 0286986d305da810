# SPDX-License-Identifier: Apache-2.0
"""Many pieces of work, the same on processes of this machine and on a Dask cluster."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finn_work import Kept, Needs, Piece, Result, WorkError, Workers, results
from tests.work.clusters import local_cluster

NOTHING = Needs(())


def piece(number: int, call: str = "double", contents: dict[str, bytes] | None = None, **more: Any) -> Piece:
    return Piece(
        f"piece {number}", f"tests.work.toy:{call}", {"number": number, **more}, f"toy {number}", contents or {}
    )


def values(pieces: list[Piece], workers: Workers, **more: Any) -> list[Any]:
    return [result.value for result in results(pieces, workers, NOTHING, what="toy", **more)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with local_cluster(tmp_path_factory.mktemp("cluster"), 2) as found:
        yield found.address


@pytest.fixture(params=["processes", "cluster"])
def workers(request: pytest.FixtureRequest) -> Workers:
    return Workers(2) if request.param == "processes" else Workers(2, request.getfixturevalue("cluster"))


def test_results_come_in_the_order_of_their_pieces(workers: Workers) -> None:
    times = [0.3, 0.0, 0.1, 0.0, 0.2, 0.0]
    came: list[int] = []

    def tell(piece: Piece, result: Result) -> None:
        came.append(result.value)

    pieces = [piece(i, "slow", seconds=seconds) for i, seconds in enumerate(times)]
    assert values(pieces, workers, tell=tell) == [0, 1, 2, 3, 4, 5]
    assert sorted(came) == [0, 1, 2, 3, 4, 5] and came[0] != 0


def test_two_pieces_run_at_a_time(workers: Workers) -> None:
    found = list(results([piece(i, "slow", seconds=0.3) for i in range(6)], workers, NOTHING, what="toy"))
    assert len({result.worker for result in found}) == 2


def test_contents_come_as_files(workers: Workers) -> None:
    pieces = [
        Piece(f"{offset}", "tests.work.toy:read", {"offset": offset}, "", {"text": text})
        for text in (b"abcdef", b"uvwxyz")
        for offset in (0, 5)
    ]
    assert values(pieces, workers) == ["abcdef", "f", "uvwxyz", "z"]


def test_an_error_is_told_with_its_piece_what_it_printed_and_what_repeats_it(workers: Workers) -> None:
    with pytest.raises(WorkError) as caught:
        values([piece(i, "fail", at=3) for i in range(8)], workers)
    said = str(caught.value)
    assert said.startswith("toy: piece 3: on ")
    assert "LookupError: no 3 here" in said and "what it printed" in said
    assert said.endswith("repeat it alone: toy 3")
    assert caught.value.cause == "LookupError"


def test_a_piece_whose_process_dies_runs_again(workers: Workers, tmp_path: Path) -> None:
    pieces = [piece(i, "die", mark=str(tmp_path / str(i)), times=2 if i == 1 else 0) for i in range(4)]
    assert values(pieces, workers) == [0, 1, 2, 3]


def test_a_piece_that_kills_every_process_ends_the_run(workers: Workers, tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"piece 0: on .*: the worker died, 3 times(.|\n)*repeat it alone: toy 0"):
        values([piece(0, "die", mark=str(tmp_path / "mark"), times=99)], workers)
    assert len((tmp_path / "mark").read_text()) == 3


def test_what_was_through_is_not_begun_again(workers: Workers, tmp_path: Path) -> None:
    began, kept = tmp_path / "began", Kept(tmp_path / "kept")
    pieces = [piece(i, "slow", seconds=0, began=str(began)) for i in range(6)]
    running = results(pieces, workers, NOTHING, what="toy", kept=kept)
    assert [next(running).value, next(running).value] == [0, 1]
    running.close()
    assert values(pieces, workers, kept=kept) == [0, 1, 2, 3, 4, 5]
    lines = began.read_text().split()
    assert lines.count("0") == lines.count("1") == 1
    assert values(pieces, workers, kept=kept) == [0, 1, 2, 3, 4, 5]
    assert began.read_text().split() == lines


def test_nothing_runs_any_more_after_an_error(workers: Workers, tmp_path: Path) -> None:
    began = tmp_path / "began"
    pieces = [piece(9, "slow", seconds=60, began=str(began)), piece(3, "fail", at=3)]
    start = time.monotonic()
    with pytest.raises(WorkError, match="no 3 here"):
        values(pieces, workers)
    assert time.monotonic() - start < 20
    (found,) = results([piece(1, "process")], workers, NOTHING, what="toy")  # a worker is free again
    assert found.value[0] == 1


def test_a_result_of_other_sources_or_tools_is_not_taken(tmp_path: Path) -> None:
    kept, one = Kept(tmp_path), piece(1)
    kept.write(one, {"iverilog": "11"}, Result(2, 0.1, "here"))
    assert kept.read(one, {"iverilog": "11"}) == Result(2, 0.1, "here")
    assert kept.read(one, {"iverilog": "12"}) is None
    assert kept.read(piece(2), {"iverilog": "11"}) is None
    assert kept.read(piece(1, contents={"text": b"x"}), {"iverilog": "11"}) is None
    (file,) = tmp_path.iterdir()
    file.write_text("no JSON")
    assert kept.read(one, {"iverilog": "11"}) is None


def test_children_end_with_whoever_started_them(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom finn_work import *\n"
        "pieces = [Piece('p', 'tests.work.toy:process', {'number': 0}, ''),"
        " Piece('s', 'tests.work.toy:slow', {'number': 1, 'seconds': 60}, '')]\n"
        "for result in results(pieces, Workers(1), Needs(()), what='toy'): print(result.value[1], flush=True)\n"
    )
    import subprocess
    import sys

    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    assert alive(child)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    end = time.monotonic() + 10
    while alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(child)


@pytest.mark.parametrize("word", ["0", "-1", "two", ""])
def test_a_number_of_processes_that_is_none_is_refused(word: str, capsys: pytest.CaptureFixture) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    Workers.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--jobs", word])
    assert "must be a whole number from 1 on" in capsys.readouterr().err


def test_the_scheduler_of_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    import argparse

    monkeypatch.setenv("FINN_SCHEDULER", "tcp://elsewhere:8786")
    parser = argparse.ArgumentParser()
    Workers.add_arguments(parser)
    assert Workers.from_arguments(parser.parse_args([])) == Workers(2, "tcp://elsewhere:8786")
    assert Workers.from_arguments(parser.parse_args(["--scheduler", "tls://x:1"])).scheduler == "tls://x:1"
