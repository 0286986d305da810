# SPDX-License-Identifier: Apache-2.0
"""The plan of the core under test, as the generator wrote it."""

import json
import os
from pathlib import Path
from types import SimpleNamespace


def load(path: Path | None = None) -> SimpleNamespace:
    """Read a plan (a JSON object) as a namespace: `plan.latency`, `plan.in_width`.

    Without `path` the environment variable FINN_PLAN names the file, else the only `*.plan.json` in the
    current folder is taken, which is where FuseSoC puts it beside the simulation.
    Raises FileNotFoundError when there is none, or several.
    """
    if path is None:
        path = _find()
    return json.loads(path.read_text(), object_hook=lambda fields: SimpleNamespace(**fields))


def _find() -> Path:
    named = os.environ.get("FINN_PLAN")
    if named:
        return Path(named)
    found = sorted(Path.cwd().glob("*.plan.json"))
    if len(found) != 1:
        raise FileNotFoundError(
            f"{len(found)} files *.plan.json in {Path.cwd()}: set FINN_PLAN to the plan of the core under test"
        )
    return found[0]
