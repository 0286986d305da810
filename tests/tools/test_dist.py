# SPDX-License-Identifier: Apache-2.0
"""What a release consists of: one version, and wheels that work by themselves."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.lib.paths import ROOT
from tools import dist, version


def test_one_version_stands_everywhere() -> None:
    assert version.differing() == []
    named = {path for path, _ in version.places()}
    tracked = subprocess.run(["git", "ls-files", "*.core", "*pyproject.toml"], cwd=ROOT, capture_output=True, text=True)
    others = {ROOT / line for line in tracked.stdout.split() if not line.startswith("examples/")}
    assert others <= named, "a core or distribution whose version is not kept"


def test_another_version_is_written_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, _ in version.places():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    monkeypatch.setattr(version, "ROOT", tmp_path)
    monkeypatch.setattr(version, "SOURCE", tmp_path / version.SOURCE.relative_to(ROOT))
    version.write("12.3.4", datetime.date(2027, 1, 31))
    assert version.version() == "12.3.4" and version.differing() == []
    assert "## [Unreleased]\n\n## [12.3.4] - 2027-01-31\n" in (tmp_path / "CHANGELOG.md").read_text()
    core = tmp_path / "ip" / "dwc" / "dwc.core"
    core.write_text(core.read_text().replace("12.3.4", "12.3.5"))
    assert version.differing() == ["ip/dwc/dwc.core: says 12.3.5; it must say 12.3.4"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of a release; of a tree with changes the wheels have them, the source archive has not."""
    return dist.build(tmp_path_factory.mktemp("dist"))


def test_the_files_of_a_release(built: list[Path]) -> None:
    number = version.version()
    assert [path.name for path in built] == [
        f"finn-rtl-{number}.tar.gz",
        *(f"finn_{name}-{number}-py3-none-any.whl" for name in ("driver", "gen", "verif")),
    ]
    archive, *wheels = built
    with tarfile.open(archive) as file:
        assert f"finn-rtl-{number}/models/samples/manifest.json" in file.getnames()
    for wheel in wheels:
        names = zipfile.ZipFile(wheel).namelist()
        assert any(name.endswith("LICENSE") for name in names), wheel
        assert not [name for name in names if name.endswith(".png")], "pictures are of several licences"


def test_the_wheels_work_by_themselves(built: list[Path], tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", site, *built[1:]], check=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    program = "import finn_gen.cli, sys; sys.exit(finn_gen.cli.main())"
    words = ["build", "sfc", "--folding", "fix", "-o", tmp_path / "sfc"]
    subprocess.run([sys.executable, "-c", program, *words], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "sfc" / "README.md").is_file()
    words = ["stimulus", "sfc", "--folding", "fix", "-o", tmp_path / "sfc"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2 and "images: none given and no samples found" in done.stderr
