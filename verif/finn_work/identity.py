# SPDX-License-Identifier: Apache-2.0
"""What a worker is: digests of the sources that it runs, versions of the distributions and programs that it calls."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from finn_work.piece import Needs

CHECKOUT = Path(__file__).resolve().parents[2]
"""The repository where this package is used in place; tools and tests lie there, and are not installed."""
PROGRAMS = {"verilator": "--version", "iverilog": "-V", "g++": "--version", "make": "--version"}
"""Programs that can be needed, and what makes them tell their version."""
MISSING = "none"
_SOURCES = {".py", ".j2", ".v", ".sv", ".vh", ".yaml", ".core", ".tcl", ".js"}
_LIBRARY = ("rtl", "ip", "accel", "fpga")
"""What the generator reads beside its own package, and carries inside of it where it is installed."""
_CPU_LINE = re.compile(r"^(?:model name|flags)\s*:.*$", re.MULTILINE)


def use_checkout() -> None:
    """Let `tools`, `tests` and `verif` be imported, and programs beside this Python be found, from any folder."""
    if (CHECKOUT / "tools").is_dir() and str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    beside = str(Path(sys.executable).parent)
    if beside not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"


def of(needs: Needs) -> dict[str, str]:
    """What this machine has of `needs`, by name; `MISSING` for what it does not have."""
    use_checkout()
    said = {"Python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    said |= {f"sources of {name}": _package(name) for name in ("finn_work", *needs.packages)}
    said |= {name: _distribution(name) for name in needs.distributions}
    return said | {name: _program(name) for name in needs.programs}


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What is missing or another, in words; `found` has all names of `expected`."""
    said = []
    for name, value in expected.items():
        there = found.get(name, MISSING)
        if there == MISSING:
            said.append(f"no {name}")
        elif value not in (there, MISSING):
            said.append(f"{name}: {there} there, {value} here")
    return said


def kind_of_machine() -> str:
    """A digest that is the same for machines that can run each other's compiled programs."""
    try:
        cpu = "".join(sorted(set(_CPU_LINE.findall(Path("/proc/cpuinfo").read_text()))))
    except OSError:
        cpu = platform.processor()
    return _digest([platform.machine(), platform.libc_ver()[1], cpu, *map(_program, PROGRAMS)])


@functools.cache
def _package(name: str) -> str:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None:
        return MISSING
    roots = [Path(place) for place in spec.submodule_search_locations or [Path(spec.origin).parent]]
    files = {path.relative_to(root).as_posix(): path for root in roots for path in _sources(root)}
    if name == "finn_gen":
        library = roots[0] / "library" if (roots[0] / "library").is_dir() else roots[0].parents[1]
        files = {name: path for name, path in files.items() if not name.startswith("library/")}
        for folder in _LIBRARY:
            files |= {path.relative_to(library).as_posix(): path for path in _sources(library / folder)}
    return _digest(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for name, path in sorted(files.items()))


def _sources(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.suffix in _SOURCES and path.is_file()]


def _distribution(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING


@functools.cache
def _program(name: str) -> str:
    if not shutil.which(name):
        return MISSING
    said = subprocess.run([name, PROGRAMS[name]], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return (said.stdout or said.stderr).strip().partition("\n")[0] or MISSING


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
