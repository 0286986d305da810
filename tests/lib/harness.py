# SPDX-License-Identifier: Apache-2.0
"""Runs a core on words from files at a simulator's own speed, without Python in the loop, and checks every word."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HARNESS = Path(__file__).with_name("stream_harness.v")


@dataclass(frozen=True)
class Core:
    """A core with one input and one output stream: its module, its Verilog files, and bits of TDATA."""

    module: str
    files: Sequence[Path]
    in_tdata_width: int
    out_tdata_width: int


@dataclass(frozen=True)
class Harness:
    """A core that is built, in `folder`, together with the harness."""

    folder: Path
    command: Sequence[str]

    def check(self, inputs: Sequence[int], outputs: Sequence[int], rounds: int = 1, **plusargs: int) -> None:
        """Send the words `inputs`, `rounds` times; the words `outputs` must come as often.

        plusargs  of the harness: interval, source, sink, hold, seed

        Raises AssertionError with what is wrong.
        """
        for name, words in (("in", inputs), ("out", outputs)):
            (self.folder / f"{name}.mem").write_text("".join(f"{word:x}\n" for word in words))
        counts = {"words": len(inputs), "results": len(outputs), "rounds": rounds, **plusargs}
        arguments = [f"+{name}={value}" for name, value in counts.items()]
        result = subprocess.run([*self.command, *arguments], cwd=self.folder, capture_output=True, text=True)
        said = result.stdout + result.stderr
        assert said.startswith("PASS"), f"{' '.join(arguments)}: {said} (in {self.folder})"


def build(core: Core, folder: Path, sim: str, words: int, options: Sequence[str] = ()) -> Harness:
    """Build a core for icarus or verilator, in `folder`.

    words    the most words of either stream in a round
    options  further arguments for the compiler

    Raises CalledProcessError, with the compiler's words in `output`.
    """
    parameters: Mapping[str, int] = {
        "IN_WIDTH": core.in_tdata_width, "OUT_WIDTH": core.out_tdata_width, "MOST": words
    }  # fmt: skip
    sources = [str(HARNESS), *map(str, core.files)]
    if sim == "icarus":
        values = [f"-Pstream_harness.{name}={value}" for name, value in parameters.items()]
        command = ["iverilog", "-g2005", "-o", "harness.vvp", "-s", "stream_harness", *values]
        run = ["vvp", "-N", "harness.vvp"]
    else:
        values = [f"-G{name}={value}" for name, value in parameters.items()]
        command = ["verilator", "--binary", "--timing", "-Wno-fatal", "--quiet", "--top-module", "stream_harness"]
        command += ["--Mdir", "obj", *values]
        run = ["obj/Vstream_harness"]
    subprocess.run(
        [*command, f"-DDUT={core.module}", *options, *sources], cwd=folder, check=True, capture_output=True, text=True
    )
    return Harness(folder, run)
