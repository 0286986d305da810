# SPDX-License-Identifier: Apache-2.0
"""The cells of Lattice ECP5 that `synth_ecp5` makes: where paths begin and end, and how they lead through a cell.

There are no delays here: nextpnr knows them.
"""

from collections.abc import Iterator

from tools.timing.netlist import Cell

LUTS = frozenset({"LUT4"})
CARRIES = frozenset({"CCU2C"})
CARRY_INPUTS = frozenset({"CIN"})
_CLOCKS = {"CLK", "CLKA", "CLKB", "WCK"}
_CLOCKED = {"TRELLIS_FF", "DP16KD"}
_LUT_RAM = "TRELLIS_DPR16X4"


class UnknownCellError(ValueError):
    """A kind of cell of which nothing is known."""


def is_start(cell: Cell, port: str) -> bool:
    """Whether an output shows, after the clock, what is stored."""
    return cell.kind in _CLOCKED or cell.kind == _LUT_RAM


def is_end(cell: Cell, port: str) -> bool:
    """Whether what arrives at an input is sampled by the clock."""
    return port not in _CLOCKS and (cell.kind in _CLOCKED or (cell.kind == _LUT_RAM and port != "RAD"))


def ways(cell: Cell) -> Iterator[tuple[str, int, str, int]]:
    """Input port and index, output port and index of every way through a cell within a cycle."""
    if cell.kind in LUTS or cell.kind in ("PFUMX", "L6MUX21"):
        yield from ((port, index, "Z", 0) for port, index, _ in cell.inputs())
    elif cell.kind in CARRIES:
        for port, _, _ in cell.inputs():
            # A0 to D0 and the carry that comes in reach both sums, A1 to D1 the upper one alone.
            yield from ((port, 0, out, 0) for out in ("S0", "S1", "COUT") if out != "S0" or not port.endswith("1"))
    elif cell.kind == _LUT_RAM:
        yield from (("RAD", index, "DO", at) for index in range(4) for at in range(4))
    elif cell.kind not in _CLOCKED:
        raise UnknownCellError(f"{cell.name}: nothing is known of {cell.kind} in ECP5")
