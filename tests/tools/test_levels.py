# SPDX-License-Identifier: Apache-2.0
"""Counting levels on netlists made by hand, the budgets beside the cores, and `make levels` itself on a small core."""

import json
from pathlib import Path

import pytest

from finn_gen import ip
from tests.lib.netlists import cell, netlist, register
from tools.timing import ecp5, levels, points, xc7
from tools.timing.synthesis import FAMILIES


def lut(source: int, target: int, **ports: int) -> dict:
    return cell("LUT4", Z=target, A=source, **ports)


def flip_flop(d: int, q: int) -> dict:
    return cell("TRELLIS_FF", CLK=2, CE=3, LSR=4, DI=d, Q=q)


def test_luts_and_carries_between_registers_are_counted() -> None:
    carry = [cell("CCU2C", A0=21, COUT=22), cell("CCU2C", CIN=22, S1=23)]
    found = levels.measure(netlist(flip_flop(24, 11), lut(11, 21), *carry, lut(23, 24), flip_flop(11, 12)), ecp5)
    assert found.figures == {"luts": 2, "chains": 1, "carries": 2, "fanout": 2}
    assert found.words["luts"] == "n11 of top -> DI of n11 of top: 2 LUTs, a carry chain of 2 cells, fan-out 2"


def test_a_register_cuts_a_path() -> None:
    found = levels.measure(netlist(flip_flop(23, 11), lut(11, 12), flip_flop(12, 22), lut(22, 23)), ecp5)
    assert found.figures["luts"] == 1


def test_clock_and_reset_are_no_paths_and_other_inputs_are() -> None:
    names = {"aresetn": 10, "aclk": 2, "tvalid": 13}
    ports = {name: {"direction": "input", "bits": [bit]} for name, bit in names.items()}
    many = [cell("TRELLIS_FF", CLK=2, CE=3, LSR=20, DI=13, Q=30 + index) for index in range(9)]
    found = levels.measure(netlist(lut(10, 20), *many, flip_flop(31, 12), ports=ports), ecp5)
    assert found.figures == {"luts": 0, "chains": 0, "carries": 0, "fanout": 9}
    assert found.words["fanout"] == "n13 of top drives 9 inputs, 9 of them TRELLIS_FF DI, as of n30 of top"


def test_memories_begin_and_end_paths() -> None:
    block = cell("DP16KD", CLKA=2, ADA0=21, DOA0=11)
    ram = cell("TRELLIS_DPR16X4", WCK=2, DI=[22], RAD=[11], DO=[21])
    found = levels.measure(netlist(block, ram, lut(21, 22)), ecp5)
    assert found.words["luts"].startswith("n21 of top -> DI of n21 of top: 1 LUTs")
    with pytest.raises(ecp5.UnknownCellError, match=r"^u0: nothing is known of MULT18X18D in ECP5$"):
        levels.measure(netlist(cell("MULT18X18D", A=10)), ecp5)


def test_7_series_is_timed_too() -> None:
    inverter = cell("LUT1", {"INIT": "01"}, I0=11, O=20)
    assert levels.measure(netlist(register(20, 11), inverter), xc7).figures["ns"] == 0.85


def test_what_is_above_the_budget_is_said_with_its_path() -> None:
    found = levels.Levels({"luts": 3, "fanout": 8}, {"luts": "a -> b D: 3 LUTs", "fanout": "a drives 8 inputs"})
    assert levels.exceeded(found, {"luts": 3, "fanout": 9}) == []
    assert levels.exceeded(found, {"luts": 2, "fanout": 8}) == ["luts 3, but the budget is 2: a -> b D: 3 LUTs"]
    assert levels.exceeded(found, {"luts": 3}) == ["fanout 8, but no budget stands there (a drives 8 inputs)"]


def test_writing_only_tightens_unless_asked_otherwise() -> None:
    assert levels.rewritten({"luts": 4, "ns": 2.0}, {"luts": 3, "ns": 2.5, "fanout": 8}, loosen=False) == {
        "luts": 3, "ns": 2.0, "fanout": 8
    }  # fmt: skip
    assert levels.rewritten({"luts": 2}, {"luts": 3}, loosen=True) == {"luts": 3}


@pytest.mark.parametrize("core", ip.NAMES)
def test_every_core_has_points_and_budgets_written_as_the_tool_does(core: str, monkeypatch, tmp_path: Path) -> None:
    known = points.load(core)
    text = points.path_of(core).read_text()
    for point in known:
        assert point.budgets.keys() == (FAMILIES.keys() if point.held else set())
        ip.get(core).build(point.values)
    monkeypatch.setattr(points, "path_of", lambda core: tmp_path / f"{core}.yaml")
    points.write(core, known)
    assert (tmp_path / f"{core}.yaml").read_text() == text


def test_a_core_that_got_longer_fails(monkeypatch, tmp_path: Path, capsys) -> None:
    file = tmp_path / "timing.yaml"
    file.write_text(points.path_of("fifo").read_text())
    monkeypatch.setattr(points, "path_of", lambda core: file)
    monkeypatch.setattr(levels, "ROOT", tmp_path)
    monkeypatch.setattr(levels, "write_figures", lambda name, figures: tmp_path / name)
    (short, *_) = points.load("fifo")
    budget = {**short.budgets["ecp5"], "fanout": 5}
    points.write("fifo", [points.Point(short.name, short.values, {**short.budgets, "ecp5": budget})])
    assert levels.main(["fifo"]) == 1
    assert f"fifo {short.name} ecp5: fanout " in capsys.readouterr().err
    assert levels.main(["fifo", "--loosen"]) == 0
    assert json.dumps(dict(points.load("fifo")[0].budgets)) == json.dumps(dict(short.budgets))
    assert levels.main(["nothing"]) == 2
    assert "there is no IP 'nothing'" in capsys.readouterr().err
