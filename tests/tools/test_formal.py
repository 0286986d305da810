# SPDX-License-Identifier: Apache-2.0
"""The proofs' own machinery: that it can fail, and that it keeps results no longer than they hold."""

from dataclasses import replace
from pathlib import Path

import pytest

from finn_work import Workers
from tools import equal, formal
from tools.equal import Design, Verdict
from tools.formal import Outcome, Task
from tools.yosys_run import YosysError

PROOFS, BUGS = formal.collect()
SLICE = next(proof for proof in PROOFS if proof.name == "reg_slice-1")

ADDER = "module t (input [2:0] a, input [2:0] b, output [3:0] y); assign y = {}; endmodule\n"
STAGE = """
module t (input aclk, input aresetn, input [1:0] s_axis_tdata, input s_axis_tvalid,
          output reg [1:0] m_axis_tdata, output reg m_axis_tvalid);
    always @(posedge aclk) m_axis_tdata <= {data};
    always @(posedge aclk) m_axis_tvalid <= {valid};
endmodule
"""


def attempt(task: Task, build: Path) -> Outcome:
    (outcome,) = formal.run([task], Workers(1), build)
    return outcome


def compare(tmp_path: Path, gold: str, gate: str) -> Verdict:
    designs = []
    for name, text in (("gold", gold), ("gate", gate)):
        (tmp_path / f"{name}.v").write_text(text)
        designs.append(Design.of_files([tmp_path / f"{name}.v"], "t"))
    return equal.prove_equal(*designs, tmp_path / "equal")


@pytest.mark.parametrize("mode", ["prove", "cover", "paths"])
def test_a_proof_is_kept_until_its_core_changes(tmp_path: Path, mode: str) -> None:
    task = Task(SLICE.name, mode, SLICE)
    assert not attempt(task, tmp_path).cached
    assert attempt(task, tmp_path).cached
    changed = {name: text + "// changed\n" for name, text in SLICE.sources.items()}
    outcome = attempt(replace(task, proof=replace(SLICE, sources=changed)), tmp_path)
    assert outcome.passed and not outcome.cached


def test_a_module_of_the_proof_may_be_among_the_sources(tmp_path: Path) -> None:
    core = replace(SLICE, modules={"extra": {}}, sources={**SLICE.sources, "extra.sv": "module extra; endmodule\n"})
    assert all(attempt(Task("extra", mode, core), tmp_path).passed for mode in ("prove", "paths"))
    changed = replace(core, sources={**core.sources, "extra.sv": "module extra; wire x; endmodule\n"})
    assert not attempt(Task("extra", "prove", changed), tmp_path).cached


def test_a_cover_statement_out_of_reach_fails(tmp_path: Path) -> None:
    assert attempt(Task("short", "cover", replace(SLICE, cover_depth=2)), tmp_path).status == "FAIL"


def test_verilog_that_does_not_parse_is_an_error(tmp_path: Path) -> None:
    broken = replace(SLICE, sources={"finn_reg_slice.v": "module finn_reg_slice ("})
    for mode in ("prove", "cover", "paths"):
        for bug in (False, True):
            outcome = attempt(Task("broken", mode, broken, bug), tmp_path)
            assert (outcome.status, outcome.passed) == ("ERROR", False)


def test_a_bug_in_a_core_makes_the_exit_code_1(tmp_path: Path, monkeypatch, capsys) -> None:
    bug = next(bug for bug in BUGS if bug.name == "reg_slice-loses-the-skid-word")
    monkeypatch.setattr(formal, "collect", lambda: ([bug.planted()], []))
    monkeypatch.setattr(formal, "BUILD", tmp_path)
    assert formal.main([]) == 1
    assert "2 passed, 1 failed" in capsys.readouterr().out
    assert (tmp_path / bug.name / "prove" / "run" / "engine_0" / "trace.vcd").is_file()


