# SPDX-License-Identifier: Apache-2.0
"""The command `finn-gen sweep`."""

from __future__ import annotations

import argparse
import base64
import io
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.files import alone, write_if_changed, write_tree
from finn_gen.formats import description
from finn_gen.network.model import Network
from finn_gen.request import load
from finn_sim import pictures
from finn_sim.accel.stimulus import SAMPLES
from finn_sweep import fronts, table
from finn_sweep.grid import Point, points
from finn_work import Kept, Needs, Piece, Result, WorkError, Workers, results

IMAGES = 5
"""Pictures of a simulated point, if not said otherwise."""
SYNTHESIS = "xc7"
"""The family that Yosys is asked to synthesize for."""


class Command:
    """The command `finn-gen sweep`."""

    help = "plan, simulate and synthesize many foldings of a network: a table, and the Pareto fronts as a page"

    @staticmethod
    def add_arguments(command: argparse.ArgumentParser) -> None:
        """What it takes."""
        command.add_argument("network", metavar="NET", help="a network of accel/ by name, or a YAML or ONNX file")
        command.add_argument("--parameters", type=Path, metavar="PATH", help="instead of those that the network names")
        command.add_argument(
            "--fps",
            default="1e3:1e6",
            metavar="RATES",
            help="images a second: 1e3,2e4, or 1e3:1e6 for 1, 2, 5, 10, ...",
        )
        command.add_argument(
            "--storage", default="auto", metavar="KINDS", help="of weights: auto, constant, lut, block, with commas"
        )
        command.add_argument("--clock", default="200", metavar="MHZ", help="clocks, with commas")
        command.add_argument(
            "--device", default=family.DEFAULT_DEVICE, metavar="PART", help="what shares are shares of"
        )
        command.add_argument(
            "--simulate",
            choices=("icarus", "verilator"),
            help="run pictures through every point's RTL and compare with the reference",
        )
        command.add_argument("--images", type=Path, metavar="PATH", help="pictures; the repository's if not given")
        command.add_argument("--count", type=int, default=IMAGES, metavar="N", help=f"pictures (default {IMAGES})")
        command.add_argument("--synthesize", action="store_true", help="synthesize every point with Yosys, 7-series")
        command.add_argument("--render", action="store_true", help="write every point's Verilog to DIR/designs")
        Workers.add_arguments(command)
        command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder to write to")

    @staticmethod
    def run(arguments: argparse.Namespace) -> None:
        """Evaluate all points and write the tables and the page. Raises InputError.

        What is interrupted goes on with the same command. Exits with 1 where a point differs from the reference, or the
        work cannot go on.
        """
        asked = points(arguments.fps, arguments.storage, arguments.clock)
        device = family.device_named(arguments.device)
        if arguments.synthesize and family.of_device(device).name != SYNTHESIS:
            raise InputError(f"--synthesize: Yosys is asked for 7-series alone, and {device} is none")
        network, _ = load(arguments.network, arguments.parameters)
        with alone(arguments.output):
            try:
                rows = _rows(arguments, network, device, asked)
            except WorkError as error:
                print(error, file=sys.stderr)
                raise SystemExit(1) from None
            said = table.write(arguments.output, rows)
            title = f"Sweep of {network.name}"
            subtitle = f"{len(rows)} points; {device}"
            write_if_changed(arguments.output / "index.html", fronts.sweep_page(title, subtitle, rows))
        print(*said, f"{arguments.output / 'index.html'}: written, to open in a browser", sep="\n")
        if wrong := [row for row in rows if row.get("mismatches")]:
            print(f"{len(wrong)} points differ from the reference, the first: {wrong[0]['command']}", file=sys.stderr)
            raise SystemExit(1)


def needs(arguments: argparse.Namespace) -> Needs:
    """What a worker must have for what is asked."""
    programs = {"icarus": ("iverilog",), "verilator": ("verilator", "g++", "make"), None: ()}[arguments.simulate]
    distributions = ("numpy", *(("pyosys",) if arguments.synthesize else ()))
    return Needs(("finn_gen", "finn_sim", "finn_sweep", "finn_verif"), distributions, programs)


def _rows(arguments: argparse.Namespace, network: Network, device: str, asked: Sequence[Point]) -> list[dict[str, Any]]:
    """The rows of all points, each with the file of its folding, which is written, and the command that repeats it."""
    shown = np.zeros(0, np.uint8)
    if arguments.simulate:
        samples = SAMPLES if SAMPLES.is_dir() else None
        shown = pictures.of_network(network, arguments.images, arguments.count, samples).images
    data = io.BytesIO()
    np.save(data, shown, allow_pickle=False)
    written = description.to_files(network)
    contents = {
        "network": written[description.NETWORK_FILE].encode(),
        "parameters": written[description.PARAMETERS_FILE],
        "images": data.getvalue(),
    }
    steps = {name: getattr(arguments, name) for name in ("simulate", "synthesize", "render")}
    pieces = [
        Piece(
            point.name,
            "finn_sweep.point:evaluate",
            {**vars(point), "device": device, "steps": steps},
            repeating(arguments, point),
            contents,
        )
        for point in asked
    ]
    rows = []

    def tell(piece: Piece, result: Result) -> None:
        files = result.value["files"]
        write_tree(
            arguments.output / "designs" / piece.name,
            {name: text if isinstance(text, str) else base64.b64decode(text["base64"]) for name, text in files.items()},
        )

    workers = Workers.from_arguments(arguments)
    kept = Kept(arguments.output / "kept")
    outcomes = results(pieces, workers, needs(arguments), what=f"sweep of {network.name}", kept=kept, tell=tell)
    for piece, result in zip(pieces, outcomes, strict=True):
        row = dict(result.value["row"])
        if result.value["folding"]:
            row["folding"] = f"foldings/{piece.name}.json"
            write_if_changed(arguments.output / row["folding"], json.dumps(result.value["folding"], indent=1) + "\n")
        rows.append({**row, "command": piece.command})
    return fronts.marked(rows)


def repeating(arguments: argparse.Namespace, point: Point) -> str:
    """The command that evaluates one point again, into a folder of its own."""
    words = ["finn-gen", "sweep", arguments.network, *point.words()]
    plain = argparse.ArgumentParser()
    Command.add_arguments(plain)
    for name in ("parameters", "device", "simulate", "images", "count"):
        if (value := getattr(arguments, name)) != plain.get_default(name):
            words += [f"--{name}", str(value)]
    words += [f"--{name}" for name in ("synthesize", "render") if getattr(arguments, name)]
    return shlex.join([*words, "--jobs", "1", "-o", str(arguments.output / "alone" / point.name)])
