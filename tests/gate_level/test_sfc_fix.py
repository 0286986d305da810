# SPDX-License-Identifier: Apache-2.0
"""SFC fix, whole: its netlists after synthesis score the carried pictures as the reference does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator
from tests.accelerator.test_carried_networks import samples
from tests.gate_level import gates
from tests.lib.carried import carried
from tests.lib.testbench import IMAGES, run, skip_unless_asked, write_vectors
from tools.timing.synthesis import TWINS

pytestmark = pytest.mark.lengthy


@pytest.mark.parametrize("family", gates.FAMILIES)
def test_the_netlist_of_sfc_fix_gives_every_score(family: str, tmp_path: Path) -> None:
    skip_unless_asked("verilator")
    plan = carried("sfc", "fix")
    built = accelerator.bundle(plan)
    write_tree(tmp_path, built.folder())
    files = [tmp_path / path for path in built.listed(TWINS[family])]
    seen = set(re.findall(r"\bdut\.(\w+)", built.own[built.testbench]))
    sources = gates.of(files, plan.module, family, tmp_path, seen)
    for memory in tmp_path.glob("*.mem"):
        memory.unlink()
    write_vectors(tmp_path, plan, samples(plan.network))
    top = f"{plan.module}_tb"
    command = ["verilator", "--binary", "--timing", "-j", "2", "-Wno-fatal", "-Wno-lint", "-O1", "--Mdir", "obj"]
    command += ["--top-module", top, *map(str, sources), built.testbench]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    times = run(tmp_path, [f"obj/V{top}"])
    assert len(times) == IMAGES and times[0]["end"] - times[0]["start"] == plan.latency
