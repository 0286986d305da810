# SPDX-License-Identifier: Apache-2.0
"""The repository's pages for MkDocs: in a folder of their own, at the same paths, so that links between them hold.

A link to a folder becomes one to its README, or to a list of its files. What else a page links to (Verilog, YAML,
pictures) goes along as it is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.report import ROOT

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
_FENCE = re.compile(r"^(````?)\w*.*?^\1\s*$", re.M | re.S)


class PageError(Exception):
    """A link leads nowhere; the message names page and link."""


def tracked(pattern: str = "*.md") -> list[Path]:
    """Pages of the repository, relative to it."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines()]


def copy(into: Path) -> list[Path]:
    """Copy all pages, and what they link to; the pages, relative to the folder. Raises PageError."""
    pages = tracked()
    for page in pages:
        text = (ROOT / page).read_text(encoding="utf-8")
        for asset in _assets(page, text):
            _copy(asset, into)
        target = into / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_outside_fences(text, lambda part, page=page: _relinked(page, part)), encoding="utf-8")
    return pages


def _copy(asset: Path, into: Path) -> None:
    """Copy a file, or a folder without a page with a list of its files as one."""
    if (ROOT / asset).is_file():
        (into / asset).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / asset, into / asset)
        return
    files = tracked(f"{asset}/*")
    for file in files:
        _copy(file, into)
    names = "".join(f"- [{file.relative_to(asset)}]({file.relative_to(asset)})\n" for file in files)
    (into / asset / "README.md").write_text(f"# `{asset}`\n\n{names}", encoding="utf-8")


def _outside_fences(text: str, change) -> str:
    """The text with its parts outside blocks of code changed."""
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])


def _target(page: Path, link: str) -> Path:
    """What a page's link leads to, relative to the repository. Raises PageError."""
    path = (ROOT / page.parent / link).resolve()
    if not path.is_relative_to(ROOT) or not path.exists():
        raise PageError(f"{page}: link {link} leads to nothing in the repository")
    return path.relative_to(ROOT)


def _assets(page: Path, text: str) -> Iterator[Path]:
    """Files that are no pages, and folders without one, to which a page links."""
    for link in _LINK.finditer(_FENCE.sub("", text)):
        target = _target(page, link[1])
        if (ROOT / target).is_dir():
            if not (ROOT / target / "README.md").is_file():
                yield target
        elif target.suffix != ".md":
            yield target


def _relinked(page: Path, text: str) -> str:
    def change(match: re.Match) -> str:
        target = ROOT / _target(page, match[1])
        if not target.is_dir():
            return match[0]
        return f"{match[1].rstrip('/')}/README.md{match[2] or ''}"

    return _LINK.sub(change, text)
