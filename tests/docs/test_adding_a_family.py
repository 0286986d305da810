# SPDX-License-Identifier: Apache-2.0
"""The page on adding an FPGA family is followed; its costs and twins are used, and no other family's files change."""

import json
from pathlib import Path

import pytest

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from tests.lib import followed
from tests.lib.followed import Copy
from tests.lib.paths import ROOT

PAGE = (ROOT / "docs" / "adding-a-family.md").read_text()
pytestmark = pytest.mark.lengthy
MOST = 8
"""Files that it may take, words about it in CHANGELOG aside."""
RENDER = """
import json
from finn_gen import ip
from finn_gen.emit.bundle import of_core

found = {}
for each in ip.every():
    for index, values in enumerate(each.examples):
        found[f"{each.name} {index}"] = of_core(each.build(values)).folder()
        assert ip.estimate(each.build({**values, "family": "generic"})).ff > 0
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the repository with what the page adds."""
    made = Copy.make(tmp_path_factory.mktemp("generic"))
    for file in followed.files(PAGE):
        file.write(made.root)
    return made


def test_it_takes_the_files_that_the_page_lists_and_no_more() -> None:
    written = followed.files(PAGE)
    assert len(written) <= MOST
    assert sorted(file.path for file in written if not file.edit) == sorted(followed.listed(PAGE, "new file"))
    assert sorted(file.path for file in written if file.edit) == sorted(followed.listed(PAGE, "edited file"))


def test_a_network_is_planned_for_its_device(copy: Copy) -> None:
    said = copy.run("-m", "finn_gen.cli", "plan", "sfc", "--fps", "10000", "--device", "generic100k", "-o", "sfc.json")
    assert "generic100k" in said and "of 100,000 LUT" in said
    plan = json.loads((copy.root / "sfc.json").read_text())
    assert plan["folding"]["family"] == "generic"
    assert {stage["values"]["family"] for stage in plan["stages"]} == {"generic"}
    ours = copy.run("-m", "finn_gen.cli", "plan", "sfc", "--fps", "10000")
    assert "xc7z045" in ours
    (theirs,) = (line for line in said.splitlines() if line.startswith("sum"))
    assert theirs not in ours.splitlines(), "its costs are others"
    refused = copy.run("-m", "finn_gen.cli", "plan", "sfc", "--device", "generic9", code=2)
    assert "legal are xc7z010" in refused and "lfe5u-85f, generic20k, generic100k, xczu1cg" in refused


def test_memories_lie_where_they_are_cheap(copy: Copy) -> None:
    styles = {}
    for name in ("xc7", "generic"):
        setting = [word for each in (f"family={name}", "depth=64", "width=8") for word in ("--set", each)]
        copy.run("-m", "finn_gen.cli", "ip", "fifo", *setting, "-o", name)
        (plan,) = (copy.root / name).glob("*.plan.json")
        styles[name] = json.loads(plan.read_text())["style"]
    assert styles["generic"] == "block" != styles["xc7"]


def test_twins_are_listed_for_the_family(copy: Copy) -> None:
    said = copy.run("-m", "finn_gen.cli", "ip", "pool", "-o", "pooled")
    assert "finn_pool.generic.f for four-input LUTs" in said
    plain = (copy.root / "pooled" / "finn_pool.f").read_text().split()
    twins = (copy.root / "pooled" / "finn_pool.generic.f").read_text().split()
    assert [path.removeprefix("generic/") for path in twins] == plain and "generic/finn_max.v" in twins
    written = copy.root / "pooled" / "generic" / "finn_max.v"
    assert written.read_text() == (copy.root / "rtl" / "generic" / "finn_max.v").read_text()


def test_nothing_else_is_rendered_for_the_families_there_are(copy: Copy) -> None:
    """Besides, every core can be planned for the new one."""
    theirs = json.loads(copy.run("-c", RENDER))
    for each in ip.every():
        for index, values in enumerate(each.examples):
            found = theirs[f"{each.name} {index}"]
            kept = {path: text for path, text in found.items() if "generic" not in path}
            assert kept == of_core(each.build(values)).folder()


def test_fusesoc_takes_the_twin_where_it_is_asked_for(copy: Copy) -> None:
    script = f"""
from fusesoc.config import Config
from fusesoc.fusesoc import Fusesoc
from fusesoc.vlnv import Vlnv

found = Fusesoc(Config({str(copy.root / "fusesoc.conf")!r}))
assert not found.parse_errors
for flags in ({{}}, {{"finn_generic": True}}):
    print(*(str(core.name) for core in found.cm.get_depends(Vlnv("finn:rtl:max"), {{"is_toplevel": True, **flags}})))
"""
    plain, twin = copy.run("-c", script).splitlines()[-2:]
    assert "finn:generic:max" not in plain and "finn:generic:max" in twin


def test_the_twin_does_the_same_and_refuses_the_same(copy: Copy) -> None:
    said = copy.run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/rtl/test_building_blocks.py", "-k", "generic"
    )
    assert "3 passed" in said
    changed = Path("rtl") / "generic" / "finn_max.v"
    prove = """
import sys
from pathlib import Path
from tools.equal import Design, Verdict, prove_equal

for width, signed in ((1, 0), (3, 0), (3, 1)):
    values = {"LANES": 2, "WIDTH": width, "SIGNED": signed}
    both = [Design.of_files([Path(path)], "finn_max", values) for path in ("rtl/arithmetic/finn_max.v", sys.argv[1])]
    assert prove_equal(*both, Path("equal")) is Verdict.EQUAL
"""
    copy.run("-c", prove, str(changed))
