# SPDX-License-Identifier: Apache-2.0
"""Shows on a terminal that a simulation is being built: Verilator and the compiler say nothing for a minute or two."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

INTERVAL_S = 0.5


def compiled(folder: Path, top: str) -> tuple[int, int]:
    """How many of the C++ files that Verilator wrote to `folder` for `top` are compiled, and how many there are."""
    sources = list(folder.glob(f"V{top}*.cpp"))
    done = sum(_is_newer(source.with_suffix(".o"), source) for source in sources)
    return done, len(sources)


def _is_newer(product: Path, source: Path) -> bool:
    try:
        return product.stat().st_mtime >= source.stat().st_mtime
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def alive(tool: str, folder: Path, top: str, stream: TextIO) -> Iterator[None]:
    """Show seconds, and files that are compiled, while the body runs; nothing where `stream` is no terminal."""
    if not stream.isatty():
        yield
        return
    over = threading.Event()

    def show() -> None:
        with tqdm(desc=f"{tool} builds the simulation", unit="file", leave=False, file=stream, total=1) as bar:
            while not over.wait(INTERVAL_S):
                done, bar.total = compiled(folder, top)
                bar.total = max(1, bar.total)
                bar.n = done
                bar.refresh()

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