def test_a_bug_that_cannot_be_planted_is_refused() -> None:
    with pytest.raises(ValueError, match="stands 0 times"):
        replace(BUGS[0], old="no such text").planted()


def test_every_core_has_a_planted_bug() -> None:
    assert {proof.core for proof in PROOFS} == {bug.proof.core for bug in BUGS}


def test_logic_written_in_two_ways_is_equal(tmp_path: Path) -> None:
    assert compare(tmp_path, ADDER.format("a + b"), ADDER.format("b - ~{1'b0, a} - 4'd1")) is Verdict.EQUAL


def test_logic_that_differs_for_one_input_is_different(tmp_path: Path) -> None:
    other = ADDER.format("a == 3'd5 && b == 3'd2 ? 4'd0 : a + b")
    assert compare(tmp_path, ADDER.format("a + b"), other) is Verdict.DIFFERENT


def test_data_of_a_stream_counts_while_it_is_valid(tmp_path: Path) -> None:
    gold = STAGE.format(data="s_axis_tdata", valid="aresetn && s_axis_tvalid")
    masked = STAGE.format(data="s_axis_tdata & {2{s_axis_tvalid}}", valid="aresetn && s_axis_tvalid")
    assert compare(tmp_path, gold, masked) is Verdict.EQUAL
    cleared = STAGE.format(data="s_axis_tdata & {2{!s_axis_tvalid}}", valid="aresetn && s_axis_tvalid")
    assert compare(tmp_path, gold, cleared) is Verdict.DIFFERENT


def test_a_register_that_reset_leaves_as_it_is_differs(tmp_path: Path) -> None:
    gold = STAGE.format(data="s_axis_tdata", valid="aresetn && s_axis_tvalid")
    assert compare(tmp_path, gold, STAGE.format(data="s_axis_tdata", valid="s_axis_tvalid")) is Verdict.DIFFERENT


def test_modules_with_other_ports_are_refused(tmp_path: Path) -> None:
    with pytest.raises(YosysError, match="different ports"):
        compare(tmp_path, ADDER.format("a + b"), ADDER.format("a + b").replace("[3:0] y", "[4:0] y"))


MEMORY = """
module t (input aclk, input aresetn, input [7:0] word, output [7:0] oldest);
    reg [7:0] memory [0:{depth}];
    reg [2:0] place_q;
    assign oldest = memory[place_q];
    always @(posedge aclk) if (aresetn) memory[{write}] <= word;
    always @(posedge aclk) place_q <= !aresetn || place_q == {last} ? 3'd0 : place_q + 1'b1;
endmodule
"""


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"last": "3'd5 || place_q == 3'd7"}, Verdict.EQUAL),
        ({"write": "place_q == 3'd5 ? 3'd4 : place_q"}, Verdict.DIFFERENT),
        ({"last": "3'd6"}, Verdict.DIFFERENT),
        ({"depth": 6}, None),
    ],
)
def test_what_uses_a_memory_alike_is_equal(tmp_path: Path, changed: dict, verdict: Verdict | None) -> None:
    designs = []
    for name, values in (("gold", {}), ("gate", changed)):
        text = MEMORY.format(**{"depth": 5, "write": "place_q", "last": "3'd5"} | values)
        (tmp_path / f"{name}.v").write_text(text)
        designs.append(Design.of_files([tmp_path / f"{name}.v"], "t"))
    ports = equal.ports(designs[0], tmp_path)
    assert equal.prove_equal_but_memories(*designs, tmp_path / "equal", module_ports=ports) is verdict


def test_designs_without_memories_are_not_compared_around_them(tmp_path: Path) -> None:
    (tmp_path / "t.v").write_text(ADDER.format("a + b"))
    design = Design.of_files([tmp_path / "t.v"], "t")
    ports = equal.ports(design, tmp_path)
    assert equal.prove_equal_but_memories(design, design, tmp_path / "equal", module_ports=ports) is None
