# SPDX-License-Identifier: Apache-2.0
"""Programs as a user calls them."""

import os
import subprocess
from pathlib import Path


def fusesoc(folder: Path, *arguments: str, roots: tuple[Path, ...] = ()) -> subprocess.CompletedProcess:
    """Call FuseSoC in a folder, with the cores below it and below `roots`; nothing else leads to this repository."""
    where = [word for root in (*roots, folder) for word in ("--cores-root", str(root))]
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(["fusesoc", *where, *arguments], cwd=folder, capture_output=True, text=True, env=environment)
