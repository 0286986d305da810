# SPDX-License-Identifier: Apache-2.0
"""What `make bench-timing` does around nextpnr: the wrapper, words for a path, what is kept and written on pages."""

import json
import subprocess
from pathlib import Path

from tests.lib.netlists import cell, netlist
from tools import docs
from tools.bench import timing
from tools.timing import nextpnr
from tools.timing.netlist import Netlist
from tools.timing.nextpnr import Placed

PLACED = Placed(mhz=210.4, each=(205.0, 210.4, 220.1), lut4=40, ff=30, dp16k=1, path="a -> b")


def test_the_wrapper_has_four_pins_and_compiles_around_any_ports(tmp_path: Path) -> None:
    core = "module core (input aclk, input aresetn, input [6:0] a, output [2:0] y, output z); endmodule\n"
    ports = [("aresetn", 1, "input"), ("a", 7, "input"), ("y", 3, "output"), ("z", 1, "output")]
    text = nextpnr.wrapper("core", ports)
    assert "in_q[1 +: 7]" in text and "out[3 +: 1]" in text
    assert "module finn_wrap (input wire aclk, input wire load, input wire in, output wire so);" in text
    (tmp_path / "wrap.v").write_text(text.replace("`default_nettype wire", core))
    subprocess.run(["iverilog", "-g2005", "-Wall", "-o", "/dev/null", "wrap.v"], cwd=tmp_path, check=True)


def step(kind: str, delay: float, at: str, port: str, net: str = "") -> dict:
    return {"type": kind, "delay": delay, "from": {"cell": at, "port": port}, "net": net}


def test_a_path_is_told_from_register_to_register_with_levels_and_fan_out() -> None:
    found = netlist(cell("TRELLIS_FF", CLK=2, DI=13, Q=11), cell("LUT4", A=11, B=11, Z=12), cell("CCU2C", A0=12, S1=13))
    slow = [
        step("clk-to-q", 0.3, "u0", "Q"),
        step("routing", 0.5, "u0", "Q", "n11"),
        step("logic", 0.2, "u1", "A"),
        step("routing", 0.5, "u1", "F", "n12"),
        step("logic", 0.4, "u2$CCU2_COMB0", "A"),
        step("logic", 0.1, "u2$CCU2_COMB1", "FCI"),
        step("setup", 0.1, "u0", "DI"),
    ]
    quick = [step("clk-to-q", 0.3, "u0", "Q")]
    paths = [("clk", "clk", quick), ("clk", "clk", slow), ("<async>", "clk", [step("source", 9.0, "pin", "O")])]
    report = {"critical_paths": [{"from": a, "to": b, "path": path} for a, b, path in paths]}
    assert (
        nextpnr.path_words(report, found) == "n11 of top -> DI of n11 of top: 2.10 ns, 1 LUTs, 1 carry cells, fan-out 2"
    )


def test_rows_join_those_of_earlier_runs_in_the_order_of_the_cases(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(timing, "KEPT", tmp_path / "timing.json")
    assert timing.kept() == {}
    placed, large = timing.Row("SFC fix", PLACED, 250.1, "c"), timing.Row("SFC paper", None, 199.0, "d")
    timing.keep([large])
    timing.keep([placed])
    assert list(timing.kept().values()) == [placed, large]
    assert [entry["name"] for entry in json.loads(timing.KEPT.read_text())] == ["SFC fix", "SFC paper"]
    again = timing.Row("SFC paper", None, 220.0, "e")
    timing.keep([again])
    assert list(timing.kept().values()) == [placed, again]


def test_a_page_takes_new_rows_and_keeps_the_others() -> None:
    page = "| | MHz |\n| --- | --- |\n| SFC fix | 1 | 2 | 3 | 4 | 5 |\n| gone | 1 | 2 | 3 | 4 | 5 |\n"
    rows = {
        "SFC paper": timing.Row("SFC paper", None, 199.4, "d"),
        "SFC fix": timing.Row("SFC fix", PLACED, 250.1, "c"),
    }
    head = "| | MHz |\n| --- | --- |\n"
    assert docs.clock_rows(page, rows) == (
        head + "| SFC fix | 210 | 40 | 30 | 1 | 250 |\n| SFC paper | - | - | - | - | 199 |\n"
    )
    assert docs.clock_rows(page, {}) == head + "| SFC fix | 1 | 2 | 3 | 4 | 5 |\n"


def test_the_pages_have_a_table_of_clocks() -> None:
    for name in ("README.md", "docs/timing.md"):
        assert docs.section((docs.ROOT / name).read_text(), "clocks").startswith("| | ECP5 MHz")


def test_what_nextpnr_refuses_is_told_and_the_rest_measured(monkeypatch, tmp_path: Path, capsys) -> None:
    def measure(case: timing.Case, seeds: object) -> timing.Row:
        if case.name == "SFC fix":
            raise nextpnr.RouteError("it does not fit")
        return timing.Row(case.name, None, 200.0, "p")

    monkeypatch.setattr(timing, "KEPT", tmp_path / "timing.json")
    monkeypatch.setattr(timing, "ROOT", tmp_path)
    monkeypatch.setattr(timing, "measure", measure)
    assert timing.main(["--only", "SFC"]) == 1
    assert "SFC fix: it does not fit" in capsys.readouterr().err
    assert "SFC paper" in timing.kept()


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in timing.cases()]
    assert len(names) == len(set(names))


def test_what_synthesis_leaves_of_the_wrapper_is_known_by_its_registers() -> None:
    registers = [cell("TRELLIS_FF", CLK=2, DI=10, Q=bit) for bit in range(11, 16)]
    names = {"in_q": [11, 12], "out_q": [20], "shift_q": [13, 14], "so": [13], "u_core.state_q": [15]}
    module = {
        "cells": {f"u{index}": each for index, each in enumerate(registers)},
        "ports": {},
        "netnames": {name: {"bits": bits} for name, bits in names.items()},
    }
    found = Netlist.of({"modules": {"finn_wrap": module}}, "finn_wrap")
    assert nextpnr.wrapped(found) == {"in_q": 2, "so": 1, "shift_q": 1}
