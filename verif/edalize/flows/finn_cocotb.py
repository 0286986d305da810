# SPDX-License-Identifier: Apache-2.0
"""Edalize flow `finn_cocotb`: edalize's flow `sim` for cocotb test benches of plain Verilog, with waveforms.

    WAVES=1 fusesoc run --target sim finn:ip:dwc --tool icarus

records all signals in <toplevel>.fst in the work root, with views for GTKWave and Surfer beside it. A `.core` names the
module of its test bench as `cocotb_module`; the options of the tools are the flow's, those of the .core follow them.
"""

import copy
import os
from pathlib import Path

from edalize.flows.sim import Sim

try:
    from finn_verif import waves
except ModuleNotFoundError as error:
    # FuseSoC takes a ModuleNotFoundError for a flow that does not exist; this one's words it prints.
    raise RuntimeError(
        f"flow finn_cocotb: no module {error.name}; finn-verif brings it: "
        "pip install 'finn-rtl/verif' with the path of a checkout, or a release's wheel"
    ) from None

DUMP = "finn_waves"
"""Module that has Icarus record."""


class Finn_cocotb(Sim):  # noqa: N801 (edalize derives the class's name from the flow's)
    """Simulation with cocotb, recorded where WAVES says so."""

    FLOW_DEFINED_TOOL_OPTIONS = {  # noqa: RUF012 (edalize's own form)
        "verilator": {"verilator_options": ["-O1", "--timescale", "1ns/1ps"]},
        "icarus": {"iverilog_options": ["-g2005"], "timescale": "1ns/1ps"},
    }

    def configure_flow(self, flow_options):
        """Tool options of this flow first, those of the .core after them."""
        # Edalize adds the core's options to the dictionary that it finds here.
        self.FLOW_DEFINED_TOOL_OPTIONS = copy.deepcopy(type(self).FLOW_DEFINED_TOOL_OPTIONS)
        if waves.wanted():
            verilator, icarus = (self.FLOW_DEFINED_TOOL_OPTIONS[tool] for tool in ("verilator", "icarus"))
            verilator["verilator_options"].append("--trace-fst")
            verilator["run_options"] = ["--trace", "--trace-file", self._name]
            icarus["iverilog_options"].append(f"-s{DUMP}")
            if flow_options.get("tool") == "icarus":
                self.edam["files"].append({"name": f"{DUMP}.v", "file_type": "verilogSource"})
        return super().configure_flow(flow_options)

    def configure(self):
        """Write what the tools read."""
        if waves.wanted():
            top = self.edam["toplevel"]
            dumps = f'$dumpfile("{self._name}"); $dumpvars(0, {top});'
            Path(self.work_root, f"{DUMP}.v").write_text(f"module {DUMP};\n    initial begin {dumps} end\nendmodule\n")
        super().configure()

    def run(self, args=None):
        """Simulate; where waveforms were recorded say so, where the test fails too."""
        os.environ["COCOTB_TOPLEVEL"] = self.edam["toplevel"]  # else cocotb takes the first one, which records
        self._recording.unlink(missing_ok=True)
        try:
            super().run(args)
        finally:
            if self._recording.is_file():
                top = self.edam["toplevel"]
                texts = (Path(self.work_root, file["name"]) for file in self.edam["files"])
                verilog = "\n".join(text.read_text() for text in texts if text.suffix in (".v", ".sv"))
                waves.write_views(self._recording, waves.ports(verilog, top))
                print(waves.told(self._recording))

    @property
    def _name(self):
        return f"{self.edam['toplevel']}.fst"

    @property
    def _recording(self):
        return Path(self.work_root, self._name)
