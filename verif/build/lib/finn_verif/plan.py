# SPDX-License-Identifier: Apache-2.0
"""The plan of the core under test, as the generator wrote it."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

FILE = "finn.plan.json"


def load() -> SimpleNamespace:
    """Read the plan (a JSON object) as a namespace: `plan.latency`, `plan.in_width`.

    What it holds in its parts `params` and `ports`, as plans of finn-gen do, are fields of its own as well.
    The environment variable FINN_PLAN names the file, else it is `finn.plan.json` in the current folder,
    where FuseSoC puts it beside the simulation. Raises FileNotFoundError when there is none.
    """
    path = Path(os.environ.get("FINN_PLAN") or FILE)
    if not path.is_file():
        raise FileNotFoundError(f"{path.absolute()}: no plan here; FINN_PLAN names the plan of the core under test")
    plan = json.loads(path.read_text(), object_hook=lambda fields: SimpleNamespace(**fields))
    for part in ("params", "ports"):
        vars(plan).update({**vars(getattr(plan, part, SimpleNamespace())), **vars(plan)})
    return plan
