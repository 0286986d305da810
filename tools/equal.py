# SPDX-License-Identifier: Apache-2.0
"""Prove that two modules do the same: a primitive and its behavioural twin, a core and a mutant of it.

    python -m tools.equal finn_add3 plain.v changed.v --set WIDTH=6

compares the module `finn_add3` of one file with that of the other; `prove_equal` does it from Python. Both
run side by side on the same inputs, from any state, and no output may ever differ (property directed
reachability: no depth). What a handshake leaves open is not compared, and not driven:
- outputs of a channel (those whose name begins like a `*valid` output) count while that is high;
- inputs of a channel keep the sender's rules, if it has a `*ready`;
- with an input `aresetn` the two start with a reset, and count from the cycle after it.

`prove_equal_but_memories` is for two versions of a core with the same memories, which a proof has to look into
otherwise: equal is what writes and reads them in the same way, whatever they hold.
"""

import argparse
import enum
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.report import ROOT
from tools.yosys_run import ABC, YosysError, run_script

RULES = ROOT / "verif" / "formal" / "axis_rules.sv"
_SOLVE = 60
"""Seconds for a proof, unless said otherwise."""


class Verdict(enum.Enum):
    """What came out: proved equal, a difference exists, or neither was found in time."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Design:
    """One of the two: Yosys commands that read it, its top module and that one's parameters."""

    read: Sequence[str]
    top: str
    parameters: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of_files(cls, files: Sequence[Path], top: str, parameters: Mapping[str, int] | None = None) -> "Design":
        """A design in Verilog files."""
        return cls(
            [f"read_verilog -DFINN_FLATTEN {Path(file).absolute()}" for file in files], top, dict(parameters or {})
        )

    def script(self, name: str) -> list[str]:
        """Commands that leave it, flat, as the module `name` in a design kept under that name."""
        chparam = [f"chparam -set {key} {value} {self.top}" for key, value in self.parameters.items()]
        flat = [f"prep -flatten -top {self.top}", "setattr -mod -unset keep", f"rename {self.top} {name}"]
        return ["design -reset", *self.read, *chparam, *flat, f"design -save {name}"]


@dataclass(frozen=True)
class Port:
    """A port of a module."""

    name: str
    width: int
    is_input: bool


def ports(design: Design, folder: Path) -> list[Port]:
    """Ports of the design's top, by way of files in `folder`. Raises YosysError."""
    run_script([*design.script("gold"), "write_json ports.json"], folder, "ports")
    found = json.loads((folder / "ports.json").read_text())["modules"]["gold"]["ports"]
    return [Port(name, len(port["bits"]), port["direction"] == "input") for name, port in found.items()]


def miter(module_ports: Sequence[Port]) -> str:
    """Verilog of a module that holds `gold` and `gate`, both with these ports, and asserts that they agree."""
    inputs = [port for port in module_ports if port.is_input]
    outputs = [port for port in module_ports if not port.is_input]
    writes = [port for port in outputs if port.name.endswith("_wr_en") and _MEMORY.fullmatch(port.name)]
    names = {port.name: port for port in module_ports}
    clock, reset = ("aclk" if "aclk" in names else "clock"), "aresetn" in names
    lines = ["module miter (", *([f"    input {clock},"] if clock not in names else [])]
    lines += [",\n".join(f"    input [{p.width - 1}:0] {p.name}" for p in inputs), ");"]
    for side in ("gold", "gate"):
        lines += [f"    wire [{p.width - 1}:0] {side}_{p.name};" for p in outputs]
        pins = [f".{p.name} ({p.name})" for p in inputs] + [f".{p.name} ({side}_{p.name})" for p in outputs]
        lines.append(f"    {side} u_{side} ({', '.join(pins)});")
    lines += ["    reg started_q;", "    initial started_q = 0;"]
    lines += [f"    always @(posedge {clock}) begin", "        started_q <= 1;"]
    lines += ["        if (!started_q) assume (!aresetn);"] if reset else []
    # Nothing is written before the reset: the memories would not hold the same.
    lines += [f"        if (!started_q) assume (!{side}_{p.name});" for p in writes for side in ("gold", "gate")]
    for port in outputs:
        valid = _valid_of(port, outputs)
        when = " && ".join(["started_q"] * reset + [f"(gold_{valid} != 0)"] * bool(valid)) or "1"
        lines.append(f"        if ({when}) assert (gold_{port.name} == gate_{port.name});")
    lines.append("    end")
    for port in inputs if reset else []:
        channel = port.name.removesuffix("valid")
        if channel != port.name and f"{channel}ready" in names:
            data = ", ".join(p.name for p in inputs if p.name.startswith(channel) and p.name != port.name) or "1'b0"
            width = sum(p.width for p in inputs if p.name.startswith(channel) and p.name != port.name) or 1
            lines.append(
                f"    axis_rules #(.WIDTH ({width}), .ASSUME (1)) u_{channel} (.aclk (aclk), .aresetn (aresetn), "
                f".tdata ({{{data}}}), .tvalid ({port.name}), .tready (gold_{channel}ready));"
            )
    return "\n".join([*lines, "endmodule", ""])


