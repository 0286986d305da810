# SPDX-License-Identifier: Apache-2.0
"""Many small units in one simulation, without Python in the loop: each on vectors from a file, checked in Verilog."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.base.library import building_block
from finn_gen.ip.mvtu import memory_image, plan_unit
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_verif.ref.layers import matrix
from finn_verif.ref.stream import to_words

CHECK = Path(__file__).with_name("unit_check.v")
CONTROL = 0


@dataclass(frozen=True)
class Unit:
    """A unit: its parameters, its weights [MH, MW] and thresholds [MH, levels], and vectors [N, MW] to try."""

    values: dict[str, int | str]
    weights: np.ndarray
    thresholds: np.ndarray | None
    vectors: np.ndarray

    def plan(self, weights: np.ndarray, thresholds: np.ndarray | None) -> MvtuPlan:
        """The plan for other weights and thresholds of the same shape."""
        return plan_unit(ip.get("mvtu").check(self.values), weights, thresholds)


def run(folder: Path, sim: str, units: dict[str, Unit]) -> None:
    """Simulate units by name on icarus or verilator; AssertionError names the unit and the word that differs.

    A unit with reload=1 is built with other parameters, and given its own through its registers.
    """
    files: dict[str, str | bytes] = {}
    blocks: set[str] = set()
    parts = []
    for unit in (replace(unit, values={**unit.values, "name": name}) for name, unit in units.items()):
        plan = built = unit.plan(unit.weights, unit.thresholds)
        writes: list[tuple[int, int]] = []
        if plan.registers:
            zero = None if unit.thresholds is None else np.zeros_like(unit.thresholds)
            built = unit.plan(unit.weights[::-1, ::-1], zero)
            writes = [(CONTROL, 1), *memory_image(plan).items(), (CONTROL, 0)]
        files |= ip.get("mvtu").emit(built) | _data(plan, unit, writes)
        blocks |= set(plan.modules)
        parts.append(_instance(plan, unit, len(writes)))
    files["many_units.v"] = _top(parts)
    write_tree(folder, files)
    verilog = ["many_units.v", str(CHECK), *(path for path in files if path.endswith(".v") and path != "many_units.v")]
    said = _simulate(folder, sim, [*verilog, *(str(building_block(block)) for block in sorted(blocks))])
    assert said.startswith("PASS"), f"{said} (in {folder})"


def _data(plan: MvtuPlan, unit: Unit, writes: list[tuple[int, int]]) -> dict[str, str]:
    """What goes in, what must come out, what is written to registers."""
    params = plan.params
    results = matrix(unit.vectors, unit.weights, unit.thresholds, params.in_bits)
    words = [word for vector in unit.vectors for word in to_words(vector, params.simd, params.in_bits)]
    expected = [word for result in results for word in to_words(result, params.pe, plan.result_width)]
    return {
        f"{plan.module}.in": "".join(f"{word:x}\n" for word in words),
        f"{plan.module}.out": "".join(f"{word:x}\n" for word in expected),
        f"{plan.module}.writes": "".join(f"{address << 32 | data:x}\n" for address, data in writes),
    }


def _instance(plan: MvtuPlan, unit: Unit, writes: int) -> str:
    """A unit beside what checks it."""
    name, vectors = plan.module, len(unit.vectors)
    addresses = plan.registers.address_width if plan.registers else 4
    registers = (
        """
        .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
        .s_axil_wdata(wdata), .s_axil_wstrb(4'hf), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
        .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(1'b1),
        .s_axil_araddr({32'd0}), .s_axil_arvalid(1'b0), .s_axil_arready(), .s_axil_rdata(), .s_axil_rresp(),
        .s_axil_rvalid(), .s_axil_rready(1'b1),""".replace("{32'd0}", f"{addresses}'d0")
        if plan.registers
        else ""
    )
    tied = "" if plan.registers else "assign {awready, wready, bvalid, bresp} = 5'd0;"
    return f"""
module bench_{name} (input wire clock, input wire turn, output wire finished);
    // Only the unit whose turn it is has a clock: the others cost no time.
    wire aclk = clock && turn && !finished;
    wire aresetn;
    wire [{plan.ports.in_tdata_width - 1}:0] in;
    wire [{plan.ports.out_tdata_width - 1}:0] out;
    wire in_valid, in_ready, out_valid, awvalid, awready, wvalid, wready, bvalid;
    wire [{addresses - 1}:0] awaddr;
    wire [31:0] wdata;
    wire [1:0] bresp;
    {tied}
    {name} u_dut ({registers}
        .aclk(aclk), .aresetn(aresetn), .s_axis_tdata(in), .s_axis_tvalid(in_valid), .s_axis_tready(in_ready),
        .m_axis_tdata(out), .m_axis_tvalid(out_valid), .m_axis_tready(1'b1));
    unit_check #(
        .IN_WIDTH({plan.ports.in_tdata_width}), .OUT_WIDTH({plan.ports.out_tdata_width}),
        .ADDRESS_WIDTH({addresses}), .WRITES({writes}),
        .WORDS({vectors * plan.fold.sf}), .RESULTS({vectors * plan.fold.nf}),
        .WRITE_FILE("{name}.writes"), .IN_FILE("{name}.in"), .OUT_FILE("{name}.out")
    ) u_check (
        .aclk(aclk), .aresetn(aresetn), .s_axis_tdata(in), .s_axis_tvalid(in_valid), .s_axis_tready(in_ready),
        .m_axis_tdata(out), .m_axis_tvalid(out_valid),
        .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
        .s_axil_wdata(wdata), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
        .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .finished(finished));
endmodule
"""


def _top(parts: list[str]) -> str:
    names = [part.split()[1] for part in parts]
    turns = ["1'b1", *(f"finished[{i}]" for i in range(len(names)))]
    instances = "".join(f"    {name} u_{name} (clock, {turns[i]}, finished[{i}]);\n" for i, name in enumerate(names))
    return f"""{"".join(parts)}
module many_units;
    reg clock = 1'b0;
    always #5 clock = !clock;
    wire [{len(names) - 1}:0] finished;
{instances}
    always @(posedge clock)
        if (&finished) begin
            $display("PASS");
            $finish;
        end
endmodule
"""


def _simulate(folder: Path, sim: str, sources: list[str]) -> str:
    """What the simulation prints."""
    if sim == "icarus":
        build = ["iverilog", "-g2005", "-o", "units.vvp", "-s", "many_units"]
        command = ["vvp", "-N", "units.vvp"]
    else:
        build = ["verilator", "--binary", "--timing", "-Wno-fatal", "--quiet", "--top-module", "many_units"]
        build += ["--Mdir", "obj"]
        command = ["obj/Vmany_units"]
    subprocess.run([*build, *sources], cwd=folder, check=True, capture_output=True, text=True)
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return result.stdout + result.stderr
