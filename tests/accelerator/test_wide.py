# SPDX-License-Identifier: Apache-2.0
"""Layers that are not folded at all: what is written of them is cut before it is too long for a tool."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from pyosys import libyosys

from finn_gen import ip
from finn_gen.base import limits
from finn_gen.base.errors import InputError
from finn_gen.emit import accelerator
from finn_gen.formats import description, params_npz
from finn_gen.network import model
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.plan.network import NetworkPlan, plan_network
from tests.lib import random_networks, testbench

COLUMNS = 1024


def unrolled(rows: int) -> NetworkPlan:
    """`rows` x 1,024 weights and a score of `rows` bits, both in a cycle."""
    rng = np.random.default_rng(1)
    sizes = ((rows, COLUMNS), (1, rows))
    weights = [rng.integers(0, 2, size, np.uint8) for size in sizes]
    matrices = [params_npz.Matrix(weights[0], np.full((rows, 1), COLUMNS // 2)), params_npz.Matrix(weights[1], None)]
    layers = [{"kind": "dense", "name": "l0", "units": rows}, {"kind": "dense", "name": "l1", "units": 1}]
    source = model.Shape(1, 1, COLUMNS)
    chain = description.chain("wide", source, layers, matrices)
    folds = {"l0": LayerFolding(rows, COLUMNS), "l1": LayerFolding(1, rows)}
    return plan_network(model.Network("wide", "bits", source, chain), Folding("unrolled", folds))


@pytest.mark.lengthy
@pytest.mark.parametrize("rows", [64, 256])
def test_a_layer_of_one_cycle_goes_through_both_simulators_and_yosys(rows: int, tmp_path: Path) -> None:
    plan = unrolled(rows)
    assert rows * COLUMNS > limits.LITERAL_BITS
    testbench.write_vectors(tmp_path, plan, random_networks.images(plan.network, 3, 1))
    for sim in testbench.asked():
        testbench.run(tmp_path, testbench.build(tmp_path, plan, sim), images=3)
    # The plain sum, and the cells that are synthesized, which Yosys reads for a minute and a half where rows are 256.
    for option in ("", "-nosynthesis ") if rows == 64 else ("-nosynthesis ",):
        design = libyosys.Design()
        names = (tmp_path / "wide.f").read_text().split()
        libyosys.run_pass(f"tee -q read_verilog {option}{' '.join(str(tmp_path / name) for name in names)}", design)
        libyosys.run_pass("tee -q hierarchy -check -top wide", design)
        if not option:
            libyosys.run_pass("tee -q proc", design)


def test_a_gearbox_between_two_layers_keeps_the_planned_cycles(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    weights = [rng.integers(0, 2, size, np.uint8) for size in ((442, 8), (2, 442))]
    matrices = [params_npz.Matrix(weights[0], np.full((442, 1), 4)), params_npz.Matrix(weights[1], None)]
    layers = [{"kind": "dense", "name": "l0", "units": 442}, {"kind": "dense", "name": "l1", "units": 2}]
    chain = description.chain("odd", model.Shape(1, 1, 8), layers, matrices)
    folds = {"l0": LayerFolding(17, 8), "l1": LayerFolding(1, 13)}
    plan = plan_network(model.Network("odd", "bits", model.Shape(1, 1, 8), chain), Folding("odd", folds))
    assert any(stage.ip.name == "dwc" and stage.plan.gear for stage in plan.stages)
    testbench.write_vectors(tmp_path, plan, random_networks.images(plan.network, 8, 1))
    times = testbench.run(tmp_path, testbench.build(tmp_path, plan, "icarus"), images=8)
    assert times[0]["end"] - times[0]["start"] == plan.latency
    assert {after["end"] - before["end"] for before, after in itertools.pairwise(times)} == {plan.interval}


def test_a_literal_below_the_limit_is_written_as_one() -> None:
    text = "".join(accelerator.design_files(unrolled(8)).values())
    assert f"{8 * COLUMNS}'h" in text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"assign x = {limits.LITERAL_BITS + 1}'h0;", "bits of a literal"),
        (f"wire [{limits.VECTOR_BITS}:0] x;", "bits of a vector"),
        (f".WIDTH ({limits.VECTOR_BITS + 1}),", "bits of a vector"),
        (f"{{{limits.REPLICATION + 1}{{x}}}}", "bits of a replication"),
        ("x" * (limits.LINE + 1), "characters of a line"),
        ("case (x)\n" + "1'd0: y = 0;\n" * (limits.CASE_ARMS + 1) + "endcase\n", "arms of a case"),
        ("{" + "a,\n" * limits.ELEMENTS + "a}", "elements of a concatenation"),
    ],
)
def test_what_no_tool_takes_is_not_rendered(text: str, what: str) -> None:
    with pytest.raises(limits.TooWideError, match=rf"core\.v: {what}: [\d,]+; tools take"):
        limits.check("core.v", text)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (
            {"mh": 4096, "pe": 4096, "mw": 1024, "simd": 1024},
            "pe \\* simd, the bits of a word of weights, must be at most",
        ),
        ({"mh": 4096, "pe": 4096, "mw": 64, "simd": 1, "out_bits": 0}, "an output word must have at most 16,384 bits"),
        (
            {"mh": 1024, "pe": 512, "mw": 64, "simd": 2, "out_bits": 8, "in_bits": 8},
            "rows of 255 thresholds of 15 bits: they must have at most",
        ),
    ],
)
def test_a_unit_that_is_too_wide_is_refused(values: dict[str, int], error: str) -> None:
    core = ip.get("mvtu")
    with pytest.raises(InputError, match=error):
        core.emit(core.build(values))
