# SPDX-License-Identifier: Apache-2.0
"""What a family's module must say of its cells (`tools.timing.xc7`, `tools.timing.ecp5`)."""

from collections.abc import Iterator
from typing import Protocol

from tools.timing.netlist import Cell


class Cells(Protocol):
    """Which cells are LUTs and carries, where paths begin and end, and how they lead through a cell.

    CARRY_INPUTS are the ports at which a carry chain goes on: whoever comes in by another one enters a chain.
    """

    LUTS: frozenset[str]
    CARRIES: frozenset[str]
    CARRY_INPUTS: frozenset[str]

    def is_start(self, cell: Cell, port: str) -> bool:
        """Whether an output shows, after the clock, what is stored."""

    def is_end(self, cell: Cell, port: str) -> bool:
        """Whether what arrives at an input is sampled by the clock."""

    def ways(self, cell: Cell) -> Iterator[tuple[str, int, str, int]]:
        """Input port and index, output port and index of every way through a cell within a cycle."""
