# SPDX-License-Identifier: Apache-2.0
"""Netlists made by hand, as Yosys' `write_json` gives them."""

from tools.timing.netlist import Netlist

OUTPUTS = {"O", "O5", "O6", "Q", "CO", "DO", "Z", "S1", "COUT", "DOA0"}


def cell(kind: str, parameters: dict[str, str] | None = None, **ports: int | str | list[int]) -> dict:
    connections = {port: bits if isinstance(bits, list) else [bits] for port, bits in ports.items()}
    return {
        "type": kind,
        "parameters": parameters or {},
        "port_directions": {port: "output" if port in OUTPUTS else "input" for port in connections},
        "connections": connections,
    }


def netlist(*cells: dict, ports: dict | None = None) -> Netlist:
    module = {
        "cells": {f"u{index}": each for index, each in enumerate(cells)},
        "ports": ports or {},
        "netnames": {f"n{bit}": {"bits": [bit]} for bit in range(2, 60)},
    }
    return Netlist.of({"modules": {"top": module}}, "top")


def register(d: int, q: int) -> dict:
    return cell("FDRE", C=2, CE=3, R=4, D=d, Q=q)
