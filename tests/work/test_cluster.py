# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with a cluster: workers and schedulers that die, that are others, that are not there."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from finn_work import Kept, Needs, Piece, Result, WorkError, Workers, results
from tests.lib.paths import ROOT
from tests.work.clusters import LocalCluster, kill, local_cluster

NOTHING = Needs(())


def slow(number: int, began: Path, seconds: float = 0.1) -> Piece:
    arguments = {"number": number, "seconds": seconds, "began": str(began)}
    return Piece(f"piece {number}", "tests.work.toy:slow", arguments, "")


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    with local_cluster(tmp_path, 2) as cluster:
        told: list[int] = []

        def tell(piece: Piece, result: Result) -> None:
            told.append(result.value)
            if len(told) == 5:
                kill(cluster.workers[0])

        pieces = [slow(i, tmp_path / "began") for i in range(12)]
        found = list(results(pieces, Workers(scheduler=cluster.address), NOTHING, what="toy", tell=tell))
    assert [result.value for result in found] == list(range(12))
    assert sorted(told) == list(range(12))
    assert len({result.worker for result in found}) == 2


def test_a_scheduler_that_dies_is_one_error_and_the_work_goes_on_elsewhere(tmp_path: Path) -> None:
    began, kept = tmp_path / "began", Kept(tmp_path / "kept")
    pieces = [slow(i, began) for i in range(12)]
    through: list[int] = []
    with local_cluster(tmp_path, 2) as cluster:

        def tell(piece: Piece, result: Result) -> None:
            through.append(result.value)
            if len(through) == 4:
                kill(cluster.scheduler)

        with pytest.raises(WorkError) as caught:
            list(results(pieces, Workers(scheduler=cluster.address), NOTHING, what="toy", kept=kept, tell=tell))
    (line,) = str(caught.value).splitlines()
    assert f"toy: scheduler {cluster.address} is gone; {len(through)} of 12 pieces are through" in line
    assert "the same command goes on from there" in line
    found = list(results(pieces, Workers(2), NOTHING, what="toy", kept=kept))
    assert [result.value for result in found] == list(range(12))
    begun = [int(word) for word in began.read_text().split()]
    assert all(begun.count(number) == 1 for number in through)


def test_an_address_without_a_scheduler_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finn_work.cluster.CONNECT_S", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    for address in (free, "nonsense://x", "tcp://"):
        with pytest.raises(WorkError, match="no Dask scheduler answers there") as caught:
            list(results([slow(0, Path(os.devnull))], Workers(scheduler=address), NOTHING, what="toy"))
        assert address in str(caught.value) and "\n" not in str(caught.value)


def test_a_scheduler_with_certificates_is_not_asked_without() -> None:
    with pytest.raises(WorkError, match="no certificates; DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
        list(results([slow(0, Path(os.devnull))], Workers(scheduler="tls://127.0.0.1:1"), NOTHING, what="toy"))


@pytest.mark.lengthy
def test_workers_that_are_others_or_lack_tools_are_named(tmp_path: Path) -> None:
    changed, other, bare = tmp_path / "changed", tmp_path / "other", tmp_path / "bare"
    shutil.copytree(ROOT / "verif" / "finn_work", changed / "finn_work")
    with (changed / "finn_work" / "kept.py").open("a") as file:
        file.write("# another version\n")
    for folder in (other, bare):
        folder.mkdir()
    (other / "iverilog").write_text("#!/bin/sh\necho Icarus Verilog version 7\n")
    (other / "iverilog").chmod(0o755)
    cluster = LocalCluster(tmp_path)
    try:
        cluster.add_worker({"PYTHONPATH": str(changed)})
        cluster.add_worker({"PATH": f"{other}{os.pathsep}{os.environ['PATH']}"})
        cluster.add_worker({"PATH": f"{Path(sys.executable).parent}{os.pathsep}{bare}"})
        cluster.wait_for_workers(3)
        pieces = [slow(0, tmp_path / "began")]
        with pytest.raises(WorkError) as caught:
            list(results(pieces, Workers(scheduler=cluster.address), Needs((), (), ("iverilog",)), what="toy"))
    finally:
        cluster.close()
    said = str(caught.value)
    assert said.count("worker tcp://") == 3
    assert "started with other sources of finn_work" in said
    assert "iverilog: Icarus Verilog version 7 there" in said
    assert "no iverilog" in said
    assert not (tmp_path / "began").exists()


@pytest.mark.lengthy
def test_a_worker_that_comes_late_and_is_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "finn_work").mkdir()
    shutil.copytree(ROOT / "verif" / "finn_work", tmp_path / "finn_work", dirs_exist_ok=True)
    with (tmp_path / "finn_work" / "kept.py").open("a") as file:
        file.write("# another version\n")
    with local_cluster(tmp_path, 1) as cluster:
        pieces = [slow(i, tmp_path / "began") for i in range(60)]

        def tell(piece: Piece, result: Result) -> None:
            if result.value == 0:
                cluster.add_worker({"PYTHONPATH": str(tmp_path)})
                cluster.wait_for_workers(2)

        with pytest.raises(WorkError, match="started with other sources of finn_work"):
            list(results(pieces, Workers(scheduler=cluster.address), NOTHING, what="toy", tell=tell))
