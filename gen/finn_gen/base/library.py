# SPDX-License-Identifier: Apache-2.0
"""Where the templates and the building blocks lie, in a checkout and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]
ROOT = _PACKAGE / "library" if (_PACKAGE / "library").is_dir() else _CHECKOUT
"""Folder that holds `rtl/` and `ip/`."""


def building_block(module: str) -> Path:
    """Path of `rtl/<module>.v`."""
    return ROOT / "rtl" / f"{module}.v"


def twin(family: str, module: str) -> Path | None:
    """Path of `rtl/<family>/<module>.v`, the same module in the primitives of a family, if there is one."""
    path = ROOT / "rtl" / family / f"{module}.v"
    return path if path.is_file() else None


def building_blocks() -> frozenset[str]:
    """Names of all modules in `rtl/`, which no generated module may take."""
    return frozenset(path.stem for path in (ROOT / "rtl").rglob("*.v"))
