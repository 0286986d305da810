# SPDX-License-Identifier: Apache-2.0
"""Chains of stages in simulation: when the first and the last word of every image pass each boundary, in cycles.

Several chains share one generated testbench, since a simulator starts more slowly than it runs.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_gen.ip.dwc.plan import DwcPlan
from finn_gen.ip.fifo.plan import FifoPlan
from finn_gen.ip.input.plan import InputPlan
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.timing.chain import ALWAYS, Trace, trace

MOST_CYCLES = 1_000_000
"""A simulation that lasts longer hangs."""


@dataclass(frozen=True)
class Point:
    """A chain, the images that pass it, and what its ends do; see `finn_gen.timing.chain.trace`."""

    plans: tuple[Any, ...]
    images: int = 3
    source: tuple[int, ...] = ALWAYS
    sink: tuple[int, ...] = ALWAYS
    every: int = 0
    words: int | None = None

    def trace(self) -> Trace:
        """What the model says."""
        return trace(self.plans, self.images, self.source, self.sink, every=self.every, words=self.words)


def check(points: Sequence[Point], folder: Path, simulator: str = "icarus") -> None:
    """Hold the model against the simulated RTL, at every boundary, for every image, to the cycle."""
    expected = [point.trace() for point in points]
    for point, model, rtl in zip(points, expected, simulate(points, expected, folder, simulator), strict=True):
        for what in ("first", "last", "high_water"):
            said, seen = getattr(model, what), getattr(rtl, what)
            assert np.array_equal(said, seen), f"{point}\n{what} by the model:\n{said}\nin the RTL:\n{seen}"


def simulate(points: Sequence[Point], models: Sequence[Trace], folder: Path, simulator: str = "icarus") -> list[Trace]:
    """Run the chains in one testbench. `models` tell the words of an image at each boundary, and nothing else."""
    files: dict[str, str | bytes] = {}
    for point in points:
        for plan in point.plans:
            files |= of_core(plan).folder(plain=True)
    chains = [
        _chain(number, point, model.words) for number, (point, model) in enumerate(zip(points, models, strict=True))
    ]
    files["bench.v"] = _bench("".join(chains), len(points))
    write_tree(folder, files)
    sources = sorted(name for name in files if name.endswith(".v"))
    if simulator == "icarus":
        build, run = ["iverilog", "-g2005", "-s", "bench", "-o", "bench.vvp"], ["vvp", "-n", "bench.vvp"]
    else:
        build = "verilator --binary --timing -Wno-fatal -Wno-lint --top-module bench -O0 -j 2".split()
        run = ["obj_dir/Vbench"]
    built = subprocess.run([*build, *sources], cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    said = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert "HANG" not in said, f"no end after {MOST_CYCLES} cycles: {points}"
    return [
        _times(number, point, model.words, said)
        for number, (point, model) in enumerate(zip(points, models, strict=True))
    ]


def _times(number: int, point: Point, words: tuple[int, ...], said: str) -> Trace:
    """The lines of one chain: `number kind boundary image cycle`."""
    first, last = (np.full((len(words), point.images), -1) for _ in range(2))
    high_water: list[int | None] = [None] * len(point.plans)
    for line in said.splitlines():
        match line.split():
            case [chain, "first", boundary, image, cycle] if int(chain) == number:
                first[int(boundary), int(image)] = int(cycle)
            case [chain, "last", boundary, image, cycle] if int(chain) == number:
                last[int(boundary), int(image)] = int(cycle)
            case [chain, "high_water", stage, held] if int(chain) == number:
                high_water[int(stage)] = int(held)
    return Trace(words, first - first[0, 0], last - first[0, 0], tuple(high_water))


def _bench(chains: str, count: int) -> str:
    done = " && ".join(f"done_{number}" for number in range(count))
    return f"""`timescale 1ns/1ps
module bench;
    reg aclk = 1'b0;
    reg aresetn = 1'b0;
    integer cycle = -4;
    integer after = 0;
    always #5 aclk = !aclk;
    always @(posedge aclk) begin
        aresetn <= cycle >= -1;
        cycle <= cycle + 1;
        // Until high-water marks, which come a cycle late, are there.
        after <= {done} ? after + 1 : 0;
        if (after == 4) $finish;
        if (cycle == {MOST_CYCLES}) begin
            $display("HANG");
            $finish;
        end
    end
{chains}endmodule
"""


def _chain(number: int, point: Point, words: tuple[int, ...]) -> str:
    """The source, the stages, the sink, and what prints their transfers."""
    text, n = [], number
    source, sink = ("".join(map(str, reversed(pattern))) for pattern in (point.source, point.sink))
    for boundary, count in enumerate(words):
        inside = boundary < len(point.plans)
        width = point.plans[boundary].ports.in_tdata_width if inside else point.plans[-1].ports.out_tdata_width
        source_width = point.plans[boundary - 1].ports.out_tdata_width if boundary else width
        b = f"{n}_{boundary}"
        text.append(f"""
    wire [{max(width, source_width) - 1}:0] data_{b};
    wire valid_{b}, ready_{b};
    integer word_{b} = 0, image_{b} = 0;
    wire last_{b} = word_{b} == {count - 1};
    always @(posedge aclk) if (aresetn && valid_{b} && ready_{b}) begin
        if (word_{b} == 0) $display("{n} first {boundary} %0d %0d", image_{b}, cycle);
        if (last_{b}) $display("{n} last {boundary} %0d %0d", image_{b}, cycle);
        word_{b} <= last_{b} ? 0 : word_{b} + 1;
        if (last_{b}) image_{b} <= image_{b} + 1;
    end
""")
    end = f"{n}_{len(words) - 1}"
    all_passed = " && ".join(f"image_{n}_{boundary} == {point.images}" for boundary in range(len(words)))
    text.append(f"""
    reg offered_{n} = 1'b0;
    integer source_at_{n} = 0, sink_at_{n} = 0;
    wire [{len(source) - 1}:0] source_{n} = {len(source)}'b{source};
    wire [{len(sink) - 1}:0] sink_{n} = {len(sink)}'b{sink};
    wire open_{n} = image_{n}_0 < {point.images} && (word_{n}_0 != 0 || cycle >= image_{n}_0 * {point.every});
    assign valid_{n}_0 = aresetn && (offered_{n} || (open_{n} && source_{n}[source_at_{n}]));
    assign data_{n}_0 = 0;
    assign ready_{end} = sink_{n}[sink_at_{n}];
    wire done_{n} = {all_passed};
    always @(posedge aclk) if (aresetn) begin
        offered_{n} <= valid_{n}_0 && !ready_{n}_0;
        source_at_{n} <= (source_at_{n} + 1) % {len(source)};
        sink_at_{n} <= (sink_at_{n} + 1) % {len(sink)};
    end
""")
    for index, plan in enumerate(point.plans):
        text.append(_instance(n, index, plan))
    return "".join(text)


def _instance(number: int, index: int, plan: Any) -> str:
    """One stage between its boundaries; its AXI-Lite port, if it has one, stays silent."""
    before, after = f"{number}_{index}", f"{number}_{index + 1}"
    name = f"u_{number}_{index}"
    ports = {
        "aclk": "aclk",
        "aresetn": "aresetn",
        "s_axis_tdata": f"data_{before}[{plan.ports.in_tdata_width - 1}:0]",
        "s_axis_tvalid": f"valid_{before}",
        "s_axis_tready": f"ready_{before}",
        "m_axis_tdata": f"data_{after}[{plan.ports.out_tdata_width - 1}:0]",
        "m_axis_tvalid": f"valid_{after}",
        "m_axis_tready": f"ready_{after}",
    }
    more = ""
    if isinstance(plan, InputPlan):
        ports |= {"s_axis_tlast": f"last_{before}", "short_frame": "", "long_frame": ""}
    elif getattr(plan.params, "tlast", False):
        ports["m_axis_tlast"] = ""
        if isinstance(plan, DwcPlan | FifoPlan):
            ports["s_axis_tlast"] = f"last_{before}"
    if isinstance(plan, MvtuPlan) and plan.registers:
        inputs = ("awaddr", "awvalid", "wdata", "wstrb", "wvalid", "bready", "araddr", "arvalid", "rready")
        ports |= {f"s_axil_{port}": "0" for port in inputs}
    if isinstance(plan, FifoPlan):
        ports |= {"count": "", "high_water": f"high_water_{before}"}
        more = f"""    wire [{plan.count_width - 1}:0] high_water_{before};
    always @(posedge aclk) if (after == 4) $display("{number} high_water {index} %0d", high_water_{before});
"""
    connected = ", ".join(f".{port}({wire})" for port, wire in ports.items())
    return f"{more}    {plan.module} {name} ({connected});\n"
