# SPDX-License-Identifier: Apache-2.0
"""Build what a release consists of, to dist/: three wheels and the source archive; `make dist` calls it.

The same commit gives the same bytes: times are those of the commit. The tree must be clean, so that a release is what
a tag says.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.report import ROOT
from tools.version import differing, version

DIST = ROOT / "dist"
DISTRIBUTIONS = (".", "verif", "driver")


def git(*words: str) -> str:
    """What git says."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def build(output: Path) -> list[Path]:
    """Build all to the folder `output`; the files."""
    output.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct")}
    for folder in DISTRIBUTIONS:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
        words = [*pip, "--no-build-isolation", "--no-index", "-w", output, ROOT / folder]
        subprocess.run(words, check=True, env=environment, cwd=ROOT)
    name = f"finn-rtl-{version()}"
    archive = output / f"{name}.tar.gz"
    git("archive", f"--prefix={name}/", "-o", str(archive), "HEAD")
    return sorted([*output.glob("*.whl"), archive])


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; 0, or 1 where the tree is not what a release can be made of."""
    del arguments
    wrong = differing()
    if git("status", "--porcelain", "--untracked-files=no"):
        wrong.append("files differ from the last commit; commit them first")
    if wrong:
        print(*(f"dist: {line}" for line in wrong), sep="\n", file=sys.stderr)
        return 1
    for path in build(DIST):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
