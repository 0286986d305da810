# SPDX-License-Identifier: Apache-2.0
"""The site of the pages: links hold where they are copied to, diagrams show what was simulated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finn_gen.ip import dwc
from tests.lib.paths import ROOT
from tools.site import pages, reference, timing_diagrams, verified
from tools.site.columns import with_columns


def test_all_links_of_the_copied_pages_hold(tmp_path: Path) -> None:
    copied = pages.copy(tmp_path)
    assert Path("README.md") in copied and Path("ip/dwc/README.md") in copied
    for page in tmp_path.rglob("*.md"):
        text = re.sub(r"^(````?).*?^\1", "", page.read_text(), flags=re.M | re.S)
        for link in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text):
            assert (page.parent / link).is_file(), f"{page.relative_to(tmp_path)}: {link}"


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.md").write_text("See [this](that.md).\n")
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(pages, "tracked", lambda pattern="*.md": [Path("page.md")])
    with pytest.raises(pages.PageError, match=r"page.md: link that.md leads to nothing"):
        pages.copy(tmp_path / "out")


def test_a_diagram_shows_what_was_simulated(tmp_path: Path) -> None:
    drawn = timing_diagrams.draw("dwc", tmp_path / "drawn", tmp_path / "work")
    assert drawn.read_text().startswith("<svg")
    (recording,) = (tmp_path / "work").glob("*/finn_dwc.fst")
    shown = timing_diagrams.diagram(recording)
    buses = {
        lanes[0]: {lane["name"]: lane for lane in lanes[1:]} for lanes in shown["signal"] if isinstance(lanes, list)
    }
    assert list(buses) == ["s_axis", "m_axis"]
    assert all(len(lane["wave"]) == timing_diagrams.CYCLES for bus in buses.values() for lane in bus.values())
    # 64 bits in, bytes out, the lowest first: the last four digits of the first word are the first two bytes.
    first, (low, high) = buses["s_axis"]["tdata"]["data"][0], buses["m_axis"]["tdata"]["data"][:2]
    assert first == f"…{int(high, 16):02x}{int(low, 16):02x}"
    assert dwc.IP.build({}).latency == 1
    valid = buses["m_axis"]["tvalid"]["wave"].index("1") - buses["s_axis"]["tvalid"]["wave"].index("1")
    assert valid == dwc.IP.build({}).latency


def test_the_reference_has_every_command(tmp_path: Path) -> None:
    written = reference.write(tmp_path)
    text = (tmp_path / written["Command line"]).read_text()
    for command in ("finn-gen plan", "finn-gen build", "finn-gen stimulus", "python -m tools.run"):
        assert f"## `{command}`" in text
    modules = [name for _, names in reference.API.values() for name in names]
    for name in modules:
        path = name.replace(".", "/")
        files = [
            ROOT / house / f"{path}{end}" for house in ("gen", "verif", "driver") for end in (".py", "/__init__.py")
        ]
        assert any(file.is_file() for file in files), name


def test_the_page_of_what_was_verified_takes_what_there_is(tmp_path: Path) -> None:
    assert verified.page(tmp_path) == verified.TEXT
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "x.json").write_text('[{"name": "a", "value": 2.5, "unit": "LC", "asked": 3}]')
    assert "| x | a | 2.5 LC | 3 |" in verified.page(tmp_path)


def test_columns_of_docstrings_stay_columns() -> None:
    text = "What it is.\n\na     one thing\nb, c  others\n\nRaises nothing."
    assert with_columns(text) == "What it is.\n\n```text\na     one thing\nb, c  others\n```\n\nRaises nothing."
