# SPDX-License-Identifier: Apache-2.0
"""Where the record of a run goes: runs of which something differs keep records of their own.

<network>-<folding>.json is that of a network of accel/ and a folding by its name, of which nothing else is asked. What
else is asked (parameters, a rate, a file, a clock) stands behind as a digest. A network of one's own has the short name
too, unless another one's record is there already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.formats.description import REQUEST_FILE
from finn_sim.accel.design import Design


def asked(folder: Path) -> Mapping[str, Any]:
    """What was asked of the generator of the accelerator in a work folder: `digest`, `named`, `carried`, `device`.

    Nothing where the accelerator is of another origin. Raises InputError.
    """
    path = folder / REQUEST_FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        kept = {"digest": str(found["digest"]), "named": bool(found["named"]), "carried": bool(found["carried"])}
        return kept | ({"device": str(found["device"])} if "device" in found else {})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: not what was asked of a generator ({type(error).__name__}: {error})") from None


def place(results: Path, design: Design, request: Mapping[str, Any]) -> Path:
    """The file in the folder `results` for a run of what `asked` gives."""
    short = results / f"{design.name}-{design.folding}.json"
    if not request or (request["named"] and (request["carried"] or _digest(short) in (None, request["digest"]))):
        return short
    return short.with_name(f"{short.stem}-{request['digest']}.json")


def _digest(record: Path) -> str | None:
    """The digest in a record, None where there is no such file or field."""
    try:
        return json.loads(record.read_text(encoding="utf-8")).get("request")
    except (OSError, ValueError, AttributeError):
        return None
