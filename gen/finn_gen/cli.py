# SPDX-License-Identifier: Apache-2.0
"""The command `finn-gen`: render a core without FuseSoC, and say what can be rendered."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from finn_gen import __version__, ip
from finn_gen.emit import core_files, xc7_files
from finn_gen.errors import InputError
from finn_gen.files import write_tree


def _settings(words: Sequence[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise InputError(f"--set {word!r}: it must be NAME=VALUE, for example --set in_width=32")
        if name in settings:
            raise InputError(f"--set {name} is given twice")
        settings[name] = value
    return settings


def describe(arguments: argparse.Namespace) -> None:
    """Print the parameters of an IP, or the list of IPs."""
    if arguments.ip is None:
        for name in ip.NAMES:
            print(f"{name:8} {ip.get(name).summary}")
        return
    core = ip.get(arguments.ip)
    print(f"{core.name}: {core.summary}\n")
    width = max(len(param.name) for param in core.params)
    for param in core.params:
        default = int(param.default) if param.kind is bool else param.default
        print(f"  {param.name:{width}}  {param.doc}\n  {'':{width}}  default {default}; {param.legal}")


def render_ip(arguments: argparse.Namespace) -> None:
    """Write an IP, what it instantiates, its plan and a file list."""
    plan = ip.get(arguments.ip).build(_settings(arguments.set))
    twins = xc7_files(arguments.ip, plan)
    write_tree(arguments.output, core_files(arguments.ip, plan) | twins)
    also = f" ({plan.module}.xc7.f for Xilinx 7-series)" if twins else ""
    print(f"{arguments.output / plan.module}.v: written, with {plan.module}.f{also} to list its files")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="finn-gen", description="Generate cores in plain Verilog.")
    top.add_argument("--version", action="version", version=f"finn-gen {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("describe", help="print the parameters of an IP, or the IPs there are")
    command.add_argument("ip", nargs="?", metavar="IP")
    command.set_defaults(run=describe)
    command = commands.add_parser("ip", help="write one IP and all it needs to a folder")
    command.add_argument("ip", metavar="IP")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; repeat it")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    command.set_defaults(run=render_ip)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0, or 2 for bad input."""
    parsed = parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except (InputError, OSError) as error:
        print(f"finn-gen: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
