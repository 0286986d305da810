# SPDX-License-Identifier: Apache-2.0
"""The Makefile's own words."""

import subprocess

import pytest

from finn_gen import ip
from tests.lib.paths import ROOT


@pytest.mark.parametrize("target", ["mutants", "synth", "timing"])
def test_a_target_for_a_core_says_in_a_line_what_to_add(target: str) -> None:
    done = subprocess.run(["make", target, "CORE="], cwd=ROOT, capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert f"make {target}: add CORE=NAME, one of {' '.join(ip.NAMES)}" in line
