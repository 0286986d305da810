# SPDX-License-Identifier: Apache-2.0
"""What an accelerator's test bench writes with +boundaries, read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.report.measured import Activity, Measured

BOUNDARIES, ACTIVITY = "boundaries.txt", "activity.txt"
NO_FIFO = "-"


def clear(folder: Path) -> None:
    """Delete what an earlier run wrote."""
    for name in (BOUNDARIES, ACTIVITY):
        (folder / name).unlink(missing_ok=True)


def read(folder: Path, stages: int) -> Measured | None:
    """What a run of an accelerator of so many stages wrote to `folder`, None where it saw no image.

    A run that failed may have left the last line of a file unfinished, or no `activity.txt`. Raises InputError for
    files that are not the test bench's.
    """
    rows = _rows(folder / BOUNDARIES, 4)
    try:
        table = np.array(rows, np.int64).reshape(-1, 4)
    except ValueError as error:
        raise InputError(f"{folder / BOUNDARIES}: not what the test bench writes ({error})") from None
    if not len(table):
        return None
    boundary, image, first, last = table.T
    if table.min() < 0 or boundary.max() > stages:
        raise InputError(f"{folder / BOUNDARIES}: it must have boundaries 0 to {stages} alone, and no negative number")
    found = np.full((2, stages + 1, int(image.max()) + 1), -1, np.int64)
    found[0, boundary, image], found[1, boundary, image] = first, last
    if found[0, 0, 0] < 0:
        return None
    origin = found[0, 0, 0]
    return Measured(*np.where(found < 0, -1, found - origin), _activity(folder / ACTIVITY, stages))


def _activity(path: Path, stages: int) -> tuple[Activity, ...]:
    try:
        found = tuple(
            Activity(int(cycles), int(starved), int(stalled), None if most == NO_FIFO else int(most))
            for _, cycles, starved, stalled, most in _rows(path, 5)
        )
    except ValueError as error:
        raise InputError(f"{path}: not what the test bench writes ({error})") from None
    return found if len(found) == stages else ()


def _rows(path: Path, columns: int) -> list[list[str]]:
    """The words of the lines that are whole; none where there is no file."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    return [words for line in lines if len(words := line.split()) == columns]
