# SPDX-License-Identifier: Apache-2.0
"""What a module costs on Xilinx 7-series, measured by Yosys (`pyosys`, `synth_xilinx -family xc7`)."""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# LUTs that a memory cell occupies (UG474, UG953).
MEMORY_LUTS = {
    "SRL16E": 1,
    "SRLC16E": 1,
    "SRLC32E": 1,
    "RAM16X1D": 2,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1D": 4,
    "RAM256X1D": 8,
    "RAM32X1S": 1,
    "RAM64X1S": 1,
    "RAM128X1S": 2,
    "RAM256X1S": 4,
    "RAM32M": 4,
    "RAM64M": 4,
}

_PAIRS = ("delete a:HLUTNM c:*u_o5 %i", "chtype -set LUT6_2 a:HLUTNM")
"""Makes the two LUTs that HLUTNM puts into one, u_o5 and u_o6, the one that they are."""
_PASSES = Path(__file__).with_name("passes.py")


@dataclass(frozen=True)
class Area:
    """Cells after `synth_xilinx`.

    `lc` is Yosys' "Estimated number of LCs", LUTs after pairing small ones, plus one for each LUT6_2, or pair by
    HLUTNM, that the source instantiates; memories in LUTs are apart in `memory_luts`. `luts` counts LUT1 to LUT6 as
    they stand, and such a pair once.
    `bram36` counts a RAMB18 as a half.
    """

    lc: int
    luts: int
    memory_luts: int
    ff: int
    carry4: int
    bram36: float
    dsp: int

    @property
    def total_luts(self) -> int:
        """LUTs of logic and of memory."""
        return self.lc + self.memory_luts


def measure(files: Sequence[Path], top: str, parameters: Mapping[str, int | str] | None = None) -> Area:
    """Synthesize module `top` of the Verilog `files` for xc7, flattened and without IO buffers, and count.

    Modules that keep their hierarchy (ROMs in LUTs) count as part of it.
    `parameters` override those of `top`. Needs `pyosys`; RuntimeError with Yosys' words if synthesis fails.
    """
    commands = [f"read_verilog -I{file.parent} {file}" for file in files]
    for name, value in (parameters or {}).items():
        word = f'"{value}"' if isinstance(value, str) else value
        commands.append(f"chparam -set {name} {word} {top}")
    commands.append(f"synth_xilinx -family xc7 -flatten -noiopad -top {top}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "stat.json"
        run_yosys([*commands, *_PAIRS, f"tee -q -o {report} stat -tech xilinx -json"])
        text = report.read_text()
    return from_stat(json.loads(text[text.index("{") :]))


def measure_each(files: Sequence[Path], modules: Sequence[str]) -> dict[str, Area]:
    """Areas of several `modules` of the Verilog `files` as `measure` gives them, in one run of Yosys.

    That saves the seconds that Yosys takes to read its libraries for each. They stay modules of their own in the
    flattened design around them. RuntimeError as for `measure`.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, around = Path(folder) / "stat.json", Path(folder) / "around.v"
        instances = "".join(f"(* keep *) {module} u_{module} ();\n" for module in modules)
        around.write_text(f"module finn_around ();\n{instances}endmodule\n")
        run_yosys(
            [
                *(f"read_verilog -I{file.parent} {file}" for file in (*files, around)),
                f"setattr -mod -set keep_hierarchy 1 {' '.join(modules)}",
                "synth_xilinx -family xc7 -flatten -noiopad -top finn_around",
                *_PAIRS,
                f"tee -q -o {report} stat -tech xilinx -json",
            ]
        )
        text = report.read_text()
    stat = json.loads(text[text.index("{") :])["modules"]
    return {module: _area(_cells(stat, f"\\{module}"), stat[f"\\{module}"]) for module in modules}


def run_yosys(commands: Sequence[str], folder: Path | None = None) -> str:
    """Run Yosys commands in a process of their own, since Yosys ends its process on an error; return its log.

    folder  where it runs. Names of files become part of names of cells, and their order moves what ABC finds: the same
            relative names give the same netlist everywhere.
    """
    result = subprocess.run([sys.executable, "-P", _PASSES, *commands], capture_output=True, text=True, cwd=folder)
    if result.returncode:
        words = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
        raise RuntimeError("Yosys failed: " + " / ".join(words[-2:]))
    return result.stdout


def from_stat(stat: Mapping) -> Area:
    """The area in a report of Yosys' `stat -tech xilinx -json`."""
    return _area(stat["design"]["num_cells_by_type"], stat["design"])


def _cells(modules: Mapping[str, Mapping], name: str) -> Counter[str]:
    """Cells by type of a module of such a report, with those of the modules in it."""
    cells = Counter(modules[name]["num_cells_by_type"])
    for inner in cells.keys() & modules.keys():
        number = cells.pop(inner)
        cells.update({cell: number * count for cell, count in _cells(modules, inner).items()})
    return cells


def _area(cells: Mapping[str, int], module: Mapping) -> Area:
    """The area of a module of such a report, whose LCs are with those of the modules in it; `cells` must be, too."""

    def count(pattern: str) -> int:
        return sum(number for name, number in cells.items() if re.fullmatch(pattern, name))

    return Area(
        lc=int(module["estimated_num_lc"]) + count("LUT6_2"),
        luts=count("LUT[1-6]|LUT6_2"),
        memory_luts=sum(MEMORY_LUTS[name] * number for name, number in cells.items() if name in MEMORY_LUTS),
        ff=count("FD[A-Z]+(_1)?"),
        carry4=count("CARRY4"),
        bram36=count("RAMB36E1") + count("RAMB18E1") / 2,
        dsp=count("DSP48E1"),
    )
