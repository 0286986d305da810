# SPDX-License-Identifier: Apache-2.0
"""Classify pictures in the simulated accelerator of a network; `make run` calls it.

It ends in `fusesoc run`: of the core finn:accel:<net> where that has the folding, else of a core that is written for
what is asked, another folding, rate or parameters. Both use the flow finn_sim, which simulates and reports.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from finn_gen import request
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_if_changed
from tools.report import ROOT

CORES = ROOT / "build" / "run" / "cores"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description="Classify pictures in the simulated accelerator of a network.")
    top.add_argument("network", metavar="NET", help="a network of accel/ by name, or a YAML file")
    rate = top.add_mutually_exclusive_group()
    rate.add_argument("--folding", metavar="NAME", help="max, fix, or another one by name or file; max if not given")
    rate.add_argument("--fps", type=float, metavar="RATE", help="images a second; the smallest PE and SIMD that do")
    top.add_argument("--clock", type=float, metavar="MHZ", help="clock of the plan")
    top.add_argument("--parameters", type=Path, metavar="PATH", help="an .npz file or a folder of BNN-PYNQ instead")
    top.add_argument("--images", type=Path, metavar="PATH", help="pictures, MNIST's IDX or CIFAR-10's .bin files")
    top.add_argument("--count", type=int, metavar="N", help="the first N pictures; all if not given")
    top.add_argument("--tool", choices=("verilator", "icarus"), default="verilator")
    return top


def carried(asked: argparse.Namespace) -> list[str] | None:
    """FuseSoC's words for a target of finn:accel:<net> that is just what is asked, or None if there is none."""
    core = ROOT / "accel" / asked.network / f"{asked.network}.core"
    folding = asked.folding or "max"
    if asked.fps or asked.clock or asked.parameters or not core.is_file():
        return None
    target = "default" if folding == "max" else folding
    if target not in yaml.safe_load(core.read_text())["targets"]:
        return None
    return ["run", "--target", target, f"finn:accel:{asked.network}"]


def written(asked: argparse.Namespace) -> list[str]:
    """FuseSoC's words for a core that is written for what is asked. Raises InputError."""
    network, _ = request.load(asked.network, asked.parameters)
    given = {
        "network": str(request.network_path(asked.network).resolve()),
        "folding": _folding(asked.folding),
        "fps": asked.fps,
        "clock": asked.clock,
        "parameters": str(asked.parameters.resolve()) if asked.parameters else None,
    }
    parameters = {name: value for name, value in given.items() if value is not None}
    digest = hashlib.sha256(repr(sorted(parameters.items())).encode()).hexdigest()[:8]
    name = f"finn:run:{network.name}_{digest}:0.1.0"
    core = {
        "name": name,
        "description": f"{network.name}, written by `make run`",
        "filesets": {"accelerator": {"depend": ["finn::cores", "finn:models:samples"]}},
        "generate": {"accelerator": {"generator": "finn_accelerator", "parameters": parameters}},
        "targets": {
            "default": {
                "flow": "finn_sim",
                "flow_options": {"tool": "verilator"},
                "filesets": ["accelerator"],
                "generate": ["accelerator"],
                "flags": {"finn_testbench": True},
                "toplevel": f"{network.name}_tb",
            }
        },
    }
    folder = CORES / f"{network.name}_{digest}"
    write_if_changed(folder / "run.core", "CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False))
    return ["--cores-root", str(folder), "run", name]


def _folding(name: str | None) -> str | None:
    """A folding's file by its absolute path, for it is looked for from elsewhere; a name as it is."""
    return str(Path(name).resolve()) if name and Path(name).is_file() else name


def options(asked: argparse.Namespace) -> list[str]:
    """The flow's options, which follow the core's name."""
    words = ["--tool", asked.tool]
    if asked.images:
        words += ["--images", str(asked.images.expanduser().resolve())]
    if asked.count is not None:
        words += ["--count", str(asked.count)]
    return words


def fusesoc(words: Sequence[str], stdout: int | None = None) -> int:
    """Call FuseSoC with the tools of this environment; its exit code. `stdout` is as subprocess takes it."""
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run([bin_folder / "fusesoc", *words], cwd=ROOT, env=environment, stdout=stdout).returncode


def main() -> int:
    """Run; return FuseSoC's exit code: 0, 1 if a score differs or a tool fails, 2 for bad input."""
    asked = parser().parse_args()
    try:
        words = carried(asked) or written(asked)
    except InputError as error:
        print(f"run: {error}", file=sys.stderr)
        return 2
    return fusesoc([*words, *options(asked)])


if __name__ == "__main__":
    sys.exit(main())
