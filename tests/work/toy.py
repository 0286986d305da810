# SPDX-License-Identifier: Apache-2.0
"""Pieces that do next to nothing, in the ways that can go wrong."""

import os
import signal
import time
from pathlib import Path


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


def slow(number: int, seconds: float, began: str = "") -> int:
    """The number, after a while; a byte more in the file `began` for each time that it is called."""
    if began:
        with Path(began).open("a") as file:
            file.write(f"{number}\n")
    time.sleep(seconds)
    return number


def fail(number: int, at: int) -> int:
    """The number, unless it is `at`."""
    if number == at:
        print("what it printed")
        raise LookupError(f"no {number} here")
    return number


def die(number: int, mark: str, times: int) -> int:
    """The number, when the process has died so many times."""
    path = Path(mark)
    died = len(path.read_text()) if path.exists() else 0
    if died < times:
        path.write_text("x" * (died + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def read(text: Path, offset: int) -> str:
    """A file's text from an offset on."""
    return text.read_text()[offset:]


def process(number: int) -> list[int]:
    """The number, and who runs this."""
    return [number, os.getpid()]
