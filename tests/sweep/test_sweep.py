# SPDX-License-Identifier: Apache-2.0
"""A sweep gives every point a row that a command repeats, and fronts that nothing beats."""

from __future__ import annotations

import csv
import json
import random
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finn_gen import cli
from finn_gen.base.errors import InputError
from finn_gen.formats import params_npz
from finn_gen.request import load
from finn_sweep import fronts, grid, table
from finn_sweep import point as points_of_work
from finn_work import Result, many
from tests.work.clusters import local_cluster

OWN = """\
format: 1
name: own_net
input: {height: 4, width: 4, channels: 1, encoding: threshold}
parameters: own.npz
layers:
  - {name: l0, kind: dense, units: 8}
  - {name: l1, kind: dense, units: 4}
  - {name: label, kind: label}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A network of one's own with random parameters, and its pictures as a .npy file."""
    rng = np.random.default_rng(5)
    first = params_npz.Matrix(rng.integers(0, 2, (8, 16), np.uint8), rng.integers(6, 11, (8, 1)).astype(np.int32))
    last = params_npz.Matrix(rng.integers(0, 2, (4, 8), np.uint8), None)
    (tmp_path / "own.npz").write_bytes(params_npz.to_bytes((first, last)))
    (tmp_path / "own.yaml").write_text(OWN)
    np.save(tmp_path / "pictures.npy", rng.integers(0, 256, (3, 4, 4, 1), np.uint8))
    return tmp_path


def sweep(own: Path, output: str, *words: str) -> int:
    return cli.main(["sweep", str(own / "own.yaml"), "-o", str(own / output), *words])


def rows(own: Path, output: str) -> list[dict[str, str]]:
    with (own / output / "points.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("word", "rates"),
    [
        ("1e3", [1e3]),
        ("1e3,3e4", [1e3, 3e4]),
        ("1e3:1e4", [1e3, 2e3, 5e3, 1e4]),
        ("30:400", [30, 50, 100, 200, 400]),
        ("7:7", [7, 7]),
        ("0.5:2,2", [0.5, 1, 2]),
    ],
)
def test_ranges_of_rates_go_by_1_2_5(word: str, rates: list[float]) -> None:
    assert [point.fps for point in grid.points(word, "auto", "200")] == list(dict.fromkeys(rates))


def test_every_combination_is_a_point_with_a_name_and_words_of_its_own() -> None:
    found = grid.points("1e3:1e4", "auto,block,lut", "100,200.5")
    assert len(found) == len({point.name for point in found}) == len({tuple(point.words()) for point in found}) == 24
    for point in found:
        words = dict(zip(point.words()[::2], point.words()[1::2], strict=True))
        assert grid.points(words["--fps"], words["--storage"], words["--clock"]) == [point]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x", "auto", "200"), "fps 'x': it must be a number"),
        (("0", "auto", "200"), "it must be at least 0.001 images a second"),
        (("inf", "auto", "200"), "it must be at least"),
        (("2e3:1e3", "auto", "200"), "a range goes from its smaller rate to its larger one"),
        (("1e3,", "auto", "200"), "nothing stands before or behind a comma"),
        (("1e3", "brick", "200"), "storage 'brick': legal are auto, constant, lut, block"),
        (("1e3", "auto", "0"), "clock=0: it must be more than 0"),
        (("1e-3:1e9", "auto,lut,block", ",".join(map(str, range(1, 1000)))), "at most 100,000 are possible"),
    ],
)
def test_wrong_words_are_refused_with_the_rule(words: tuple[str, str, str], said: str) -> None:
    with pytest.raises(InputError, match="(?i)" + said.replace("(", r"\(").replace(".", r"\.")):
        grid.points(*words)


