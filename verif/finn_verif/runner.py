# SPDX-License-Identifier: Apache-2.0
"""Build and run a simulation from pytest, on cocotb's own runner, with a cache of builds.

Environment variables: SIM chooses the simulator (icarus or verilator) for every test, SEED repeats a run,
FINN_BUILD names the folder for builds and results instead of `build`, WAVES=1 records waveforms: <top>.fst in the
run's folder, with views for GTKWave and Surfer beside it.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from finn_verif import plan as plans
from finn_verif import seed as seeds
from finn_verif import waves
from finn_verif.exitcode import verdict

SIMULATORS = ("icarus", "verilator")
_BUILD_ARGS = {
    "icarus": ["-g2005", "-Wall", "-Wno-timescale"],
    # The last option undoes one of cocotb's runner; the .vlt file of _build makes the ports alone visible.
    "verilator": "-O1 --x-initial unique --x-assign unique --assert -Wno-fatal --no-public-flat-rw".split(),
}
_LOG_TAIL = 40
_SHADOWS = Path(__file__).parent / "shadows"
"""Modules that stand before others in a simulation."""


class SimulationError(AssertionError):
    """A build failed, a test failed, or none ran; the message says which, and how to repeat it."""


@dataclass(frozen=True)
class Result:
    """What a simulation left behind."""

    tests: tuple[str, ...]
    seed: int
    results: Path
    log: Path
    coverage: Path
    waves: Path | None = None


def simulator(default: str = "icarus") -> str:
    """Return the simulator to use: SIM from the environment, else the default.

    Raises ValueError for an unknown one.
    """
    chosen = os.environ.get("SIM", "").strip() or default
    if chosen not in SIMULATORS:
        raise ValueError(f"SIM={chosen!r}: must be one of {', '.join(SIMULATORS)}")
    return chosen


def build_root() -> Path:
    """Return the folder for builds and results."""
    return Path(os.environ.get("FINN_BUILD", "build")).absolute()


def simulate(
    sources: Sequence[Path],
    top: str,
    test_module: str,
    *,
    plan: object = None,
    parameters: Mapping[str, object] | None = None,
    sim: str | None = None,
    data: Sequence[Path] = (),
    name: str | None = None,
    build_args: Sequence[str] = (),
    plusargs: Sequence[str] = (),
    test_filter: str | None = None,
    shown: waves.Groups | None = None,
) -> Result:
    """Build a design unless that was done before, run a cocotb test module on it, and judge the results.

    sources      Verilog files; their contents, with `parameters` and the tools, key the cache of builds
    top          top module
    test_module  name of the test bench module, dotted if it is in a package; it has to be on sys.path
    plan         handed to the test bench by way of FINN_PLAN: a path of a JSON file, or a mapping or
                 dataclass that is written as one
    parameters   Verilog parameters of the top module
    sim          simulator when SIM does not say otherwise
    data         files that the design reads when it runs (`$readmemh`); linked into the run's folder
    name         names the run's results, log and coverage; by default top and a digest of the point
    build_args   further arguments for the compiler
    plusargs     arguments for the design's `$value$plusargs`
    test_filter  regular expression: run only the matching tests, and leave the coverage unjudged
    shown        what the views of the waveforms show; the ports of the top module if not given

    Raises SimulationError.
    """
    sim = simulator(sim or "icarus")
    seed = seeds.choose()
    folder = _build(sim, [Path(s).absolute() for s in sources], top, dict(parameters or {}), list(build_args))
    plan_text = _plan_text(plan)
    bench = test_module.rpartition(".")[2]
    places = _Places.of(f"{bench}-{name or f'{top}-{_digest(plan_text, folder.name)[:8]}'}-{sim}")
    with _locked(places.run.with_name(f"{places.run.name}.lock")):
        places.prepare(data)
        left = _run(
            sim,
            places,
            test_module=test_module,
            hdl_toplevel=top,
            build_dir=folder,
            seed=seed,
            plusargs=_plusargs(sim, places.recording(top), seed, plusargs),
            test_args=_test_args(sim, places.recording(top)),
            extra_env=_environment(places, plan_text, seed),
            test_filter=test_filter,
        )
        recording = _views(sources, top, places, shown)
        problem = verdict(places.results) or (left and f"all tests passed, but the simulator left with {left}")
        if problem:
            raise SimulationError(_explain(problem, places.results, places.log, sim, seed))
        # Read here: without the lock another process may begin the same run anew.
        passed = _passed(places.results)
    return Result(passed, seed, places.results, places.log, places.coverage, recording)


def _views(sources: Sequence[Path], top: str, places: "_Places", shown: waves.Groups | None) -> Path | None:
    """Write the views of the waveforms; where these are, or None if there are none."""
    recording = places.recording(top)
    if not recording.is_file():
        return None
    if shown is None:
        shown = waves.ports("\n".join(Path(source).read_text() for source in sources), top)
    waves.write_views(recording, shown)
    return recording


@dataclass(frozen=True)
class _Places:
    """Where a run leaves what: its folder, and the files of its results and of its coverage."""

    run: Path
    results: Path
    coverage: Path

    @classmethod
    def of(cls, name: str) -> "_Places":
        root = build_root()
        return cls(root / "runs" / name, root / "results" / f"{name}.xml", root / "coverage" / f"{name}.xml")

    @property
    def log(self) -> Path:
        return self.run / "sim.log"

    def recording(self, top: str) -> Path:
        """Where waveforms go."""
        return self.run / f"{top}.fst"

    def prepare(self, data: Sequence[Path]) -> None:
        """An empty folder but for links to `data`, and no file of a run before."""
        shutil.rmtree(self.run, ignore_errors=True)
        self.run.mkdir(parents=True)
        for file in data:
            (self.run / Path(file).name).symlink_to(Path(file).absolute())
        for file in (self.results, self.coverage):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)


def _environment(places: _Places, plan_text: str, seed: int) -> dict[str, str]:
    """What the test bench finds in its environment; the plan goes to a file."""
    environment = {
        "SEED": str(seed),
        "FINN_COVERAGE": str(places.coverage),
        "COCOTB_REWRITE_ASSERTION_FILES": "",  # our assertions explain themselves, and it costs time
    }
    if plan_text:
        (places.run / plans.FILE).write_text(plan_text)
        environment["FINN_PLAN"] = str(places.run / plans.FILE)
    return environment


def _plusargs(sim: str, recording: Path, seed: int, plusargs: Sequence[str]) -> list[str]:
    """The design's arguments, and the simulator's own before them."""
    if sim == "verilator":
        return ["+verilator+rand+reset+2", f"+verilator+seed+{1 + seed % 0x7FFFFFFF}", *plusargs]
    if waves.wanted():
        return [f"+dumpfile_path={recording}", *plusargs]
    return list(plusargs)


def _test_args(sim: str, recording: Path) -> list[str]:
    """Arguments of the simulation's program, which Verilator's waveforms take."""
    return ["--trace-file", str(recording)] if sim == "verilator" and waves.wanted() else []


def _run(sim: str, places: _Places, **arguments: Any) -> int | str | None:
    """Run the tests by cocotb's runner; what the simulator left with, None if it was well."""
    try:
        with _first_on_path(_SHADOWS):
            _runner(sim).test(
                hdl_toplevel_lang="verilog",
                test_dir=places.run,
                results_xml=str(places.results),
                log_file=places.log,
                **arguments,
            )
    except SystemExit as exit:  # cocotb's runner does so when a test failed
        return exit.code
    return None


