# SPDX-License-Identifier: Apache-2.0
"""Boards with a serial line and an ECP5: facts, PLL, top, constraints; what tools said becomes a table or an error."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from finn_gen import cli
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.board import ecp5, facts, serial
from finn_gen.emit.link import plan_link
from finn_gen.request import Request
from tests.lib.driver_setup import LABEL_SEED, planned
from tools import bitstream, place_route
from tools.bitstream import BuildError

BOARD = serial.load("ulx3s")
YAML = (serial.carried()["ulx3s"] / "board.yaml").read_text()


def system(mhz: float = 75.0):
    return plan_link(replace(planned(LABEL_SEED), clock_mhz=mhz), BOARD.baud)


def report(achieved: float, constraint: float = 75.0) -> dict:
    """As nextpnr writes it."""
    used = {kind: {"used": 10, "available": 100} for kind in place_route.FLOWS["ecp5"].resources}
    return {"fmax": {"$glbnet$aclk": {"achieved": achieved, "constraint": constraint}}, "utilization": used}


def test_the_ulx3s_is_what_its_constraints_say() -> None:
    """emard/ulx3s, doc/constraints/ulx3s_v20.lpf."""
    assert (BOARD.clock_pin, BOARD.rxd_pin, BOARD.txd_pin) == ("G2", "M1", "L4")
    assert (BOARD.device, BOARD.speed, BOARD.package) == ("lfe5u-85f", "6", "CABGA381")
    text = ecp5.constraints(BOARD)
    assert 'LOCATE COMP "txd" SITE "L4";' in text and 'FREQUENCY PORT "clk" 25 MHZ;' in text


def test_boards_of_one_family_are_none_of_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert "ulx3s" not in facts.carried() and "zc706" not in serial.carried()
    assert cli.main(["project", "sfc", "--board", "ulx3s"]) == 2
    assert "board ulx3s: Vivado does not know its device; `make bitstream BOARD=ulx3s`" in capsys.readouterr().err
    with pytest.raises(InputError, match="boards with a Zynq-7000 are for `finn-gen project`"):
        serial.load(str(facts.carried()["zc706"]))
    with pytest.raises(InputError, match=r"no board with a serial line of that name; there are .*ulx3s"):
        serial.load("zc706x")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("LFE5U-85F-6BG381C", "LFE5U-86F-6BG381C", "part: .*one of lfe5u-12f"),
        ("LFE5U-85F-6BG381C", "xc7z020clg400-1", "part: .*an ECP5"),
        ("mhz: 25, pin: G2", "mhz: 0, pin: G2", "mhz: 0; it must be a number from 8"),
        ("pin: G2", "pin: '\";\\n'", "pin: .*a ball"),
        ("rxd: M1", "rxd: L4", "pins that differ"),
        ("baud: 3000000", "baud: 3", "baud: 3; it must be a whole number"),
        ("clock: {", "clok: {", "clock: missing"),
        ("io: LVCMOS33", "io: LVDS", "io: 'LVDS'"),
        ("--board ulx3s", "--board $(x)", "loader"),
        ("planned_mhz: 62.5", "planned_mhz: 62.5\nspeed: 6", "unknown field 'speed'"),
    ],
)
def test_a_wrong_field_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in YAML
    (tmp_path / "board").mkdir()
    (tmp_path / "board" / "board.yaml").write_text(YAML.replace(old, new))
    with pytest.raises(InputError, match=said):
        serial.load("board", tmp_path)


@pytest.mark.parametrize("wanted", [12.5, 48, 50, 60, 62.5, 75, 99.9, 100, 133, 200])
@pytest.mark.parametrize("source", [12, 25, 48, 100])
def test_the_pll_keeps_within_its_ranges(source: float, wanted: float) -> None:
    made = ecp5.pll(source, wanted)
    assert 0.75 * wanted < made.mhz <= wanted * (1 + 1e-9)
    assert made.mhz == pytest.approx(source / made.input_divider * made.feedback_divider)
    assert made.vco_mhz == pytest.approx(made.mhz * made.output_divider) and 400 <= made.vco_mhz <= 800
    assert source / made.input_divider >= 10


@pytest.mark.skipif(not shutil.which("yowasp-ecppll"), reason="make bitstream installs Project Trellis")
def test_the_pll_is_project_trelliss_own(tmp_path: Path) -> None:
    made = ecp5.pll(25, 75)
    subprocess.run(["yowasp-ecppll", "-i", "25", "-o", "75", "-f", "pll.v"], cwd=tmp_path, check=True)
    text = (tmp_path / "pll.v").read_text()
    for name, value in (
        ("CLKI_DIV", made.input_divider), ("CLKFB_DIV", made.feedback_divider), ("CLKOP_DIV", made.output_divider),
        ("CLKOP_CPHASE", made.output_divider // 2),
    ):  # fmt: skip
        assert f".{name}({value})" in text


def test_a_clock_that_the_pll_does_not_make_is_refused() -> None:
    with pytest.raises(InputError, match="clock 1 MHz: the PLL makes none so slow"):
        ecp5.pll(25, 1)


def test_the_top_is_plain_verilog(tmp_path: Path) -> None:
    design, _ = serial.bundle(system(), BOARD)
    write_tree(tmp_path, design.folder())
    (tmp_path / "pll.v").write_text("(* blackbox *) module EHXPLLL" + PORTS)
    command = ["verilator", "--lint-only", "-Wall", "-Wno-fatal", "--top-module", design.top, *design.listed(), "pll.v"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0
    assert not [line for line in said.stderr.splitlines() if design.top in line and "%Warning" in line], said.stderr


PORTS = """ #(
    parameter PLLRST_ENA = "", INTFB_WAKE = "", STDBY_ENABLE = "", DPHASE_SOURCE = "", OUTDIVIDER_MUXA = "",
    OUTDIVIDER_MUXB = "", OUTDIVIDER_MUXC = "", OUTDIVIDER_MUXD = "", CLKI_DIV = 1, CLKOP_ENABLE = "", CLKOP_DIV = 1,
    CLKOP_CPHASE = 0, CLKOP_FPHASE = 0, FEEDBK_PATH = "", CLKFB_DIV = 1
) (
    input RST, STDBY, CLKI, CLKFB, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC, ENCLKOP,
    output CLKOP, CLKINTFB, LOCK
);
    assign {CLKOP, CLKINTFB, LOCK} = {CLKI, CLKFB, !RST};
