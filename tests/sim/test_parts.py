# SPDX-License-Identifier: Apache-2.0
"""A run in parts is the run in one: the same answers in the same order, and statistics that are right."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from finn_sim.accel import design, job, parts, programs, simulation
from finn_sim.accel.job import Job
from finn_sim.accel.parts import Split
from finn_sim.pictures import Pictures
from finn_work import WorkError, Workers
from tests.lib.commands import fusesoc
from tests.sim.test_finn_sim import write_toy
from tests.work.clusters import LocalCluster, local_cluster

IMAGES = 41
COMMAND = ["vvp", "-n", "toy", "+images=0"]


@pytest.fixture
def toy(tmp_path: Path) -> Job:
    """The toy accelerator, built by Icarus, with pictures at random."""
    write_toy(tmp_path)
    subprocess.run(["iverilog", "-g2005", "-o", "toy", "toy_tb.v"], cwd=tmp_path, check=True)
    rng = np.random.default_rng(3)
    shown = rng.integers(0, 256, (IMAGES, 2, 4, 1), np.uint8)
    names = tuple(f"picture {index}" for index in range(IMAGES))
    found, network = design.load(tmp_path)
    return Job(tmp_path, found, network, Pictures(shown, rng.integers(0, 3, IMAGES), names, "a generator"))


def split(count: int) -> Split:
    return Split(Workers(2), count, "toy", "fusesoc run toy")


def ran(toy: Job, command: list[str], how: Split | None) -> tuple[dict, tuple[simulation.Answer, ...]]:
    words = [word.replace("+images=0", f"+images={IMAGES}") for word in command]
    record = toy.run(words, "icarus", toy.folder / "result.json", job.Lines.NONE, how=how)
    return record, simulation.answers(toy.folder / job.LOG)


@pytest.mark.parametrize("count", [1, 2, 7, IMAGES])
def test_parts_give_what_one_run_gives(count: int, toy: Job) -> None:
    whole, answers = ran(toy, COMMAND, None)
    record, found = ran(toy, COMMAND, split(count))
    for one, other in zip(answers, found, strict=True):
        assert (one.index, one.label, one.scores, one.match) == (other.index, other.label, other.scores, other.match)
        assert other.end - other.start == one.end - one.start
    same = ("images", "correct", "mismatches", "latency_cycles", "planned_ii_cycles", "fps", "ii_cycles", "source")
    alone = {"fps", "ii_cycles"} if count == IMAGES else set()
    assert {name: record[name] for name in same if name not in alone} == {
        name: whole[name] for name in same if name not in alone
    }
    assert [record[name] for name in sorted(alone)] == [None] * len(alone)  # there is no next image in any part
    assert (whole["parts"], record["parts"]) == (1, count)
    # An interval for every image but the first of a part, and the latency for that one.
    assert record["cycles"] == 3 * (IMAGES - count) + 5 * count
    assert not (toy.folder / "parts").exists()


def test_a_difference_is_told_of_its_own_image(toy: Job, capsys: pytest.CaptureFixture) -> None:
    record, found = ran(toy, [*COMMAND, "+fault=1"], split(3))
    assert record["mismatches"] == 3
    assert [answer.index for answer in found if not answer.match] == [1, 15, 29]  # parts of 14, 14, 13
    assert "picture 15" in capsys.readouterr().out


def test_a_part_that_fails_is_named_with_what_repeats_it_and_leaves_no_record(toy: Job) -> None:
    with pytest.raises(simulation.SimulationError) as caught:
        ran(toy, [*COMMAND, "+stop=13"], split(3))
    said = str(caught.value)
    assert "images 1 to 14: on " in said or "images 15 to 28: on " in said
    assert "stopped after 13 of 14 images" in said and "fusesoc run toy --jobs 1 --count" in said
    assert "finn_part_" not in said  # a folder that is gone
    assert not (toy.folder / "result.json").exists()


def test_few_images_are_one_run_and_many_are_parts_for_every_worker() -> None:
    def count(jobs: int, images: int, interval: int) -> int | None:
        found = parts.split(Workers(jobs), images, interval, "p", "")
        return found and found.parts

    assert count(2, 10, 8192) is None
    assert count(2, 10_000, 16) is None  # is through in a second
    assert count(1, 10_000, 8192) is None
    assert count(2, 10_000, 8192) == 8
    assert count(16, 1_000, 8192) == 10


def test_a_scheduler_that_is_not_there_is_told_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finn_work.cluster.CONNECT_S", 1)
    with pytest.raises(WorkError, match="no Dask scheduler answers"):
        parts.split(Workers(scheduler="tcp://127.0.0.1:1"), 10, 10, "p", "")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path_factory.mktemp("cluster"), 0) as found:
        found.add_worker({"XDG_CACHE_HOME": str(found.folder / "cache")})
        found.wait_for_workers(1)
        yield found


@pytest.mark.parametrize("tool", ["icarus", pytest.param("verilator", marks=pytest.mark.lengthy)])
def test_a_worker_builds_the_simulation_once(tool: str, cluster: LocalCluster, tmp_path: Path) -> None:
    write_toy(tmp_path)
    words = ["run", "acme:accel:toy", "--images", "pictures", "--tool", tool, "--scheduler", cluster.address]
    built = []
    for _ in range(2):
        done = fusesoc(tmp_path, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2  white/above.png  white -> above  WRONG  4 0 8" in done.stdout
        record = json.loads((tmp_path / "build" / "run" / "toy-max.json").read_text())
        assert (record["images"], record["correct"], record["mismatches"]) == (3, 2, 0)
        names = {"icarus": "acme_accel_toy_1.0.0", "verilator": "Vtoy_tb"}
        built.append({path: path.stat().st_mtime_ns for path in (cluster.folder / "cache").glob(f"*/*/{names[tool]}")})
        assert not (tmp_path / "build" / "acme_accel_toy_1.0.0" / "default" / names[tool]).exists()
    assert len(built[0]) == 1 and built[0] == built[1]


@pytest.mark.lengthy
def test_a_simulation_that_cannot_be_built_there_is_an_error(cluster: LocalCluster, tmp_path: Path) -> None:
    write_toy(tmp_path)
    bench = tmp_path / "toy_tb.v"
    bench.write_text(bench.read_text().replace("endmodule", "this is no Verilog"))
    done = fusesoc(tmp_path, "run", "acme:accel:toy", "--images", "pictures", "--scheduler", cluster.address)
    assert done.returncode == 1
    assert "the simulation is not built" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_what_is_packed_is_what_building_needs(tmp_path: Path) -> None:
    for name in ("Makefile", "toy.vc", "src/a/b.v", "rom.mem", "finn.plan.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    packed = programs.pack(tmp_path, "toy")
    for name in (
        "toy",
        "Vtoy_tb",
        "Vtoy_tb.mk",
        "a.o",
        "build.log",
        "stimulus.mem",
        "parts/x.json",
        ".lock",
        "Vtoy_tb__1.cpp",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("made")
    assert programs.pack(tmp_path, "toy") == packed
    (tmp_path / "rom.mem").write_text("other")
    assert programs.pack(tmp_path, "toy") != packed
