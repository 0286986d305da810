# SPDX-License-Identifier: Apache-2.0
"""Names of classes: in a text file, a line each, as BNN-PYNQ's folders have it in classes.txt, or in training's record.

They are printed and compared with names of folders, and go nowhere else. Nothing but a file that is none is refused:
what would not print is replaced, and names that occur twice are told apart by their index.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from finn_gen.base.errors import InputError

FILE = "classes.txt"
MAX_BYTES = 1 << 20
MAX_LENGTH = 1024
"""Characters of a name."""


def load(path: Path, scores: int) -> tuple[tuple[str, ...], str]:
    """The names of `scores` scores, and what is to be told of them, or nothing.

    Scores beyond the last line, and those of empty lines, are called by their index. Raises InputError, for more names
    than scores too.
    """
    names = [_plain(line) for line in _lines(path)]
    if not any(names) or len(names) > scores:
        raise InputError(f"{path}: {len(names)} names of classes; the network has {scores} scores, a line for each")
    told = ""
    if len(names) < scores:
        told = f"{path}: names {len(names)} of {scores} classes; the others are called by their index"
    return _different([*names, *[""] * (scores - len(names))]), told


def recorded(parameters: Path, scores: int) -> tuple[str, ...]:
    """The names in the record that training writes beside an .npz file, none if there is no such record."""
    path = parameters.with_suffix(".json")
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return ()
        record = json.loads(path.read_text(encoding="utf-8"))
        names = record["classes"] if record["file"] == parameters.name else []
        return _different([_plain(name) for name in names]) if len(names) == scores else ()
    except (OSError, ValueError, RecursionError, TypeError, KeyError):
        return ()  # a file of something else


def _lines(path: Path) -> list[str]:
    """Lines up to the last that is not empty."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); it must have a class's name a line"
        ) from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES} bytes, which no list of classes is")
    return re.split(r"\r\n|\r|\n", data.decode("utf-8-sig", "replace").rstrip())


def _plain(line: str) -> str:
    """A line without what does not print."""
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())[:MAX_LENGTH]


def _different(names: Sequence[str]) -> tuple[str, ...]:
    """The names, all different and none empty."""
    named = [name or str(index) for index, name in enumerate(names)]
    while len(set(named)) < len(named):
        named = [name if named.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(named)]
    return tuple(named)
