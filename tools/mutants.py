# SPDX-License-Identifier: Apache-2.0
"""Plant faults in a core and see whether its own tests notice; `make mutants CORE=dwc` calls it.

The core is rendered for each point of verif/mutants/<core>.yaml, or for the first examples of its IP where there is no
such file, and Yosys' `mutate` makes faults in the netlist: inverted, stuck, gated bits. A mutant is
killed      if a test of tests/ip/<core>/tb_<core>.py fails on it, in Icarus, or hangs
equivalent  else, if it is proved to do the same as the core (equal.py); it does not count
survived    else: a fault that no test sees

Exit code 0 when at least 97 % of what is not equivalent is killed, 1 when less is, 2 for bad usage or input.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from tools.equal import Design, Port, Verdict, ports, prove_equal, prove_equal_but_memories
from tools.report import ROOT, Figure, table, write_figures
from tools.yosys_run import YosysError, run_script

BUILD = ROOT / "build" / "mutants"
ASKED = 97.0
"""Per cent of the mutants that are not equivalent."""
EXAMPLES = 3
"""Points of a core that has no file of its own."""
_PROOF = 120
"""Seconds for a proof of equivalence; a mutant that stays undecided has survived."""
_NO_BUILD = 3
_FAILED_TEST = re.compile(r"cocotb\.regression\s+\S*?(\w+) failed")
_CLOCK = re.compile(r"-port \w*CLK\b")
_SOURCE = re.compile(r"-src (\S+?\.v:\d+)")


class TestError(RuntimeError):
    """The tests say nothing about mutants: they fail on the core itself, or do not build."""


@dataclass(frozen=True)
class Point:
    """One rendering of a core, read by Yosys: the folder with `original.il`, and what else a mutant of it needs."""

    name: str
    core: str
    folder: Path
    plan: Any
    module_ports: Sequence[Port]
    mutations: Sequence[str]
    timeout: float = 0.0


@dataclass(frozen=True)
class Mutant:
    """What became of one. `source` is where the fault sits, `fault` Yosys' command, `by` the test that failed."""

    point: str
    number: int
    result: str
    source: str
    fault: str
    by: str
    seconds: float


def point_name(values: Mapping[str, Any]) -> str:
    """A parameter set as the name of a folder."""
    return re.sub(r"[^\w=.-]", "_", "-".join(f"{name}={value}" for name, value in values.items())) or "defaults"


def prepare(core: str, values: Mapping[str, Any], count: int, seed: int) -> Point:
    """Render a core, read it and draw `count` mutations. Raises InputError or YosysError."""
    plan = ip.get(core).build(values)
    folder = BUILD / core / point_name(values)
    shutil.rmtree(folder, ignore_errors=True)
    files = of_core(plan).folder(plain=True)
    write_tree(folder, files)
    verilog = " ".join(path for path in files if path.endswith(".v"))
    script = [
        f"read_verilog -DFINN_FLATTEN {verilog}",
        f"prep -flatten -top {plan.module}",
        # As synthesis does: address and data of a memory that is not written are those for writing, not x.
        "opt_expr -mux_undef",
        "opt_clean",
        "write_rtlil original.il",
        "write_verilog original.v",
        f"mutate -list {2 * count} -seed {seed} -o mutations.txt",
    ]
    run_script(script, folder, "prepare")
    # A fault of a clock is none of the logic: without delays, a register that is half a cycle early hides it.
    drawn = (folder / "mutations.txt").read_text().splitlines()
    mutations = [mutation for mutation in drawn if not _CLOCK.search(mutation)][:count]
    module_ports = ports(Design([f"read_rtlil {folder}/original.il"], plan.module), folder)
    return Point(folder.name, core, folder, plan, module_ports, mutations)


def try_original(point: Point, seed: int) -> Point:
    """The point with a time limit for its mutants' tests; TestError unless the core itself passes them."""
    start = time.monotonic()
    failed = run_tests(point, point.folder / "original.v", point.folder / "original", seed, timeout=600)
    if failed:
        raise TestError(f"{point.name}: the tests fail on the core without a mutation: {failed}")
    return replace(point, timeout=30 + 4 * (time.monotonic() - start))


def run_mutant(point: Point, number: int, seed: int) -> Mutant:
    """Make mutant `number` of a point, run the tests on it, prove it equivalent if they all pass.

    In this order, since most tests of a mutant end within seconds and most proofs do not.
    """
    start = time.monotonic()
    fault = point.mutations[number]
    folder = point.folder / f"{number:04}"
    folder.mkdir(parents=True, exist_ok=True)
    original = Design([f"read_rtlil {point.folder}/original.il"], point.plan.module)
    mutant = Design([*original.read, fault], point.plan.module)
    run_script([*mutant.read, "write_verilog mutant.v"], folder, "mutant")
    by = run_tests(point, folder / "mutant.v", folder, seed, point.timeout)
    result = "killed" if by else "survived"
    if not by:
        proof = {"module_ports": point.module_ports, "timeout": _PROOF}
        if (
            prove_equal_but_memories(original, mutant, folder, **proof) is Verdict.EQUAL
            or prove_equal(original, mutant, folder, **proof) is Verdict.EQUAL
        ):
            result = "equivalent"
    sources = _SOURCE.findall(fault)
    shutil.rmtree(folder / "build", ignore_errors=True)
    seconds = round(time.monotonic() - start, 1)
    return Mutant(point.name, number, result, sources[-1] if sources else "?", fault, by, seconds)


