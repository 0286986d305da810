# SPDX-License-Identifier: Apache-2.0
"""Tests of the verification environment: every check fails on the bug that it is there for."""

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from finn_verif import runner, waves
from finn_verif.runner import Result, SimulationError, simulate
from tests.lib.commands import fusesoc
from tests.lib.paths import ROOT
from tests.lib.recorded import check_views

HERE = Path(__file__).parent
BENCH = "tests.verif.tb_planted"
PLANTED = {
    "valid_falls": "TVALID fell before the word was taken",
    "data_changes": "the stalled word changed",
    "last_changes": "the stalled word changed",
    "valid_in_reset": "TVALID is high in reset",
    "word_outlives_reset": "surplus word|must be 0x",
    "word_after_reset": "surplus word",
    "lost_word": "it is the word after, one was lost",
    "repeated_word": "it is the word before, repeated",
    "reordered_words": "or they changed places",
    "surplus_word": "surplus word",
    "no_last": "TLAST is 0, must be 1",
    "early_last": "TLAST is 1, must be 0",
    "padding": "the upper 4 bits of TDATA are not zero",
    "hang": "hang, no word moved",
    "valid_waits_for_ready": "hang, no word moved",
    "bubble": "the plan says",
    "late": "left 2 cycles after the first input word, the plan says 1",
    "slow_restart": "stalls explain only",
    "combinational_ready": "or say registered=False",
}
UNKNOWNS = {
    "unknown_valid": "TVALID is X",
    "unknown_data": "while TVALID is high",
    "unknown_ready": "TREADY is X",
}


def run(sim: str, bug: str = "none", **others) -> Result:
    return simulate([HERE / "planted.v"], "planted", BENCH, sim=sim, name=bug, plusargs=[f"+bug={bug}"], **others)


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_a_correct_core_passes(sim: str) -> None:
    result = run(sim)
    assert len(result.tests) == 38


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found_by_its_check(bug: str) -> None:
    with pytest.raises(SimulationError, match=PLANTED[bug]):
        run("icarus", bug)


@pytest.mark.parametrize("bug", ["valid_falls", "lost_word", "hang", "late", "combinational_ready"])
def test_verilator_finds_the_bug_too(bug: str) -> None:
    with pytest.raises(SimulationError, match=PLANTED[bug]):
        run("verilator", bug)


@pytest.mark.parametrize("bug", UNKNOWNS)
def test_an_unknown_value_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIM", raising=False)  # Verilator knows no X
    with pytest.raises(SimulationError, match=UNKNOWNS[bug]):
        run("icarus", bug)


def test_coverage_that_does_not_close_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINN_UNCLOSED", "1")
    with pytest.raises(SimulationError, match=r"1 of 38 tests failed[^$]*1 bins were never hit: tb_planted.never:hit"):
        run("icarus")


def test_a_scenario_that_sees_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINN_IDLE", "1")
    with pytest.raises(SimulationError, match="m_axis: not one word was seen, nothing was tested"):
        run("icarus", test_filter="test_nothing_happens")


def test_a_run_without_tests_fails() -> None:
    with pytest.raises(SimulationError, match="no test ran"):
        run("icarus", test_filter="test_of_another_name")


def test_a_simulator_that_spins_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINN_TIMEOUT", "5")
    with pytest.raises(SimulationError, match=r"no test ran to its end[^$]*Timeout"):
        run("icarus", "endless_loop")


def test_only_the_first_failing_test_runs_when_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINN_FAIL_FAST", "1")
    with pytest.raises(SimulationError, match="not run, test_full_source_full_sink failed"):
        run("icarus", "late")


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_the_seed_repeats_a_run(sim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def summary(seed: str) -> list[str]:
        monkeypatch.setenv("SEED", seed)
        lines = run(sim, test_filter="mix|random").log.read_text().splitlines()
        return [" ".join(line.split()[1:4]) for line in lines if "PASS " in line]

    assert summary("1") == summary("1") != summary("2")


def test_a_seed_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED", "today")
    with pytest.raises(ValueError, match="SEED='today': must be an integer from 0 up"):
        run("icarus")


def test_a_simulator_of_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM", "ghdl")
    with pytest.raises(ValueError, match="SIM='ghdl': must be one of icarus, verilator"):
        run("icarus")


FUSESOC_CORE = """CAPI=2:
name: acme:test:planted:1.0.0
filesets:
  all:
    files:
      - planted.v: {file_type: verilogSource}
      - tb_planted.py: {file_type: user, copyto: tb_planted.py}
targets:
  sim:
    flow: sim
    flow_options:
      tool: verilator
      cocotb_module: finn_verif,tb_planted
      timescale: 1ns/1ps
      verilator_options: [--timescale, 1ns/1ps]
    filesets: [all]
    toplevel: planted
"""


def fusesoc_run(folder: Path, tool: str, verilog: str, bench: str) -> subprocess.CompletedProcess:
    (folder / "planted.core").write_text(FUSESOC_CORE)
    (folder / "planted.v").write_text(verilog)
    (folder / "tb_planted.py").write_text(bench)
    return fusesoc(folder, "run", "--target", "sim", "acme:test:planted", "--tool", tool)


@pytest.mark.parametrize("tool", ["icarus", "verilator"])
def test_fusesoc_fails_just_when_a_test_fails(tool: str, tmp_path: Path) -> None:
    verilog, bench = (HERE / "planted.v").read_text(), (HERE / "tb_planted.py").read_text()
    good = fusesoc_run(tmp_path, tool, verilog, bench)
    assert good.returncode == 0, good.stdout + good.stderr
    bad = fusesoc_run(tmp_path, tool, verilog.replace('bug = "none"', 'bug = "lost_word"'), bench)
    assert bad.returncode == 1
    assert "tests failed, the first: tb_planted." in bad.stdout + bad.stderr


@pytest.mark.parametrize(
    "bench", ["import finn_verif", "import finn_verif\nimport no_such_module", "this is no Python", "import cocotb"]
)
def test_fusesoc_fails_when_no_test_runs(bench: str, tmp_path: Path) -> None:
    result = fusesoc_run(tmp_path, "icarus", (HERE / "planted.v").read_text(), bench)
    assert result.returncode == 1, result.stdout + result.stderr


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_a_core_of_several_inputs_and_outputs_passes(sim: str) -> None:
    simulate([HERE / "join_streams.v"], "join_streams", "tests.verif.tb_join_streams", sim=sim)


def write_example(folder: Path) -> None:
    """Write the files of the page's example: a name in backquotes on a line of its own, then the text."""
    page = (ROOT / "verif" / "README.md").read_text()
    files = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    assert sorted(files) == ["pair_sum.v", "tb_pair_sum.py", "test_pair_sum.py"]
    for name, text in files.items():
        (folder / name).write_text(text)


def run_pytest(folder: Path) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
    )


