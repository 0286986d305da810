# SPDX-License-Identifier: Apache-2.0
"""Proofs, by Yosys' SAT solver, that the forms of a compressor tree and the twins of its cells are equal."""

from pathlib import Path

import pytest

from finn_gen import family, ip
from finn_gen.base.files import write_tree
from finn_gen.base.library import building_block, twin
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.synthesis import measure, run_yosys

# Both forms have the same number of pipeline registers, which the simulations check; here they are wires.
WIRES = """
(* techmap_celltype = "$dff" *)
module wires (CLK, D, Q);
    parameter WIDTH = 1;
    parameter CLK_POLARITY = 1;
    input CLK;
    input [WIDTH-1:0] D;
    output [WIDTH-1:0] Q;
    assign Q = D;
endmodule
"""
TWINS = [
    ("finn_lut6", {"INIT": "64'h123456789abcdef0"}),
    ("finn_lut5x2", {"INIT0": "32'h12345678", "INIT1": "32'h9abcdef1"}),
    *[("finn_counter", {"INVERT": f"6'd{invert}", "MIXED": 0}) for invert in range(32)],
    *[("finn_counter", {"INVERT": f"6'd{invert}", "MIXED": 1}) for invert in range(32)],
    ("finn_and_add", {}),
    *[("finn_reaches", {"WIDTH": width}) for width in (1, 3, 4, 5, 9)],
    *[("finn_add3", {"WIDTH": width}) for width in (1, 2, 4, 5, 12)],
]


def prove_equal(gold: list[str], gate: list[str], top: str, assume: str = "") -> None:
    """Both lists of Yosys commands read a module `top`; the two must do the same. RuntimeError if they do not."""
    prepare = [f"hierarchy -top {top}", "proc", "flatten", "memory", "opt -full"]
    prove = ["miter -equiv -flatten -make_outputs gold gate miter", "opt -full"]
    prove.append(f"sat -verify -prove trigger 0 {assume} miter")
    both = ["design -copy-from gold gold", "design -copy-from gate gate"]
    first = [*gold, *prepare, f"rename {top} gold", "design -stash gold"]
    second = [*gate, *prepare, f"rename {top} gate", "design -stash gate"]
    run_yosys([*first, *second, *both, *prove])


@pytest.mark.parametrize(
    ("name", "module", "parameters"),
    [(name, *each) for name in family.NAMES for each in TWINS if twin(name, each[0])],
    ids=str,
)
def test_a_twin_equals_the_plain_cell(module: str, parameters: dict, name: str) -> None:
    path = twin(name, module)
    settings = [f"chparam {' '.join(f'-set {k} {v}' for k, v in parameters.items())} {module}"] if parameters else []
    gold = [f"read_verilog {building_block(module)}", *settings]
    cells = [f"read_verilog {models}"] if (models := family.get(name).cells) else []
    gate = [*cells, f"read_verilog {path}", *settings]
    prove_equal(gold, gate, module, "-set in_i[5] 1" if parameters.get("MIXED") else "")


def test_a_column_of_an_addition_takes_one_lut_of_7_series() -> None:
    area = measure([twin("xc7", "finn_add3")], "finn_add3", {"WIDTH": 9})
    assert (area.lc, area.luts, area.carry4) == (9, 9, 3)


