# SPDX-License-Identifier: Apache-2.0
"""The ports of a rendered module, read from its header: what is packaged is what was written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from finn_gen.base.errors import InputError
from finn_gen.base.verilog_keywords import KEYWORDS

_MODULE = re.compile(r"module (\w+) (#\(|\()")
_PARAMETER = re.compile(r"\s*parameter integer (\w+)\s*= (-?\d+)(,?)\s*(?://.*)?")
_PORT = re.compile(r"\s*(input|output)\s+(?:wire|reg)\s+(?:\[(\d+):0\]\s*)?(\w+)(,?)\s*(?://.*)?")
_COMMENT = re.compile(r"\s*(?://.*)?")


@dataclass(frozen=True)
class Port:
    """A port: `direction` is in or out; `width` in bits; a `vector` is declared with a range, [0:0] too."""

    name: str
    direction: str
    width: int
    vector: bool


@dataclass(frozen=True)
class Header:
    """A module's name, its integer parameters with their values, and its ports, all in their order."""

    module: str
    parameters: tuple[tuple[str, int], ...]
    ports: tuple[Port, ...]


def read_header(file: str, text: str) -> Header:
    """The header of the one module in `text`, which is the content of `file`.

    It must look as our templates write it: ANSI ports, one a line, ranges [N:0] with a number, comments from //
    to the end of a line. InputError names the file, the line and what was expected.
    """
    lines = text.splitlines()
    found = [number for number, line in enumerate(lines, 1) if re.match(r"\s*module\b", line)]
    if len(found) != 1:
        raise InputError(f"{file}: it must hold one module, but holds {len(found)}")
    first = lines[found[0] - 1]
    opening = _MODULE.fullmatch(first)
    if not opening:
        raise InputError(f"{file}:{found[0]}: {first.strip()!r}: expected `module name #(` or `module name (`")
    rest = iter([(number, line) for number, line in enumerate(lines, 1) if number > found[0]])
    parameters: list[tuple[str, int]] = []
    if opening[2] == "#(":
        for match in _entries(file, rest, _PARAMETER, ") (", "parameter integer NAME = 8,"):
            parameters.append((match[1], int(match[2])))
    ports = []
    for match in _entries(file, rest, _PORT, ");", "input  wire [7:0] name,"):
        direction = {"input": "in", "output": "out"}[match[1]]
        ports.append(Port(match[3], direction, int(match[2] or 0) + 1, match[2] is not None))
    _check_names(file, [opening[1], *(name for name, _ in parameters), *(port.name for port in ports)])
    return Header(opening[1], tuple(parameters), tuple(ports))


def _entries(
    file: str, lines: Iterator[tuple[int, str]], entry: re.Pattern[str], end: str, example: str
) -> Iterator[re.Match[str]]:
    """The entries of a list up to the line `end`; the last group of each is its comma, which only the last lacks."""
    last: tuple[int, re.Match[str]] | None = None
    for number, line in lines:
        if line == end:
            break
        if _COMMENT.fullmatch(line):
            continue
        match = entry.fullmatch(line)
        if not match:
            raise InputError(f"{file}:{number}: {line.strip()!r}: expected a line as `{example}`")
        if last and not last[1][last[1].re.groups]:
            raise InputError(f"{file}:{last[0]}: {last[1][0].strip()!r}: a comma is missing at its end")
        last = (number, match)
        yield match
    else:
        raise InputError(f"{file}: the module's header does not end with `{end}` on a line of its own")
    if last is None:
        raise InputError(f"{file}:{number}: {end!r}: the list before it is empty; expected `{example}`")
    if last[1][last[1].re.groups]:
        raise InputError(f"{file}:{last[0]}: {last[1][0].strip()!r}: the last of the list must not end with a comma")


def _check_names(file: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in KEYWORDS:
            raise InputError(f"{file}: {name!r}: a name is a letter, then letters, digits or _, and no keyword")
        if name in seen:
            raise InputError(f"{file}: {name!r} stands twice in the header")
        seen.add(name)
