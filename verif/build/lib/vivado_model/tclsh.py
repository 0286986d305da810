# SPDX-License-Identifier: Apache-2.0
"""A plain tclsh as the interpreter; a shim turns each command into a question to this process over two pipes."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from vivado_model import tcl_list
from vivado_model.errors import VivadoError
from vivado_model.project_commands import Vivado

SHIM = Path(__file__).with_name("shim.tcl")
TIMEOUT_S = 60


def available() -> bool:
    """Whether there is a tclsh (Debian's package tcl)."""
    return shutil.which("tclsh") is not None


def run(
    model: Vivado,
    scripts: Sequence[Path],
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> str:
    """Source `scripts` one after the other in `cwd`, each in a tclsh of its own; return what they print.

    `arguments` are what follows -tclargs.

    VivadoError has Tcl's message; `exit` with another code than 0 is one, too.
    """
    variables = {**os.environ, **(environment or {})}
    return "".join(_run(model, [str(script), *arguments], cwd, variables) for script in scripts)


def _run(model: Vivado, call: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> str:
    ask_read, ask_write = os.pipe()
    answer_read, answer_write = os.pipe()
    command = ["tclsh", str(SHIM), str(ask_write), str(answer_read), tcl_list.join(model.commands), *call]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environment),
        pass_fds=(ask_write, answer_read),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(ask_write)
    os.close(answer_read)
    before = Path.cwd()
    os.chdir(cwd)  # relative paths mean the same here and there
    try:
        with os.fdopen(ask_read, "rb") as questions, os.fdopen(answer_write, "wb") as answers:
            for line in questions:
                answers.write(_answer(model, line))
                answers.flush()
        out, err = process.communicate(timeout=TIMEOUT_S)
    finally:
        os.chdir(before)
        process.kill()
    if process.returncode:
        raise VivadoError(err.strip() or f"{Path(call[0]).name}: exit {process.returncode}")
    return out


def _answer(model: Vivado, line: bytes) -> bytes:
    """Question and answer are each a list in Base64 on a line."""
    name, *words = tcl_list.split(base64.b64decode(line).decode())
    return base64.b64encode(tcl_list.join(model.answer(name, words)).encode()) + b"\n"
