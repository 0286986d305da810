# SPDX-License-Identifier: Apache-2.0
"""The example of another repository: what its page says to type, in a folder that is not below this one."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lib.paths import ROOT

EXAMPLE = ROOT / "examples" / "fusesoc"
SAID = {
    "library": r"local",
    "lint": r"verilator -f",
    "sim": r"^PASS: 16 of 16 pictures right$",
    "synth": r"^ +\d+  flip-flops$",
}
"""What the last word of each kind of command is, by the target or command."""


def commands() -> list[list[str]]:
    """The commands of the page."""
    (block,) = re.findall(r"^```sh\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.M | re.S)
    return [shlex.split(line.replace("path/to/finn-rtl", str(ROOT))) for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("other") / "repository"))


@pytest.mark.parametrize("command", commands(), ids=lambda words: "-".join(words[1:4:2] + words[-1:]))
def test_the_commands_of_the_page_do_what_they_say(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    expected = SAID["library"] if command[1] == "library" else SAID[command[3]]
    assert re.search(expected, said, re.M), said
