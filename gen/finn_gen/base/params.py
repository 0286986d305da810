# SPDX-License-Identifier: Apache-2.0
"""Parameters of an IP: declared once as fields of a frozen dataclass, then checked, described and documented from it.

@dataclass(frozen=True)
class FifoParams(CoreParams):
    name: str = name_param("finn_fifo")
    depth: int = param(16, "words that it holds", low=1, high=65536)
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, get_type_hints

from finn_gen.base.errors import InputError
from finn_gen.base.library import building_blocks
from finn_gen.base.verilog_keywords import KEYWORDS

DEFAULT_FAMILY = "xc7"
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}|[+-]?0x[0-9a-fA-F]{1,15}")


@dataclass(frozen=True)
class Param:
    """One parameter of an IP.

    `kind` is int, bool or str; `low` and `high` bound an int, `choices` lists the legal strings.
    """

    name: str
    kind: type
    default: Any
    doc: str
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()

    @property
    def legal(self) -> str:
        """The legal values in words."""
        if self.kind is bool:
            return "0 or 1"
        if self.kind is int:
            return f"a whole number from {self.low} to {self.high}"
        return " or ".join(self.choices) if self.choices else "text"

    def check(self, value: Any) -> Any:
        """`value` (from Python, YAML or the command line) as this parameter's type; InputError if it is illegal."""
        parsed = self._parse(value)
        if parsed is None:
            raise InputError(f"{self.name}={value!r}: it must be {self.legal}")
        return parsed

    def _parse(self, value: Any) -> Any:
        if self.kind is bool:
            word = str(value).lower()
            return True if word in _TRUE else False if word in _FALSE else None
        if self.kind is int:
            if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
                value = int(value, 0) if "x" in value.lower() else int(value)
            if isinstance(value, bool) or not isinstance(value, int):
                return None
            return value if self.low <= value <= self.high else None
        if not isinstance(value, str) or (self.choices and value not in self.choices):
            return None
        return value


def param(
    default: Any,
    doc: str,
    *,
    low: int | None = None,
    high: int | None = None,
    choices: tuple[str, ...] = (),
    later: bool = False,
) -> Any:
    """A field of a dataclass of parameters; its type is the field's annotation. See `Param`.

    A parameter that came `later` than the others is left out of plans as JSON where it has its default, so that what
    does not use it is rendered as before, digest and all.
    """
    metadata = {"doc": doc, "low": low, "high": high, "choices": choices, "later": later}
    return dataclasses.field(default=default, metadata=metadata)


def name_param(default: str) -> Any:
    """The parameter that every IP has."""
    return param(default, "name of the generated module")


@dataclass(frozen=True)
class CoreParams:
    """What is asked of a core. Sub-classes declare the parameters, with `param`; `of` checks what a user gives."""

    name: str = name_param("finn_core")
    family: str = param(DEFAULT_FAMILY, "FPGA family by whose costs it is decided where memories lie")

    @classmethod
    @functools.cache
    def declared(cls) -> tuple[Param, ...]:
        """The parameters in the order of their declaration; those that all cores have but the name come last."""
        kinds = get_type_hints(cls)
        shared = {field.name for field in dataclasses.fields(CoreParams)} - {"name"}
        fields = sorted(dataclasses.fields(cls), key=lambda field: field.name in shared)
        about = [{name: value for name, value in field.metadata.items() if name != "later"} for field in fields]
        return tuple(
            Param(field.name, kinds[field.name], field.default, **told)
            for field, told in zip(fields, about, strict=True)
        )

    @classmethod
    def of(cls, owner: str, values: Mapping[str, Any]) -> Self:
        """`values` by name, checked, the defaults filled in; InputError for an unknown or illegal one."""
        known = {param.name: param for param in cls.declared()}
        for name in values:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                hint = f"did you mean {near[0]}?" if near else "legal are " + ", ".join(known)
                raise InputError(f"{owner}: there is no parameter {name!r}; {hint}")
        try:
            return cls(**{name: param.check(values.get(name, param.default)) for name, param in known.items()})
        except InputError as error:
            raise InputError(f"{owner}: {error}") from None

    @property
    def asked(self) -> dict[str, Any]:
        """The parameters that are not defaults."""
        return {param.name: value for param in self.declared() if (value := getattr(self, param.name)) != param.default}


def check_module_name(owner: str, name: str) -> str:
    """`name` if it may be a Verilog module and a file of that name, else InputError."""
    rule = "a module name is a letter followed by up to 63 letters, digits or underscores"
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
        raise InputError(f"{owner}: name={name!r}: {rule}")
    if name in KEYWORDS:
        raise InputError(f"{owner}: name={name!r} is a Verilog keyword; {rule}")
    if name in building_blocks():
        raise InputError(f"{owner}: name={name!r} is a building block of the library in rtl/; take another one")
    return name


def byte_width(bits: int) -> int:
    """Width of a TDATA port that carries `bits`: the next whole number of bytes, in bits."""
    return 8 * -(-bits // 8)
