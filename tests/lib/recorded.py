# SPDX-License-Identifier: Apache-2.0
"""Reads recorded waveforms back, by the library that Surfer stands on."""

import re
from collections.abc import Iterable
from pathlib import Path

import pywellen


def signals(recording: Path) -> dict[str, int]:
    """Full names of all recorded signals, and their bits. Ranges are left out of names."""
    recorded = pywellen.Waveform(str(recording)).all_vars()
    return {re.sub(r"\s*\[\d+:\d+\]$", "", each.full_name): each.bitwidth or 0 for each in recorded}


def check_views(recording: Path, expected: Iterable[str]) -> None:
    """The views beside a recording show just the `expected` signals, in order, and all of them are recorded."""
    found, expected = signals(recording), list(expected)
    traces = re.findall(r"^([a-zA-Z_][\w.]*)(?:\[(\d+):0\])?$", recording.with_suffix(".gtkw").read_text(), re.M)
    assert [name for name, _ in traces] == expected
    assert {name: int(upper or 0) + 1 for name, upper in traces} == {name: found.get(name) for name in expected}
    added = re.findall(r"^variable_add (\S+)$", recording.with_suffix(".sucl").read_text(), re.M)
    assert added == expected
    assert all(str(recording) in recording.with_suffix(view).read_text() for view in (".gtkw", ".sucl"))
