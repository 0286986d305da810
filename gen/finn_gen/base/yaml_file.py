# SPDX-License-Identifier: Apache-2.0
"""Reading YAML files that users write: safely, and so that a wrong field is named with what would be legal."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from finn_gen.base.errors import InputError

MAX_YAML_BYTES = 1 << 20


class Fields:
    """A mapping of the YAML whose fields are taken one by one, so that an unknown one is noticed at the end."""

    def __init__(self, where: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise InputError(f"{where}: must be a mapping of fields, not {show(value)}")
        self.where = where
        self.left = dict(value)
        self.known: list[str] = []

    def take(self, name: str, default: Any = None) -> Any:
        self.known.append(name)
        return self.left.pop(name, default)

    def fail(self, name: str, value: Any, rule: str) -> InputError:
        return wrong(self.where, name, value, rule)

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fail(name, value, f"a whole number from {low} to {high}")
        return value

    def optional(self, name: str, low: int, high: int) -> int | None:
        """A number that may be left out."""
        return self.number(name, low, high) if name in self.left else self.take(name)

    def numbers(self, name: str, counts: tuple[int, ...], low: int, high: int, default: Any = None) -> tuple[int, ...]:
        """One number, or a list of them; one stands for all of the longest legal list."""
        value = self.take(name, default)
        values = value if isinstance(value, list) else [value] * max(counts)
        if len(values) not in counts or not all(type(v) is int and low <= v <= high for v in values):
            some = " or ".join(map(str, counts))
            raise self.fail(name, value, f"a whole number from {low} to {high}, or a list of {some} of them")
        return tuple(values)

    def choice(self, name: str, choices: Any, default: str | None = None) -> str:
        value = self.take(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self.fail(name, value, "one of " + ", ".join(choices))
        return value

    def done(self) -> None:
        for name in self.left:
            near = difflib.get_close_matches(str(name), self.known, 1)
            hint = f"did you mean {near[0]}?" if near else "legal are " + ", ".join(self.known)
            raise InputError(f"{self.where}: unknown field {show(name)}; {hint}")


def wrong(where: str, name: str, value: Any, rule: str) -> InputError:
    """The error for the field `name` of what `where` names."""
    return InputError(f"{where}: {name}: {show(value)}; it must be {rule}")


def show(value: Any) -> str:
    text = "missing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class _UniqueKeys(yaml.SafeLoader):
    """SafeLoader that refuses a key that occurs twice, and aliases, which can blow up a small file."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise InputError(f"{path}: larger than {MAX_YAML_BYTES} bytes, which no network description is")
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        words = " ".join(str(error).split())
        raise InputError(f"{path}: not a YAML file that can be used: {words[:200]}") from None
