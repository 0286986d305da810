# SPDX-License-Identifier: Apache-2.0
"""The main job: prepare the test bench's files, run it, print a line an image and the totals, write the record."""

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from finn_gen.base.files import write_if_changed, write_tree
from finn_gen.network import model
from finn_sim import pictures, reference
from finn_sim.accel import design as designs
from finn_sim.accel import parts, records, report, simulation, stimulus, streams
from finn_sim.image_files import Reading
from finn_sim.page import accelerator, activity
from finn_sim.pictures import Pictures
from finn_verif import waves

LOG = "simulation.log"
MOST_LINES = 40
"""Images that have a line each without being asked for."""


class Lines(enum.Enum):
    """Which images have a line: all, or those alone that differ from the reference, with progress and a hint or not."""

    ALL = enum.auto()
    FEW = enum.auto()
    NONE = enum.auto()


def lines(images: int, quiet: bool = False, verbose: bool = False) -> Lines:
    """Which of so many images have a line."""
    if quiet:
        return Lines.NONE
    return Lines.ALL if verbose or images <= MOST_LINES else Lines.FEW


@dataclass(frozen=True, eq=False)
class Job:
    """An accelerator in the work folder of a simulator, the pictures to run through it, and what was asked for it."""

    folder: Path
    design: designs.Design
    network: model.Network
    pictures: Pictures
    request: Mapping[str, Any] = field(default_factory=dict)

    def run(
        self,
        command: Sequence[str],
        tool: str,
        result: Path,
        lines: Lines = Lines.ALL,
        *,
        recording: Path | None = None,
        page: Path | None = None,
        how: parts.Split | None = None,
    ) -> dict:
        """Simulate with `command`, tell of it, write the record to `result` and return it.

        `lines` says which images have a line, those that differ from the reference always. `result` is written whole
        when the simulation is through; one of an earlier run goes first. `recording` is the file into which `command`
        records waveforms; views of it are written, where the simulation fails too. `page` gets a report to
        open in a browser, of a simulation that fails too. `how` splits a run without recording and page. Raises
        simulation.SimulationError, which leaves no record.
        """
        result.unlink(missing_ok=True)
        if recording:
            recording.unlink(missing_ok=True)
            recording.parent.mkdir(parents=True, exist_ok=True)
        if page:
            page.unlink(missing_ok=True)
        activity.clear(self.folder)
        images = self.pictures.images
        split = parts.Parts(self.folder, images, how) if how else None
        with _bar(len(images), "reference", lines is Lines.NONE) as bar:
            scores = split.scores(bar.update) if split else reference.scores(self.network, images, bar.update)
        if not split:
            write_tree(self.folder, stimulus.files(self.design, images, scores))
        judge = report.Report(self.design, self.network.score_names, self.pictures, scores)
        seen: list[simulation.Answer] = []
        told = accelerator.Run(self.folder, self.design, self.network, judge, seen, tool, self.request)
        if lines is Lines.FEW:
            print(f"More than {MOST_LINES} images: lines of those that differ alone; --verbose (VERBOSE=1) prints all.")
        with _bar(len(images), tool, lines is Lines.NONE) as bar:

            def tell(answer: simulation.Answer) -> None:
                seen.append(answer)
                if lines is Lines.ALL or not judge.equal(answer):
                    bar.write(judge.line(answer), file=sys.stdout)
                bar.update()

            try:
                log = self.folder / LOG
                if split:
                    outcome = split.run(command, tool, scores, log, tell)
                else:
                    outcome = simulation.run(command, self.folder, len(images), log, tell)
            except simulation.SimulationError as error:
                if page:
                    _write_page(page, replace(told, failure=str(error)))
                raise
            finally:
                if recording and recording.is_file():
                    waves.write_views(recording, streams.groups(self.folder))
                    bar.write(waves.told(recording), file=sys.stdout)
        if split:
            split.forget()
        record = judge.record(outcome, tool) | {"request": self.request.get("digest")}
        print(report.totals(record))
        write_if_changed(result, json.dumps(record, indent=1) + "\n")
        print(f"  {'record':16}{result}", flush=True)
        if page:
            _write_page(page, replace(told, record=record))
        return record

    def failed(self, page: Path, tool: str, failure: str) -> None:
        """Write to `page` the report of a run that did not begin, since `failure`."""
        activity.clear(self.folder)
        none = np.zeros((0, len(self.network.score_names)), np.int64)
        judge = report.Report(self.design, self.network.score_names, self.pictures, none)
        told = accelerator.Run(self.folder, self.design, self.network, judge, [], tool, self.request, failure=failure)
        _write_page(page, told)


def _write_page(page: Path, run: accelerator.Run) -> None:
    write_if_changed(page, accelerator.run_page(run))
    print(f"  {'report':16}{page}", flush=True)


def load(
    folder: Path, images: Path | None, count: int | None, samples: Path | None, *, reading: Reading | None = None
) -> Job:
    """The job for the accelerator in `folder`; pictures as pictures.load takes them. Raises InputError."""
    design, network = designs.load(folder)
    shown = pictures.of_network(network, images, count, samples, reading)
    return Job(folder, design, network, shown, records.asked(folder))


def _bar(total: int, what: str, quiet: bool) -> tqdm:
    """A progress bar, silent where the output is no terminal."""
    silent = quiet or not sys.stdout.isatty()
    return tqdm(total=total, desc=what, unit="image", leave=False, file=sys.stdout, disable=silent)