def _valid_of(port: Port, outputs: Sequence[Port]) -> str | None:
    """The output that says when `port` counts: tvalid, or of a memory the enable of its bits."""
    memory = _MEMORY.fullmatch(port.name)
    if memory:
        enable = {"wr_addr": "wr_en", "wr_data": "wr_en", "rd_addr": "rd_en"}.get(memory[2])
        return f"memory{memory[1]}_{enable}" if enable else None
    for other in outputs:
        channel = other.name.removesuffix("valid")
        if channel not in ("", other.name) and port.name.startswith(channel) and port != other:
            return other.name
    return None


def prove_equal(
    gold: Design,
    gate: Design,
    folder: Path,
    *,
    module_ports: Sequence[Port] | None = None,
    from_zero: bool = False,
    timeout: int = _SOLVE,
) -> Verdict:
    """Compare two designs whose tops have the same ports, with files in `folder`.

    module_ports  ports of `gold`, if they are known already
    from_zero     start with zero in all registers, and not with anything; then the solver sees from the start which
                  registers are alike
    timeout       seconds for the solver

    Raises YosysError when a design cannot be read or the ports differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if module_ports is None:
        module_ports = ports(gold, folder)
        if ports(gate, folder) != module_ports:
            raise YosysError(f"{gold.top} and {gate.top} have different ports")
    (folder / "miter.sv").write_text(miter(module_ports))
    script = [
        *gold.script("gold"),
        *gate.script("gate"),
        f"read_verilog -formal {RULES} miter.sv",
        "design -copy-from gold -as gold gold",
        "prep -flatten -top miter",
        # From here on as sby does it for AIGER, but for x: an index out of range reads anything.
        "techmap t:$shiftx",
        "setundef -anyseq",
        "async2sync",
        "opt_clean",
        *(["setundef -init -zero"] if from_zero else []),
        "formalff -setundef -clk2ff -ff2anyinit",
        "setundef -undriven -anyseq",
        "setattr -unset keep",
        "delete -output",
        "opt -full",
        "techmap",
        "opt -fast",
        "memory_map -formal",
        "formalff -clk2ff -ff2anyinit",
        "simplemap",
        "dffunmap",
        "aigmap",
        "opt_clean",
        "write_aiger -I -B -zinit -no-startoffset miter.aig",
    ]
    run_script(script, folder, "equal")
    return _solve(folder, timeout)


_MEMORY = re.compile(r"memory(\d+)_(\w+)")


def cut_memories(netlist: dict[str, Any]) -> list[tuple[str, Any]]:
    """Take the memories out of the one module of a JSON netlist; return their names and parameters.

    Their pins but the clocks become ports of the module, memory<i>_<pin> for the memory at place i of the result.
    """
    (module,) = netlist["modules"].values()
    names = sorted(name for name, cell in module["cells"].items() if cell["type"] == "$mem_v2")
    memories = [(name, module["cells"].pop(name)) for name in names]
    for index, (_, cell) in enumerate(memories):
        for pin, bits in cell["connections"].items():
            direction = {"input": "output", "output": "input"}[cell["port_directions"][pin]]
            if bits and not pin.endswith("_CLK"):
                module["ports"][f"memory{index}_{pin.lower()}"] = {"direction": direction, "bits": bits}
    return [(name, cell["parameters"]) for name, cell in memories]


def prove_equal_but_memories(
    gold: Design, gate: Design, folder: Path, *, module_ports: Sequence[Port], timeout: int = _SOLVE
) -> Verdict | None:
    """Compare two designs around their memories, with files in `folder`; None unless they have the same ones.

    Both memories hold the same at the start. While their pins have agreed, so do they still; that is why one and the
    same word is read from both, any word, and all other pins are compared. DIFFERENT says nothing, then: no memory
    might hold that word.

    Raises YosysError when a design cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = [line for name, side in (("gold", gold), ("gate", gate)) for line in side.script(name)]
    script = [line if not line.startswith("design -save") else f"write_json {line.split()[-1]}.json" for line in script]
    run_script(script, folder, "cut")
    left = []
    for name in ("gold", "gate"):
        netlist = json.loads((folder / f"{name}.json").read_text())
        left.append(cut_memories(netlist))
        (folder / f"{name}.json").write_text(json.dumps(netlist))
    if not left[0] or left[0] != left[1]:
        return None
    sides = [Design([f"read_json {name}.json"], name) for name in ("gold", "gate")]
    pins = [port for port in ports(sides[0], folder) if _MEMORY.fullmatch(port.name)]
    return prove_equal(*sides, folder, module_ports=[*module_ports, *pins], from_zero=True, timeout=timeout)


