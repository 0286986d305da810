# SPDX-License-Identifier: Apache-2.0
"""The report: of plans and of runs, of those that fail too, looked at in a browser where there is one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finn_gen import cli
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator
from finn_gen.formats import description
from finn_gen.plan.network import NetworkPlan
from finn_gen.report import plan_parts, scale
from finn_gen.request import device
from finn_sim import reference
from finn_sim.accel import design as designs
from finn_sim.accel import job, vectors
from finn_sim.accel.simulation import SimulationError
from finn_sim.page import activity, system
from finn_sim.pictures import Pictures
from tests.lib import random_networks
from tests.lib.testbench import build
from tools import browser

CHROMIUM = browser.browser()
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium brings it")
PLANNED = ["timeline", "stages", "fifos", "resources", "roofline", "folding", "versions"]
HOSTILE = "</script><b>&\"'{{7*7}}"


def planned_page(plan: NetworkPlan) -> str:
    return plan_parts.of_plan(plan, "xc7z020", device("xc7z020"), {"asked": HOSTILE})


def looked_at(page: Path, width: int = 1280) -> dict:
    """What the browser found on a page that is as it should be: drawn, silent, nothing over anything else."""
    seen = browser.look(CHROMIUM, page, width)
    assert seen.console == ()
    for plot in seen.found["plots"]:
        assert plot["shapes"] and plot["width"] > 20 and plot["height"] > 5, plot
        assert not plot["over"] and not plot["outside"], plot
    assert all(picture["alt"] and picture["width"] for picture in seen.found["pictures"])
    assert [head for head in seen.found["heads"] if not (head["up"] and head["down"])] == []
    assert seen.found["pale"] == [] and seen.found["wide"] <= 0
    return seen.found


class Bench:
    """An accelerator of a random network in Icarus, as FuseSoC leaves it in a work folder, and five pictures."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.page, self.result = folder, folder / "out" / "report.html", folder / "record.json"
        self.plan = random_networks.drawn(folder, seed)
        self.command = build(folder, self.plan, "icarus")
        network = {"finn.plan.json": accelerator.plan_json(self.plan), **description.to_files(self.plan.network)}
        write_tree(folder, network)
        images = random_networks.images(self.plan.network, 5, seed)
        labels = np.arange(5) % self.plan.scores
        names = tuple(f"{HOSTILE}{index}" for index in range(5))
        self.pictures = Pictures(images, labels, names, HOSTILE)

    def run(self, *words: str) -> str:
        """The page of a run with more arguments for the simulator."""
        design, network = designs.load(self.folder)
        found = job.Job(self.folder, design, network, self.pictures)
        command = [*self.command, "+images=5", "+boundaries", *words]
        try:
            found.run(command, "icarus", self.result, job.Lines.NONE, page=self.page)
        finally:
            self.text = self.page.read_text()
        return self.text


@pytest.fixture(scope="module", params=[3, 11])  # classes as answers, and scores; weights of several bits
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), request.param)


def parts(page: str) -> list[str]:
    return re.findall(r'<section id="(\w+)"', page)


def test_a_run_is_told_with_what_was_measured_beside_the_plan(bench: Bench) -> None:
    page = bench.run()
    assert parts(page) == ["pictures", "confusion", *PLANNED]
    assert "Every score and label of all 5 images is the reference" in page and 'role="alert"' not in page
    assert "Every cycle that was measured here is the planned one." in page
    assert page.count('class="bar"><svg class="plot" viewBox="0 0 200 14"') == len(bench.plan.stages)
    assert HOSTILE not in page and "49" not in re.findall(r"<h1>(.*)</h1>", page)[0]
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page), "something is fetched"
    assert page == bench.run(), "the same run, another page"


@needs_browser
@pytest.mark.parametrize("width", [1280, 420])
def test_a_browser_draws_all_of_a_run(bench: Bench, width: int) -> None:
    bench.run()
    found = looked_at(bench.page, width)
    assert found["sections"] == ["pictures", "confusion", *PLANNED]


