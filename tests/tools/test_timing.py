# SPDX-License-Identifier: Apache-2.0
"""The model of 7-series' timing, on netlists made by hand."""

import math
from pathlib import Path as FilePath

import pytest

from finn_gen.ip import Benchmark
from tests.lib.netlists import cell, netlist, register
from tools.synth import rendered
from tools.timing import xc7
from tools.timing.netlist import Cell, Netlist
from tools.timing.paths import LoopError, Path
from tools.timing.paths import longest as longest_by
from tools.timing.synthesis import synthesize

NET = xc7.NET_NS


def longest(of: Netlist, looks: bool = False) -> Path:
    return longest_by(of, xc7.Model(of, looks))


def test_a_register_behind_a_register_costs_the_clock_and_a_net() -> None:
    path = longest(netlist(register(10, 11), register(11, 12)))
    assert path.cost == pytest.approx(xc7.REGISTER_NS + NET)
    assert (path.start, path.end, path.luts) == ("n11 of top", "D of n12 of top", 0)


def test_a_lut_reaches_the_register_of_its_slice_without_a_net_unless_it_drives_two() -> None:
    lut = cell("LUT2", {"INIT": "1000"}, I0=11, I1=13, O=20)
    path = longest(netlist(register(20, 11), lut))
    assert path.cost == pytest.approx(xc7.REGISTER_NS + NET + xc7.LUT_NS)
    path = longest(netlist(register(20, 11), register(20, 12), lut))
    assert path.cost == pytest.approx(xc7.REGISTER_NS + NET + xc7.LUT_NS + NET + xc7.DOUBLED_FANOUT_NS)
    assert path.fanout == 2


def test_a_false_path_is_one_that_is_shorter_when_truth_tables_are_looked_into() -> None:
    ignores = cell("LUT2", {"INIT": "1100"}, I0=21, I1=11, O=22)  # its output is I1
    slow = cell("LUT1", {"INIT": "01"}, I0=11, O=21)
    design = netlist(register(22, 11), slow, ignores)
    assert longest(design).luts == 2
    assert longest(design, looks=True).luts == 1


def test_the_lower_output_of_a_pair_depends_on_the_lower_half_of_the_table() -> None:
    table = "10" * 16 + "0" * 31 + "1"  # O6 follows I0, O5 is 1 for 0 alone
    pair = cell("LUT6_2", {"INIT": table}, I0=11, I1=21, I2=11, I3=11, I4=11, I5="1", O5=30, O6=31)
    before = cell("LUT1", {"INIT": "01"}, I0=11, O=21)
    assert longest(netlist(register(30, 11), before, pair), looks=True).luts == 2
    assert longest(netlist(register(31, 11), before, pair), looks=True).luts == 1


def test_the_fan_out_lengthens_a_net() -> None:
    path = longest(netlist(*(register(11, 12 + index) for index in range(16)), register(40, 11)))
    assert path.cost == pytest.approx(xc7.REGISTER_NS + NET + xc7.DOUBLED_FANOUT_NS * math.log2(16))


def test_carries_are_chained_without_nets() -> None:
    first = cell("CARRY4", CI=5, CYINIT=6, S=[11, 7, 7, 7], DI=[8, 8, 8, 8], CO=[20, 21, 22, 23], O=[30, 31, 32, 33])
    second = cell("CARRY4", CI=23, CYINIT=6, S=[7, 7, 7, 7], DI=[8, 8, 8, 8], CO=[24, 25, 26, 27], O=[34, 35, 36, 37])
    path = longest(netlist(register(37, 11), first, second))
    assert path.carries == 2
    carried = xc7.CARRY_IN_NS + 3 * xc7.CARRY_NS / 4 + xc7.CARRY_OUT_NS
    assert path.cost == pytest.approx(xc7.REGISTER_NS + NET + carried)


def test_block_ram_without_its_output_register_is_slow() -> None:
    found = [
        longest(netlist(cell("RAMB18E1", {"DOA_REG": register_}, CLKARDCLK=2, DO=[11]), register(11, 12))).cost
        for register_ in ("0", "1")
    ]
    assert found[0] - found[1] == pytest.approx(xc7.SLOW_BLOCK_NS - xc7.BLOCK_NS)


def test_inputs_and_outputs_of_the_module_begin_and_end_paths() -> None:
    ports = {"a": {"direction": "input", "bits": [10]}, "y": {"direction": "output", "bits": [20]}}
    path = longest(netlist(cell("LUT1", {"INIT": "01"}, I0=10, O=20), ports=ports))
    assert path.cost == pytest.approx(xc7.REGISTER_NS + NET + xc7.LUT_NS)
    assert (path.start, path.end) == ("n10 of top", "y[0]")


def test_what_has_no_delays_or_no_order_is_refused() -> None:
    with pytest.raises(xc7.UnknownCellError, match=r"^u0: the model of 7-series has no delays for DSP48E1$"):
        longest(netlist(cell("DSP48E1", A=10)))
    with pytest.raises(LoopError):
        longest(netlist(cell("LUT1", {"INIT": "01"}, I0=10, O=11), cell("LUT1", {"INIT": "01"}, I0=11, O=10)))
    with pytest.raises(ValueError, match="nothing in the netlist is clocked"):
        longest(netlist())


@pytest.mark.parametrize("values", [{"storage": "block"}, {"storage": "constant", "out_bits": 0}], ids=str)
def test_no_lut_of_a_compressor_tree_makes_a_path_false(tmp_path: FilePath, values: dict) -> None:
    benchmark = Benchmark("", {"mw": 96, "mh": 4, "pe": 2, "simd": 24, **values}, {})
    found = synthesize(*rendered("mvtu", benchmark, tmp_path, "xc7"), "xc7", tmp_path)
    assert longest(found) == longest(found, looks=True)
    columns = [each for each in found.cells if "u_column" in each.name and not {"0", "1"} & _bits(each)]
    assert columns
    for column in columns:
        used = [xc7.is_used(column, port, "O") for port, _, _ in column.inputs()]
        assert all(used) or not any(used), column.name  # none, where both rows are zero in a column


def _bits(cell: Cell) -> set:
    return {bit for bits in cell.ports.values() for bit in bits}
