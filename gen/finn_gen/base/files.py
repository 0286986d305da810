# SPDX-License-Identifier: Apache-2.0
"""Writing generated files: each whole or not at all, and untouched where nothing changed."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


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
