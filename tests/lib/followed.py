# SPDX-License-Identifier: Apache-2.0
"""Pages that say which files to write and edit, followed in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lib.paths import ROOT

_FILE = re.compile(r"^`([\w./]+)`\n\n(`{3,})(\w+)\n(.*?)^\2\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class File:
    """A file as a page gives it: its path in the repository, and its text, or what is put into the one there is.

    Of an edit, a line begins with a blank where it stays in the file, with - where it goes, and with + where it comes.
    """

    path: str
    edit: bool
    text: str

    def write(self, root: Path) -> None:
        """Write or edit it in the repository at `root`. AssertionError where a new one exists, or an edit fits not."""
        path = root / self.path
        if not self.edit:
            assert not path.exists(), f"{self.path} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text)
            return
        lines = self.text.splitlines(keepends=True)
        assert all(line[0] in " +-" for line in lines), f"{self.path}: lines stay, go or come"
        old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        whole = path.read_text()
        assert whole.count(old) == 1, f"{self.path}: these lines stand in it {whole.count(old)} times:\n{old}"
        path.write_text(whole.replace(old, new))


def files(page: str) -> list[File]:
    """The files of a page: a path in backquotes on a line of its own, then the text, or an edit as a `diff`."""
    return [File(path, kind == "diff", text) for path, _, kind, text in _FILE.findall(page)]


def listed(page: str, heading: str) -> list[str]:
    """The paths in the first column of the table with this heading."""
    (rows,) = re.findall(rf"^\| {heading} \|.*\n\| --- .*\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [row.split("|")[1].strip(" `") for row in rows.splitlines()]


def _tracked() -> Iterator[Path]:
    """Files of the repository, tracked or about to be; all but pictures and networks, which take room."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        path = Path(name)
        if (ROOT / path).is_file() and path.suffix not in {".png", ".svg"}:
            yield path


@dataclass(frozen=True)
class Copy:
    """A copy of the repository in `root`, whose own modules its programs import."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> "Copy":
        """Copy the repository as it is to the folder `root`."""
        for path in _tracked():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, root / path)
        return cls(root)

    def run(self, *command: str, code: int = 0) -> str:
        """What a command with Python's interpreter says; AssertionError unless it exits with `code`."""
        mine = {name: word for name, word in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        paths = os.pathsep.join(str(self.root / part) for part in ("gen", "verif", "."))
        environment = {**mine, "PYTHONPATH": paths, "FINN_BUILD": str(self.root / "build")}
        result = subprocess.run(
            [sys.executable, *command], cwd=self.root, capture_output=True, text=True, env=environment
        )
        said = result.stdout + result.stderr
        assert result.returncode == code, f"{' '.join(command)}\n{said}"
        return said
