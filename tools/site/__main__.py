# SPDX-License-Identifier: Apache-2.0
"""Build the site of the project's pages to build/site/html; `make site` calls it.

The pages are those of the repository. Added are a timing diagram to each core's, from a simulation, the reference of
commands and of the Python API, and what the last run of tests, proofs and benchmarks measured. Links are checked:
what leads nowhere fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from tools.report import ROOT
from tools.site import pages, reference, timing_diagrams, verified

BUILD = ROOT / "build" / "site"
BASE = Path(__file__).with_name("mkdocs.yml")
NAVIGATION = {
    "Start": ["README.md", "accel/README.md", "verif/finn_sim/README.md", "models/README.md", "CHANGELOG.md"],
    "Guides": ["docs/*", "train/README.md", "examples/*/README.md", "CONTRIBUTING.md", "SECURITY.md"],
    "Cores": ["ip/*/README.md", "rtl/README.md"],
    "Boards": ["fpga/zynq7/README.md", "fpga/*/README.md", "driver/README.md"],
    "Verification": ["verified.md", "verif/README.md", "verif/*/README.md", "tests/README.md"],
    "Reference": ["reference/*"],
}
"""Tabs, and the pages below each; the first pattern that a page fits has it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Assemble, and build with the MkDocs that is named; its exit code."""
    parser = argparse.ArgumentParser(prog="site", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--mkdocs", default="mkdocs", help="the program; mkdocs on the PATH if not given")
    parser.add_argument("--no-waves", action="store_true", help="simulate nothing: no timing diagrams")
    asked = parser.parse_args(arguments)
    source = BUILD / "pages"
    shutil.rmtree(source, ignore_errors=True)
    try:
        copied = pages.copy(source)
    except pages.PageError as error:
        print(f"site: {error}", file=sys.stderr)
        return 1
    if not asked.no_waves:
        for core in timing_diagrams.cores():
            _add_diagram(source, core)
    reference.write(source)
    (source / "verified.md").write_text(verified.page(), encoding="utf-8")
    config = BUILD / "mkdocs.yml"
    config.write_text(_config(source), encoding="utf-8")
    words = [asked.mkdocs, "build", "--quiet", "--config-file", str(config), "--site-dir", str(BUILD / "html")]
    code = subprocess.run(words, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}).returncode
    if code == 0:
        print(f"{(BUILD / 'html' / 'index.html').relative_to(ROOT)}: written, {len(copied)} pages and the reference")
    return code


def _add_diagram(source: Path, core: str) -> None:
    """Draw a core's diagram, and show it on its page before the parameters."""
    picture = timing_diagrams.draw(core, source / "ip" / core, BUILD / "waves")
    page = source / "ip" / core / "README.md"
    shown = (
        f"## In time\n\n![Streams of finn:ip:{core} in its first cycles]({picture.name})\n\nRecorded from the core's "
        "own test bench in Icarus, with its default parameters and nothing stalling. Data are hexadecimal, their last "
        "digits.\n\n"
    )
    text = page.read_text(encoding="utf-8")
    head, mark, rest = text.partition("\n## ")
    page.write_text(f"{head}\n{shown}{mark[1:]}{rest}", encoding="utf-8")


def _config(source: Path) -> str:
    """The configuration of MkDocs: the base, where the pages lie, the navigation."""
    left = {str(path.relative_to(source)) for path in source.rglob("*.md")}
    navigation = []
    for tab, patterns in NAVIGATION.items():
        chosen = []
        for pattern in patterns:
            found = sorted(page for page in left if Path(page).match(pattern) and _as_deep(page, pattern))
            chosen += found
            left -= set(found)
        navigation.append({tab: chosen})
    # Cards of networks and the like are reached from the pages above them.
    added = {
        "docs_dir": str(source),
        "site_dir": str(BUILD / "html"),
        "nav": navigation,
        "not_in_nav": "\n".join(f"/{page}" for page in sorted(left)),
    }
    base = BASE.read_text(encoding="utf-8").replace("  - mkdocstrings:\n      handlers:\n        python:\n", _PATHS)
    base = base.replace("tools/site/docstrings.py", str(BASE.with_name("docstrings.py")))
    return f"{base}{yaml.safe_dump(added, sort_keys=False)}"


_PATHS = (
    "  - mkdocstrings:\n      handlers:\n        python:\n"
    f"          paths: [{ROOT / 'gen'}, {ROOT / 'verif'}, {ROOT / 'driver'}]\n"
)


def _as_deep(page: str, pattern: str) -> bool:
    return page.count("/") == pattern.count("/")


if __name__ == "__main__":
    sys.exit(main())
