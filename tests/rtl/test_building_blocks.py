# SPDX-License-Identifier: Apache-2.0
"""The building blocks of rtl/ as a whole: what every file says of itself, what every module refuses, their page.

A new module is found by its file; it has to be listed below and on the page.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from finn_gen import family
from finn_gen.base.library import ROOT, building_block, building_blocks
from tests.lib.stopped_by import stopped_by

RTL = ROOT / "rtl"
FILES = sorted(RTL.rglob("*.v"))
PLAIN = sorted(building_blocks())
TWINS = [path for path in FILES if path.parent.name in family.NAMES]

NULL = '"/dev/null"'
MEMORY = [{"WIDTH": 0}, {"DEPTH": 0}]
ROM = [{"INIT_FILE": NULL, "WIDTH": 0}, {"INIT_FILE": NULL, "DEPTH": 0}, {"INIT_FILE": '""'}]
WIDTH = [{"WIDTH": 0}]
FRAME = [*WIDTH, {"WORDS": 0}]
CHANNEL = [
    {"ADDRESS_WIDTH": 31},
    {"SIZE_WIDTH": 3},
    {"WIDTH": 24},
    {"WIDTH": 20},
    {"BURST": 6},
    {"BURSTS": 1},
    {"RAM_STYLE": '"ultra"'},
]
BURSTS = [{"ADDRESS_WIDTH": 3}, {"BURST": 6}, {"BURSTS": 1}]
COUNTER = [{"INVERT": "6'd32"}, {"MIXED": 2}]
WRONG = {
    "finn_add3": WIDTH,
    "finn_axil_slave": [{"ADDRESS_WIDTH": 0}],
    "finn_copies": [*WIDTH, {"COPIES": 0}],
    "finn_counter": COUNTER,
    "finn_dma_bursts": [{"ADDRESS_WIDTH": 7}, {"BEATS_WIDTH": 4}, {"BURST": 6}],
    "finn_dma_images": [{"SIZE_WIDTH": 1}],
    "finn_dma_mm2s": CHANNEL,
    "finn_dma_pack": [{"WIDTH": 24}, {"SIZE_WIDTH": 1}],
    "finn_dma_queue": [{"WORD_BYTES": 3}, {"ADDRESS_WIDTH": 31}, {"SIZE_WIDTH": 3}],
    "finn_dma_read": [*BURSTS, {"RAM_STYLE": '"ultra"'}],
    "finn_dma_requests": BURSTS,
    "finn_dma_s2mm": CHANNEL,
    "finn_dma_status": [{"ADDRESS_WIDTH": 3}, {"SIZE_WIDTH": 1}],
    "finn_dma_unpack": [{"WIDTH": 24}, {"SIZE_WIDTH": 1}],
    "finn_dma_write": [*BURSTS, {"RAM_STYLE": '"ultra"'}],
    "finn_event_counters": [{"EVENTS": 1}, {"WIDTH": 3}],
    "finn_fifo": [
        *WIDTH,
        {"DEPTH": 2},
        {"DEPTH": 0, "STYLE": '"reg"'},
        {"DEPTH": 3, "STYLE": '"reg"'},
        {"STYLE": '"ultra"'},
    ],
    "finn_fifo_control": [{"DEPTH": 2}, {"SURE": 2}],
    "finn_fifo_ram": [*WIDTH, {"DEPTH": 2}, {"RAM_STYLE": '"ultra"'}, {"SURE": 2}],
    "finn_fifo_srl": [*WIDTH, {"DEPTH": 2}],
    "finn_frame_guard": [*FRAME, {"LAST_BITS": 0}, {"LAST_BITS": 65}],
    "finn_frame_marker": FRAME,
    "finn_half_slice": WIDTH,
    "finn_line_buffer": [{"WIDTH": 0}, {"DEPTH": 1}, {"DEPTH": 5, "ADDRESSES": 4}, {"RAM_STYLE": '"auto"'}],
    "finn_lut_rom": ROM,
    "finn_max": [{"LANES": 0}, {"WIDTH": 0}, {"SIGNED": 1}, {"WIDTH": 2, "SIGNED": 2}],
    "finn_q17": [{"LANES": 0}],
    "finn_ram": [*MEMORY, {"RAM_STYLE": '"ultra"'}, {"GATED": 2}],
    "finn_reaches": WIDTH,
    "finn_reg_slice": WIDTH,
    "finn_rom": [*ROM, {"INIT_FILE": NULL, "ROM_STYLE": '"ultra"'}, {"INIT_FILE": NULL, "GATED": 2}],
    "finn_soft_reset": [{"HOLD": 1}, {"HOLD": 12}],
    "finn_uart_commands": [{"ADDRESS_WIDTH": 3}, {"ADDRESS_WIDTH": 33}],
    "finn_uart_rx": [{"DIVISOR": 3}],
    "finn_uart_tx": [{"DIVISOR": 3}],
}
"""Parameters that each module refuses, one of them wrong in each."""
RIGHT = {
    "finn_add3": [{"WIDTH": 1}],
    "finn_counter": [{"INVERT": "6'd31", "MIXED": 1}],
    "finn_dma_bursts": [{"BURST": 2}, {"ADDRESS_WIDTH": 8, "BEATS_WIDTH": 5}],
    "finn_dma_pack": [{"WIDTH": 8}],
    "finn_dma_queue": [{"WORD_BYTES": 4}],
    "finn_dma_read": [{"BURSTS": 2}],
    "finn_dma_unpack": [{"WIDTH": 8}],
    "finn_dma_write": [{"BURSTS": 2}],
    "finn_fifo": [
        {"WIDTH": 1, "DEPTH": 3},
        *({"DEPTH": depth, "STYLE": '"reg"'} for depth in (1, 2)),
        *({"DEPTH": 3, "STYLE": f'"{style}"'} for style in ("srl", "lut", "block")),
    ],
    "finn_fifo_control": [{"DEPTH": 3}, {"SURE": 1}],
    "finn_fifo_ram": [{"DEPTH": 3}, {"WIDTH": 1}, {"RAM_STYLE": '"distributed"'}],
    "finn_fifo_srl": [{"DEPTH": 3}, {"WIDTH": 1}],
    "finn_line_buffer": [{"WIDTH": 1, "DEPTH": 2, "ADDRESSES": 2}, {"WIDTH": 121, "DEPTH": 5, "ADDRESSES": 6}],
    "finn_lut_rom": [{"INIT_FILE": NULL}, {"INIT_FILE": NULL, "WIDTH": 1}, {"INIT_FILE": NULL, "DEPTH": 1}],
    "finn_ram": [{"WIDTH": 1, "DEPTH": 1}, {"INIT_FILE": NULL}],
    "finn_reaches": [{"WIDTH": 1}],
    "finn_reg_slice": [{"WIDTH": 1}],
    "finn_rom": [{"INIT_FILE": NULL}, {"INIT_FILE": NULL, "WIDTH": 1}, {"INIT_FILE": NULL, "DEPTH": 1}],
}
"""Parameters at the edge of what modules take, for those that have edges; the others are tried as they are."""
ANY = {
    ("finn_axil_constant", "VALUE"),
    ("finn_lut6", "INIT"),
    ("finn_lut5x2", "INIT0"),
    ("finn_lut5x2", "INIT1"),
    ("finn_ram", "INIT_FILE"),
}
"""Parameters that may have any value."""
PRIMITIVES = """
module LUT4 #(parameter [15:0] INIT = 0) (input I0, I1, I2, I3, output O);
endmodule
module LUT5 #(parameter [31:0] INIT = 0) (input I0, I1, I2, I3, I4, output O);
endmodule
module LUT6 #(parameter [63:0] INIT = 0) (input I0, I1, I2, I3, I4, I5, output O);
endmodule
module LUT6_2 #(parameter [63:0] INIT = 0) (input I0, I1, I2, I3, I4, I5, output O5, O6);
endmodule
module CARRY4 (input CI, CYINIT, input [3:0] DI, S, output [3:0] O, CO);
endmodule
"""


def parameters(file: Path) -> list[str]:
    """Parameters of the module in a file."""
    return re.findall(r"^    parameter\b.*?(\w+) = ", file.read_text(), re.M)


def identify(file: Path) -> str:
    return str(file.relative_to(RTL))


def test_every_parameter_is_tried_with_a_wrong_value():
    tried = {(module, name) for module, sets in WRONG.items() for values in sets for name in values}
    found = {(module, name) for module in PLAIN for name in parameters(building_block(module))}
    assert tried | ANY == found
    for twin in TWINS:
        assert parameters(twin) == parameters(building_block(twin.stem))


@pytest.mark.parametrize("module", PLAIN)
def test_a_building_block_takes_what_it_says(module, tmp_path):
    files = list(map(building_block, PLAIN))
    for values in RIGHT.get(module, [{}]):
        said = stopped_by(files, module, values, tmp_path)
        assert "ERROR" not in said
        assert "still running" in said


@pytest.mark.parametrize("module", sorted(WRONG))
def test_a_building_block_refuses_a_wrong_parameter(module, tmp_path):
    files = list(map(building_block, PLAIN))
    for values in WRONG[module]:
        said = stopped_by(files, module, values, tmp_path)
        assert "ERROR bench.u_core" in said, values
        assert "still running" not in said, values


@pytest.mark.parametrize("file", [twin for twin in TWINS if twin.stem in WRONG], ids=identify)
def test_a_twin_refuses_what_its_building_block_refuses(file, tmp_path):
    (tmp_path / "primitives.v").write_text(PRIMITIVES)
    files = [file, tmp_path / "primitives.v"]
    for values in RIGHT.get(file.stem, [{}]):
        assert "ERROR" not in stopped_by(files, file.stem, values, tmp_path)
    for values in WRONG[file.stem]:
        said = stopped_by(files, file.stem, values, tmp_path)
        assert "ERROR bench.u_core" in said, values
        assert "still running" not in said, values


@pytest.mark.parametrize("file", FILES, ids=identify)
def test_a_file_says_what_it_is_and_what_it_costs_in_cycles(file):
    text = file.read_text()
    head = text[: text.index("`default_nettype none")]
    lines = head.splitlines()
    assert lines[:2] == ["// SPDX-License-Identifier: Apache-2.0", "//"]
    assert lines[2].startswith(f"// {file.stem}: ")
    assert all(line.startswith("//") for line in lines)
    assert max(map(len, text.splitlines())) <= 120
    labels = re.findall(r"^// (\w+) {2,}\S", head, re.M)
    assert "Latency" in labels and "Limits" in labels
    assert "Throughput" in labels or not re.search(r"^    (in|out)put .*\w_?valid\b", text, re.M)
    assert text.endswith("endmodule\n\n`default_nettype wire\n")


@pytest.mark.parametrize("file", FILES, ids=identify)
def test_a_comment_stands_above_every_parameter(file):
    lines = file.read_text().splitlines()
    for before, line in pairwise(lines):
        if line.startswith("    parameter"):
            assert before.startswith("    // "), line
            assert re.match(r"    parameter +(integer +|\[\d+:0\] +)?\w+ += ", line), line


def test_the_page_lists_every_building_block(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from tools.docs import building_block_table, section

    table = section((RTL / "README.md").read_text(), "building blocks")
    assert table == building_block_table(), "make docs writes it anew"
    assert all(table.count(f"[`{name}`](") == 1 for name in PLAIN)
    assert not re.search(r"\|  \|", table), "a building block that says nothing of itself, or that nothing uses"
