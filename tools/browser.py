# SPDX-License-Identifier: Apache-2.0
"""Pages in a headless Chromium: what its console says, what a page looks like, what is drawn in it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60
_CONSOLE = re.compile(r"CONSOLE[^\]]*\] (\".*)")
PROBE = Path(__file__).with_name("browser_probe.js")
"""Looks at every picture, text and table of a page, when it is loaded."""


@dataclass(frozen=True)
class Seen:
    """What a browser saw: lines of its console, and what the probe found."""

    console: tuple[str, ...]
    found: dict[str, Any]


def browser() -> str | None:
    """The browser's program, None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def _run(program: str, *words: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as profile:
        command = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--enable-logging=stderr",
            f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing may come from elsewhere
            *words,
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)


def look(program: str, page: Path, width: int = 1280) -> Seen:
    """Open a page with the probe at its end."""
    with tempfile.TemporaryDirectory() as folder:
        probed = Path(folder) / "page.html"
        text = page.read_text(encoding="utf-8")
        probed.write_text(text.replace("</body>", f"<script>{PROBE.read_text()}</script></body>"), encoding="utf-8")
        done = _run(program, f"--window-size={width},2000", "--dump-dom", probed.as_uri())
    found = re.search(r'<pre id="probe" hidden="">(.*?)</pre>', done.stdout, re.S)
    if not found:
        raise RuntimeError(f"{page}: the browser did not come to the page's end\n{done.stderr[-2000:]}")
    return Seen(tuple(_CONSOLE.findall(done.stderr)), json.loads(html.unescape(found[1])))


def shoot(
    program: str, page: Path, picture: Path, *, width: int = 1280, height: int = 1600, dark: bool = False
) -> None:
    """A picture of the page's top, as PNG."""
    words = ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = _run(
        program,
        f"--window-size={width},{height}",
        f"--screenshot={picture.absolute()}",
        *words,
        page.absolute().as_uri(),
    )
    if not picture.is_file():
        raise RuntimeError(f"{page}: the browser made no picture\n{done.stderr[-2000:]}")
