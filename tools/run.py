# SPDX-License-Identifier: Apache-2.0
"""Classify pictures in the simulated accelerator of a network; `make run` calls it.

It ends in `fusesoc run`: of the core finn:accel:<net> where that has the folding, else of a core that is written for
what is asked, another folding, rate or parameters. Both use the flow finn_sim, which simulates and reports.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from finn_gen.base.errors import InputError
from finn_gen.base.files import write_if_changed
from finn_gen.emit.bundle import capi2
from finn_gen.request import PAPER, Request
from finn_sim.image_files import Reading
from finn_work import Workers
from tools.report import ROOT

SAID = "FINN_SAID"
"""Environment variable with the file for the words of a generator that fails; as gen/fusesoc_request.py has it."""
CORES = ROOT / "build" / "run" / "cores"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description="Classify pictures in the simulated accelerator of a network.")
    Request.add_arguments(top)
    top.add_argument(
        "--images", type=Path, metavar="PATH", help="pictures, MNIST's IDX, CIFAR-10's .bin, SVHN's .mat or a .npy"
    )
    top.add_argument("--count", type=int, metavar="N", help="the first N pictures; all if not given")
    Reading.add_arguments(top)
    top.add_argument("--quiet", action="store_true", help="print the totals alone")
    top.add_argument("--verbose", action="store_true", help="a line an image, of more than 40 too")
    Workers.add_arguments(top)
    top.add_argument("--tool", choices=("verilator", "icarus"), default="verilator")
    return top


def carried(asked: Request) -> list[str] | None:
    """FuseSoC's words for a target of finn:accel:<net> that is just what is asked, or None if there is none."""
    core = ROOT / "accel" / asked.network / f"{asked.network}.core"
    if asked != Request(asked.network, folding=asked.folding) or not core.is_file():
        return None
    target = "default" if asked.folding in ("", PAPER) else asked.folding
    if target not in yaml.safe_load(core.read_text())["targets"]:
        return None
    return ["run", "--target", target, f"finn:accel:{asked.network}"]


def written(asked: Request) -> list[str]:
    """FuseSoC's words for a core that is written for what is asked. Raises InputError."""
    network, _ = asked.load()
    parameters = asked.words()
    name = f"finn:run:{network.name}_{asked.digest}:0.1.0"
    target = {
        "flow": "finn_sim",
        "flow_options": {"tool": "verilator"},
        "filesets": ["accelerator"],
        "generate": ["accelerator"],
        "flags": {"finn_testbench": True},
        "toplevel": f"{network.name}_tb",
    }
    core = capi2(
        name,
        f"{network.name}, written by `make run`",
        {"accelerator": {"depend": ["finn::cores", "finn:models:samples"]}},
        {"default": target},
        generate={"accelerator": {"generator": "finn_accelerator", "parameters": parameters}},
    )
    folder = CORES / f"{network.name}_{asked.digest}"
    write_if_changed(folder / "run.core", core)
    return ["--cores-root", str(folder), "run", name]


def options(asked: argparse.Namespace) -> list[str]:
    """The flow's options, which follow the core's name."""
    words = ["--tool", asked.tool, *Workers.from_arguments(asked).words()]
    if asked.images:
        words += ["--images", str(asked.images.expanduser().resolve())]
    if asked.count is not None:
        words += ["--count", str(asked.count)]
    return [*words, *Reading.from_arguments(asked).words(), *["--quiet"] * asked.quiet, *["--verbose"] * asked.verbose]


def fusesoc(words: Sequence[str], stdout: int | None = None) -> int:
    """Call FuseSoC with the tools of this environment; its exit code. `stdout` is as subprocess takes it.

    What a generator refuses is said at the end, behind FuseSoC's own lines, and the exit code is 2 then.
    """
    bin_folder = Path(sys.executable).parent
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
        environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", SAID: said.name}
        code = subprocess.run([bin_folder / "fusesoc", *words], cwd=ROOT, env=environment, stdout=stdout).returncode
        refused = said.read()
    print(refused, end="", file=sys.stderr)
    return 2 if refused else code


def main() -> int:
    """Run; return FuseSoC's exit code: 0, 1 if a score differs or a tool fails, 2 for bad input."""
    asked = parser().parse_args()
    try:
        wanted = Request.from_arguments(asked)
        words = carried(wanted) or written(wanted)
    except InputError as error:
        print(f"run: {error}", file=sys.stderr)
        return 2
    return fusesoc([*words, *options(asked)])


if __name__ == "__main__":
    sys.exit(main())