def test_the_example_of_the_page_passes_in_a_folder_of_its_own(tmp_path: Path) -> None:
    write_example(tmp_path)
    result = run_pytest(tmp_path)
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout


def test_the_example_of_the_page_fails_with_a_wrong_sum(tmp_path: Path) -> None:
    write_example(tmp_path)
    core = tmp_path / "pair_sum.v"
    core.write_text(core.read_text().replace("first_q + s_axis_tdata", "first_q - s_axis_tdata"))
    result = run_pytest(tmp_path)
    assert result.returncode == 1
    assert "m_axis, cycle" in result.stdout


def test_a_build_is_used_again_until_something_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINN_BUILD", str(tmp_path / "build"))
    source = tmp_path / "planted.v"
    source.write_text((HERE / "planted.v").read_text())

    def builds(text: str = "", **others) -> int:
        if text:
            source.write_text(text)
        simulate([source], "planted", BENCH, sim="icarus", test_filter="full_source_full", **others)
        return len(list((tmp_path / "build" / "sim").glob("*/done")))

    assert [builds(), builds(), builds(text=source.read_text() + "// changed\n")] == [1, 1, 2]
    assert builds(build_args=["-DUNUSED"]) == 3


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_waveforms_are_recorded_when_told_so(sim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVES", "1")
    result = run(sim, test_filter="full_source_full")
    assert result.waves == result.log.with_name("planted.fst")
    shown = waves.ports((HERE / "planted.v").read_text(), "planted")
    assert list(shown) == ["others", "s_axis", "m_axis"]
    check_views(result.waves, [signal.name for group in shown.values() for signal in group])


def test_waveforms_are_not_recorded_unless_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVES", "0")
    result = run("icarus", test_filter="full_source_full")
    assert result.waves is None and not list(result.log.parent.glob("*.fst"))


def test_a_design_that_does_not_build_is_reported_with_the_compilers_words(tmp_path: Path) -> None:
    source = tmp_path / "broken.v"
    source.write_text("module broken (input wire aclk;\nendmodule\n")
    with pytest.raises(SimulationError, match=r"does not build broken:[^$]*syntax error"):
        simulate([source], "broken", BENCH, sim="icarus")


def test_results_are_read_before_another_process_may_replace_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINN_BUILD", str(tmp_path))
    read = runner._passed

    def passed(results: Path) -> tuple[str, ...]:
        (lock,) = (tmp_path / "runs").glob("*.lock")
        with lock.open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return read(results)

    monkeypatch.setattr(runner, "_passed", passed)
    assert simulate([HERE / "planted.v"], "planted", BENCH, sim="icarus", test_filter="full").tests


def test_two_processes_that_want_the_same_build_share_it(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from finn_verif.runner import simulate;"
        f"simulate([Path({str(HERE / 'planted.v')!r})], 'planted', {BENCH!r}, sim='icarus', test_filter='full')"
    )
    environment = {**os.environ, "FINN_BUILD": str(tmp_path), "PYTHONPATH": str(ROOT)}
    processes = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(list((tmp_path / "sim").glob("*/done"))) == 1


def test_a_bench_gets_pytest_and_cocotb_goes_without() -> None:
    program = """
import sys, cocotb
assert cocotb.__version__ and "pytest" not in sys.modules
import pytest
with pytest.raises(ValueError):
    int("x")
assert sys.modules["pytest"] is pytest
"""
    shadows = Path(runner.__file__).parent / "shadows"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(shadows)}, check=True)