TREES = [
    *[{"mw": 2 * simd, "mh": 4, "pe": 1, "simd": simd, "storage": "lut"} for simd in (1, 2, 3, 4, 5, 7, 9, 12, 16, 20)],
    {"mw": 6, "mh": 4, "pe": 2, "simd": 3, "storage": "lut", "in_bits": 3, "in_signed": 1},
    {"mw": 4, "mh": 4, "pe": 2, "simd": 4, "storage": "lut", "in_bits": 2},
    *[{"mw": 12, "mh": 3, "pe": 3, "simd": simd, "storage": "constant"} for simd in (2, 3, 4, 6, 12)],
    {"mw": 14, "mh": 4, "pe": 4, "simd": 14, "storage": "constant", "out_bits": 0},
    {"mw": 5, "mh": 4, "pe": 2, "simd": 5, "storage": "constant", "in_bits": 2, "in_signed": 1},
    # Rows in clusters, whose sums are too large by an offset; of scores, which have no threshold to take it off.
    {"mw": 13, "mh": 9, "pe": 9, "simd": 13, "storage": "constant"},
    {"mw": 11, "mh": 6, "pe": 6, "simd": 11, "storage": "constant", "out_bits": 0},
    {"mw": 6, "mh": 5, "pe": 5, "simd": 6, "storage": "constant", "in_bits": 2, "in_signed": 1},
    *[
        {"mw": 2 * simd, "mh": 4, "pe": 2, "simd": simd, "storage": storage, **kind}
        for simd, storage in ((3, "lut"), (4, "constant"))
        for kind in (
            {"w_bits": 2, "w_narrow": 1},
            {"w_bits": 2, "w_narrow": 1, "in_bits": 3, "in_signed": 1},
            {"w_bits": 2, "in_bits": 2},
            {"w_bits": 3},
            {"w_bits": 3, "in_bits": 2, "in_signed": 1},
            {"w_bits": 4, "in_bits": 3, "out_bits": 0, "bias_bits": 4, "fraction": 2},
        )
    ],
    {"mw": 18, "mh": 2, "pe": 1, "simd": 9, "storage": "lut", "w_bits": 2, "in_bits": 2},
]


@pytest.mark.parametrize("twins", ["plain", "xc7"])
@pytest.mark.parametrize("values", TREES, ids=str)
def test_cells_of_a_tree_equal_its_sum(tmp_path: Path, values: dict, twins: str) -> None:
    plan = ip.get("mvtu").build(values)
    tree, width = f"{plan.module}_tree", plan.tree.shape.width
    rows = len(plan.tree.sums)
    files = {name: text for name, text in of_core(plan).folder(plain=True).items() if name.startswith(("finn_", tree))}
    files["wires.v"] = WIRES
    word = plan.params.simd * plan.params.w_bits
    weights = f"input [{word - 1}:0] w," if values["storage"] == "lut" else ""
    address = f"input [{plan.tree.address_bits - 1}:0] k," if plan.tree.address_bits else ""
    parities = "".join(
        f"assign s[{plan.ports.in_width + i}] = ^{{{', '.join(f'x[{bit}]' for bit in group)}}};\n"
        for i, group in enumerate(plan.tree.parities)
    )
    files["top.v"] = f"""
        module top(input [{plan.ports.in_width - 1}:0] x, {weights} {address} output [{rows * width - 1}:0] sum);
            wire [{rows * width - 1}:0] first, second;
            wire [{rows - 1}:0] carry;
            wire [{plan.tree.shared - 1}:0] s;
            assign s[{plan.ports.in_width - 1}:0] = x;
            {parities}
            {tree} u_tree (.aclk(1'b0), .s(s), {".w(w)," if weights else ""} {".k(k)," if address else ""}
                .first(first), .second(second), .carry(carry));
            genvar p;
            generate for (p = 0; p < {rows}; p = p + 1) begin : g
                assign sum[p*{width}+:{width}] = first[p*{width}+:{width}] + second[p*{width}+:{width}] + carry[p];
            end endgenerate
        endmodule
    """
    write_tree(tmp_path, files)
    top = f"read_verilog {tmp_path / 'top.v'}"
    flat = ["hierarchy -top top", "proc", "flatten", f"techmap -map {tmp_path / 'wires.v'}"]
    cells = [f"read_verilog {family.get(twins).cells}"] if twins == "xc7" else []
    for cell in ("finn_lut6", "finn_lut5x2", "finn_counter", "finn_and_add"):
        cells.append(f"read_verilog {twin('xc7', cell) if twins == 'xc7' else building_block(cell)}")
    prove_equal(
        [f"read_verilog -nosynthesis {tmp_path / tree}.v", top, *flat],
        [*cells, f"read_verilog -DFINN_CELLS {tmp_path / tree}.v", top, *flat],
        "top",
    )
