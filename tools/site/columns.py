# SPDX-License-Identifier: Apache-2.0
"""Docstrings of this project list names and meanings side by side, which Markdown would run together."""

import re

_COLUMNS = re.compile(r"^\s*[\w`'*\"{}()\[\], |./<>=+-]+?\s{2,}\S")


def with_columns(text: str) -> str:
    """The text with its paragraphs that have columns as blocks of code."""
    parts = re.split(r"\n{2,}", text)
    return "\n\n".join(f"```text\n{part}\n```" if _has_columns(part) else part for part in parts)


def _has_columns(part: str) -> bool:
    lines = part.splitlines()
    indented = all(line.startswith("    ") for line in lines)
    return not indented and "```" not in part and sum(bool(_COLUMNS.match(line)) for line in lines) >= 1
