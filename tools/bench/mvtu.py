# SPDX-License-Identifier: Apache-2.0
"""Sizes of matrix-vector-threshold units beside published ones; `make bench-mvtu` calls it.

An op is a multiplication or an addition: a unit does 2 * PE * SIMD a cycle. LCs are those of `finn_gen.area`, by
Yosys for xc7. Everything counts but the memories of weights and thresholds, where they are memories; the replay
buffer and the FIFO of results are LUTs of memory, which stand in a column of their own.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.base.library import twin
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.synthesis import Area, measure
from tools.report import ROOT, Figure, table, write_figures

XNOR_MVU = "XNOR MVU in RTL (arXiv 2201.11409), no thresholds"
FINN_COMPRESSOR = "FINN's compressor (open pull request), product gates absorbed"
DA4ML = "da4ml 0.6.0, no thresholds, no registers"


@dataclass(frozen=True)
class Case:
    """A unit to measure: what is asked (LC an op, or LC where `whole`), and what others take.

    Of a `dot` product only the sum of a word's products is measured, without registers and accumulator.
    """

    name: str
    values: Mapping[str, Any]
    asked: float
    whole: bool = False
    published: float | None = None
    by: str = ""
    dot: bool = False


_FOLDED = {"mw": 1024, "mh": 1024, "simd": 64, "pe": 16, "storage": "block"}
_DOT = {"mw": 8, "mh": 1, "pe": 1, "simd": 8, "storage": "lut", "in_bits": 2, "out_bits": 0}
CASES = (
    Case(
        "memory, 1024x1024, SIMD 64, PE 16",
        _FOLDED,
        0.70,
        published=1.13,
        by=XNOR_MVU,
    ),
    Case(
        "memory, 1024x1024, SIMD 32, PE 8",
        {"mw": 1024, "mh": 1024, "simd": 32, "pe": 8, "storage": "block"},
        0.85,
        published=1.28,
        by=XNOR_MVU,
    ),
    Case("memory, 16x16, SIMD 1, PE 1", {"mw": 16, "mh": 16, "simd": 1, "pe": 1, "storage": "block"}, 60, True),
    Case(
        "memory, W1A2, 1024x1024, SIMD 64, PE 16",
        {**_FOLDED, "in_bits": 2, "out_bits": 2},
        1.0,
    ),
    Case(
        "memory, W2A2 of -1, 0 and +1, 1024x1024, SIMD 64, PE 16",
        {**_FOLDED, "in_bits": 2, "out_bits": 2, "w_bits": 2, "w_narrow": 1},
        1.6,
    ),
    Case(
        "memory, W2A2 of -2 to 1, 1024x1024, SIMD 64, PE 16", {**_FOLDED, "in_bits": 2, "out_bits": 2, "w_bits": 2}, 1.6
    ),
    Case(
        "dot product of eight products of 2 bits and -2 to 1",
        {**_DOT, "w_bits": 2},
        35,
        whole=True,
        published=35,
        by=FINN_COMPRESSOR,
        dot=True,
    ),
    Case(
        "dot product of eight products of 2 bits and -1, 0 or +1",
        {**_DOT, "w_bits": 2, "w_narrow": 1},
        35,
        whole=True,
        published=35,
        by=FINN_COMPRESSOR,
        dot=True,
    ),
    Case(
        "constants, 576x16, unfolded",
        {"mw": 576, "mh": 16, "simd": 576, "pe": 16, "storage": "constant"},
        0.20,
        published=0.184,
        by=DA4ML,
    ),
    Case(
        "constants, 256x64, unfolded",
        {"mw": 256, "mh": 64, "simd": 256, "pe": 64, "storage": "constant"},
        0.119,
        published=0.125,
        by="da4ml 0.6.0 on weights of SFC, sums alone",
    ),
    Case(
        "constants, 784x8, SIMD 196, PE 8 (depth 4)",
        {"mw": 784, "mh": 8, "simd": 196, "pe": 8, "storage": "constant"},
        0.50,
    ),
    Case(
        "constants, 784x8, SIMD 98, PE 8 (depth 8)",
        {"mw": 784, "mh": 8, "simd": 98, "pe": 8, "storage": "constant"},
        0.65,
    ),
)


def black_box(verilog: str) -> str:
    """The modules of `verilog` as declarations without contents."""
    body = re.compile(r"(\bmodule\b.*?\);\n).*?(\bendmodule\b)", re.S)
    return body.sub(r"(* blackbox *)\n\1\2", verilog)


def measure_unit(values: Mapping[str, Any], folder: Path, xc7: bool) -> Area:
    """Size of a unit without its memories of weights and thresholds, with cells of LUT primitives or without."""
    plan = ip.get("mvtu").build(values)
    files = dict(of_core(plan).folder(plain=True))
    if plan.weights.storage != "constant":
        memories = {f"{plan.module}_weights.v", "finn_rom.v"} & files.keys()
        files.update({name: black_box(files[name]) for name in memories})
    if xc7:
        files.update({f"{block}.v": cell.read_text() for block in plan.modules if (cell := twin("xc7", block))})
    write_tree(folder, files)
    return measure([folder / name for name in files if name.endswith(".v")], plan.module)


def measure_dot(values: Mapping[str, Any], folder: Path, xc7: bool) -> Area:
    """Size of a word's compressor tree with the adder of its last two rows, as logic alone."""
    plan = ip.get("mvtu").build(values)
    tree, width = f"{plan.module}_tree", plan.tree.shape.width
    everything = of_core(plan).folder(plain=True)
    files = {f"{name}.v": everything[f"{name}.v"] for name in (tree, *plan.modules)}
    if xc7:
        files |= {f"{block}.v": cell.read_text() for block in plan.modules if (cell := twin("xc7", block))}
    files["dot.v"] = f"""
module dot (
    input aclk, input [{plan.tree.shared - 1}:0] s, input [{plan.weights.width - 1}:0] w, output [{width - 1}:0] sum
);
    wire [{width - 1}:0] first, second;
    wire carry;
    {tree} u_tree (.aclk(aclk), .s(s), .w(w), .first(first), .second(second), .carry(carry));
    finn_add3 #(.WIDTH({width})) u_add (.first(first), .second(second), .acc({width}'d0), .init({width}'d0), .ci(carry),
        .sum(sum));
endmodule
"""
    write_tree(folder, files)
    return measure([folder / name for name in files], "dot")


