# SPDX-License-Identifier: Apache-2.0
"""The mutation tool: each verdict is reached, and too many survivors fail."""

import json
from pathlib import Path

import pytest

from finn_gen import ip
from tools import mutants
from tools.mutants import Mutant, Point

VALUES = {"in_width": 3, "out_width": 3, "tlast": 0}


@pytest.fixture(scope="module")
def point() -> Point:
    return Point(**mutants.prepare("dwc", VALUES, 20, seed=1))


def run_mutant(point: Point, fault: str, folder: Path) -> Mutant:
    (folder / "original.il").write_text(point.rtlil)
    made = {"core": "dwc", "values": VALUES, "module_ports": point.module_ports, "number": 0, "fault": fault}
    return Mutant(**mutants.run_mutant(**made, seed=1, timeout=60, rtlil=folder / "original.il"))


def test_a_mutation_without_effect_is_equivalent(point: Point, tmp_path: Path) -> None:
    idle = point.mutations[0].replace("-mode", "-mode none #")
    assert run_mutant(point, idle, tmp_path).result == "equivalent"


def test_a_stuck_tvalid_is_killed_by_a_test_at_its_line(point: Point, tmp_path: Path) -> None:
    fault = next(m for m in point.mutations if "-wire m_axis_tvalid" in m)
    mutant = run_mutant(point, fault, tmp_path)
    assert mutant.result == "killed"
    assert mutant.by.startswith("test_")
    assert mutant.source.startswith("finn_reg_slice.v:")


def test_what_the_tests_do_not_see_survives(point: Point, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mutants, "run_tests", lambda *_, **__: "")
    fault = next(m for m in point.mutations if "-wire m_axis_tvalid" in m)
    assert run_mutant(point, fault, tmp_path).result == "survived"


def test_tests_that_fail_on_the_core_itself_are_refused(point: Point, tmp_path: Path) -> None:
    text = point.verilog.replace("assign m_axis_tvalid = ", "assign m_axis_tvalid = !", 1)
    (tmp_path / "changed").write_text(text)
    with pytest.raises(mutants.TestError, match="without a mutation"):
        mutants.try_original("dwc", VALUES, 1, tmp_path / "changed")


def test_the_tests_of_a_mutant_that_hangs_are_ended(point: Point, tmp_path: Path) -> None:
    (tmp_path / "original.v").write_text(point.verilog)
    assert mutants.run_tests("dwc", VALUES, tmp_path / "original.v", 1, timeout=0) == "(hangs)"


def test_mutants_come_as_pieces_and_one_can_be_repeated(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(mutants, "BUILD", tmp_path)
    monkeypatch.setattr("tools.report.ROOT", tmp_path)
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    name = mutants.point_name(ip.get("dwc").examples[0])
    words = ["dwc", "--point", f"^{name}$", "--count", "4", "--jobs", "1"]
    mutants.main([*words, "--number", "2"])
    (mutant,) = json.loads((tmp_path / "dwc" / "mutants.json").read_text())
    assert (mutant["point"], mutant["number"]) == (name, 2)
    assert not (tmp_path / "dwc" / "kept").exists()


@pytest.mark.parametrize(("killed", "enough"), [(97, True), (96, False)])
def test_97_per_cent_are_asked_of_what_is_not_equivalent(killed, enough, monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr("tools.report.ROOT", tmp_path)
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.setattr(mutants, "known_survivors", lambda core: {"p mutate 99": "nobody can see it"})
    results = ["killed"] * killed + ["survived"] * (100 - killed) + ["equivalent"] * 50
    made = [Mutant("p", i, result, "a.v:1", f"mutate {i}", "", 1.0) for i, result in enumerate(results)]
    assert mutants.report("dwc", made) is enough
    said = capsys.readouterr().out
    assert f"{killed} of 100 killed" in said
    assert "survived  a.v:1  p 0099" in said
    assert "nobody can see it" in said
    assert (tmp_path / "build" / "bench" / "mutants_dwc.json").is_file()


def test_a_core_without_a_file_of_points_takes_its_first_examples(monkeypatch, tmp_path) -> None:
    assert mutants._describe("dwc")["points"] != list(ip.get("dwc").examples[:3])
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    assert mutants._describe("dwc")["points"] == list(ip.get("dwc").examples[:3])
    assert mutants.known_survivors("dwc") == {}
    assert mutants.point_name({}) == "defaults"  # the first example of most: a folder of its own


def test_an_unknown_core_is_refused_with_those_there_are(capsys) -> None:
    assert mutants.main(["no_such_core"]) == 2
    assert "dwc, fifo" in capsys.readouterr().err