def test_a_run_that_differs_from_the_reference_fails_on_top(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    right = vectors.scores

    def wrong(scores: np.ndarray, width: int, signed: bool) -> bytes:
        lines = right(scores, width, signed).split(b"\n")
        lines[2] = (b"1" if lines[2][:1] == b"0" else b"0") + lines[2][1:]
        return b"\n".join(lines)

    monkeypatch.setattr(vectors, "scores", wrong)
    page = bench.run()
    assert re.search(r'role="alert">\s*<strong>✗ FAILED: 1 of 5 images differs from the reference', page)
    assert "differ for image 3." in page and page.index("FAILED") < page.index("<body>")
    assert parts(page) == ["pictures", "confusion", *PLANNED]
    assert "busy" in page, "the test bench tells of stages in a run that fails too"


def test_a_run_that_stops_is_told_with_what_came_before(bench: Bench) -> None:
    bench.command, kept = ["sh", "-c", 'for word in "$@"; do :; done; exit 3', "stops"], bench.command
    try:
        with pytest.raises(SimulationError):
            bench.run()
    finally:
        bench.command = kept
    assert "FAILED: 0 of 5 images came to an answer" in bench.text
    assert "stopped after 0 of 5 images (exit code 3)" in bench.text
    assert parts(bench.text) == ["pictures", "confusion", *PLANNED]
    assert not bench.result.exists()


@needs_browser
@pytest.mark.parametrize("seed", [3, 11])  # with classes as answers, and with scores
def test_a_system_is_told_with_the_counters_of_its_streams(seed: int, tmp_path: Path) -> None:
    plan = random_networks.drawn(tmp_path, seed)
    images = random_networks.images(plan.network, 3, seed)
    scores = reference.scores(plan.network, images)
    answers = reference.labels(scores) if plan.marked else scores
    record = {
        "images": 6,
        "job_images": 2,
        "memory_latency_cycles": 30,
        "planned_interval_cycles": plan.interval,
        "sustained_interval_cycles": plan.interval + 0.5,
        "answers": np.concatenate([answers, answers]).tolist(),
        "throughput_test": {"runtime[ms]": 1.5, "throughput[images/s]": 1000.0},
        "cycles": 5000,
        "boundaries": {name: {"busy": 5, "stalled": 4000} for name in plan.boundaries},
    }
    names = tuple(map(str, range(plan.scores)))
    pictures = Pictures(images, None, ("a", "b", "c"), "here")
    told = system.System(plan, "xc7z020", device("xc7z020"), pictures, names, scores)
    page = tmp_path / "report.html"
    page.write_text(system.system_page(told, record))
    assert looked_at(page)["sections"] == ["pictures", "confusion", "system", *PLANNED]
    assert "All 6 answers are the reference" in page.read_text()
    slow = system.system_page(told, record, "the rate is worse than planned")
    assert re.search(r'role="alert">\s*<strong>✗ FAILED: the rate is worse than planned', slow)


def test_a_plan_that_tells_too_little_costs_its_own_parts(bench: Bench) -> None:
    path = bench.folder / "finn.plan.json"
    kept = path.read_text()
    path.write_text(kept.replace('"generator": "finn-gen ', '"generator": "finn-gen 0.0.'))
    try:
        page = bench.run()
    finally:
        path.write_text(kept)
    assert parts(page) == ["pictures", "confusion", "plan"]
    assert "another version of finn-gen made it" in page


@pytest.mark.parametrize("seed", range(20, 26))
def test_plans_of_random_networks_are_told(seed: int, tmp_path: Path) -> None:
    page = planned_page(random_networks.drawn(tmp_path, seed))
    assert parts(page) == PLANNED and "Planned, not simulated" in page
    assert "nan" not in re.findall(r'(?:x|y|width|height)="([^"]*)"', page)


@needs_browser
@pytest.mark.parametrize("network", ["sfc", "lfc"])
def test_a_browser_draws_all_of_a_plan(network: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    page = tmp_path / "report.html"
    assert cli.main(["plan", network, "--report", str(page)]) == 0
    assert f"{page}: written, to open in a browser" in capsys.readouterr().out
    assert looked_at(page)["sections"] == PLANNED


def test_scores_of_more_classes_than_are_shown_and_pictures_without_labels(bench: Bench) -> None:
    kept = bench.pictures
    bench.pictures = replace(kept, labels=None)
    try:
        page = bench.run()
    finally:
        bench.pictures = kept
    assert "have no labels" in page and "✗ wrong" not in page


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("boundaries.txt", "0 0 0 x\n", "boundaries.txt: not what the test bench writes"),
        ("boundaries.txt", "9 0 0 0\n", "it must have boundaries 0 to 2 alone"),
        ("boundaries.txt", "0 0 0 -4\n", "no negative number"),
        ("activity.txt", "0 1 2 3 x\n", "activity.txt: not what the test bench writes"),
    ],
)
def test_files_that_are_not_the_test_benchs_are_refused(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "boundaries.txt").write_text("0 0 0 4\n")
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        activity.read(tmp_path, 2)


def test_what_a_run_that_stopped_left_is_read(tmp_path: Path) -> None:
    assert activity.read(tmp_path, 1) is None
    (tmp_path / "boundaries.txt").write_text("0 0 7 9\n1 0 8 10\n0 1 1")
    found = activity.read(tmp_path, 1)
    assert found.first.tolist() == [[0], [1]] and found.last.tolist() == [[2], [3]] and found.activity == ()


def test_axes_have_round_numbers() -> None:
    assert scale.ticks(88) == [0, 20, 40, 60, 80] and scale.ticks(3) == [0, 1, 2, 3] and scale.ticks(0) == [0]
    assert scale.decades(3, 3) == [1, 10] and scale.decades(0.5, 200) == [0.1, 1, 10, 100, 1000]
    assert [scale.short(n) for n in (0.5, 999, 1500, 2e15)] == ["0.5", "999", "1.5k", "2P"]
