# SPDX-License-Identifier: Apache-2.0
"""A simulation as something that travels: packed before it is built, and built once on every kind of machine."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

from finn_gen.base.files import LOCK, alone
from finn_sim.accel import vectors
from finn_sim.accel.simulation import SimulationError
from finn_work import identity

BUILT = ".built"
"""File in a folder of the cache whose program is whole; as old as its last use."""
UNUSED_S = 30 * 24 * 3600
"""What was not used for so long is deleted when something new is built."""
_TAIL = 20
_MADE = re.compile(
    r"V\w+_tb.*|verilated.*|.*\.(o|d|a|gch|log|fst|vcd|gtkw|sucl)|generator_cache|parts|(boundaries|activity)\.txt"
)
"""What is made in a work folder: by building, by running, and by FuseSoC for itself."""


def pack(folder: Path, program: str) -> bytes:
    """All that a work folder of edalize needs to be built elsewhere, as a .tar.gz; the same bytes for the same files.

    `program` is the file that Icarus compiles.
    """
    left_out = {program, LOCK, vectors.STIMULUS, vectors.SCORES, vectors.LABELS}
    data = io.BytesIO()
    with gzip.GzipFile(fileobj=data, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and name.parts[0] not in left_out and not _MADE.fullmatch(name.parts[0]):
                entry = tarfile.TarInfo(name.as_posix())
                entry.size = path.stat().st_size
                with path.open("rb") as file:
                    tar.addfile(entry, file)
    return data.getvalue()


def built(packed: Path) -> Path:
    """The folder in which what `pack` gave is built, on this kind of machine; SimulationError if it cannot be."""
    key = hashlib.sha256(packed.read_bytes() + identity.kind_of_machine().encode()).hexdigest()[:24]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "finn_sim"
    folder = cache / key
    with alone(cache / f"{key}.building"):
        if not (folder / BUILT).is_file():
            _forget_old(cache)
            shutil.rmtree(folder, ignore_errors=True)
            with tarfile.open(packed) as tar:
                tar.extractall(folder, filter="data")
            done = subprocess.run(["make"], cwd=folder, capture_output=True, text=True)
            if done.returncode:
                said = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL:])
                raise SimulationError(f"the simulation is not built:\n{said}")
        (folder / BUILT).touch()
    return folder


def _forget_old(cache: Path) -> None:
    for mark in cache.glob(f"*/{BUILT}"):
        if mark.stat().st_mtime < time.time() - UNUSED_S:
            shutil.rmtree(mark.parent, ignore_errors=True)
