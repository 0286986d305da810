# SPDX-License-Identifier: Apache-2.0
"""Plans as JSON, and the digest that stands in the header of what they were rendered to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def plan_json(plan: Any) -> str:
    """A plan as JSON, the same bytes for the same plan."""
    return json.dumps(_plain(plan), indent=1, sort_keys=True) + "\n"


def _plain(value: Any) -> Any:
    """What JSON can hold of a plan: all but parameters that came later and have their default (see `param`)."""
    if is_dataclass(value):
        kept = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: _plain(held)
            for field, held in kept
            if not (field.metadata.get("later") and held == field.default)
        }
    if isinstance(value, Mapping):
        return {name: _plain(held) for name, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, tuple | list) else value


def digest(plan: Any) -> str:
    """Twelve hexadecimal digits that stand in the header of what a plan was rendered to."""
    return digest_of(plan_json(plan))


def digest_of(text: str) -> str:
    """Twelve hexadecimal digits for a plan's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
