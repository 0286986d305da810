# SPDX-License-Identifier: Apache-2.0
"""A run of many pictures in parts: on processes of this machine, or on the workers of a Dask cluster.

First the reference computes the scores of all parts, then each part is a simulation of its own, which begins with a
reset. Its images have the scores that they have in one run, and its cycles are those of a run of these images alone, so
that intervals are measured within parts.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from finn_gen.base.files import LOCK, write_tree
from finn_gen.formats import description
from finn_sim import reference
from finn_sim.accel import design as designs
from finn_sim.accel import programs, simulation, stimulus, vectors
from finn_sim.accel.simulation import Answer, Run, SimulationError
from finn_work import Kept, Needs, Piece, WorkError, Workers, results

PACKAGES = ("finn_gen", "finn_sim", "finn_verif")
PROGRAMS = {"verilator": ("verilator", "g++", "make"), "icarus": ("iverilog", "make")}
LEAST_IMAGES = 100
LEAST_CYCLES = 800_000
"""A part has at least so many of each: CNV takes two seconds for them, and to fill its pipeline a twentieth of that."""
PARTS_A_WORKER = 4
"""So that those that are done early take what is left; no more, since every part fills the pipeline anew."""
_NUMBER = re.compile(r"IMAGE\s+\d+")
_IMAGES = re.compile(r"\+images=\d+")
_WRITTEN = (vectors.STIMULUS, vectors.SCORES, vectors.LABELS, LOCK)


@dataclass(frozen=True)
class Split:
    """How a run is split.

    workers  who simulates
    parts    how many there are
    program  what edalize calls the simulation: the file that Icarus compiles
    asked    the command line that asked for the run
    """

    workers: Workers
    parts: int
    program: str
    asked: str


def split(workers: Workers, images: int, interval: int, program: str, asked: str) -> Split | None:
    """How so many images of an accelerator with an interval in cycles are split; None where one process is as good.

    Raises WorkError where a scheduler is asked for and cannot be reached.
    """
    possible = min(images // LEAST_IMAGES, images * interval // LEAST_CYCLES)
    if not workers.scheduler and workers.jobs == 1:
        return None
    parts = max(1, min(possible, PARTS_A_WORKER * workers.count()))
    return Split(workers, parts, program, asked) if workers.scheduler or parts > 1 else None


@dataclass(frozen=True, eq=False)
class Parts:
    """Images uint8 [N,H,W,C] for the simulation in `folder`, split as `how` says.

    What is interrupted goes on with the same calls; `forget` ends that. Methods raise SimulationError.
    """

    folder: Path
    images: np.ndarray
    how: Split

    def scores(self, progress: Callable[[int], object]) -> np.ndarray:
        """The reference's scores int64 [N,K]; `progress` is called with the number of images whenever some are done."""
        files = (description.NETWORK_FILE, description.PARAMETERS_FILE)
        contents = dict(
            zip(("network", "parameters"), ((self.folder / name).read_bytes() for name in files), strict=True)
        )
        pieces = [
            self._piece("reference of", "answer", {}, section, {**contents, "images": _npy(self.images[section])})
            for section in self._sections
        ]
        found = []
        for section, value in zip(self._sections, self._values(pieces, "reference", ()), strict=True):
            found += value["scores"]
            progress(len(section))
        return np.array(found, np.int64)

    def run(
        self, command: Sequence[str], tool: str, scores: np.ndarray, log: Path, on_answer: Callable[[Answer], object]
    ) -> Run:
        """Run all images with `command`, as `simulation.run` does it in one.

        `scores` int64 [N,K] are the reference's; `log` gets the lines of the answers, numbered through.
        """
        packed = programs.pack(self.folder, self.how.program)
        given = {"command": list(command), "digest": hashlib.sha256(packed).hexdigest()}
        here = not self.how.workers.scheduler
        given |= {"folder": str(self.folder.absolute())} if here else {}
        contents = {} if here else {"packed": packed}
        pieces = [
            self._piece(
                "",
                "simulate",
                given,
                section,
                {**contents, "images": _npy(self.images[section]), "scores": _npy(scores[section])},
            )
            for section in self._sections
        ]
        began = time.perf_counter()
        found: list[Answer] = []
        cycles, cpu_seconds = 0, 0.0
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as file:
            for part in self._values(pieces, tool, PROGRAMS[tool]):
                cycles += part["cycles"]
                cpu_seconds += part["cpu_seconds"]
                file.write(f"PART images={len(part['lines'])} cycles={part['cycles']}\n")
                for line in part["lines"]:
                    numbered = _NUMBER.sub(f"IMAGE {len(found)}", line, count=1)
                    file.write(f"{numbered}\n")
                    found.append(simulation.answer(numbered, len(found), log))
                    on_answer(found[-1])
        firsts = tuple(int(section[0]) for section in self._sections)
        return Run(tuple(found), cycles, time.perf_counter() - began, cpu_seconds, firsts)

    def forget(self) -> None:
        """The run is through: the next one begins anew."""
        self._kept.clear()

    @cached_property
    def _sections(self) -> list[np.ndarray]:
        return np.array_split(np.arange(len(self.images)), self.how.parts)

    @cached_property
    def _kept(self) -> Kept:
        return Kept(self.folder / "parts")

    def _piece(
        self, what: str, call: str, given: Mapping[str, Any], section: np.ndarray, contents: Mapping[str, bytes]
    ) -> Piece:
        first, last = int(section[0]) + 1, int(section[-1]) + 1
        name = f"{what} images {first} to {last}".strip()
        return Piece(name, f"{__name__}:{call}", given, f"{self.how.asked} --jobs 1 --count {last}", contents)

    def _values(self, pieces: Sequence[Piece], what: str, programs: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        needs = Needs(PACKAGES, ("numpy",), programs)
        try:
            for result in results(pieces, self.how.workers, needs, what=what, kept=self._kept, quiet=True):
                yield result.value
        except WorkError as error:
            raise SimulationError(str(error)) from None


def _npy(array: np.ndarray) -> bytes:
    data = io.BytesIO()
    np.save(data, array, allow_pickle=False)
    return data.getvalue()


def answer(network: Path, parameters: Path, images: Path) -> dict[str, Any]:
    """The reference's `scores` of a part: a network as `description.to_files` writes it, `images` a .npy file."""
    with tempfile.TemporaryDirectory(prefix="finn_part_") as name:
        files = {description.NETWORK_FILE: network.read_bytes(), description.PARAMETERS_FILE: parameters.read_bytes()}
        write_tree(Path(name), files)
        found = reference.scores(description.written(Path(name)), np.load(images, allow_pickle=False))
    return {"scores": found.tolist()}


def simulate(
    *,
    command: Sequence[str],
    digest: str,
    images: Path,
    scores: Path,
    folder: str | None = None,
    packed: Path | None = None,
) -> dict[str, Any]:
    """A part: the `lines` of answers, `cycles`, `cpu_seconds`.

    The simulation is that built in `folder`, or what is `packed`, whose `digest` it is; `images` and `scores` are .npy
    files.
    """
    program = Path(folder) if folder else programs.built(packed)
    design, _ = designs.load(program)
    shown, expected = (np.load(path, allow_pickle=False) for path in (images, scores))
    with tempfile.TemporaryDirectory(prefix="finn_part_") as name:
        work = Path(name)
        for path in program.iterdir():
            if path.name not in _WRITTEN:
                (work / path.name).symlink_to(path)
        write_tree(work, stimulus.files(design, shown, expected))
        words = [_IMAGES.sub(f"+images={len(shown)}", word) for word in command]
        log = work / "part.log"
        try:
            outcome = simulation.run(words, work, len(shown), log)
        except SimulationError as error:
            raise SimulationError(str(error).replace(f"; all it said is in {log}", "")) from None
        lines = [line.rstrip() for line in log.read_text().splitlines() if line.startswith("IMAGE")]
    return {"lines": lines, "cycles": outcome.cycles, "cpu_seconds": outcome.cpu_seconds}
