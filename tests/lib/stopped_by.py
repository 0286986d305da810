# SPDX-License-Identifier: Apache-2.0
"""What a module says about its parameters when a simulation begins."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def stopped_by(files: Sequence[Path], top: str, parameters: Mapping[str, object], folder: Path) -> str:
    """What a simulation of `top` prints that has nothing to do but end at time 0 or run on to its clock."""
    bench = folder / "bench.v"
    settings = ", ".join(f".{name}({value})" for name, value in parameters.items())
    bench.write_text(
        f'module bench;\n    {top} #({settings}) u_core ();\n    initial #1000 $display("still running");\nendmodule\n'
    )
    program = folder / "bench.vvp"
    subprocess.run(["iverilog", "-g2005", "-s", "bench", "-o", program, bench, *files], check=True, capture_output=True)
    return subprocess.run(["vvp", "-n", program], capture_output=True, text=True, timeout=60).stdout
