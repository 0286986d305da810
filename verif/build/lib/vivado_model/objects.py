# SPDX-License-Identifier: Apache-2.0
"""What the commands hand out: objects that Tcl sees as their names, with a class and properties."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vivado_model.errors import VivadoError

Getter = Callable[[], Mapping[str, str]]
Setter = Callable[[str, str], None]


def _refuse(name: str, value: str) -> None:
    raise VivadoError(f"property {name} is read-only")


@dataclass(frozen=True)
class Thing:
    """An object of Vivado. `key` finds it in the model; the properties are read when they are asked for."""

    kind: str
    text: str
    key: object
    read: Getter
    write: Setter = _refuse

    def properties(self) -> dict[str, str]:
        """All properties, CLASS and NAME among them."""
        return {"CLASS": self.kind, "NAME": self.text.rsplit("/", 1)[-1], **self.read()}

    def get(self, name: str) -> str:
        """A property; names are not case-sensitive."""
        found = {key.upper(): value for key, value in self.properties().items()}
        if name.upper() not in found:
            raise VivadoError(
                f"[Common 17-54] the object '{self.text}' ({self.kind}) does not have a property '{name}'"
            )
        return found[name.upper()]


_PLAIN = re.compile(r"[^*?\[]*")  # most patterns are names


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a path fits one of the patterns; one without the leading slash is relative to the top."""
    name = name.lstrip("/")
    for given in patterns:
        pattern = given.lstrip("/")
        if name == pattern if _PLAIN.fullmatch(pattern) else fnmatch.fnmatchcase(name, pattern):
            return True
    return False


_TOKEN = re.compile(r'\s*(?:(&&|\|\||\(|\)|==|!=|=~|!~)|"([^"]*)"|((?:[^\s()&|=!~"]|=(?![=~])|!(?![=~]))+))')


def select(things: Iterable[Thing], expression: str) -> list[Thing]:
    """Things that a -filter lets through: comparisons (== != =~ !~) with && and || and brackets."""
    tokens: list[tuple[str, str]] = []
    at = 0
    while expression[at:].strip():
        match = _TOKEN.match(expression, at)
        if match is None:
            raise VivadoError(f"-filter '{expression}': cannot be read at '{expression[at:].strip()}'")
        operator, quoted, word = match.groups()
        tokens.append(("op", operator) if operator else ("word", quoted if quoted is not None else word))
        at = match.end()
    return [thing for thing in things if _Filter(expression, tokens, thing).value()]


class _Filter:
    def __init__(self, text: str, tokens: list[tuple[str, str]], thing: Thing) -> None:
        self.text, self.tokens, self.thing, self.at = text, tokens, thing, 0

    def value(self) -> bool:
        found = self._any()
        if self.at != len(self.tokens):
            raise self._wrong()
        return found

    def _wrong(self) -> VivadoError:
        return VivadoError(f"-filter '{self.text}': cannot be read")

    def _take(self, kind: str, *among: str) -> str | None:
        if self.at < len(self.tokens):
            found, text = self.tokens[self.at]
            if found == kind and (not among or text in among):
                self.at += 1
                return text
        return None

    def _any(self) -> bool:
        found = self._all()
        while self._take("op", "||"):
            found = self._all() or found
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._take("op", "&&"):
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if self._take("op", "("):
            found = self._any()
            if not self._take("op", ")"):
                raise self._wrong()
            return found
        name = self._take("word")
        operator = self._take("op", "==", "!=", "=~", "!~")
        wanted = self._take("word")
        if name is None or operator is None or wanted is None:
            raise self._wrong()
        value = self.thing.get(name)
        same = fnmatch.fnmatchcase(value, wanted) if "~" in operator else value == wanted
        return same != operator.startswith("!")
