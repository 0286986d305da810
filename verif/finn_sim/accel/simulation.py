# SPDX-License-Identifier: Apache-2.0
"""One run of an accelerator's Verilog test bench, whose lines are read while it runs.

    IMAGE <index> label=<n> scores=<hex> start=<cycle> end=<cycle> match=<0|1>     as soon as an image is through
    DONE images=<n> mismatches=<n> cycles=<n>                                      at the end

Numbers are decimal but for the scores, start is the cycle of an image's first input word, end that of its last
output word. Other lines go to the log alone. The program fails if a score differed.
"""

from __future__ import annotations

import re
import resource
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from finn_gen.base.words import counted

LAST_WORDS = 8
PATIENCE = 5
"""Seconds that a program gets to end when it is told to."""
_IMAGE = re.compile(
    r"IMAGE\s+(\d+) label=\s*([0-9xXzZ]+) scores=([0-9a-fA-FxXzZ]+) start=\s*(\d+) end=\s*(\d+) match=([01xX])\s*"
)
_DONE = re.compile(r"DONE images=\s*(\d+) mismatches=\s*(\d+) cycles=\s*(\d+)\s*")


class SimulationError(Exception):
    """The simulator did not start, failed, stopped early or said something that cannot be; the message says which."""


@dataclass(frozen=True)
class Answer:
    """An image's line. label is -1 and scores None where a bit is X; match is the test bench's own verdict."""

    index: int
    label: int
    scores: int | None
    start: int
    end: int
    match: bool


@dataclass(frozen=True)
class Run:
    """What a whole run gave: cycles of the clock, and the time that it took.

    `seconds` are those of the wall clock from the line START on (from the program's start if there is none),
    `cpu_seconds` those of the processor, which other programs do not lengthen. `firsts` are the images that found the
    accelerator in reset, and with which the cycles of answers begin anew: one, but for a run in parts.
    """

    answers: tuple[Answer, ...]
    cycles: int
    seconds: float
    cpu_seconds: float
    firsts: tuple[int, ...] = (0,)


def run(
    command: Sequence[str], folder: Path, images: int, log: Path, on_answer: Callable[[Answer], object] = lambda a: None
) -> Run:
    """Run `command` in `folder` and read an answer for each of `images` images, in order.

    All lines go to `log`; `on_answer` is called as the answers come. Raises SimulationError; a run that ends as it
    should but with differing scores is no error here.
    """
    answers: list[Answer] = []
    done: list[str] = []
    words: deque[str] = deque(maxlen=LAST_WORDS)
    log.parent.mkdir(parents=True, exist_ok=True)
    began, cpu_before = time.perf_counter(), _cpu_seconds()
    with log.open("w", encoding="utf-8") as file:
        process = _start(command, folder)
        try:
            for line in process.stdout:
                file.write(line)
                if line.startswith("IMAGE"):
                    answers.append(answer(line, len(answers), log, images))
                    on_answer(answers[-1])
                elif line.startswith("DONE"):
                    done.append(line)
                elif line.startswith("START"):
                    # Loading the program and its memories is over.
                    began = time.perf_counter()
                else:
                    words.append(line.rstrip())
            code = process.wait()
        finally:
            _stop(process)
    seconds, cpu_seconds = time.perf_counter() - began, _cpu_seconds() - cpu_before
    fault = _fault(answers, done, images, code)
    if fault:
        said = "".join(f"\n  {line}" for line in words if line)
        raise SimulationError(f"the simulator {fault}; all it said is in {log}{':' if said else ''}{said}")
    return Run(tuple(answers), int(_DONE.fullmatch(done[0])[3]), seconds, cpu_seconds)


def answers(log: Path) -> tuple[Answer, ...]:
    """The answers in the log of a run that is over, in order. Raises SimulationError where a line cannot be."""
    found: list[Answer] = []
    with log.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("IMAGE"):
                found.append(answer(line, len(found), log))
    return tuple(found)


def _cpu_seconds() -> float:
    """Time that programs which have ended took of the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _start(command: Sequence[str], folder: Path) -> subprocess.Popen:
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SimulationError(f"{command[0]}: cannot be started ({error.strerror or error})") from None


def _stop(process: subprocess.Popen) -> None:
    """End a program that is not waited for any more."""
    # Not killed at once: make, below which Icarus runs, passes this signal on.
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _told(what: str, line: str, log: Path) -> str:
    return f"the simulator's {what}: {line.strip()[:200]}; all it said is in {log}"


def answer(line: str, index: int, log: Path, images: int | None = None) -> Answer:
    """The answer for image `index`; SimulationError if the line, which is in `log`, is not that, or of too many."""
    match = _IMAGE.fullmatch(line)
    if not match or int(match[1]) != index or (images is not None and index >= images):
        raise SimulationError(_told(f"line for image {index} cannot be", line, log))
    label = int(match[2]) if match[2].isdigit() else -1
    known = not re.search("[xXzZ]", match[3])
    return Answer(
        index, label, int(match[3], 16) if known else None, int(match[4]), int(match[5]), match=match[6] == "1"
    )


def _fault(answers: Sequence[Answer], done: Sequence[str], images: int, code: int) -> str:
    """Why the run is not whole, or nothing."""
    if len(answers) != images or len(done) != 1:
        return f"stopped after {len(answers)} of {counted(images, 'image')} (exit code {code})"
    match = _DONE.fullmatch(done[0])
    if not match or int(match[1]) != images:
        return f"ended with a line that cannot be: {done[0].strip()[:200]}"
    mismatches = sum(not answer.match for answer in answers)
    if int(match[2]) != mismatches:
        return f"counts {match[2]} mismatches but marked {mismatches}"
    if (code != 0) != (mismatches > 0):
        return f"ended with exit code {code} and {mismatches} mismatches"
    return ""