def test_a_sweep_simulates_and_each_row_is_repeated_by_its_command(own: Path, capsys) -> None:
    words = ["--fps", "1e6,1e8", "--storage", "auto,block", "--clock", "100", "--images", str(own / "pictures.npy")]
    assert sweep(own, "all", *words, "--simulate", "icarus", "--render", "--jobs", "1") == 0
    found = rows(own, "all")
    assert [(row["fps"], row["storage"]) for row in found] == [
        ("1000000.0", "auto"), ("1000000.0", "block"), ("100000000.0", "auto"), ("100000000.0", "block")
    ]  # fmt: skip
    for row in found:
        assert (row["refused"], row["mismatches"], row["simulated_images"]) == ("", "0", "3")
        assert row["measured_interval_cycles"] == row["interval_cycles"]
        assert float(row["planned_fps"]) >= float(row["fps"])
        name = Path(row["folding"]).stem
        assert (own / "all" / "designs" / name / "own_net.v").is_file()
    page = (own / "all" / "index.html").read_text()
    assert "all 4 simulated points give the reference" in page and page.count('<svg class="chart') == 3
    _, *again = shlex.split(found[1]["command"])
    assert cli.main(again) == 0
    (alone,) = rows(own, "all/alone/" + Path(found[1]["folding"]).stem)
    ignored = {"command", "front", "folding"}
    assert {k: v for k, v in alone.items() if k not in ignored} == {
        k: v for k, v in found[1].items() if k not in ignored
    }
    folding = str(own / "all" / found[0]["folding"])
    capsys.readouterr()
    assert cli.main(["plan", str(own / "own.yaml"), "--folding", folding, "--clock", "100"]) == 0
    assert f"{int(found[0]['lut']):,} of" in capsys.readouterr().out


@pytest.mark.lengthy
@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_a_point_is_synthesized_and_simulated_in_both(sim: str, own: Path) -> None:
    words = ["--fps", "1e6", "--images", str(own / "pictures.npy"), "--simulate", sim, "--synthesize", "--jobs", "1"]
    assert sweep(own, "one", *words) == 0
    (found,) = rows(own, "one")
    assert found["mismatches"] == "0" and found["measured_interval_cycles"] == found["interval_cycles"]
    # Estimated for a network of its own; the tests of estimates hold them against Yosys more closely.
    assert int(found["yosys_lut"]) == pytest.approx(int(found["lut"]), rel=0.3)
    assert int(found["yosys_ff"]) == pytest.approx(int(found["ff"]), rel=0.3)


def test_what_cannot_be_built_is_a_row_that_says_why(own: Path) -> None:
    assert sweep(own, "some", "--fps", "1e6,1e12", "--jobs", "1") == 0
    good, bad = rows(own, "some")
    assert not good["refused"] and "cycle" in bad["refused"]
    assert bad["planned_fps"] == bad["folding"] == ""
    assert "cannot be built" in (own / "some" / "index.html").read_text()


def test_an_interrupted_sweep_goes_on_and_a_larger_one_takes_what_is_there(own: Path, monkeypatch) -> None:
    assert sweep(own, "some", "--fps", "1e6", "--jobs", "1") == 0
    submitted = []
    submit = many._Run._submit

    def watched(self: Any, backend: Any, index: int) -> None:
        submitted.append(self._pieces[index].name)
        submit(self, backend, index)

    monkeypatch.setattr(many._Run, "_submit", watched)
    assert sweep(own, "some", "--fps", "1e6,2e6", "--jobs", "1") == 0
    assert submitted == ["fps2e06-auto-200MHz"]
    assert len(rows(own, "some")) == 2


def test_a_difference_from_the_reference_fails(own: Path, monkeypatch, capsys) -> None:
    def differing(*_: Any, **__: Any) -> Any:
        return iter([Result({"row": {**row(1.0, 1), "mismatches": 1}, "folding": None, "files": {}}, 0, "")])

    monkeypatch.setattr("finn_sweep.command.results", differing)
    with pytest.raises(SystemExit) as caught:
        sweep(own, "some", "--fps", "1", "--jobs", "1")
    assert caught.value.code == 1
    assert "1 points differ from the reference, the first: finn-gen sweep" in capsys.readouterr().err


