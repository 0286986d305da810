# SPDX-License-Identifier: Apache-2.0
"""Results of pieces on disk, a file of JSON each, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from finn_gen.base.files import write_if_changed
from finn_work.piece import Piece, Result


class Kept:
    """A folder of results, by what a piece does and the sources and tools (`identity.of`) that it ran with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, piece: Piece, tools: Mapping[str, str]) -> Result | None:
        """The result of a piece; None where there is none, or a file that is none."""
        try:
            found = json.loads(self._place(piece, tools).read_text(encoding="utf-8"))
            return Result(found["value"], float(found["seconds"]), str(found["worker"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, piece: Piece, tools: Mapping[str, str], result: Result) -> None:
        """Keep a result."""
        write_if_changed(self._place(piece, tools), json.dumps(asdict(result)) + "\n")

    def _place(self, piece: Piece, tools: Mapping[str, str]) -> Path:
        said = json.dumps([piece.digest, dict(tools)], sort_keys=True)
        return self.folder / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.json"

    def clear(self) -> None:
        """Forget all: the run is through."""
        shutil.rmtree(self.folder, ignore_errors=True)
