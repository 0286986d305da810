# SPDX-License-Identifier: Apache-2.0
"""The page on one's own pictures, followed at a small size; and training from an installed wheel."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from finn_gen import cli as finn_gen
from finn_gen.formats import description
from finn_sim.image_files import picture
from finn_verif.ref import layers, networks
from tests.lib import followed
from tests.lib.paths import ROOT

PAGE = (ROOT / "docs" / "own-pictures.md").read_text()
SMALL = {"--count 200": "--count 20", "shapes.yaml --data": "shapes.yaml --epochs 12 --data"}
"""What the test says in the place of words of the page, so that it takes seconds."""


def commands() -> list[str]:
    """The commands of the page, at a small size."""
    text = "".join(re.findall(r"^```sh\n(.*?)^```\n", PAGE, re.MULTILINE | re.DOTALL))
    for word, small in SMALL.items():
        assert text.count(word) == 1
        text = text.replace(word, small)
    return text.splitlines()


def python(words: str, folder: Path) -> str:
    """What a command with Python's interpreter says."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, *shlex.split(words)[1:]]
    found = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_the_page_leads_from_pictures_to_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: training is an extra of its own")
    _activate, _torch, draw, train, plan, run = commands()
    for file in followed.files(PAGE):
        file.write(tmp_path)
    python(draw, tmp_path)
    said = python(train, tmp_path).splitlines()
    assert [line.strip() for line in said[-2:]] == [plan, run], "training names the next commands of the page"
    monkeypatch.chdir(tmp_path)
    assert finn_gen.main(shlex.split(plan)[1:]) == 0
    assert "shapes" in capsys.readouterr().out
    network = description.load(tmp_path / "my_network" / "network.yaml")
    shown = sorted((tmp_path / "my_network" / "pictures").glob("*/*.png"))
    assert [path.parent.name for path in shown[::4]] == ["circle", "square", "triangle"], "4 of 20 are for the test"
    pictures = np.stack([picture(path, (24, 24, 3)) for path in shown])
    said = layers.label_select(networks.scores(network.layers[:-1], pictures, layers.ENCODINGS[network.encoding]))
    right = sum(network.classes[k] == path.parent.name for k, path in zip(said, shown, strict=True))
    record = json.loads((tmp_path / "my_network" / "parameters.json").read_text())
    assert record["test"] == {"images": 12, "right": right, "right_of_first_1000": right}


def test_training_runs_from_a_wheel(tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(site), str(ROOT)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}

    def said(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)

    said("-m", "finn_train.shapes", "pictures", "--count", "5")
    words = ("sfc", "--data", "pictures", "--dataset", "pictures", "-o", "out", "--epochs", "1")
    found = said(str(site / "bin" / "finn-train"), *words)
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        assert found.returncode == 2 and "train: torch is not installed" in found.stderr
    else:
        assert found.returncode == 0, found.stderr
        assert description.load(tmp_path / "out" / "network.yaml").classes == ("circle", "square", "triangle")
    where = said("-c", "import finn_train, finn_gen; print(finn_train.__file__, finn_gen.__file__)").stdout.split()
    assert all(Path(path).is_relative_to(site) for path in where)
