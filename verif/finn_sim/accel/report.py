# SPDX-License-Identifier: Apache-2.0
"""What is told of a run: a line an image, totals, and the same as a record for programs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from finn_gen.base.words import counted
from finn_sim.accel.design import Design
from finn_sim.accel.simulation import Answer, Run
from finn_sim.pictures import Pictures

SHORT = 24
"""Characters of a class's name in a line."""


def short(names: Sequence[str]) -> tuple[str, ...]:
    """Names of at most SHORT characters, still all different, for a table."""
    cut = [name if len(name) <= SHORT else f"{name[: SHORT - 3]}..." for name in names]
    return tuple(
        name if cut.count(name) == 1 else f"{names[i][: SHORT - 4 - len(str(i))]}...#{i}" for i, name in enumerate(cut)
    )


@dataclass(frozen=True, eq=False)
class Report:
    """Judges answers of the RTL: pictures with their labels, scores int64 [N,K] of the reference, names of classes."""

    design: Design
    classes: tuple[str, ...]
    pictures: Pictures
    scores: np.ndarray

    def rtl_scores(self, answer: Answer) -> list[int] | None:
        """The scores that the RTL gave, or None if a bit was X."""
        if answer.scores is None:
            return None
        width = self.design.score_width
        lanes = [answer.scores >> i * width & ((1 << width) - 1) for i in range(self.scores.shape[1])]
        negative = width - 1 if self.design.score_signed else width
        return [lane - (1 << width) if lane >> negative else lane for lane in lanes]

    def equal(self, answer: Answer) -> bool:
        """Whether the RTL gave the reference's scores and label, by the test bench and by these scores."""
        expected = self.scores[answer.index].tolist()
        return answer.match and self.rtl_scores(answer) == expected and answer.label == int(np.argmax(expected))

    def right(self, answer: Answer) -> bool | None:
        """Whether the RTL's label is the picture's; None if that is not known."""
        return None if self.pictures.labels is None else answer.label == int(self.pictures.labels[answer.index])

    def line(self, answer: Answer) -> str:
        """An image's line."""
        index, name = answer.index, self.pictures.names[answer.index]
        number = f"{index + 1:{len(str(len(self.pictures)))}}"
        width = max(map(len, self._shown))
        if self.pictures.labels is None:
            verdict = f"{self._class(answer.label):{width}}"
        else:
            label = self._class(int(self.pictures.labels[index]))
            verdict = (
                f"{label:{width}} -> {self._class(answer.label):{width}}  {'right' if self.right(answer) else 'WRONG'}"
            )
        scores = self.rtl_scores(answer)
        shown = "unknown bits" if scores is None else " ".join(map(str, scores))
        differs = "" if self.equal(answer) else self._difference(index)
        return f"{number}  {name:{self._name_width}}  {verdict}  {shown}{differs}"

    @property
    def _name_width(self) -> int:
        return max(map(len, self.pictures.names))

    @cached_property
    def _shown(self) -> tuple[str, ...]:
        return short(self.classes)

    def _class(self, index: int) -> str:
        return self._shown[index] if 0 <= index < len(self.classes) else f"class {index}"

    def _difference(self, index: int) -> str:
        expected = self.scores[index]
        return (
            f"  RTL DIFFERS: the reference says {self._class(int(np.argmax(expected)))} {' '.join(map(str, expected))}"
        )

    def record(self, run: Run, tool: str) -> dict:
        """All figures of a run. Cycles are of the accelerator's clock, seconds of the wall clock.

        ii_cycles       median of the cycles from an image's last output word to the next one's; None for one image
        latency_cycles  from the first image's first input word to its last output word
        parts           runs, each from a reset on, that the images were split into; cycles are the sum of theirs
        correct         images with the right label, None where labels are not known
        mismatches      images of which a score or the label differs from the reference
        fps, latency_us at clock_mhz
        """
        ends = [answer.end for answer in run.answers]
        gaps = [after - before for index, (before, after) in enumerate(pairwise(ends), 1) if index not in run.firsts]
        interval = statistics.median_low(gaps) if gaps else None
        latency = run.answers[0].end - run.answers[0].start
        verdicts = [self.right(answer) for answer in run.answers]
        design = self.design
        return {
            "network": design.name,
            "folding": design.folding,
            "tool": tool,
            "source": self.pictures.origin,
            "images": len(run.answers),
            "parts": len(run.firsts),
            "correct": None if None in verdicts else sum(verdicts),
            "mismatches": sum(not self.equal(answer) for answer in run.answers),
            "ii_cycles": interval,
            "latency_cycles": latency,
            "planned_ii_cycles": design.interval,
            "planned_latency_cycles": design.latency,
            "cycles": run.cycles,
            "clock_mhz": design.clock_mhz,
            "fps": round(design.clock_mhz * 1e6 / interval, 1) if interval else None,
            "latency_us": round(latency / design.clock_mhz, 3),
            "images_per_second": round(len(run.answers) / run.seconds, 2),
            "seconds": round(run.seconds, 3),
            "cpu_seconds": round(run.cpu_seconds, 3),
        }


def totals(record: dict) -> str:
    """The figures of `Report.record` as lines to read."""
    images = record["images"]
    rows = [
        ("images", f"{images} from {record['source']}"),
        ("right", _right(record)),
        ("RTL = reference", _equal(record["mismatches"], images)),
        ("image interval", _cycles(record["ii_cycles"], record["planned_ii_cycles"])),
        ("latency", _cycles(record["latency_cycles"], record["planned_latency_cycles"])),
        (f"at {record['clock_mhz']:g} MHz", _rate(record)),
        ("simulated", _speed(record)),
    ]
    return "\n".join([f"{record['network']}-{record['folding']}", *(f"  {name:16}{words}" for name, words in rows)])


def _right(record: dict) -> str:
    images, correct = record["images"], record["correct"]
    if correct is None:
        return "not known: these pictures have no labels"
    return f"{correct} of {images} ({100 * correct / images:.2f} %), {images - correct} wrong"


def _equal(mismatches: int, images: int) -> str:
    return (
        f"NOT on {mismatches} of {counted(images, 'image')}"
        if mismatches
        else f"every score of {'the image' if images == 1 else f'all {images} images'}"
    )


def _cycles(measured: int | None, planned: int) -> str:
    if measured is None:
        return f"not measured with one image (planned {counted(planned, 'cycle', ',')})"
    return counted(measured, "cycle", ",") + (f" (planned {planned:,})" if measured != planned else ", as planned")


def _rate(record: dict) -> str:
    latency = f"{record['latency_us']:,} us latency"
    return latency if record["fps"] is None else f"{record['fps']:,} FPS, {latency}"


def _speed(record: dict) -> str:
    seconds, cpu = record["seconds"], record["cpu_seconds"]
    parts = f" in {record['parts']} parts" if record["parts"] > 1 else ""
    return (
        f"{record['images_per_second']:,} images/s in {record['tool']}{parts}, {seconds} s ({cpu} s of one processor)"
    )