endmodule
"""


def test_what_nextpnr_says_is_told() -> None:
    found = system()
    built = bitstream.told(report(80.04), found, BOARD)
    assert (built.planned_mhz, built.reached_mhz) == (75, 80.0)
    assert built.accelerator_fps == pytest.approx(75e6 / found.net.interval, rel=1e-3)
    assert built.resources["LUT4"] == (10, 100)
    assert re.search(r"clock +80 MHz +75 MHz planned", bitstream.summary(built))


def test_another_clock_than_the_plls_is_noticed() -> None:
    with pytest.raises(BuildError, match="nextpnr was told 12 MHz, the PLL makes 75 MHz"):
        bitstream.told(report(80, 12), system(), BOARD)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The tools replaced by what writes their files; the commands that were called."""
    called: list[tuple[str, ...]] = []

    def run(folder: Path, *command: str) -> None:
        called.append(command)
        (folder / command[-1]).write_bytes(b"bits")

    monkeypatch.setattr(bitstream, "synthesize", lambda *_: None)
    monkeypatch.setattr(bitstream, "_run", run)
    return called


def test_a_clock_that_is_not_met_leaves_no_bitstream(tools: list, tmp_path: Path, monkeypatch) -> None:
    found = system()
    name = f"{found.net.module}.bit"
    monkeypatch.setattr(bitstream.json, "loads", lambda _: report(60.2))
    (tmp_path / "report.json").write_text("{}")
    (tmp_path / name).write_bytes(b"of yesterday")
    monkeypatch.setattr(Path, "read_text", lambda _: "{}")
    with pytest.raises(
        BuildError, match=r"60\.2 MHz are reached, 19\.7% less than the 75 MHz planned; ask for --clock 60"
    ):
        bitstream.build(found, BOARD, tmp_path)
    assert not (tmp_path / name).exists() and len(tools) == 1


def test_a_clock_that_is_met_is_packed(tools: list, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(bitstream.json, "loads", lambda _: report(76.0))
    monkeypatch.setattr(Path, "read_text", lambda _: "{}")
    built = bitstream.build(system(), BOARD, tmp_path)
    assert (tmp_path / built.bitstream).read_bytes() == b"bits"
    assert "--85k" in tools[0] and tools[1][:2] == ("yowasp-ecppack", "--compress")


def test_what_is_asked_for_is_planned() -> None:
    plan = Request("sfc", clock=75.0, device=BOARD.device).plan_behind_line()
    assert plan.clock_mhz * 1e6 / plan.interval >= 100_000 and plan.input.params.packed
    assert plan.folding.family == "ecp5"


def test_a_plan_for_the_board_is_what_is_built_and_says_that_it_fits(capsys: pytest.CaptureFixture[str]) -> None:
    """In LUT4 and DP16K, at the board's clock, with control and host link."""
    assert cli.main(["plan", "sfc", "--board", "ulx3s"]) == 0
    said = capsys.readouterr().out
    plan = Request("sfc", clock=BOARD.planned_mhz, device=BOARD.device).plan_behind_line()
    used = plan_link(plan, BOARD.baud).resources
    assert f"{plan.fps:,.0f} images/s at 62.5 MHz" in said and "LUT4    FF  DP16K" in said
    assert (
        f"\nlfe5u-85f {used.lut:,} of 83,640 LUT4, {used.ff:,} of 83,640 FF, {used.bram18} of 208 DP16K "
        "(with control and host link" in said
    )
    assert "BRAM36" not in said and "warning" not in said and "clock  " not in said


def test_a_plan_for_the_board_names_the_plls_clock_and_what_is_too_large(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    (small / "board.yaml").write_text(YAML.replace("LFE5U-85F", "LFE5U-12F"))
    asked = ["plan", "sfc", "--board", str(small), "--clock", "80", "--fps", "1000000"]
    assert cli.main(asked) == 0
    said = capsys.readouterr().out
    assert "the PLL of the ULX3S with 85F gives 75 MHz, the next below" in said and "at 75 MHz" in said
    assert "of 12,000 LUT4" in said and re.search(r"^warning   more LUT4.* than lfe5u-12f has", said, re.M)
    assert bitstream.main(["sfc", *asked[2:]]) == 2
    assert re.search(r"sfc does not fit, .*[\d,]+ of 12,000 LUT4", capsys.readouterr().err)


def test_a_board_that_nobody_knows_is_refused_with_all_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "sfc", "--board", "ulx4s"]) == 2
    said = capsys.readouterr().err
    assert "arty-z7-20" in said and "ulx3s" in said and "zedboard" in said
    assert cli.main(["plan", "sfc", "--board", "zedboard"]) == 0
    assert "BRAM36 (with control and DMA" in capsys.readouterr().out


def test_bad_input_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert bitstream.main(["sfc", "--board", "nothing"]) == 2
    assert bitstream.main(["sfc", "--fps", "100000", "--baud", "40000000"]) == 2
    said = capsys.readouterr().err
    assert "board nothing" in said and "a bit must take at least 4 cycles" in said