def main() -> int:
    """Measure; return 0, or 1 if a figure that is asked for is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only the cases whose name contains TEXT")
    arguments = parser.parse_args()
    rows, figures, missed = [], [], 0
    for case in CASES:
        if arguments.only not in case.name:
            continue
        ops = 1 if case.whole else 2 * case.values["pe"] * case.values["simd"]
        unit = "LC" if case.whole else "LC/op"
        for xc7 in (False, True):
            name = f"{case.name}, {'xc7 cells' if xc7 else 'plain Verilog'}"
            measured = measure_dot if case.dot else measure_unit
            area = measured(case.values, ROOT / "build" / "bench" / "mvtu" / re.sub(r"\W+", "_", name), xc7)
            value, whole = round(area.lc / ops, 3), round(area.total_luts / ops, 3)
            rows.append(
                [name, area.lc, area.memory_luts, area.ff, value, whole, case.asked, case.published or "", case.by]
            )
            figures.append(Figure(f"mvtu {name}", value, unit, case.asked if xc7 else None))
            figures.append(Figure(f"mvtu {name}, with LUTs of memory", whole, unit))
            missed += xc7 and value > case.asked
            print(*rows[-1][:7], file=sys.stderr)
    header = ("unit", "LC", "LUTs of memory", "FF", "LC/op", "with memory", "asked", "published", "by")
    print(table(header, rows))
    print(f"written to {write_figures('mvtu', figures).relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
