# SPDX-License-Identifier: Apache-2.0
"""The whole ULX3S system of SFC after synthesis, PLL and pins apart from models: three pictures through its UART."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.files import write_tree
from finn_gen.board import serial
from finn_gen.emit.link import description, plan_link
from finn_gen.request import Request
from finn_sim import reference
from finn_verif.runner import simulate
from tests.accelerator.test_carried_networks import samples
from tests.gate_level import gates
from tests.lib.testbench import skip_unless_asked

pytestmark = pytest.mark.lengthy

DIVISOR = 8
"""Cycles of a bit: the baud rate is raised, for a simulation of gates is slow."""
PICTURES = 3
AROUND = """`default_nettype none
`timescale 1ns/1ps
// The pins as the test bench of links has them; the reset is the top's own, behind the PLL's lock.
module board (input wire aclk, input wire aresetn, input wire rxd, output wire txd);
    {top} u_top (.clk (aclk), .rxd (rxd), .txd (txd));
endmodule

module EHXPLLL #(
    parameter PLLRST_ENA = "", INTFB_WAKE = "", STDBY_ENABLE = "", DPHASE_SOURCE = "", OUTDIVIDER_MUXA = "",
    OUTDIVIDER_MUXB = "", OUTDIVIDER_MUXC = "", OUTDIVIDER_MUXD = "", CLKOP_ENABLE = "", FEEDBK_PATH = "",
    parameter integer CLKI_DIV = 1, CLKOP_DIV = 1, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0, CLKFB_DIV = 1
) (
    input wire RST, STDBY, CLKI, CLKFB, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC, ENCLKOP,
    output wire CLKOP, CLKINTFB, LOCK
);
    // The clock of the test bench is the one inside.
    reg [3:0] cycles = 0;
    always @(posedge CLKI)
        cycles <= cycles + !LOCK;
    assign CLKOP = CLKI;
    assign CLKINTFB = CLKFB;
    assign LOCK = &cycles;
endmodule
"""


def test_the_netlist_of_the_whole_system_classifies_through_its_uart(tmp_path: Path) -> None:
    skip_unless_asked("verilator")
    board = serial.load("ulx3s")
    plan = Request("sfc", clock=board.planned_mhz, device=board.device).plan_behind_line()
    system = plan_link(plan, round(plan.clock_mhz * 1e6 / DIVISOR))
    design, _ = serial.bundle(system, board)
    write_tree(tmp_path, design.folder())
    files = [tmp_path / path for path in design.listed()]
    sources = gates.of(files, design.top, "ecp5", tmp_path)
    for memory in tmp_path.glob("*.mem"):
        memory.unlink()
    (tmp_path / "board.v").write_text(AROUND.replace("{top}", design.top))
    images = samples(plan.network)[:PICTURES]
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "expected.npy", reference.labels(reference.scores(plan.network, images)))
    (tmp_path / "system.json").write_text(description(system))
    facts = {
        "path": str(tmp_path / "system.json"),
        "images": str(tmp_path / "images.npy"),
        "expected": str(tmp_path / "expected.npy"),
        "count": PICTURES,
        "divisor": DIVISOR,
        "efficiency": 0.3,
        "weights": "",
    }
    simulate(
        [*sources, tmp_path / "board.v"],
        "board",
        "tests.system.tb_link",
        plan=facts,
        sim="verilator",
        test_filter="rate",
        build_args=["-Wno-fatal", "-Wno-lint", "-O1"],
    )
