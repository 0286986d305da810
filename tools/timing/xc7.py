# SPDX-License-Identifier: Apache-2.0
"""A model of the timing of 7-series, speed grade -2: delays of cells and nets, none of them measured on a device.

Cells: LUT 0.10 ns, MUXF7 and MUXF8 0.15, CARRY4 0.35 from S or DI, 0.09 from carry to carry, 0.22 from carry to O.
Registers show 0.3 ns after the clock, block RAM 0.7 with its output register and 2.0 without, shift registers and LUT
RAM 1.0. A net takes 0.45 + 0.05 log2(fan-out) ns, and none within a slice: from a LUT to the carry, the MUXF or the
register beside it, if it has one there, and along a carry chain. Set-up times are part of the nets. The model is
pessimistic about the placement of small cores, and knows no congestion.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from finn_gen.family.xc7.delays import DELAYS
from tools.timing.netlist import Bit, Cell, Netlist

LUT_NS, MUXF_NS = DELAYS.lut, DELAYS.mux
CARRY_IN_NS, CARRY_NS, CARRY_OUT_NS = DELAYS.carry_in, DELAYS.carry, DELAYS.carry_out
REGISTER_NS, MEMORY_NS, BLOCK_NS, SLOW_BLOCK_NS = DELAYS.register, DELAYS.memory, DELAYS.block, DELAYS.slow_block
NET_NS, DOUBLED_FANOUT_NS = DELAYS.near, DELAYS.doubled
_REGISTERS = {"FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1"}
_SHIFT_REGISTERS = {"SRL16E", "SRLC16E", "SRLC32E"}
_CLOCKS = {"C", "CLK", "WCLK", "CLKARDCLK", "CLKBWRCLK", "RDCLK", "WRCLK"}
LUTS = frozenset({f"LUT{inputs}" for inputs in range(1, 7)} | {"LUT6_2", "INV"})
CARRIES = frozenset({"CARRY4"})
CARRY_INPUTS = frozenset({"CI"})


class UnknownCellError(ValueError):
    """The model has no delays for a kind of cell."""


def launch_ns(cell: Cell, port: str) -> float | None:
    """When an output of a clocked cell shows after the clock; None for outputs that follow inputs alone."""
    if cell.kind in _REGISTERS:
        return REGISTER_NS
    if cell.kind in _SHIFT_REGISTERS or (cell.kind.startswith("RAM") and not cell.kind.startswith("RAMB")):
        return MEMORY_NS
    if cell.kind.startswith("RAMB"):
        register = "DOB_REG" if port.startswith(("DOB", "DOPB")) else "DOA_REG"
        return BLOCK_NS if int(cell.parameters.get(register, "0"), 2) else SLOW_BLOCK_NS
    return None


def is_start(cell: Cell, port: str) -> bool:
    """Whether an output shows, after the clock, what is stored."""
    return launch_ns(cell, port) is not None


def is_end(cell: Cell, port: str) -> bool:
    """Whether what arrives at an input is sampled by the clock."""
    if port in _CLOCKS:
        return False
    if cell.kind in _REGISTERS or cell.kind.startswith("RAMB"):
        return True
    if cell.kind in _SHIFT_REGISTERS:
        return not port.startswith("A")
    return cell.kind.startswith("RAM")


def arcs(cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
    """Input port and index, output port and index, delay: the ways through a cell within a cycle."""
    if cell.kind in LUTS:
        yield from _lut_arcs(cell)
    elif cell.kind in ("MUXF7", "MUXF8"):
        yield from ((port, 0, "O", 0, MUXF_NS) for port in ("I0", "I1", "S"))
    elif cell.kind == "CARRY4":
        yield from _carry_arcs(cell)
    elif cell.kind in _SHIFT_REGISTERS:
        yield from ((port, index, "Q", 0, LUT_NS) for port, index, _ in cell.inputs() if port.startswith("A"))
    elif cell.kind.startswith("RAM") and not cell.kind.startswith("RAMB"):
        yield from _lut_ram_arcs(cell)
    elif cell.kind not in _REGISTERS and cell.kind != "BUFG" and not cell.kind.startswith("RAMB"):
        raise UnknownCellError(f"{cell.name}: the model of 7-series has no delays for {cell.kind}")


def ways(cell: Cell) -> Iterator[tuple[str, int, str, int]]:
    """Input port and index, output port and index: `arcs` without the delays."""
    yield from (arc[:4] for arc in arcs(cell))


def _lut_arcs(cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
    """From every input of an output: a timer does not look into truth tables."""
    if cell.kind == "INV":
        yield "I", 0, "O", 0, LUT_NS
        return
    outputs = {"O6": 6, "O5": 5} if cell.kind == "LUT6_2" else {"O": int(cell.kind[3:])}
    for output, inputs in outputs.items():
        yield from ((f"I{index}", 0, output, 0, LUT_NS) for index in range(inputs) if output in cell.ports)


def is_used(cell: Cell, port: str, output: str) -> bool:
    """Whether an output of a LUT depends on an input, by its truth table and the inputs that are constant."""
    if cell.kind == "INV":
        return True
    table = int(cell.parameters["INIT"].replace("x", "0"), 2)
    inputs = {"O": int(cell.kind[3]), "O5": 5, "O6": 6}[output]
    fixed = {index: int(bit) for index in range(inputs) if (bit := cell.ports[f"I{index}"][0]) in ("0", "1")}
    return _depends(table, inputs, int(port[1:]), fixed)


def _depends(table: int, inputs: int, index: int, fixed: Mapping[int, int]) -> bool:
    """Whether an input makes a difference anywhere, where inputs that are constants have their values."""
    return any(
        (table >> i ^ table >> (i ^ 1 << index)) & 1
        for i in range(1 << inputs)
        if all(i >> constant & 1 == value for constant, value in fixed.items())
    )


def _carry_arcs(cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
    """Bit i of O and CO depends on S and DI up to bit i, and on the carry that comes in."""
    for out in range(4):
        for port in ("S", "DI"):
            for index in range(out + 1):
                steps = (out - index) * CARRY_NS / 4
                if port == "S" or index < out:
                    yield port, index, "O", out, CARRY_IN_NS + steps
                yield port, index, "CO", out, CARRY_IN_NS + steps
        for port in ("CI", "CYINIT"):
            yield port, 0, "CO", out, CARRY_NS
            yield port, 0, "O", out, CARRY_OUT_NS


def _lut_ram_arcs(cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
    """From the address of a port that is read to its data."""
    for port, index, _ in cell.inputs():
        if port.startswith("ADDR") and port != "ADDR":
            yield from ((port, index, out, at, LUT_NS) for out, at, _ in cell.outputs() if out == f"DO{port[4:]}")
        elif port.startswith("DPRA"):
            yield from ((port, index, out, at, LUT_NS) for out, at, _ in cell.outputs() if out == "DPO")
        elif port.startswith("A"):
            yield from ((port, index, out, at, LUT_NS) for out, at, _ in cell.outputs() if out in ("SPO", "O"))


class Model:
    """The delays in a netlist, for `tools.timing.paths.longest`.

    `looks` leaves out ways through a LUT to outputs that do not depend on the input, which no timer of a vendor does: a
    path that is shorter with it is a false one.
    """

    cells = sys.modules[__name__]

    def __init__(self, netlist: Netlist, looks: bool = False) -> None:
        self._looks = looks
        self._fanout = netlist.fanout
        self._driver = {bit: cell for cell in netlist.cells for _, _, bit in cell.outputs()}
        beside: dict[Bit, int] = {}
        for cell in netlist.cells:
            for port, _, bit in cell.inputs():
                if _beside(cell, port):
                    beside[bit] = beside.get(bit, 0) + 1
        self._beside = beside

    def input(self, name: str) -> float:
        """A register outside drives it."""
        return REGISTER_NS

    def launch(self, cell: Cell, port: str) -> float | None:
        """`launch_ns`."""
        return launch_ns(cell, port)

    def arcs(self, cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
        """The function `arcs`, for LUTs with `looks` only from inputs that are used."""
        for arc in arcs(cell):
            if not (self._looks and cell.kind in LUTS) or is_used(cell, arc[0], arc[2]):
                yield arc

    def net(self, bit: Bit, cell: Cell, port: str) -> float:
        """From the output that drives a net to an input of a cell."""
        if bit in self._driver and self._in_slice(bit, cell, port):
            return 0.0
        return DELAYS.net(self._fanout.get(bit, 1))

    def _in_slice(self, bit: Bit, cell: Cell, port: str) -> bool:
        driver = self._driver[bit]
        if driver.kind == "CARRY4":
            return (cell.kind == "CARRY4" and port == "CI") or (cell.kind in _REGISTERS and port == "D")
        if driver.kind in ("MUXF7", "MUXF8"):
            return cell.kind == "MUXF8" or (cell.kind in _REGISTERS and port == "D")
        return driver.kind in LUTS and _beside(cell, port) and self._beside[bit] == 1


def _beside(cell: Cell, port: str) -> bool:
    """Whether an input can be driven by a LUT of the same slice."""
    if cell.kind in _REGISTERS:
        return port == "D"
    return (cell.kind == "CARRY4" and port in ("S", "DI")) or (cell.kind == "MUXF7" and port in ("I0", "I1"))
