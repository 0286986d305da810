# SPDX-License-Identifier: Apache-2.0
"""Tcl inside this process, through tkinter, with the model's commands in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vivado_model import tcl_list
from vivado_model.errors import VivadoError
from vivado_model.project_commands import Vivado

PRELUDE = Path(__file__).with_name("prelude.tcl")
_EXIT = "finn-model-exit"


def available() -> bool:
    """Whether this Python has tkinter; Debian puts it into a package of its own."""
    try:
        import tkinter  # noqa: F401
    except ImportError:
        return False
    return True


def run(
    model: Vivado,
    scripts: Sequence[Path],
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> str:
    """Source `scripts` one after the other in `cwd`, as `vivado -mode batch -source` does; return what they print.

    `arguments` are what follows -tclargs.

    VivadoError has Tcl's message; `exit` with another code than 0 is one, too.
    """
    import tkinter

    tcl = tkinter.Tcl()
    said: list[str] = []

    def ask(name: str, *words: str) -> str:
        return tcl_list.join(model.answer(name, words))

    tcl.eval("source {" + str(PRELUDE) + "}")
    tcl.tk.createcommand("model::ask", ask)
    tcl.eval("model::define {" + tcl_list.join(model.commands) + "}")

    def put(*words: str) -> None:
        said.append(words[-1] if "-nonewline" in words else words[-1] + "\n")

    # `puts` to a channel stays Tcl's own.
    tcl.tk.createcommand("finn_puts", put)
    tcl.eval("rename puts finn_channel_puts")
    tcl.eval(
        "proc puts {args} { if {[llength $args] == 1 || [lindex $args 0] eq {-nonewline} && [llength $args] == 2} "
        "{ finn_puts {*}$args } else { finn_channel_puts {*}$args } }"
    )
    tcl.eval(f"proc exit {{{{code 0}}}} {{ return -code error -errorcode [list {_EXIT} $code] {_EXIT} }}")
    for name, value in (environment or {}).items():
        tcl.setvar(f"env({name})", value)
    tcl.setvar("argv", tcl_list.join(arguments))
    before = Path.cwd()
    os.chdir(cwd)
    try:
        for script in scripts:
            _source(tcl, script)
    finally:
        os.chdir(before)
        for name in environment or {}:  # Tcl's env array is the process' own environment
            tcl.eval(f"unset -nocomplain ::env({name})")
            if name in os.environ:
                tcl.setvar(f"env({name})", os.environ[name])
    return "".join(said)


def _source(tcl: object, script: Path) -> None:
    import tkinter

    try:
        tcl.eval("source {" + str(script) + "}")  # type: ignore[attr-defined]
    except tkinter.TclError as error:
        if str(error) == _EXIT:
            code = tcl.eval("lindex $::errorCode 1")  # type: ignore[attr-defined]
            if code == "0":
                return
            raise VivadoError(f"{script.name}: exit {code}") from None
        raise VivadoError(str(error)) from None
