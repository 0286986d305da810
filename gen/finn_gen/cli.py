# SPDX-License-Identifier: Apache-2.0
"""The command `finn-gen`: plan and render cores and accelerators without FuseSoC."""

import argparse
import functools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from finn_gen import __version__, family, ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_if_changed, write_tree
from finn_gen.board import facts, project, serial
from finn_gen.emit import accelerator, weights
from finn_gen.emit.bundle import list_name, of_core
from finn_gen.formats import onnx
from finn_gen.ip import Files
from finn_gen.package import folder_page, packages
from finn_gen.plan import front as plans
from finn_gen.plan import table as plan_table
from finn_gen.plan.folding import as_yaml as folding_text
from finn_gen.plan.network import NetworkPlan
from finn_gen.plan.search import Parts
from finn_gen.report import front, picture, plan_parts, roofline
from finn_gen.request import Request

PACKAGES = {"stream": packages.stream_package, "axi": packages.system_package}
"""How an accelerator can be packaged, by the word after --package."""
RENAMED = {"zc706": "axi"}
"""Former words after --package, and those that took their place."""
COMMANDS = "finn_gen.commands"
MISSING = {"stimulus": "finn-verif[accel]", "sweep": "finn-verif[accel]"}
"""Commands of other distributions, and what brings them."""
DEFAULT_BOARD = "zc706"


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
    width = max(len(param.name) for param in core.params.declared())
    for param in core.params.declared():
        default = int(param.default) if param.kind is bool else param.default
        print(f"  {param.name:{width}}  {param.doc}\n  {'':{width}}  default {default}; {param.legal}")


def render_ip(arguments: argparse.Namespace) -> None:
    """Write an IP, what it instantiates, its plan and a file list."""
    plan = ip.get(arguments.ip).build(_settings(arguments.set))
    _check_plain(arguments)
    if arguments.package:
        _write(arguments.output, packages.ip_package(plan, arguments.plain))
        print(_packaged(arguments.output))
        return
    built = of_core(plan)
    _write(arguments.output, built.folder())
    lists = [
        f"{list_name(plan.module, each.name)} for {each.title}" for each in family.every() if built.twins(each.name)
    ]
    also = f" ({', '.join(lists)})" if lists else ""
    print(f"{arguments.output / plan.module}.v: written, with {plan.module}.f{also} to list its files")


def _write(folder: Path, files: Files) -> None:
    """Write all of `files`, with none of another process's between them."""
    with alone(folder):
        write_tree(folder, files)


def _check_plain(arguments: argparse.Namespace) -> None:
    if arguments.plain and not arguments.package:
        raise InputError("--plain: it chooses what goes into an IP; give --package too, or take the .f list as it is")


def _packaged(folder: Path) -> str:
    return f"{folder / 'component.xml'}: written; add {folder} to Vivado's IP repositories, or source package_ip.tcl"


def _planned(arguments: argparse.Namespace) -> NetworkPlan:
    return _told(Request.from_arguments(arguments).plan(print))


def _told(plan: NetworkPlan) -> NetworkPlan:
    """The plan; what was left out of the network's files is told."""
    for note in plan.network.notes:
        print(f"finn-gen: {note}", file=sys.stderr)
    return plan


def plan_accelerator(arguments: argparse.Namespace) -> None:
    """Print the plan of a network's accelerator, and write it as JSON."""
    board = _board(arguments.board) if arguments.board else None
    asked = _asked(arguments, board)
    if arguments.pareto is not None:
        plan_front(arguments, asked)
        return
    plan = _told(asked.plan_behind_line() if isinstance(board, serial.Board) else asked.plan(print))
    print(plan_table.table(plan), plan_table.summary(plan), sep="\n\n")
    print(plan_table.next_step(plan))
    if isinstance(board, serial.Board):
        wanted = Request.from_arguments(arguments).clock if arguments.clock else None
        print(*filter(None, (serial.use(plan, board), serial.clock(wanted, board))), sep="\n")
    elif board:
        print(*filter(None, (project.use(plan, board), project.clock(plan, board))), sep="\n")
    else:
        print(plan_table.device_use(plan.resources, asked.device, asked.limit))
    if arguments.legal:
        print("", plan_table.legal(plan), sep="\n")
    if arguments.roofline is not None:
        _roofline(arguments, asked, plan)
    if arguments.output:
        write_if_changed(arguments.output, accelerator.plan_json(plan))
        print(f"{arguments.output}: written")
    if arguments.report:
        words = " ".join(asked.command())
        page = plan_parts.of_plan(plan, asked.device, asked.limit, {"asked": words})
        write_if_changed(arguments.report, page)
        print(f"{arguments.report}: written, to open in a browser")