@contextlib.contextmanager
def _first_on_path(folder: Path) -> Iterator[None]:
    """Let cocotb's runner, which hands sys.path on, put a folder before all others."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _runner(sim: str):
    import logging

    from cocotb_tools.runner import get_runner

    if not waves.wanted():
        os.environ.pop(waves.VARIABLE, None)  # cocotb's runner takes WAVES=0 for a yes when it builds
    runner = get_runner(sim)
    runner.log.setLevel(logging.ERROR)
    return runner


def _build(sim: str, sources: list[Path], top: str, parameters: dict, build_args: list[str]) -> Path:
    """Return the folder of the build, made now or before, by this process or another."""
    arguments = _BUILD_ARGS[sim] + build_args
    recorded = waves.wanted()
    if recorded and sim == "icarus":
        arguments = [argument for argument in arguments if argument != "-g2005"]  # cocotb adds a file in SystemVerilog
    elif recorded:
        arguments = [*arguments, "--trace-fst"]
    key = _digest(
        *(f"{source.name}\n{source.read_text()}" for source in sources),
        json.dumps([top, parameters, arguments, recorded, _tool_version(sim)], sort_keys=True, default=str),
    )
    folder = build_root() / "sim" / f"{top}-{sim}-{key[:16]}"
    with _locked(folder.with_suffix(".lock")):
        if (folder / "done").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        log = folder / "build.log"
        try:
            _runner(sim).build(
                sources=[*_visible(sim, folder, top), *sources],
                hdl_toplevel=top,
                parameters=parameters,
                build_args=arguments,
                build_dir=folder,
                timescale=("1ns", "1ps"),
                log_file=log,
            )
        except subprocess.CalledProcessError as error:
            raise SimulationError(f"{sim} does not build {top}:\n{_tail(log)}") from error
        (folder / "done").touch()
    return folder


def _visible(sim: str, folder: Path, top: str) -> list:
    """Return what shows the test bench the ports of the top module, and nothing else of it.

    To make every signal visible, as cocotb's runner does, costs Verilator two thirds of its speed.
    """
    if sim != "verilator":
        return []
    from cocotb_tools.runner import VerilatorControlFile

    file = folder / "ports.vlt"
    file.write_text(f'`verilator_config\npublic_flat_rw -module "{top}" -port "*"\n')
    return [VerilatorControlFile(file)]


@functools.cache
def _tool_version(sim: str) -> str:
    """Return a text that changes with the simulator and with cocotb, whose library is linked in."""
    from importlib.metadata import version

    command = {"icarus": ["iverilog", "-V"], "verilator": ["verilator", "--version"]}[sim]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SimulationError(f"{command[0]} does not run: {error}; `make setup` installs it") from error
    return f"{said.splitlines()[0]} cocotb {version('cocotb')}"


def _plan_text(plan: object) -> str:
    if plan is None:
        return ""
    if isinstance(plan, Path):
        return plan.read_text()
    fields = asdict(plan) if is_dataclass(plan) and not isinstance(plan, type) else plan
    return json.dumps(fields, indent=1, sort_keys=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock among processes; it ends with the process at the latest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()


def _passed(results: Path) -> tuple[str, ...]:
    cases = ElementTree.parse(results).iter("testcase")
    return tuple(str(case.get("name")) for case in cases if case.find("skipped") is None)


def _explain(problem: str, results: Path, log: Path, sim: str, seed: int) -> str:
    lines = [f"{problem} (SIM={sim} SEED={seed} repeats it; log: {log})"]
    if results.is_file():
        for case in ElementTree.parse(results).iter("testcase"):
            failure = case.find("failure")
            if failure is not None:
                lines.append(f"  {case.get('name')}: {failure.get('error_type')}: {failure.get('error_msg')}")
    else:
        lines.append(_tail(log))
    return "\n".join(lines)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_TAIL:]) if log.is_file() else "(no log)"
