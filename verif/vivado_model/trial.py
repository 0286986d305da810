# SPDX-License-Identifier: Apache-2.0
"""A Vivado project tried in the model before anybody needs Vivado for it; finn-gen finds it as an entry point."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from vivado_model import draw, tclsh, tkinter_tcl
from vivado_model.catalog import Board
from vivado_model.errors import VivadoError
from vivado_model.project_commands import Vivado

NO_TCL = "there is neither tclsh nor tkinter"


def picture(files: Mapping[str, str | bytes], board: Board, design: str) -> str | None:
    """The block design `design` that project.tcl among `files` builds in the model, drawn; None where there is no Tcl.

    VivadoError where the model refuses the scripts.
    """
    front_end = next((each for each in (tkinter_tcl, tclsh) if each.available()), None)
    if front_end is None:
        return None
    model = Vivado(board=board)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        front_end.run(model, [Path(folder) / "project.tcl"], Path(folder))
    return draw.svg(model.designs[design])


def trial(files: Mapping[str, str | bytes], board: Board, design: str) -> tuple[str | None, str, str]:
    """(picture, why there is none, what the model refuses): one of them says something."""
    try:
        drawn = picture(files, board, design)
    except VivadoError as error:
        return None, "", str(error)
    return drawn, "" if drawn else NO_TCL, ""
