# SPDX-License-Identifier: Apache-2.0
"""A piece of work, what it needs of a worker, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Needs:
    """What a worker must have, and have as the one who asks has it.

    packages       Python packages whose sources have to be the same
    distributions  of which the version has to be the same
    programs       of which the version has to be the same, each one of `identity.PROGRAMS`
    """

    packages: tuple[str, ...]
    distributions: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A call of a function, independent of all others: where and how often it runs changes nothing.

    name       as a user is told of it
    call       the function, `module:name`; it is called with the keywords of `arguments` and `contents`
    arguments  what JSON can say
    contents   inputs by content: keyword to bytes, for which the function gets the path of a file that holds them
    command    a line for a shell that repeats this piece alone
    """

    name: str
    call: str
    arguments: Mapping[str, Any]
    command: str
    contents: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> dict[str, str]:
        """The digest of every one of `contents`, by keyword."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.contents.items()}

    @cached_property
    def digest(self) -> str:
        """The same for pieces that do the same, whatever they are called."""
        said = json.dumps([self.call, dict(self.arguments), self.inputs], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Result:
    """What a piece's function returned, the seconds that it took, and where."""

    value: Any
    seconds: float
    worker: str