def run_tests(point: Point, verilog: Path, folder: Path, seed: int, timeout: float) -> str:
    """The test that failed first, or what else went wrong; nothing if all passed."""
    folder.mkdir(parents=True, exist_ok=True)
    # spawn: a fork of a process that has threads may not start another program safely
    process = multiprocessing.get_context("spawn").Process(
        target=_simulate, args=(verilog, point.plan, f"tests.ip.{point.core}.tb_{point.core}", folder, seed)
    )
    process.start()
    end = time.monotonic() + timeout
    try:
        while process.is_alive():
            process.join(0.1)
            if failed := _first_failure(folder):
                return failed
            if time.monotonic() > end:
                return "(hangs)"
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
    said = folder / "said.txt"
    if process.exitcode == _NO_BUILD or (process.exitcode and not said.is_file()):
        raise TestError(f"{verilog}: {said.read_text() if said.is_file() else 'the simulation did not start'}")
    return said.read_text().splitlines()[0] if process.exitcode else ""


def _simulate(verilog: Path, plan: Any, bench: str, folder: Path, seed: int) -> None:
    """Run a test bench; in a process of its own, with a process group that can be killed."""
    os.setsid()
    os.environ |= {"SEED": str(seed), "SIM": "icarus", "FINN_BUILD": str(folder / "build")}
    from finn_verif import runner

    try:
        runner.simulate([verilog], plan.module, bench, plan=plan, name="mutant")
    except runner.SimulationError as error:
        (folder / "said.txt").write_text(str(error))
        sys.exit(_NO_BUILD if error.__cause__ else 1)


def _first_failure(folder: Path) -> str:
    for log in folder.glob("build/runs/*/sim.log"):
        if found := _FAILED_TEST.search(log.read_text(errors="replace")):
            return found[1]
    return ""


def known_survivors(core: str) -> dict[str, str]:
    """Reasons for what survives, by `<point> <fault>`."""
    described = _describe(core).get("survivors") or []
    return {f"{entry['point']} {entry['fault']}": entry["why"] for entry in described}


def _describe(core: str) -> dict[str, Any]:
    """The points of a core and what is known to survive; InputError if there is no such core."""
    examples = ip.get(core).examples[:EXAMPLES]
    path = ROOT / "verif" / "mutants" / f"{core}.yaml"
    return yaml.safe_load(path.read_text()) if path.is_file() else {"points": [dict(values) for values in examples]}


def report(core: str, mutants: Sequence[Mutant]) -> bool:
    """Print what survived and the sums, write the figures; return whether enough was killed."""
    reasons = known_survivors(core)
    for mutant in mutants:
        if mutant.result == "survived":
            why = reasons.get(f"{mutant.point} {mutant.fault}", "not explained yet")
            print(f"survived  {mutant.source}  {mutant.point} {mutant.number:04}  {mutant.fault}\n          {why}")
    results = ("killed", "equivalent", "survived")
    by_point = {point: Counter() for point in dict.fromkeys(m.point for m in mutants)}
    for mutant in mutants:
        by_point[mutant.point][mutant.result] += 1
    total = sum(by_point.values(), Counter())
    rows = [[name, *(counts[r] for r in results)] for name, counts in (*by_point.items(), ("all", total))]
    print(table((f"mutants of {core}", *results), rows))
    counted = total["killed"] + total["survived"]
    share = 100 * total["killed"] / counted if counted else 0.0
    figures = [
        Figure(f"{core} mutants killed of those that are not equivalent", round(share, 2), "%", ASKED),
        *(Figure(f"{core} mutants {result}", total[result], "mutants") for result in results),
    ]
    path = write_figures(f"mutants_{core}", figures)
    print(
        f"{total['killed']} of {counted} killed, {share:.1f} % (asked {ASKED:.0f}); written to {path.relative_to(ROOT)}"
    )
    return share >= ASKED


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, prove, test; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("core", help=", ".join(ip.NAMES))
    parser.add_argument("--count", type=int, default=200, help="mutants, spread over the points (default 200)")
    parser.add_argument("--point", default="", help="regular expression: only points whose name it finds")
    parser.add_argument("--seed", type=int, default=1, help="of mutations and tests (default 1)")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="mutants at a time (default 2)")
    parsed = parser.parse_args(arguments)
    try:
        chosen = [v for v in _describe(parsed.core)["points"] if re.search(parsed.point, point_name(v))]
        if not chosen or parsed.count < len(chosen):
            raise InputError(
                f"{len(chosen)} points match, for {parsed.count} mutants; take one point or more, and a mutant each"
            )
        with ThreadPoolExecutor(parsed.jobs) as pool:
            shares = [parsed.count // len(chosen) + (i < parsed.count % len(chosen)) for i in range(len(chosen))]
            drawn = [pool.submit(prepare, parsed.core, v, n, parsed.seed) for v, n in zip(chosen, shares, strict=True)]
            points = [future.result() for future in drawn]
            points = list(pool.map(lambda point: try_original(point, parsed.seed), points))
            jobs = [(point, number) for point in points for number in range(len(point.mutations))]
            work = pool.map(lambda job: run_mutant(*job, parsed.seed), jobs)
            mutants = list(tqdm(work, total=len(jobs), unit="mutant", disable=None))
    except (InputError, TestError, YosysError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    (BUILD / parsed.core / "mutants.json").write_text(json.dumps([asdict(m) for m in mutants], indent=1) + "\n")
    return 0 if report(parsed.core, mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
