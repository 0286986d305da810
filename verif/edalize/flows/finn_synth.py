# SPDX-License-Identifier: Apache-2.0
"""Edalize flow `finn_synth`: what a core costs on 7-series, by the Yosys of `pyosys`, which needs no installed Yosys.

    fusesoc run --target synth finn:ip:dwc

prints LUTs, flip-flops, carries, block RAMs and DSPs of the toplevel, and leaves them as <toplevel>.area.json in the
work root. Nothing is placed; the parameters of the toplevel are those of the .core.
"""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path

from edalize.flows.edaflow import Edaflow, FlowGraph

try:
    from finn_gen.family.xc7.synthesis import measure
except ModuleNotFoundError as error:
    # FuseSoC takes a ModuleNotFoundError for a flow that does not exist; this one's words it prints.
    raise RuntimeError(
        f"flow finn_synth: no module {error.name}; finn-verif[synth] brings it: "
        "pip install 'finn-rtl/verif[synth]' with the path of a checkout, or a release's wheel"
    ) from None

TITLES = {
    "lc": "LUTs of logic, small ones paired",
    "memory_luts": "LUTs of memory",
    "ff": "flip-flops",
    "carry4": "CARRY4",
    "bram36": "block RAMs of 36 kbit",
    "dsp": "DSPs",
}


class Finn_synth(Edaflow):  # noqa: N801 (edalize derives the class's name from the flow's)
    """Synthesis for 7-series without vendor tools."""

    argtypes = ["vlogdefine", "vlogparam"]  # noqa: RUF012 (edalize's own form)

    def configure_flow(self, flow_options):
        """Without tools of edalize's, which takes a target that the others come before and behind."""
        self.commands.add([], ["synthesis"], [])
        self.commands.set_default_target("synthesis")
        return FlowGraph.fromdict({})

    def build(self):
        """Synthesize and print. Yosys' words where it refuses the design."""
        root, top = Path(self.work_root).absolute(), self.edam["toplevel"]
        files = [root / each["name"] for each in self.edam["files"] if each["file_type"].startswith("verilogSource")]
        values = {name: each["default"] for name, each in self.edam.get("parameters", {}).items() if "default" in each}
        print(f"{top}: Yosys synthesizes it for 7-series", flush=True)
        with contextlib.chdir(root):  # memories lie there
            area = asdict(measure(files, top, values))
        (root / f"{top}.area.json").write_text(json.dumps(area, indent=1) + "\n")
        print("\n".join(f"  {area[name]:>8g}  {title}" for name, title in TITLES.items()))
