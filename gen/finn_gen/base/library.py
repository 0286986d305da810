# SPDX-License-Identifier: Apache-2.0
"""Where the templates and the building blocks lie, in a checkout and in an installed wheel."""

import functools
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]
ROOT = _PACKAGE / "library" if (_PACKAGE / "library").is_dir() else _CHECKOUT
"""Folder that holds `rtl/`, `ip/` and the others that `pyproject.toml` puts into a wheel."""
_FAMILIES = frozenset(path.name for path in (_PACKAGE / "family").iterdir() if path.is_dir())


@functools.cache
def _files() -> Mapping[str, Path]:
    """The modules of `rtl/` in plain Verilog, by name; they lie in folders by concern, and none has a name twice."""
    return {path.stem: path for path in sorted((ROOT / "rtl").rglob("*.v")) if path.parent.name not in _FAMILIES}


def building_block(module: str) -> Path:
    """Path of the file of `module` in plain Verilog, `rtl/<concern>/<module>.v`; KeyError if there is none."""
    return _files()[module]


def twin(family: str, module: str) -> Path | None:
    """Path of `rtl/<family>/<module>.v`, the same module in the primitives of a family, if there is one."""
    path = ROOT / "rtl" / family / f"{module}.v"
    return path if path.is_file() else None


def building_blocks() -> frozenset[str]:
    """Names of all modules in `rtl/`, which no generated module may take."""
    return frozenset(_files())
