# SPDX-License-Identifier: Apache-2.0
"""Writing generated files: each whole or not at all, untouched where nothing changed, a folder by one at a time."""

import contextlib
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

try:
    import fcntl
except ImportError:  # Windows, where nothing keeps two processes out of one folder
    fcntl = None

LOCK = ".lock"
"""File in a folder that a process writes to; it is there as long as the process does."""


def write_if_changed(path: Path, content: str | bytes) -> bool:
    """Write `content` to `path` unless it holds just that; return whether it was written.

    The file appears whole: a temporary file beside it takes its place. An untouched file keeps its time stamp,
    so that make and FuseSoC do not build again.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    return True


def write_tree(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write `files` (relative path to content) below `folder`; return the paths that changed.

    Every content exists before the first file is written, so an error while rendering leaves nothing behind.
    """
    return [folder / name for name, content in files.items() if write_if_changed(folder / name, content)]


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have `folder` for this process, which is made if it is not there; take it before the first write to it.

    Where another process has it, that one is named on stderr, and waited for. Raises OSError if the folder cannot be
    written to.
    """
    folder = folder.absolute()  # to find it again from another current folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    file = _locked(path)
    try:
        file.truncate(0)
        file.write(f"process {os.getpid()} ({shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])})")
        file.flush()
        yield
    finally:
        # While it is locked, so that nobody locks a file that is about to go without noticing.
        path.unlink(missing_ok=True)
        file.close()


def _locked(path: Path) -> TextIO:
    """The file at `path`, made and locked by this process; the lock ends when the file is closed."""
    told = False
    while True:
        file = path.open("a+", encoding="utf-8")
        if fcntl is None:
            return file
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                file.seek(0)
                holder = file.read() or "another process"
                print(f"{path.parent}: in use by {holder}; waiting until it is through", file=sys.stderr, flush=True)
            told = True
            fcntl.flock(file, fcntl.LOCK_EX)
        # Who had it before has removed it, and somebody else may have made a new one.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()
