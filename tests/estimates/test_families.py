# SPDX-License-Identifier: Apache-2.0
"""Devices of all families: what they are called, what they have, and estimates for ECP5 beside Yosys'."""

import json
import re
from pathlib import Path

import pytest

from finn_gen import cli, family, ip
from finn_gen.base.errors import InputError
from finn_gen.emit.bundle import of_core
from finn_gen.family.ecp5.costs import SHAPES, Ecp5Costs
from finn_gen.family.xc7.synthesis import run_yosys

KNOWN = {name: each for found in family.every() for name, each in found.devices.items()}


@pytest.mark.parametrize("name", KNOWN)
def test_a_device_is_of_a_possible_size(name: str) -> None:
    """A flip-flop or two a LUT; a block of 18 kbit for 100 to 500 LUTs: a digit too many or too few is noticed."""
    found = KNOWN[name]
    assert found.ff in (found.lut, 2 * found.lut)
    assert 50 <= found.lut / found.bram18 <= 450
    assert family.device_named(name) == name


def test_sizes_of_devices_are_those_of_their_data_sheets() -> None:
    """LUTs and block RAMs of 36 kbit (Xilinx) or 18 kbit (Lattice), from DS180, DS190, DS891 and FPGA-DS-02012."""
    sizes = {name: (found.lut, found.bram18) for name, found in KNOWN.items()}
    assert sizes["xc7a200t"] == (134_600, 2 * 365)
    assert sizes["xc7k325t"] == (203_800, 2 * 445)
    assert sizes["xczu3eg"] == (70_560, 2 * 216)
    assert sizes["xczu7ev"] == (230_400, 2 * 312)
    assert sizes["xczu9eg"] == (274_080, 2 * 912)
    assert sizes["lfe5u-85f"] == (83_640, 208)


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("xc7z020clg400-1", "xc7z020"),
        ("XC7Z020", "xc7z020"),
        ("xc7a35ticsg324-1l", "xc7a35t"),
        ("7k325t", "xc7k325t"),
        ("zu3eg", "xczu3eg"),
        ("xczu7ev-ffvc1156-2-e", "xczu7ev"),
        ("LFE5U-85F-6BG381C", "lfe5u-85f"),
        ("45F", "lfe5u-45f"),
    ],
)
def test_a_device_is_found_by_what_is_printed_on_it(text: str, device: str) -> None:
    assert family.device_named(text) == device


@pytest.mark.parametrize("text", ["", "f", "t", "xc7z0201", "xc7z021", "xcvu9p", "lfe5u", "../xc7z020", "xc7z020;exit"])
def test_a_device_that_nobody_knows_is_refused_with_those_known(text: str) -> None:
    with pytest.raises(InputError, match=rf"device={re.escape(text)}: legal are xc7z010, .*lfe5u-12f.*xczu9eg"):
        family.device_named(text)


@pytest.mark.parametrize("device", ["LFE5U-25F", "zu3eg"])
def test_a_network_is_planned_for_a_device_of_another_family(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "sfc", "--fps", "10000", "--device", device]) == 0
    said = capsys.readouterr().out
    name = family.device_named(device)
    assert re.search(rf"^{name} +[\d,]+ of {KNOWN[name].lut:,} LUT", said, re.M)
    assert "warning" not in said


def test_a_memory_of_ecp5_is_cut_into_the_fewest_blocks() -> None:
    costs = Ecp5Costs()
    for words, bits in SHAPES:
        assert costs.block_rams(bits, words).bram18 == 1
        assert len(costs.cut(bits, 2 * words)) <= 2
    for width, depth in ((1, 1), (36, 513), (37, 512), (8, 4000), (300, 700)):
        pieces = costs.cut(width, depth)
        assert sum(piece.blocks for piece in pieces) == costs.block_rams(width, depth).bram18
        assert [piece.base for piece in pieces] == [sum(each.depth for each in pieces[:i]) for i in range(len(pieces))]
        assert sum(piece.depth for piece in pieces) == depth


@pytest.mark.parametrize("name", ["ctrl", "dwc", "fifo", "label", "mvtu"])
def test_estimates_for_ecp5_are_of_the_size_that_yosys_finds(name: str, tmp_path: Path) -> None:
    """Within a factor of two, with the first benchmark of a core: fitted they are to all of them at once."""
    core = ip.get(name)
    plan = core.build({**core.benchmarks[0].values, "family": "ecp5"})
    for path, content in of_core(plan).folder().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content.encode() if isinstance(content, str) else content)
    files = [tmp_path / path for path in (tmp_path / f"{plan.module}.f").read_text().split()]
    report = tmp_path / "stat.json"
    read = [f"read_verilog -I{tmp_path} {path}" for path in files]
    run_yosys([*read, f"synth_ecp5 -top {plan.module}", f"tee -q -o {report} stat -json"])
    text = report.read_text()
    cells = json.loads(text[text.index("{") :])["design"]["num_cells_by_type"]
    luts = cells.get("LUT4", 0) + 2 * cells.get("CCU2C", 0) + 6 * cells.get("TRELLIS_DPR16X4", 0)
    estimated = ip.estimate(plan)
    assert luts / 2 <= estimated.lut <= 2 * luts
    assert cells["TRELLIS_FF"] / 2 <= estimated.ff <= 2 * cells["TRELLIS_FF"]
    assert cells.get("DP16KD", 0) == estimated.bram18
