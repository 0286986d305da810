# SPDX-License-Identifier: Apache-2.0
"""Pages of reference: every command with its options, as it tells them itself, and the Python API from docstrings."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from finn_gen import cli
from tools import run, system
from tools.report import ROOT

API = {
    "finn_gen": (
        "Plan and render accelerators from Python.",
        (
            *(
                "finn_gen.request",
                "finn_gen.network.model",
                "finn_gen.formats.description",
                "finn_gen.formats.params_npz",
            ),
            *("finn_gen.plan.folding", "finn_gen.plan.network", "finn_gen.emit.accelerator", "finn_gen.emit.system"),
            *("finn_gen.emit.bundle", "finn_gen.ip", "finn_gen.base.errors"),
        ),
    ),
    "finn_verif": (
        "Verify AXI-Stream cores of one's own, and compute what a network must answer.",
        (
            *(
                "finn_verif.stream_test",
                "finn_verif.axis",
                "finn_verif.axi4",
                "finn_verif.env",
                "finn_verif.scoreboard",
            ),
            *("finn_verif.throttle", "finn_verif.runner", "finn_verif.waves", "finn_verif.ref.layers"),
            "finn_verif.ref.networks",
        ),
    ),
    "finn_driver": ("Use an accelerator on a board.", ("finn_driver",)),
}
"""Packages, what they are for, and the modules that others may call."""


def write(into: Path) -> dict[str, Path]:
    """Write the pages; by title, relative to the folder."""
    pages = {"Command line": Path("reference/cli.md"), "make": Path("reference/make.md")}
    (into / "reference").mkdir(parents=True, exist_ok=True)
    (into / pages["Command line"]).write_text(_commands(), encoding="utf-8")
    (into / pages["make"]).write_text(_targets(), encoding="utf-8")
    for package, (what, modules) in API.items():
        pages[package] = Path(f"reference/{package}.md")
        parts = [f"# `{package}`\n\n{what}\n", *(f"## {name}\n\n::: {name}\n" for name in modules)]
        (into / pages[package]).write_text("\n".join(parts), encoding="utf-8")
    return pages


def _commands() -> str:
    """`finn-gen` and what `make run` and `make system` call, with their help."""
    parts = [
        "# Commands\n\n`finn-gen` is installed with the package of that name, the others are of this repository.\n"
    ]
    for name, parser in _parsers():
        parser.prog = name
        parts.append(f"## `{name}`\n\n```text\n{parser.format_help().strip()}\n```\n")
    return "\n".join(parts)


def _parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    top = cli.parser()
    yield "finn-gen", top
    (commands,) = (each for each in top._actions if isinstance(each, argparse._SubParsersAction))
    for name, parser in commands.choices.items():
        yield f"finn-gen {name}", parser
    yield "python -m tools.run", run.parser()
    yield "python -m tools.system", system.parser()


def _targets() -> str:
    """The targets of the Makefile."""
    found = re.findall(r"^([a-z][\w-]*):.*## (.*)$", (ROOT / "Makefile").read_text(), re.M)
    rows = [f"| `make {name}` | {what.replace('|', chr(92) + '|')} |" for name, what in found]
    return "\n".join(["# `make`\n", "| target | what it does |", "| --- | --- |", *rows, ""])
