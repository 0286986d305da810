# SPDX-License-Identifier: Apache-2.0
"""The points at which a core is timed, and the budget of each: ip/<core>/timing.yaml.

A core without the file has the sizes of its page as points, and no budget yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from finn_gen import ip
from finn_gen.base.files import write_if_changed
from finn_gen.ip import Benchmark
from tools.report import ROOT

_HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Where `make bench-timing` times the core, and what `make levels` holds: the most LUTs, carry chains and carry cells on
# a path between registers, the largest fan-out, nanoseconds by the model of 7-series. A point with `budget: none` is
# too large for that. `make levels CORE={core} ARGS=--write` tightens the budgets, `ARGS=--loosen` writes what it
# measures.
points:
"""
Budget = Mapping[str, float]
"""The most that is allowed of each figure of `tools.timing.levels.Levels`."""


@dataclass(frozen=True)
class Point:
    """Parameters of a core under a name, and a budget for each family; `held` says whether there shall be one."""

    name: str
    values: Mapping[str, Any]
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    held: bool = True

    @property
    def benchmark(self) -> Benchmark:
        """As what `tools.synth.rendered` renders."""
        return Benchmark(self.name, self.values, {})


def path_of(core: str) -> Path:
    """Where a core's points stand."""
    return ROOT / "ip" / core / "timing.yaml"


def load(core: str) -> tuple[Point, ...]:
    """The points of a core. Raises InputError for parameters that the core refuses."""
    found, path = ip.get(core), path_of(core)
    if not path.is_file():
        return tuple(Point(benchmark.name, benchmark.values) for benchmark in found.benchmarks)
    points = []
    for entry in yaml.safe_load(path.read_text())["points"]:
        found.check(entry["values"])
        budgets = {name: entry[name] for name in entry.keys() - {"name", "values", "budget"}}
        points.append(Point(entry["name"], entry["values"], budgets, entry.get("budget") != "none"))
    return tuple(points)


def write(core: str, points: Sequence[Point]) -> bool:
    """Write the points of a core; whether that changed the file."""
    return write_if_changed(path_of(core), _HEADER.format(core=core) + "".join(map(_text, points)))


def _text(point: Point) -> str:
    lines = [f"  - name: {json.dumps(point.name)}", f"    values: {_flow(point.values)}"]
    lines += [] if point.held else ["    budget: none"]
    lines += [f"    {family}: {_flow(point.budgets[family])}" for family in sorted(point.budgets, reverse=True)]
    return "".join(f"{line}\n" for line in lines)


def _flow(values: Mapping[str, Any]) -> str:
    """A mapping in one line."""
    return yaml.safe_dump(dict(values), default_flow_style=True, sort_keys=False, width=1000).strip()