def _solve(folder: Path, timeout: int) -> Verdict:
    """Merge what is alike on both sides (scorr), then decide what is left of `miter.aig`."""
    _abc("read_aiger miter.aig; fold; strash; scorr; write_aiger merged.aig", folder)
    registers = (folder / "merged.aig").read_bytes().split(maxsplit=4)[3]
    if registers == b"0":  # plain SAT is enough, and pdr would stay undecided
        said = _abc("read_aiger merged.aig; iprove", folder, timeout)
        return Verdict.EQUAL if "UNSAT" in said else Verdict.DIFFERENT if "SAT" in said else Verdict.UNKNOWN
    said = _abc(f"read_aiger merged.aig; pdr -T {timeout}", folder)
    if "Property proved" in said:
        return Verdict.EQUAL
    return Verdict.DIFFERENT if "was asserted in frame" in said else Verdict.UNKNOWN


def _abc(commands: str, folder: Path, timeout: int | None = None) -> str:
    """What ABC says to commands; nothing if it takes too long."""
    try:
        result = subprocess.run([ABC, "-c", commands], cwd=folder, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return ""
    with (folder / "abc.log").open("a") as log:
        log.write(result.stdout + result.stderr)
    return result.stdout.split("\n", 1)[-1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; return 0 for equal, 1 for different or unknown, 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("top", help="name of the module")
    parser.add_argument("gold", type=Path, help="Verilog file with one of the two")
    parser.add_argument("gate", type=Path, help="Verilog file with the other")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of both")
    parser.add_argument("--timeout", type=int, default=_SOLVE, metavar="SECONDS", help=f"default {_SOLVE}")
    parsed = parser.parse_args(arguments)
    try:
        parameters = {name: int(value, 0) for name, value in (word.split("=", 1) for word in parsed.set)}
    except ValueError:
        parser.error("--set takes NAME=VALUE with a whole number")
    gold, gate = (Design.of_files([file], parsed.top, parameters) for file in (parsed.gold, parsed.gate))
    with tempfile.TemporaryDirectory() as folder:
        try:
            verdict = prove_equal(gold, gate, Path(folder), timeout=parsed.timeout)
        except YosysError as error:
            print(f"equal: {error}", file=sys.stderr)
            return 2
    print(f"{parsed.top}: {verdict.value}")
    return 0 if verdict is Verdict.EQUAL else 1


if __name__ == "__main__":
    sys.exit(main())
