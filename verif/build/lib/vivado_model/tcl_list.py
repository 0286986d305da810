# SPDX-License-Identifier: Apache-2.0
"""Tcl's lists as text, to and from Python; the two front ends exchange nothing else."""

import re
from collections.abc import Iterable

from vivado_model.errors import VivadoError

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "b": "\b"}
_SPACE = " \t\n\r\f\v"
_MARKED = set('{}"\\')
_BLANK = re.compile(f"[{_SPACE}]+")
_SPECIAL = set(_SPACE + '{}[]"$;\\')


def split(text: str) -> list[str]:
    """Elements of a list, as Tcl's own splitting gives them; VivadoError if it is none."""
    if not _MARKED & set(text):
        return _BLANK.sub(" ", text).strip(" ").split(" ") if text.strip(_SPACE) else []
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in _SPACE:
            at += 1
        if at == len(text):
            return words
        word, at = _braced(text, at) if text[at] == "{" else _plain(text, at)
        words.append(word)


def _braced(text: str, at: int) -> tuple[str, int]:
    depth, end = 1, at + 1
    while depth:
        if end >= len(text):
            raise VivadoError(f"unmatched open brace in list: {text}")
        if text[end] == "\\":
            end += 1
        elif text[end] == "{":
            depth += 1
        elif text[end] == "}":
            depth -= 1
        end += 1
    if end < len(text) and text[end] not in _SPACE:
        raise VivadoError(f"list element in braces followed by '{text[end]}' instead of space: {text}")
    return text[at + 1 : end - 1], end


def _plain(text: str, at: int) -> tuple[str, int]:
    quoted = text[at] == '"'
    at += quoted
    found = []
    while at < len(text) and (text[at] != '"' if quoted else text[at] not in _SPACE):
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
            found.append(_ESCAPES.get(text[at], text[at]))
        else:
            found.append(text[at])
        at += 1
    if quoted:
        if at == len(text):
            raise VivadoError(f"unmatched open quote in list: {text}")
        at += 1
    return "".join(found), at


def join(words: Iterable[str]) -> str:
    """A list of these elements; `split` gives them back."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if not word:
        return "{}"
    if not _SPECIAL & set(word) and word[0] != "#":
        return word
    if _balanced(word) and not word.endswith("\\"):
        return "{" + word + "}"
    return "".join("\\n" if char == "\n" else "\\" + char if char in _SPECIAL or char == "#" else char for char in word)


def _balanced(word: str) -> bool:
    depth, at = 0, 0
    while at < len(word):
        if word[at] == "\\":
            at += 2
            continue
        depth += {"{": 1, "}": -1}.get(word[at], 0)
        if depth < 0:
            return False
        at += 1
    return depth == 0 and "\\\n" not in word
