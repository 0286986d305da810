# SPDX-License-Identifier: Apache-2.0
"""The page in a written folder: what it says to type works there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finn_gen.cli import main
from finn_gen.package.folder_page import FILE
from tests.lib import random_networks

IMAGES = 3
NARROW = 42
"""A seed whose network is small."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("net")
    network = random_networks.write(home, NARROW)
    assert main(["build", str(network), "--fps", "1000", "--reload", "-o", str(home / "out")]) == 0
    return home / "out"


def blocks(folder: Path, language: str) -> list[str]:
    """What stands between the fences of a language on the folder's page."""
    return re.findall(rf"^```{language}\n(.*?)^```", (folder / FILE).read_text(), re.M | re.S)


def typed(text: str, folder: Path) -> str:
    """What the shell says when the lines of a block are typed in the folder."""
    done = subprocess.run(
        ["sh", "-e"], input=text.replace("=N", f"={IMAGES}"), cwd=folder, capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_s_commands_simulate_in_both_simulators(folder: Path) -> None:
    stimulus, icarus, verilator, _ = blocks(folder, "sh")
    assert f"+images={IMAGES}" in typed(stimulus.replace("-o .", f"--images {pictures(folder)} -o ."), folder)
    for simulator in (icarus, verilator):
        assert re.search(rf"^DONE images={IMAGES} mismatches=0", typed(simulator, folder), re.M)


def pictures(folder: Path) -> Path:
    """A folder of random pictures."""
    home, rng = folder.parent / "pictures", np.random.default_rng(1)
    home.mkdir(exist_ok=True)
    for index in range(IMAGES):
        Image.fromarray(rng.integers(0, 256, (2, 1, 3), np.uint8)).save(home / f"{index}.png")
    return home


def test_a_folder_with_another_accelerator_gets_no_stimulus(folder: Path, capsys: pytest.CaptureFixture) -> None:
    network = str(next(folder.parent.glob("*.yaml")))
    before = {path.name for path in folder.iterdir()}
    words = ["stimulus", network, "--fps", "2000", "--images", str(pictures(folder)), "-o", str(folder)]
    assert main(words) == 2
    assert "another accelerator lies in this folder" in capsys.readouterr().err
    assert {path.name for path in folder.iterdir()} == before