def _roofline(arguments: argparse.Namespace, asked: Request, plan: NetworkPlan) -> None:
    """Print what bounds the rate of a plan, and draw it."""
    print("", roofline.table(plan, asked.limit, asked.device), sep="\n")
    path = Path(arguments.roofline or f"{plan.module}-{plan.folding.name}-roofline.svg")
    title = f"Roofline of {plan.module}, {plan.folding.name}, on {asked.device} at {plan.clock_mhz:g} MHz"
    write_if_changed(path, picture.svg("roofline", title, roofline.roofline(plan, asked.limit, asked.device)))
    print(f"{path}: written")


def plan_front(arguments: argparse.Namespace, asked: Request) -> None:
    """Print the front of rate against LUTs and block RAMs, draw it, and write the folding of every point."""
    if arguments.folding or arguments.fps or arguments.output or arguments.report or arguments.roofline is not None:
        raise InputError("--pareto: it goes over all rates; leave out --folding, --fps, --roofline, --report and -o")
    network, _ = asked.load()
    points = plans.front(Parts(network, family.of_device(asked.device).name, asked.reload), asked.weights, asked.limit)
    folder = Path(arguments.pareto or f"{network.name}-pareto")
    title = f"Rate against size of {network.name} on {asked.device} at {asked.clock:g} MHz"
    files: Files = {f"{point.folding.name}.yaml": folding_text(point.folding) for point in points}
    files[f"{network.name}-pareto.svg"] = picture.svg("front", title, front.chart(points, asked.clock))
    _write(folder, files)
    print(front.table(points, asked.clock, asked.limit))
    print(f"{folder}: written, with {network.name}-pareto.svg and a folding for each: --folding {folder}/NAME.yaml")


def _board(name: str) -> facts.Board | serial.Board:
    """The board of that name or folder, of whatever family. InputError lists all there are."""
    return serial.load(name) if serial.is_one(name) else facts.load(name, also=serial.carried())


def _boards() -> list[str]:
    """The boards of the library, by name."""
    return sorted({*facts.carried(), *serial.carried()})


def _asked(arguments: argparse.Namespace, board: facts.Board | serial.Board | None) -> Request:
    """The request of a command line; `max` must fit the board's device unless another is named.

    A board with a serial line also has a clock of its own, and only those that its PLL makes.
    """
    asked = Request.from_arguments(arguments)
    if isinstance(board, serial.Board):
        asked = replace(asked, clock=board.clock(asked.clock if arguments.clock else None))
    return asked if board is None or arguments.device else replace(asked, device=board.device)


def _package_word(word: str) -> str:
    """The word after --package, or what took its place, which is then said."""
    if word in RENAMED:
        print(f"finn-gen: --package {word} is called --package {RENAMED[word]} now", file=sys.stderr)
    return RENAMED.get(word, word)


def build_accelerator(arguments: argparse.Namespace) -> None:
    """Write a network's accelerator and all it needs to a folder, as an IP for Vivado if so asked."""
    _check_plain(arguments)
    plan = _planned(arguments)
    package = PACKAGES.get(arguments.package)
    files = package(plan, arguments.plain) if package else accelerator.bundle(plan).folder()
    if f"{plan.module}.f" in files:
        files |= folder_page.accelerator_page(plan, files, Request.from_arguments(arguments).command())
    else:
        files |= folder_page.system_page(plan, files)
    _write(arguments.output, files)
    print(plan_table.summary(plan))
    top = plan.module if f"{plan.module}.f" in files else f"{plan.module}_axi"
    simulated = f" and {top}_tb.f to simulate" if f"{top}_tb.f" in files else f"; {top}.json and {top}.h for drivers"
    print(f"{arguments.output / top}.v: written, with {top}.f to list its files{simulated}")
    if package:
        print(_packaged(arguments.output))


def write_project(arguments: argparse.Namespace) -> None:
    """Write the Vivado project of a network's accelerator on a board."""
    if serial.is_one(arguments.board):
        how = f"`make bitstream BOARD={arguments.board}` builds for it"
        raise InputError(f"board {arguments.board}: Vivado does not know its device; {how}")
    board = facts.load(arguments.board)
    plan = _asked(arguments, board).plan(print)
    output = arguments.output or arguments.build / board.name / plan.module
    for line in project.write(plan, board, output):
        print(line)


def project_arguments(command: argparse.ArgumentParser, build: Path) -> None:
    """The arguments of `write_project`; the project goes into a folder of `build` unless another is named."""
    Request.add_arguments(command)
    _board_argument(command, facts.carried(), DEFAULT_BOARD)
    command.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help=f"folder to write to, {build.name}/BOARD/NET if not given"
    )
    command.set_defaults(run=write_project, build=build)


