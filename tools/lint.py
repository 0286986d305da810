# SPDX-License-Identifier: Apache-2.0
"""Check what no simulation checks; `make lint` calls it. Each check prints a line, and what is wrong below it."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from finn_gen import family, ip
from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator, link, system
from finn_gen.emit.bundle import of_core
from finn_gen.request import Request
from tools.report import ROOT

RENDERED = ROOT / "build" / "lint"
# What the building blocks need to be a top of their own.
TOP_PARAMETERS = {module: {"INIT_FILE": '"/dev/null"'} for module in ("finn_rom", "finn_lut_rom")}


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository (tracked or about to be) that match git's `patterns`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).exists()]


def run(command: Sequence[str | Path], silent: bool = False) -> list[str]:
    """Complaints of a program: its words if it fails, or if it says anything at all where it should be `silent`."""
    result = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True)
    words = (result.stdout + result.stderr).strip()
    return [words or f"{command[0]} failed"] if result.returncode or (silent and words) else []


def python_style() -> Iterator[str]:
    """Ruff's rules and format."""
    yield from run(["ruff", "check", "--quiet", "."])
    yield from run(["ruff", "format", "--quiet", "--check", "."])


def lint_verilog(top: str, files: Sequence[Path], *options: str) -> list[str]:
    """Complaints of Icarus (plain Verilog-2005) and Verilator, with more `options`, about the module `top`."""
    parameters = TOP_PARAMETERS.get(top, {})
    icarus = [f"-P{top}.{name}={value}" for name, value in parameters.items()]
    verilator = [f"-G{name}={value}" for name, value in parameters.items()]
    return [
        *run(["iverilog", "-g2005", "-Wall", "-o", "/dev/null", "-s", top, *icarus, *files], silent=True),
        *run(
            ["verilator", "--lint-only", "-Wall", "--quiet", *options, "--top-module", top, *verilator, *files],
            silent=True,
        ),
    ]


def building_blocks() -> Iterator[str]:
    """Every module of rtl/ as a top, one module a file and of its name; Yosys reads the twins in rtl/<family>/."""
    files = tracked("rtl/*.v", *(f":(exclude)rtl/{name}/*" for name in family.NAMES))
    for file in files:
        modules = re.findall(r"^module\s+(\w+)", file.read_text(), re.M)
        if modules != [file.stem]:
            yield f"{file.relative_to(ROOT)}: holds modules {modules}, but must hold {file.stem} alone"
    with ThreadPoolExecutor(2) as pool:
        for complaints in pool.map(lambda file: lint_verilog(file.stem, files), files):
            yield from complaints


def rendered_ips() -> Iterator[str]:
    """Every IP, rendered for each of its examples."""
    jobs = []
    for name in ip.NAMES:
        core = ip.get(name)
        for index, values in enumerate(core.examples):
            plan = core.build(values)
            folder, files = RENDERED / name / str(index), of_core(plan).folder(plain=True)
            write_tree(folder, files)
            jobs.append((plan.module, [folder / file for file in files if file.endswith(".v")]))
    with ThreadPoolExecutor(2) as pool:
        for complaints in pool.map(lambda job: lint_verilog(*job), jobs):
            yield from complaints


def rendered_accelerators() -> Iterator[str]:
    """Accelerators of the repository and their testbenches."""
    for name in ("sfc", "cnv"):
        files = accelerator.bundle(Request(name).plan()).folder()
        folder = RENDERED / name
        write_tree(folder, files)
        for top in (name, f"{name}_tb"):
            listed = [folder / path for path in files[f"{top}.f"].splitlines()]
            yield from lint_verilog(top, listed, "--timing")


def rendered_systems() -> Iterator[str]:
    """Accelerators of the repository with control, behind DMA or a line, with weights as data and without."""
    for name, folding, reload in (("sfc", "fix", True), ("cnv", "paper", False)):
        plan = Request(name, folding=folding, reload=reload).plan()
        for built in (system.bundle(system.plan_system(plan)), link.bundle(link.plan_link(plan))):
            files, folder = built.folder(), RENDERED / built.top
            write_tree(folder, files)
            yield from lint_verilog(built.top, [folder / path for path in files[f"{built.top}.f"].splitlines()])


def headers() -> Iterator[str]:
    """Every source file says its licence, every Verilog file and template guards against implicit nets."""
    for file in tracked("*.py", "*.v", "*.j2", "*.tcl", "*.xdc", "*.core", "*.sby", "*.sv", "*.c", "*.h"):
        text = file.read_text()
        name = file.relative_to(ROOT)
        whole = "module " in text
        if text.strip() and not file.match("*.v.j2") and "SPDX-License-Identifier:" not in "".join(text[:400]):
            yield f"{name}: no SPDX-License-Identifier in its first lines"
        if (file.suffix == ".v" or file.match("*.v.j2")) and whole and "`default_nettype none" not in text:
            yield f"{name}: no `default_nettype none"


def fusesoc_cores() -> Iterator[str]:
    """Every .core parses and every Verilog file of rtl/ stands in exactly one."""
    from fusesoc.config import Config
    from fusesoc.fusesoc import Fusesoc

    Fusesoc.init_logging(False, False)
    fusesoc = Fusesoc(Config(str(ROOT / "fusesoc.conf")))
    for file, error in fusesoc.parse_errors:
        yield f"{file}: {error}"
    found = {Path(core.core_root, core.core_basename).resolve() for core in fusesoc.get_cores().values()}
    for file in tracked("*.core"):
        if file.resolve() not in found:
            yield f"{file.relative_to(ROOT)}: FuseSoC does not take it"
    listed = Counter()
    for file in tracked("*.core"):
        for fileset in (yaml.safe_load(file.read_text()).get("filesets") or {}).values():
            for entry in fileset.get("files", []):
                listed[file.parent / (entry if isinstance(entry, str) else next(iter(entry)))] += 1
    for file in tracked("rtl/*.v"):
        if listed[file] != 1:
            yield f"{file.relative_to(ROOT)}: in {listed[file]} cores, but must be in exactly one"


def tcl_style() -> Iterator[str]:
    """tclint's rules."""
    files = tracked("*.tcl", "*.xdc")
    if files:
        yield from run(["tclint", *files])


def no_machine_paths() -> Iterator[str]:
    """No path of one machine in a file that all share."""
    for file in tracked():
        if file.suffix in {".png", ".npz", ".webp"}:
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if re.search(r"(?<![\w.:/~-])/(?:work|root|farm|home)/\w", line):
                yield f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    python_style,
    headers,
    no_machine_paths,
    building_blocks,
    rendered_ips,
    rendered_accelerators,
    rendered_systems,
    fusesoc_cores,
    tcl_style,
)


def main() -> int:
    """Run all checks; return 1 if one complains."""
    failed = 0
    for check in CHECKS:
        complaints = list(check())
        failed += bool(complaints)
        print(f"{'FAIL' if complaints else 'ok':4}  {check.__doc__.splitlines()[0]}", flush=True)
        for complaint in complaints:
            print("      " + complaint.replace("\n", "\n      "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
