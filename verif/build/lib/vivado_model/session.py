# SPDX-License-Identifier: Apache-2.0
"""The state of Vivado and its commands: those that our Tcl uses, each with the options of UG835 that the model knows.

A command takes words and gives back a word; lists are Tcl's. Objects are handed to Tcl as their names. A command that
wants objects takes only names that were handed out before, as Vivado does: `set_property CONFIG.X 1 ps7` is an error
where `set_property CONFIG.X 1 [get_bd_cells ps7]` is right.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vivado_model import tcl_list
from vivado_model.errors import VivadoError
from vivado_model.objects import Thing, matches, select

Handler = Callable[..., str | Sequence[Thing] | Sequence[str] | None]


@dataclass(frozen=True)
class Command:
    """A command: what options it knows, how many plain words it takes, and what it does."""

    name: str
    handler: Handler
    flags: frozenset[str]
    options: frozenset[str]
    least: int
    most: int


def command(name: str, flags: str = "", options: str = "", words: tuple[int, int] = (0, 0)) -> Callable:
    """Mark a method as the command `name`; options come to it as keywords, `-of_objects` as `of_objects`."""

    def mark(method: Handler) -> Handler:
        entry = Command(name, method, frozenset(flags.split()), frozenset(options.split()), *words)
        method.commands = [*getattr(method, "commands", ()), entry]  # type: ignore[attr-defined]
        return method

    return mark


@functools.cache
def _commands(session: type) -> dict[str, Command]:
    """All commands of a class and its bases by name."""
    found: dict[str, Command] = {}
    for kind in session.__mro__:
        for _, method in inspect.getmembers(kind, inspect.isfunction):
            for entry in getattr(method, "commands", ()):
                found.setdefault(entry.name, entry)
    return found


@dataclass
class Session:
    """What all commands share: the objects handed out, the messages, and how a command line is read."""

    version: str = "2022.2"
    messages: list[str] = field(default_factory=list)
    _handed: dict[str, dict[str, Thing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commands = _commands(type(self))

    # ---- called by the front ends

    def call(self, name: str, words: Sequence[str]) -> str:
        """Run a command; VivadoError says what is wrong with it."""
        entry = self.commands[name]
        plain, given = self._read(entry, words)
        quiet = given.get("quiet", False)
        try:
            result = entry.handler(self, *plain, **given)
        except VivadoError as error:
            if quiet and name.startswith("get_"):
                return ""
            raise VivadoError(f"{name}: {error}") from None
        if result is None or isinstance(result, str):
            return result or ""
        return tcl_list.join([self.hand(each) if isinstance(each, Thing) else each for each in result])

    def answer(self, name: str, words: Sequence[str]) -> tuple[str, str]:
        """`ok` and the result of a command, or `error` and what is wrong."""
        try:
            return "ok", self.call(name, words)
        except VivadoError as error:
            return "error", str(error)

    def _read(self, entry: Command, words: Sequence[str]) -> tuple[list[str], dict[str, str | bool]]:
        plain: list[str] = []
        given: dict[str, str | bool] = {}
        rest = list(words)
        while rest:
            word = rest.pop(0)
            # A negative number is a value.
            if not word.startswith("-") or word[1:2].isdigit():
                plain.append(word)
                continue
            option = word[1:]
            if option in given:
                raise VivadoError(f"{entry.name}: option -{option} is given twice")
            if option in entry.flags:
                given[option] = True
            elif option in entry.options:
                if not rest:
                    raise VivadoError(f"{entry.name}: option -{option} needs a value")
                given[option] = rest.pop(0)
            else:
                known = " ".join(f"-{name}" for name in sorted(entry.flags | entry.options))
                raise VivadoError(
                    f"[Common 17-170] {entry.name}: unknown option '-{option}', it knows: {known or 'none'}"
                )
        if not entry.least <= len(plain) <= entry.most:
            raise VivadoError(
                f"[Common 17-165] {entry.name}: {len(plain)} positional arguments ({' '.join(plain)}), "
                f"{entry.least} to {entry.most} are possible"
            )
        return plain, given

    # ---- objects

    def hand(self, thing: Thing) -> str:
        """The name under which Tcl gets an object."""
        kinds = self._handed.setdefault(thing.text, {})
        kinds.pop(thing.kind, None)
        kinds[thing.kind] = thing  # the latest is last
        return thing.text

    def objects(self, words: str, *kinds: str) -> list[Thing]:
        """The objects that a list of names stands for, of these classes (any if none are named)."""
        found = []
        for word in [words] if words in self._handed else tcl_list.split(words):
            known = self._handed.get(word, {})
            fitting = [thing for kind, thing in known.items() if not kinds or kind in kinds]
            if not fitting:
                what = " or ".join(kinds) or "object"
                also = f"; it is a {' and a '.join(known)}" if known else ", but a plain string"
                raise VivadoError(f"[Common 17-161] invalid value '{word}': it is no {what}{also}")
            found.append(fitting[-1])
        return found

    def one(self, words: str, *kinds: str) -> Thing:
        """The one object."""
        found = self.objects(words, *kinds)
        if len(found) != 1:
            raise VivadoError(f"one {' or '.join(kinds)} is needed, '{words}' stands for {len(found)}")
        return found[0]

    @staticmethod
    def filtered(things: Iterable[Thing], expression: str | bool, what: str, quiet: bool | str = False) -> list[Thing]:
        """Those that a -filter lets through; none at all is an error unless -quiet."""
        found = list(things)
        if isinstance(expression, str) and expression:
            found = select(found, expression)
        if not found and not quiet:
            raise VivadoError(f"no {what} matched")
        return found

    # ---- commands on all objects

    @command("get_property", flags="quiet", words=(2, 2))
    def get_property(self, name: str, words: str, quiet: bool = False) -> str:
        """A property of an object."""
        return self.one(words).get(name)

    @command("list_property", flags="quiet", words=(1, 2))
    def list_property(self, words: str, pattern: str = "*", quiet: bool = False) -> list[str]:
        """Names of the properties of an object."""
        return [name for name in sorted(self.one(words).properties()) if matches(name, [pattern])]

    @command("set_property", flags="quiet", options="dict name value objects", words=(0, 3))
    def set_property(self, *words: str, quiet: bool = False, **given: str) -> None:
        """Set one property, or a -dict of them, of objects."""
        if "dict" in given:
            if len(words) != 1:
                raise VivadoError("with -dict, objects are needed and nothing else")
            pairs = tcl_list.split(given["dict"])
            if len(pairs) % 2:
                raise VivadoError(f"-dict needs names and values, it has {len(pairs)} words")
            settings = list(zip(pairs[::2], pairs[1::2], strict=True))
            (objects,) = words
        elif "name" in given:
            settings, objects = [(given["name"], given["value"])], given["objects"]
        else:
            if len(words) != 3:
                raise VivadoError("a name, a value and objects are needed")
            settings, objects = [(words[0], words[1])], words[2]
        things = self.objects(objects)
        if not things:
            raise VivadoError(f"[Common 17-55] no object to set {', '.join(name for name, _ in settings)} of")
        for thing in things:
            for name, value in settings:
                thing.write(name, value)

    @command("version", flags="short", words=(0, 0))
    def version_(self, short: bool = False) -> str:
        """The version, as `-short`; without it, some lines."""
        return self.version if short else f"Vivado v{self.version} (64-bit)\na model, not Vivado itself"


def settable(values: dict[str, str], what: str, legal: Mapping[str, Sequence[str]] | None = None) -> Callable:
    """A writer for a dictionary of properties: only known names, only legal values where some are listed."""

    def write(name: str, value: str) -> None:
        key = next((known for known in values if known.upper() == name.upper()), None)
        if key is None:
            raise VivadoError(f"[Common 17-54] {what} does not have a property '{name}'")
        if legal and key in legal and value not in legal[key]:
            raise VivadoError(f"value '{value}' of {key} of {what}: it must be one of {', '.join(legal[key])}")
        values[key] = value

    return write
