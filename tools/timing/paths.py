# SPDX-License-Identifier: Apache-2.0
"""The longest path of a netlist between two edges of the clock, by what a model says that cells and nets take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tools.timing.cells import Cells
from tools.timing.netlist import Bit, Cell, Netlist


class Model(Protocol):
    """What the parts of a path take, in any unit."""

    cells: Cells

    def input(self, name: str) -> float | None:
        """When an input of the module shows after the clock; None where no path begins at it."""

    def launch(self, cell: Cell, port: str) -> float | None:
        """When an output of a clocked cell shows after the clock; None for outputs that follow inputs alone."""

    def arcs(self, cell: Cell) -> Iterator[tuple[str, int, str, int, float]]:
        """Input port and index, output port and index, delay: the ways through a cell within a cycle."""

    def net(self, bit: Bit, cell: Cell, port: str) -> float:
        """From the output that drives a net to an input of a cell."""


@dataclass(frozen=True)
class Path:
    """From a register (or an input of the module) to another (or an output).

    cost    what it takes: ns by the model of 7-series
    luts    LUTs on it
    chains  carry chains that it enters
    carries carry cells on it
    fanout  the most inputs that a net on it drives
    start   the net that it begins with: the register's output
    end     the register, memory or output of the module at which it ends, by the net that it drives, and the port
    """

    cost: float
    luts: int
    chains: int
    carries: int
    fanout: int
    start: str
    end: str

    @property
    def mhz(self) -> float:
        """The clock that it allows, where it was timed in ns."""
        return 1000 / self.cost

    @property
    def words(self) -> str:
        """From where to where, through what."""
        chains = f", {self.chains} carry chains of {self.carries} cells" if self.chains > 1 else ""
        chains = chains or (f", a carry chain of {self.carries} cells" if self.chains else "")
        return f"{self.start} -> {self.end}: {self.luts} LUTs{chains}, fan-out {self.fanout}"


class LoopError(ValueError):
    """A way leads from a net back to itself without a register."""


class _Arc(NamedTuple):
    source: Bit
    target: Bit
    port: str
    cost: float
    cell: Cell


@dataclass(frozen=True)
class Arrivals:
    """When each net that a path reaches shows the last change, and by which way through which cell that came."""

    netlist: Netlist
    model: Model
    at: dict[Bit, float]
    came: dict[Bit, _Arc]

    def longest(self) -> Path:
        """The longest path. Raises ValueError where there is none at all."""
        netlist, cells = self.netlist, self.model.cells
        ends = [
            (self.at[bit] + self.model.net(bit, cell, port), bit, f"{port} of {netlist.output_name(cell)}")
            for cell in netlist.cells
            for port, _, bit in cell.inputs()
            if bit in self.at and cells.is_end(cell, port)
        ]
        ends += [(self.at[bit], bit, name) for bit, name in netlist.outputs.items() if bit in self.at]
        if not ends:
            raise ValueError("nothing in the netlist is clocked, and no input leads to an output")
        cost, bit, end = max(ends, key=lambda each: (each[0], each[2]))
        return self._path(cost, bit, end)

    def _path(self, cost: float, bit: Bit, end: str) -> Path:
        bits, arcs = [bit], []
        while bits[-1] in self.came:
            arcs.append(self.came[bits[-1]])
            bits.append(arcs[-1].source)
        cells = self.model.cells
        carries = [arc for arc in arcs if arc.cell.kind in cells.CARRIES]
        return Path(
            cost=cost,
            luts=sum(arc.cell.kind in cells.LUTS for arc in arcs),
            chains=sum(arc.port not in cells.CARRY_INPUTS for arc in carries),
            carries=len(carries),
            fanout=max(self.netlist.fanout.get(bit, 0) for bit in bits),
            start=self.netlist.net(bits[-1]),
            end=end,
        )


def longest(netlist: Netlist, model: Model) -> Path:
    """The longest path. Raises LoopError for a combinational loop, ValueError where there is no path at all."""
    return arrivals(netlist, model).longest()


def arrivals(netlist: Netlist, model: Model) -> Arrivals:
    """Follow all paths from the clock's edge. Raises LoopError for a combinational loop."""
    at: dict[Bit, float] = {}
    for bit, name in netlist.inputs.items():
        if (shown := model.input(name)) is not None:
            at[bit] = shown
    arcs: dict[Bit, list[_Arc]] = {}
    waits: dict[Bit, int] = {}
    for cell in netlist.cells:
        for port, _, bit in cell.outputs():
            if (launched := model.launch(cell, port)) is not None:
                at[bit] = launched
        for port, index, out, place, cost in model.arcs(cell):
            source, target = cell.ports.get(port, ())[index : index + 1], cell.ports.get(out, ())[place : place + 1]
            if source and target and isinstance(source[0], int) and isinstance(target[0], int):
                arcs.setdefault(source[0], []).append(_Arc(source[0], target[0], port, cost, cell))
                waits[target[0]] = waits.get(target[0], 0) + 1
    return Arrivals(netlist, model, at, _follow(model, at, arcs, waits))


def _follow(model: Model, at: dict[Bit, float], arcs: dict[Bit, list[_Arc]], waits: dict[Bit, int]) -> dict[Bit, _Arc]:
    """Complete `at`, net by net in the order of their dependence; the arc by which each came last."""
    came: dict[Bit, _Arc] = {}
    ready = [bit for bit in {**dict.fromkeys(arcs), **dict.fromkeys(at)} if not waits.get(bit)]
    left = dict(waits)
    while ready:
        bit = ready.pop()
        for arc in arcs.get(bit, ()):
            if bit in at:
                then = at[bit] + model.net(bit, arc.cell, arc.port) + arc.cost
                if arc.target not in at or then > at[arc.target]:
                    at[arc.target], came[arc.target] = then, arc
            left[arc.target] -= 1
            if not left[arc.target]:
                ready.append(arc.target)
    if stuck := [bit for bit, count in left.items() if count]:
        raise LoopError(f"{len(stuck)} nets are part of a combinational loop or behind one")
    return came
