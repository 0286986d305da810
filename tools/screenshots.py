# SPDX-License-Identifier: Apache-2.0
"""Make pictures of reports for the documentation, of runs with REPORT=1:

    python -m tools.screenshots build/run/sfc-paper/report.html build/run/cnv-paper/report.html

docs/report.png has the top of the first one, with digits, which are free; docs/report-timeline.png the timeline of the
second one and what follows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tools import browser
from tools.report import ROOT

WIDTH, HEIGHT = 1240, 1500
COLOURS = 96
"""Enough for a page; a picture then has half of the bytes."""
PICTURES = (("report.png", ""), ("report-timeline.png", "timeline"))
"""Files in docs/, and the part that each begins with; the page's top for none."""


def main() -> int:
    """Make them; 2 where there is no browser or page."""
    parser = argparse.ArgumentParser(description="Make pictures of a report for the documentation.")
    parser.add_argument("pages", type=Path, nargs=2, metavar="PAGE", help="report.html of a run")
    asked = parser.parse_args()
    program = browser.browser()
    missing = [f"{page}: no such file" for page in asked.pages if not page.is_file()]
    if program is None:
        missing.append("there is no Chromium; apt-get install chromium brings it")
    if missing:
        print(*(f"screenshots: {each}" for each in missing), sep="\n", file=sys.stderr)
        return 2
    for source, (name, part) in zip(asked.pages, PICTURES, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            page, shot = Path(folder) / "page.html", Path(folder) / name
            text = source.read_text(encoding="utf-8")
            if part:
                # What comes before is hidden: a picture begins at the page's top.
                hidden = (
                    f"<style>header, #{part}, section:has(~ #{part}) {{display:none}} #{part} {{display:block}}</style>"
                )
                text = text.replace("</head>", f"{hidden}</head>")
            page.write_text(text, encoding="utf-8")
            browser.shoot(program, page, shot, width=WIDTH, height=HEIGHT)
            with Image.open(shot) as image:
                image.convert("RGB").quantize(COLOURS).save(ROOT / "docs" / name, optimize=True)
        print(f"docs/{name}: written, {(ROOT / 'docs' / name).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
