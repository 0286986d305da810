# SPDX-License-Identifier: Apache-2.0
"""What the tools take of Verilog at once, and the check that no rendered file asks for more.

Each limit is that of the narrowest tool, found by trying (Icarus 11, Verilator 5.48, Yosys 0.70) or from Vivado's
messages, with some room. What can grow with a network is cut before it gets there: constants and tables by rows,
lists by lines. What cannot be cut is refused by the plan, in a sentence that names the parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from finn_gen.base.errors import InputError

LITERAL_BITS = 32_768
"""Bits of a literal. Icarus takes a token of 16,383 characters, 65,500 bits in hexadecimal; Verilator 65,536 bits;
Yosys' token ends between 131,072 and 262,144 bits."""
VECTOR_BITS = 1_000_000
"""Bits of a vector: Vivado's limit (Synth 8-4556). Icarus takes more, but 43 s for 4,000,000; Yosys 15 s."""
WORD_BITS = 16_384
"""Bits of a word in a FIFO, whose bits a generate loop goes over: Verilator's limit (--unroll-limit)."""
REPLICATION = 8_192
"""Bits of a replication: beyond that Verilator warns (WIDTHCONCAT), which ends a build."""
LINE = 16_000
"""Characters of a line, so that no token is longer than Icarus takes, and people can open the file."""
CASE_ARMS = 16_384
"""Arms of a case: Verilator takes 65,536 in 10 s, Icarus in 6."""
ELEMENTS = 4_096
"""Elements of a concatenation: 0.2 s in the slowest tool, where 100,000 take 37 s."""

_LITERAL = re.compile(r"\b(\d+)'[sS]?[bodhBODH]")
_RANGE = re.compile(r"\[(\d+):(\d+)\]|\.WIDTH\s*\((\d+)\)")
_REPLICATION = re.compile(r"\{(\d+)\{")
_CASE = re.compile(r"^[ \t]*case[xz]?\b.*?^[ \t]*endcase\b", re.MULTILINE | re.DOTALL)
_ARM = re.compile(r"^[ \t]*(?:\d+'[bdh][0-9a-f]+|\d+|default)[ \t]*:", re.MULTILINE)
_CONCATENATION = re.compile(r"\{[^{}]*\}")


class TooWideError(InputError):
    """A file that some tool would not take; the message says which one, of what it has too much, and the limit."""


def check(name: str, text: str) -> None:
    """Raise TooWideError if the Verilog `text` of the file `name` goes beyond a limit."""
    for what, found, limit in _measured(text):
        if found > limit:
            raise TooWideError(
                f"{name}: {what} {found:,}; tools take {limit:,}: fold more, or take fewer bits an element"
            )


def _measured(text: str) -> Iterator[tuple[str, int, int]]:
    """What is limited: in words, the most of it in `text`, and the limit."""
    ranges = (abs(int(high) - int(low)) + 1 if high else int(width) for high, low, width in _RANGE.findall(text))
    yield "bits of a literal:", max(map(int, _LITERAL.findall(text)), default=0), LITERAL_BITS
    yield "bits of a vector:", max(ranges, default=0), VECTOR_BITS
    yield "bits of a replication:", max(map(int, _REPLICATION.findall(text)), default=0), REPLICATION
    yield "characters of a line:", max(map(len, text.splitlines()), default=0), LINE
    yield "arms of a case:", max((len(_ARM.findall(case)) for case in _CASE.findall(text)), default=0), CASE_ARMS
    elements = (found.count(",") + 1 for found in _CONCATENATION.findall(text))
    yield "elements of a concatenation:", max(elements, default=0), ELEMENTS