def test_synthesis_for_another_family_is_refused(own: Path, capsys) -> None:
    assert sweep(own, "some", "--device", "lfe5u-85f", "--synthesize") == 2
    assert "Yosys is asked for 7-series alone" in capsys.readouterr().err
    assert not (own / "some").exists()


@pytest.mark.lengthy
def test_a_point_is_the_same_on_a_cluster(own: Path, tmp_path: Path) -> None:
    (tmp_path / "dask").mkdir()
    with local_cluster(tmp_path / "dask", 1) as cluster:
        assert sweep(own, "there", "--fps", "1e6,1e7", "--scheduler", cluster.address) == 0
    assert sweep(own, "here", "--fps", "1e6,1e7", "--jobs", "1") == 0
    there, here = rows(own, "there"), rows(own, "here")
    assert [{**row, "command": ""} for row in there] == [{**row, "command": ""} for row in here]


def row(fps: float, lut: int, refused: str = "", bram36: float = 1.0) -> dict[str, Any]:
    return {"fps": fps, "storage": "auto", "clock": 200.0, "refused": refused, "planned_fps": fps, "lut": lut, "ff": 0,
            "bram36": bram36, "latency_us": 1.0, "folding": "f", "command": "c"}  # fmt: skip


def test_a_front_has_what_no_other_point_beats() -> None:
    rng = random.Random(1)
    for _ in range(50):
        some = [row(rng.randint(1, 9), rng.randint(1, 9), rng.choice(["", "", "no"])) for _ in range(12)]
        good = [one for one in some if not one["refused"]]
        lying = [some[index] for index in fronts.front(some, "lut")]
        for one in lying:
            beaten = [o for o in good if o["planned_fps"] >= one["planned_fps"] and o["lut"] <= one["lut"]]
            assert all((o["planned_fps"], o["lut"]) == (one["planned_fps"], one["lut"]) for o in beaten)
        for one in good:
            assert any(o["planned_fps"] >= one["planned_fps"] and o["lut"] <= one["lut"] for o in lying)
        assert [one["planned_fps"] for one in lying] == sorted({one["planned_fps"] for one in lying})


def test_the_page_takes_a_cost_of_nothing_and_one_point() -> None:
    some = fronts.marked([row(10.0, 5, bram36=0.0)])
    assert some[0]["front"] == "lut bram36 latency_us"
    assert fronts.sweep_page("t", "s", some).count("<circle") >= 3
    assert "No point can be built" in fronts.sweep_page("t", "s", fronts.marked([row(1.0, 1, "too fast")]))


def test_a_refusal_is_shown_as_text(own: Path) -> None:
    page = fronts.sweep_page("t", "s", fronts.marked([row(1.0, 1, "<script>")]))
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_rows_are_in_parquet_as_in_csv(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow, the extra parquet, is not installed")
    some = [row(1.0, 1), {**row(2.0, 2), "mismatches": 0}, row(3.0, 3, "no")]
    said = table.write(tmp_path, some)
    assert "points.parquet: written" in said[-1]
    found = parquet.read_table(tmp_path / "points.parquet").to_pylist()
    assert found == [{**dict.fromkeys(table.columns(some)), **one} for one in some]


def test_without_pyarrow_it_is_said_what_brings_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'finn-verif[parquet]'" in table.write(tmp_path, [row(1.0, 1)])[-1]
    assert (tmp_path / "points.csv").is_file() and not (tmp_path / "points.parquet").exists()


def test_planning_a_point_stores_weights_as_asked(own: Path) -> None:
    network, _ = load(str(own / "own.yaml"))
    plan = points_of_work.planned(network, grid.Point(1e6, "block", 100.0), "xc7z045")
    assert {fold.storage for fold in plan.folding.layers.values()} == {"block"}
    assert json.loads(json.dumps(points_of_work.estimated(plan, "xc7z045")))["bram36"] > 0
