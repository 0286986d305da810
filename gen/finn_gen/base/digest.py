# SPDX-License-Identifier: Apache-2.0
"""Plans as JSON, and the digest that stands in the header of what they were rendered to."""

import hashlib
import json
from dataclasses import asdict
from typing import Any


def plan_json(plan: Any) -> str:
    """A plan as JSON, the same bytes for the same plan."""
    return json.dumps(asdict(plan), indent=1, sort_keys=True) + "\n"


def digest(plan: Any) -> str:
    """Twelve hexadecimal digits that stand in the header of what a plan was rendered to."""
    return digest_of(plan_json(plan))


def digest_of(text: str) -> str:
    """Twelve hexadecimal digits for a plan's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