def _board_argument(command: argparse.ArgumentParser, known: Iterable[str], default: str | None = None) -> None:
    about = f"one of {', '.join(known)}, or a folder with a {facts.FILE}"
    command.add_argument("--board", default=default, metavar="NAME", help=about + (f"; {default}" if default else ""))


def _elsewhere(commands: Any) -> None:
    """Add the commands that other distributions bring, as entry points of the group COMMANDS.

    An entry point is an object with `help`, `add_arguments(command)` and `run(arguments)`.
    """
    found = {entry.name: entry for entry in entry_points(group=COMMANDS)}
    for name in sorted(found.keys() | MISSING.keys()):
        try:
            loaded = found[name].load() if name in found else None
        except ModuleNotFoundError:
            loaded = None
        command = commands.add_parser(name, help=loaded.help if loaded else f"needs {MISSING[name]}")
        if loaded:
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
        else:
            command.add_argument("words", nargs=argparse.REMAINDER)
            command.set_defaults(run=functools.partial(_missing, name))


def _missing(name: str, arguments: argparse.Namespace) -> None:
    raise InputError(
        f"{name}: {MISSING[name]} brings it; pip installs that from verif/ of a checkout of finn-rtl, or from a "
        "release's wheel"
    )


def write_weights(arguments: argparse.Namespace) -> None:
    """Write weights and thresholds as a file that the driver loads at run time."""
    arguments.reload = True
    plan = _planned(arguments)
    write_if_changed(arguments.output, weights.weights_file(plan))
    print(f"{arguments.output}: written, for accelerators with the layout {weights.layout_digest(plan)}")


def import_network(arguments: argparse.Namespace) -> None:
    """Write the network of an ONNX file as a description, parameters and a report."""
    limits = tuple(arguments.input_range) if arguments.input_range else None
    imported = onnx.load(arguments.model, limits, arguments.name, label=arguments.label)
    _write(arguments.output, imported.files())
    print(imported.report)
    print(f"{arguments.output / onnx.DESCRIPTION}: written, with {onnx.PARAMETERS} and {onnx.REPORT}")
    print(f"next      finn-gen plan {arguments.output / onnx.DESCRIPTION}")


def _output_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--plain", action="store_true", help="package plain Verilog, no primitives of a family")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder to write to")


def _importing(commands: argparse._SubParsersAction) -> None:
    """The command that takes an ONNX file."""
    command = commands.add_parser("import", help="write the network of an ONNX file: description, parameters, report")
    command.add_argument("model", type=Path, metavar="MODEL.onnx", help="with quantisers of QONNX or QuantizeLinear")
    meaning = "numbers of the model that the bytes 0 and 255 of a picture are; 0 1 if not given"
    command.add_argument("--input-range", type=float, nargs=2, metavar=("LOW", "HIGH"), help=meaning)
    command.add_argument("--name", default="", help="of the network; the file's if not given")
    command.add_argument("--label", action="store_true", help="give the class where the model gives scores")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    command.set_defaults(run=import_network)


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
    command.add_argument("--package", action="store_true", help="make the folder an IP for Vivado")
    _output_arguments(command)
    command.set_defaults(run=render_ip)
    command = commands.add_parser("plan", help="plan the accelerator of a network: folding, FIFOs, rate, resources")
    Request.add_arguments(command)
    _board_argument(command, _boards())
    command.add_argument(
        "--legal", action="store_true", help="print the PE, SIMD and pixels that every layer could have"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the plan as JSON")
    command.add_argument("--report", type=Path, metavar="FILE", help="write a page to open in a browser, FILE.html")
    command.add_argument(
        "--pareto", nargs="?", const="", metavar="DIR",
        help="print and draw plans of all rates of which none is beaten in rate, LUTs and block RAMs, and write their "
        "foldings to DIR, NET-pareto if not given; --weight says what they cost",
    )  # fmt: skip
    command.add_argument(
        "--roofline", nargs="?", const="", metavar="FILE",
        help="print and draw what bounds the rate, in FILE.svg, NET-FOLDING-roofline.svg if not given",
    )  # fmt: skip
    command.set_defaults(run=plan_accelerator)
    command = commands.add_parser("build", help="write the accelerator of a network and all it needs to a folder")
    Request.add_arguments(command)
    command.add_argument(
        "--package",
        type=_package_word,
        choices=PACKAGES,
        help="make the folder an IP for Vivado; stream: with AXI-Stream ports, axi: with control and DMA",
    )
    _output_arguments(command)
    command.set_defaults(run=build_accelerator)
    command = commands.add_parser("project", help="write the Vivado project of a network on a board")
    project_arguments(command, Path("build"))
    command = commands.add_parser("weights", help="write weights that the driver loads into a reloadable accelerator")
    Request.add_arguments(command)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the .npz file to write")
    command.set_defaults(run=write_weights)
    _importing(commands)
    _elsewhere(commands)
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
