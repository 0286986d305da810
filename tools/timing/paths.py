# SPDX-License-Identifier: Apache-2.0
"""The longest path of a netlist between two edges of the clock, by the model of 7-series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tools.timing import xc7
from tools.timing.netlist import Bit, Cell, Netlist


@dataclass(frozen=True)
class Path:
    """From a register (or an input of the module) to another (or an output).

    ns      how long it takes
    luts    LUTs on it
    carries CARRY4 on it
    fanout  the most inputs that a net on it drives
    start   the net that it begins with: the register's output
    end     the register, memory or output of the module at which it ends, by the net that it drives, and the port
    """

    ns: float
    luts: int
    carries: int
    fanout: int
    start: str
    end: str

    @property
    def mhz(self) -> float:
        """The clock that it allows."""
        return 1000 / self.ns


class LoopError(ValueError):
    """A way leads from a net back to itself without a register."""


class _Arc(NamedTuple):
    source: Bit
    target: Bit
    port: str
    ns: float
    cell: Cell


def longest(netlist: Netlist) -> Path:
    """The longest path. Raises LoopError for a combinational loop, ValueError where there is no path at all."""
    nets = xc7.Nets(netlist)
    arrival: dict[Bit, float] = dict.fromkeys(netlist.inputs, xc7.REGISTER_NS)
    arcs: dict[Bit, list[_Arc]] = {}
    waits: dict[Bit, int] = {}
    for cell in netlist.cells:
        for port, _, bit in cell.outputs():
            if (launch := xc7.launch_ns(cell, port)) is not None:
                arrival[bit] = launch
        for port, index, out, at, ns in xc7.arcs(cell):
            source, target = cell.ports.get(port, ())[index : index + 1], cell.ports.get(out, ())[at : at + 1]
            if source and target and isinstance(source[0], int) and isinstance(target[0], int):
                arcs.setdefault(source[0], []).append(_Arc(source[0], target[0], port, ns, cell))
                waits[target[0]] = waits.get(target[0], 0) + 1
    came = _arrivals(nets, arrival, arcs, waits)
    ends = [
        (arrival[bit] + nets.ns(bit, cell, port), bit, f"{_name(netlist, cell)} {port}")
        for cell in netlist.cells
        for port, _, bit in cell.inputs()
        if xc7.is_end(cell, port) and bit in arrival
    ]
    ends += [(arrival[bit], bit, name) for bit, name in netlist.outputs.items() if bit in arrival]
    if not ends:
        raise ValueError("nothing in the netlist is clocked, and no input leads to an output")
    ns, bit, end = max(ends, key=lambda each: (each[0], each[2]))
    return _path(netlist, came, ns, bit, end)


def _name(netlist: Netlist, cell: Cell) -> str:
    """A clocked cell by what it drives, since names of instances are Yosys' own."""
    return next((netlist.names.get(bit, cell.name) for _, _, bit in cell.outputs()), cell.name)


def _arrivals(
    nets: xc7.Nets, arrival: dict[Bit, float], arcs: dict[Bit, list[_Arc]], waits: dict[Bit, int]
) -> dict[Bit, _Arc]:
    """Complete `arrival`, net by net in the order of their dependence; the arc by which each came last."""
    came: dict[Bit, _Arc] = {}
    ready = [bit for bit in {*arcs, *arrival} if not waits.get(bit)]
    left = dict(waits)
    while ready:
        bit = ready.pop()
        for arc in arcs.get(bit, ()):
            if bit in arrival:
                at = arrival[bit] + nets.ns(bit, arc.cell, arc.port) + arc.ns
                if at > arrival.get(arc.target, 0.0):
                    arrival[arc.target], came[arc.target] = at, arc
            left[arc.target] -= 1
            if not left[arc.target]:
                ready.append(arc.target)
    if stuck := [bit for bit, count in left.items() if count]:
        raise LoopError(f"{len(stuck)} nets are part of a combinational loop or behind one")
    return came


def _path(netlist: Netlist, came: dict[Bit, _Arc], ns: float, bit: Bit, end: str) -> Path:
    bits, cells = [bit], []
    while bits[-1] in came:
        arc = came[bits[-1]]
        bits.append(arc.source)
        cells.append(arc.cell.kind)
    return Path(
        ns=ns,
        luts=sum(kind in xc7.LUTS for kind in cells),
        carries=cells.count("CARRY4"),
        fanout=max(netlist.fanout.get(bit, 0) for bit in bits),
        start=netlist.names.get(bits[-1], f"net {bits[-1]}"),
        end=end,
    )
