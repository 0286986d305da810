# SPDX-License-Identifier: Apache-2.0
"""A flat netlist, as Yosys' `write_json` gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Bit = int | str
"""A net by its number, or "0", "1", "x"."""


@dataclass(frozen=True)
class Cell:
    """An instance of a primitive: the bits at its ports, its parameters as binary text, where it comes from."""

    name: str
    kind: str
    ports: Mapping[str, tuple[Bit, ...]]
    directions: Mapping[str, str]
    parameters: Mapping[str, str]

    def inputs(self) -> Iterator[tuple[str, int, Bit]]:
        """Port, index and bit of every input that a net drives."""
        for port, bits in self.ports.items():
            if self.directions[port] == "input":
                yield from ((port, index, bit) for index, bit in enumerate(bits) if isinstance(bit, int))

    def outputs(self) -> Iterator[tuple[str, int, Bit]]:
        """Port, index and bit of every output."""
        for port, bits in self.ports.items():
            if self.directions[port] == "output":
                yield from ((port, index, bit) for index, bit in enumerate(bits) if isinstance(bit, int))


@dataclass(frozen=True)
class Netlist:
    """The cells of a flat module, the bits of its ports, a name for each net, and how many inputs each drives.

    modules  the module of every instance before it was flattened, by its path; that of the top by ""
    """

    cells: tuple[Cell, ...]
    inputs: Mapping[Bit, str]
    outputs: Mapping[Bit, str]
    names: Mapping[Bit, str]
    fanout: Mapping[Bit, int] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, design: Mapping[str, Any], top: str) -> Netlist:
        """The module `top` of what `write_json` wrote."""
        module = design["modules"][top]
        cells = tuple(
            Cell(
                name=name,
                kind=cell["type"],
                ports={port: tuple(bits) for port, bits in cell["connections"].items()},
                directions=cell["port_directions"],
                parameters=cell["parameters"],
            )
            for name, cell in module["cells"].items()
            if cell["type"] != "$scopeinfo"
        )
        ports: dict[str, dict[Bit, str]] = {"input": {}, "output": {}}
        for name, port in module["ports"].items():
            found = ports.setdefault(port["direction"], {})
            found |= {bit: f"{name}[{index}]" for index, bit in enumerate(port["bits"])}
        fanout: dict[Bit, int] = {}
        for cell in cells:
            for _, _, bit in cell.inputs():
                fanout[bit] = fanout.get(bit, 0) + 1
        scopes = {name: cell for name, cell in module["cells"].items() if cell["type"] == "$scopeinfo"}
        modules = {"": top} | {name: _module(cell["attributes"]) for name, cell in scopes.items()}
        return cls(cells, ports["input"], ports["output"], _names(module["netnames"]), fanout, modules)

    def net(self, bit: Bit) -> str:
        """A net by its name within the module of the source that it is of, in words."""
        return self.placed(self.names.get(bit, f"net {bit}"))

    def placed(self, name: str) -> str:
        """A name of the flat module by that within the module of the source, and that one."""
        parts = name.split(".")
        path = next(
            (path for end in range(len(parts) - 1, 0, -1) if (path := ".".join(parts[:end])) in self.modules), ""
        )
        where = f" ({path})" if path else ""
        return f"{name[len(path) :].removeprefix('.')} of {self.modules[path]}{where}"

    def output_name(self, cell: Cell) -> str:
        """A cell by what it drives, since names of instances are Yosys' own."""
        return next((self.net(bit) for _, _, bit in cell.outputs()), cell.name)


def _module(scope: Mapping[str, str]) -> str:
    """The module of an instance that was flattened, as the source calls it."""
    return (scope.get("module_hdlname") or scope["module"]).removeprefix("\\")


def _names(nets: Mapping[str, Any]) -> dict[Bit, str]:
    """A name for each net, one from the source where there is one, and the shortest of those."""
    found: dict[Bit, tuple[tuple[int, int, str], str]] = {}
    for name, net in nets.items():
        for index, bit in enumerate(net["bits"]):
            label = f"{name}[{index}]" if len(net["bits"]) > 1 else name
            rank = (int(net.get("hide_name", 0)), len(name), name)
            if bit not in found or rank < found[bit][0]:
                found[bit] = rank, label
    return {bit: label for bit, (_, label) in found.items()}
