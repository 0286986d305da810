# SPDX-License-Identifier: Apache-2.0
"""The picture of a block design: all of it is there, nothing lies on top of something else."""

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.lib.vivado_bench import FRONT_ENDS, Bench, toy_project
from vivado_model import draw

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=FRONT_ENDS)
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The finished toy."""
    toy_project(tmp_path / "toy")
    bench = Bench(tmp_path / "toy", request.param)
    bench.run("project.tcl")
    first, second = (draw.svg(bench.model.designs["system"]) for _ in range(2))
    assert first == second
    return first


def texts(picture: str) -> list[tuple[str, float, float, float, float]]:
    """Words with their left, top, right, bottom; a monospaced character is 0.6 of its size wide."""
    found = []
    for element in ET.fromstring(picture).iter(f"{SVG}text"):
        size, words = float(element.attrib["font-size"]), element.text or ""
        width = 0.602 * size * len(words)
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        left = x - {"start": 0, "middle": width / 2, "end": width}[element.attrib["text-anchor"]]
        found.append((words, left, y - 0.75 * size, left + width, y + 0.2 * size))
    return found


def test_no_text_lies_on_another_or_outside(picture: str) -> None:
    placed = texts(picture)
    width, height = (float(ET.fromstring(picture).attrib[name]) for name in ("width", "height"))
    for words, left, top, right, bottom in placed:
        assert 0 <= left < right <= width, words
        assert 0 <= top < bottom <= height, words
    for (one, *a), (two, *b) in itertools.combinations(placed, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one} and {two}"


def test_no_line_of_one_net_runs_along_another(picture: str) -> None:
    lines: list[tuple[bool, int, int, int, str]] = []
    for element in ET.fromstring(picture).iter(f"{SVG}path"):
        match = re.fullmatch(r"M(\d+) (\d+)([HV])(\d+)", element.attrib["d"])
        if match and element.attrib.get("stroke"):
            x, y, end = int(match[1]), int(match[2]), int(match[4])
            flat = match[3] == "H"
            low, high = sorted((x if flat else y, end))
            lines.append((flat, y if flat else x, low, high, element.attrib["stroke"]))
    assert len(lines) > 30
    for one, two in itertools.combinations(lines, 2):
        if one[:2] == two[:2] and one[4] != two[4]:
            assert min(one[3], two[3]) <= max(one[2], two[2]), (one, two)


def test_everything_that_matters_is_written(picture: str) -> None:
    words = [text for text, *_ in texts(picture)]
    for wanted in (
        "ps7",
        "processing_system7 5.5",
        "control",
        "memory",
        "reset",
        "accelerator",
        "toy_axi 0.1",
        "DDR",
        "FIXED_IO",
        "FCLK_CLK0 200 MHz",
        "ACLK, S00_ACLK, M00_ACLK",
        "0x43c0_0000 .. 0x43c0_3fff, 16 KiB",
        "0x0000_0000 .. 0x3fff_ffff, 1 GiB",
    ):
        assert wanted in words
    assert picture.count('stroke-width="4"') >= 6  # interfaces are thick
