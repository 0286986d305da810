# SPDX-License-Identifier: Apache-2.0
"""The page that says how the cores are verified, with the numbers of the last run, from the files that it left."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree

from tools.report import ROOT

TEXT = """\
# How it is verified

Every core is a StreamCore to one verification environment ([finn_verif](verif/README.md)): random frames, stalls and
resets on Icarus and Verilator, a scoreboard against integers, coverage that must close, cycles that must be those of
the plan. Its control is proved by SymbiYosys with Yosys ([formal](verif/formal/README.md)); faults are planted to see
what the tests miss. Whole networks are compared with the integer reference, every score, and with the cycle-accurate
model at every stage boundary.

The tables are those of the last run on the machine that built this site. What has no table was not run there.
"""


def page(build: Path = ROOT / "build") -> str:
    """The page, of the files below a folder `build`."""
    parts = [TEXT, *_tests(build / "results" / "junit.xml"), *_coverage(build / "coverage")]
    parts += [*_proofs(build / "formal" / "summary.json"), *_mutants(build / "mutants"), *_figures(build / "bench")]
    return "\n".join(parts)


def _table(title: str, header: list[str], rows: list[list[object]]) -> list[str]:
    if not rows:
        return []
    lines = [header, ["---"] * len(header), *rows]
    return [f"## {title}\n", *("| " + " | ".join(map(str, line)) + " |" for line in lines), ""]


def _tests(path: Path) -> list[str]:
    """Tests by topic."""
    if not path.is_file():
        return []
    passed, skipped, failed = Counter(), Counter(), Counter()
    for case in ElementTree.parse(path).iter("testcase"):
        topic = ".".join(case.get("classname", "").split(".")[1:2])
        kind = failed if case.find("failure") is not None or case.find("error") is not None else passed
        (skipped if case.find("skipped") is not None else kind)[topic] += 1
    topics = sorted(passed | skipped | failed)
    rows = [[f"`tests/{topic}`", passed[topic], skipped[topic], failed[topic]] for topic in topics]
    return _table("Tests", ["topic", "passed", "skipped", "failed"], rows)


def _coverage(folder: Path) -> list[str]:
    """Functional coverage of the simulations of each bench."""
    found = defaultdict(list)
    for path in sorted(folder.glob("*.xml")) if folder.is_dir() else ():
        root = ElementTree.parse(path).getroot()
        # tb_planted has the environment look at faults, so that its runs end early.
        if root.get("cover_percentage") and not path.name.startswith("tb_planted"):
            found[path.name.partition("-")[0]].append(float(root.get("cover_percentage")))
    rows = [[f"`{bench}`", len(values), f"{min(values):g} %"] for bench, values in sorted(found.items())]
    return _table("Functional coverage", ["bench", "simulations", "least covered"], rows)


def _proofs(path: Path) -> list[str]:
    """Proofs by core."""
    if not path.is_file():
        return []
    counted = defaultdict(Counter)
    for outcome in json.loads(path.read_text()):
        counted[outcome["name"].partition("-")[0]][(outcome["mode"], bool(outcome["passed"]))] += 1
    rows = [
        [name, sum(count.values()), sum(number for (_, good), number in count.items() if good)]
        for name, count in sorted(counted.items())
    ]
    return _table("Proofs", ["core", "proofs, covers and planted bugs", "as they must be"], rows)


def _mutants(folder: Path) -> list[str]:
    """Planted faults by core."""
    rows = []
    for path in sorted(folder.glob("*/mutants.json")):
        outcomes = Counter(mutant["result"] for mutant in json.loads(path.read_text()))
        rows.append(
            [path.parent.name, sum(outcomes.values()), ", ".join(f"{n} {what}" for what, n in outcomes.items())]
        )
    return _table("Planted faults", ["core", "planted", "of these"], rows)


def _figures(folder: Path) -> list[str]:
    """Figures of benchmarks for which something is asked."""
    rows = []
    for path in sorted(folder.glob("*.json")):
        figures = json.loads(path.read_text())
        for each in figures if isinstance(figures, list) else ():
            if isinstance(each, dict) and each.get("asked") is not None:
                rows.append([path.stem, each["name"], f"{each['value']:g} {each['unit']}", f"{each['asked']:g}"])
    return _table("Figures held against what was asked", ["benchmark", "figure", "measured", "asked"], rows)
