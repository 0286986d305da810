# SPDX-License-Identifier: Apache-2.0
"""Jinja2 for Verilog and Tcl: `${expr}` and lines that start with `//%`, so that a template still reads as code."""

import functools
import re
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from finn_gen import __version__
from finn_gen.base import limits, verilog, words
from finn_gen.base.library import ROOT

# No template holds this character; it keeps blank lines, which Jinja2 would swallow after a line statement.
_BLANK = "\ue000"

_PHRASES = (
    *(verilog.vector, verilog.span, verilog.part, verilog.top),
    *(verilog.number, verilog.signed, verilog.padded, verilog.repeated, verilog.arm),
    *(verilog.constant, verilog.unused),
    *(words.counted, words.every),
    *(verilog.any_of, verilog.all_of, verilog.negated, verilog.count_down),
    verilog.lanes,
)
"""What every template may print."""


class _KeepBlankLines(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"(?m)^[ \t]*$(?!\Z)", _BLANK, source)


@functools.cache
def environment() -> Environment:
    """The environment of all templates, each compiled once. Jinja2's own `{{ }}` is Verilog's replication."""
    env = Environment(
        loader=FileSystemLoader(ROOT),
        extensions=[_KeepBlankLines],
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="${",
        variable_end_string="}",
        block_start_string="/*%",
        block_end_string="%*/",
        comment_start_string="/*#",
        comment_end_string="#*/",
        line_statement_prefix="//%",
        line_comment_prefix="//#",
    )
    env.globals["version"], env.globals["TRUE"] = __version__, verilog.TRUE
    for phrase in _PHRASES:
        env.globals[phrase.__name__] = phrase
    return env


def render(template: str, **values: Any) -> str:
    """Text of `template` (a path below the library's root) with `values`; a name that is missing is an error.

    Raises TooWideError for Verilog beyond what the tools take, `finn_gen.base.limits`.
    """
    text = environment().get_template(template).render(**values).replace(_BLANK, "")
    text = re.sub(r"\n{3,}", "\n\n", text)
    if template.endswith(".v.j2"):
        limits.check(template.removesuffix(".j2"), text)
    return text
