# SPDX-License-Identifier: Apache-2.0
"""The page on adding an IP and a kind of layer is followed, and what it adds is found, tested and simulated."""

import re

import pytest

from tests.lib import followed
from tests.lib.followed import Copy
from tests.lib.paths import ROOT

PAGE = (ROOT / "docs" / "adding-an-ip.md").read_text()
pytestmark = pytest.mark.lengthy
NEW, EDITED = 13, 3
"""Files that it may take, words about it in CHANGELOG and on pages aside."""
NETWORK = """
format: 1
name: inverted
input: {height: 4, width: 3, channels: 6, encoding: bits}
parameters: inverted.npz
layers:
  - {kind: invert}
  - {kind: conv, channels: 4, kernel: 2}
  - {kind: invert, name: again}
  - {kind: dense, units: 5}
  - {kind: label}
"""
SIMULATE = """
import sys
from pathlib import Path

import numpy as np

from finn_gen.formats import params_npz
from finn_verif.ref.layers import KINDS
from tests.lib import random_networks, testbench

folder, rng = Path(sys.argv[1]), np.random.default_rng(1)
conv = params_npz.Matrix(rng.integers(0, 2, (4, 24), np.uint8), np.full((4, 1), 12, np.int32))
dense = params_npz.Matrix(rng.integers(0, 2, (5, 24), np.uint8), None)
(folder / "inverted.npz").write_bytes(params_npz.to_bytes((conv, dense)))
plan = random_networks.planned(folder / "inverted.yaml", 30)
assert [stage.ip.name for stage in plan.stages if stage.layer == "again"][-1] == "invert"
command = testbench.build(folder, plan, "icarus")
images = random_networks.images(plan.network, testbench.IMAGES, 1)
assert (KINDS["invert"](None, images % 2) != images % 2).all()
testbench.write_vectors(folder, plan, images)
(first, *_) = testbench.run(folder, command)
assert first["end"] - first["start"] == plan.latency
testbench.run(folder, command, "+valid_percent=60", "+ready_percent=50")
print("simulated", plan.interval)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the repository with what the page adds."""
    made = Copy.make(tmp_path_factory.mktemp("invert"))
    for file in followed.files(PAGE):
        file.write(made.root)
    return made


def test_it_takes_the_files_that_the_page_lists_and_no_more() -> None:
    new = [file.path for file in followed.files(PAGE) if not file.edit]
    edited = [file.path for file in followed.files(PAGE) if file.edit]
    assert (len(new), len(edited)) == (NEW, EDITED)
    assert sorted(new) == sorted(followed.listed(PAGE, "new file"))
    assert sorted(edited) == sorted(followed.listed(PAGE, "edited file"))


def test_it_is_found_and_described(copy: Copy) -> None:
    assert "invert   inversion of bits" in copy.run("-m", "finn_gen.cli", "describe")
    assert "elements  bits of an image" in copy.run("-m", "finn_gen.cli", "describe", "invert")
    said = copy.run("-m", "finn_gen.cli", "ip", "invert", "--set", "simd=7", "-o", "out", code=2)
    assert "invert: simd=7 with elements=16: simd must divide the elements" in said


def test_its_own_tests_pass(copy: Copy) -> None:
    """On Icarus; Verilator takes too long to build for a test of a page."""
    said = copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ip/invert", "-k", "not verilator")
    assert "4 passed" in said


def test_what_is_tested_of_every_ip_passes(copy: Copy) -> None:
    """The model of its cycles is that of the RTL, and the page is what the parameters say."""
    files = ("tests/ip/test_generator.py", "tests/timing/test_cycle_model.py")
    said = copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *files, "-k", "invert")
    (passed,) = re.findall(r"(\d+) passed", said)
    assert int(passed) >= 6


def test_it_is_proved_and_its_bugs_are_found(copy: Copy) -> None:
    said = copy.run("-m", "tools.formal", "invert-(bits|forgets)")
    assert "4 passed, 0 failed" in said


def test_fusesoc_runs_its_bench(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOTB_TEST_FILTER", "test_full_source_full_sink")  # one of them, for the wiring
    said = copy.run("-m", "fusesoc.main", "run", "--target", "sim", "finn:ip:invert", "--tool", "icarus")
    assert "TESTS=1 PASS=1" in said


def test_a_network_with_the_layer_is_planned_and_answers_as_the_reference(copy: Copy) -> None:
    folder = copy.root / "net"
    folder.mkdir()
    (folder / "inverted.yaml").write_text(NETWORK)
    assert "simulated" in copy.run("-c", SIMULATE, str(folder))
    said = copy.run("-m", "finn_gen.cli", "plan", "net/inverted.yaml", "--fps", "1000000")
    assert "inverted_l0_invert" in said and "inverted_again_invert" in said
