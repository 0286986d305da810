# SPDX-License-Identifier: Apache-2.0
"""The version of the project, which stands in every distribution and core: `python -m tools.version [NEW]`.

Without NEW it is printed, and places that say another one are named (exit code 1). With NEW it is written everywhere,
and CHANGELOG.md gets a heading for what was unreleased.
"""

import argparse
import datetime
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.report import ROOT

SOURCE = ROOT / "gen" / "finn_gen" / "__init__.py"
PYTHON = r'(?m)^(__version__ = ")(\d+\.\d+\.\d+)(")$'
PLACES = {
    "gen/finn_gen/__init__.py": PYTHON,
    "driver/finn_driver/__init__.py": PYTHON,
    "*pyproject.toml": r'(?m)^(version = ")(\d+\.\d+\.\d+)(")$',
    "*.core": r"(?m)^(name: finn:[^:]*:[^:]+:)(\d+\.\d+\.\d+)()$",
    "CITATION.cff": r"(?m)^(version: )(\d+\.\d+\.\d+)()$",
}
"""Where it stands, by a pattern of git for files: what comes before, the version, what comes behind."""
FOLDERS = (".", "driver", "verif", "ip/*", "rtl/*", "accel/*", "models", "tests")
"""Folders with files that say it."""


def places() -> Iterator[tuple[Path, str]]:
    """Files that say the version, with the pattern that finds it."""
    for name, pattern in PLACES.items():
        if name.startswith("*"):
            found = {path for folder in FOLDERS for path in ROOT.glob(f"{folder}/{name}")}
            yield from ((path, pattern) for path in sorted(found))
        else:
            yield ROOT / name, pattern


def version() -> str:
    """The project's version."""
    return re.search(PYTHON, SOURCE.read_text())[2]


def differing() -> list[str]:
    """Places that say another version, or none."""
    wrong = []
    for path, pattern in places():
        said = [match[2] for match in re.finditer(pattern, path.read_text())]
        if said != [version()]:
            wrong.append(f"{path.relative_to(ROOT)}: says {', '.join(said) or 'no version'}; it must say {version()}")
    return wrong


def write(new: str, today: datetime.date) -> None:
    """Write another version everywhere."""
    for path, pattern in list(places()):
        path.write_text(re.sub(pattern, rf"\g<1>{new}\g<3>", path.read_text()))
    changes = ROOT / "CHANGELOG.md"
    heading = f"## [Unreleased]\n\n## [{new}] - {today.isoformat()}\n"
    changes.write_text(changes.read_text().replace("## [Unreleased]\n", heading, 1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, check or write."""
    parser = argparse.ArgumentParser(prog="version", description=__doc__.partition("\n\n")[0])
    parser.add_argument("new", nargs="?", metavar="NEW", help="such as 0.2.0")
    new = parser.parse_args(arguments).new
    if new is not None and not re.fullmatch(r"\d+\.\d+\.\d+", new):
        print(f"version: {new!r}: it must be three numbers with dots, such as 0.2.0", file=sys.stderr)
        return 2
    if new is not None:
        write(new, datetime.date.today())
    print(version())
    wrong = differing()
    print(*wrong, sep="\n" if wrong else "", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
