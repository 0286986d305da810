# SPDX-License-Identifier: Apache-2.0
"""The map is true: what it and the other pages name exists, and the packages import each other as it says."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from finn_gen import family, ip, layers
from tests.lib import followed
from tests.lib.paths import ROOT

TOPS = "accel|docs|driver|fpga|gen|ip|models|rtl|tests|tools|train|verif"
"""The folders of the repository."""
PAGES = ("architecture.md", "adding-an-ip.md", "adding-a-family.md")
PAGE = (ROOT / "docs" / "architecture.md").read_text()
ALL = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *(path for top in TOPS.split("|") for path in (ROOT / top).rglob("*.md")))
    if path.name != "CHANGELOG.md"
)
"""Every page but that on what once was."""
GENERATOR = ROOT / "gen" / "finn_gen"
ORDER = followed.listed(PAGE, "package")
HOUSES = {
    "verif/finn_verif": {"finn_verif"},
    "verif/vivado_model": {"vivado_model"},
    "driver/finn_driver": {"finn_driver"},
    "verif/finn_sim": {"finn_sim", "finn_gen", "finn_verif", "finn_driver", "finn_work"},
    "verif/finn_work": {"finn_work", "finn_gen"},
    "verif/finn_sweep": {"finn_sweep", "finn_sim", "finn_gen", "finn_work"},
    "gen": {"finn_gen", "fusesoc_request", "finn_verif"},
    "train/finn_train": {"finn_train", "finn_gen", "finn_verif", "finn_sim"},
}
"""What of this repository the modules in a folder may import."""
ASKED = {"swg": {"fifo"}}
"""IPs that an IP asks, as the page says."""
OURS = {
    "finn_gen",
    "finn_verif",
    "finn_sim",
    "finn_work",
    "finn_sweep",
    "vivado_model",
    "finn_driver",
    "finn_train",
    "train",
    "tools",
    "tests",
    "verif",
}


def quoted(page: str) -> set[str]:
    """What stands in backquotes outside of blocks of code."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"^(`{3,}).*?^\1", "", page, flags=re.MULTILINE | re.DOTALL)))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, and what it takes of it, dotted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def package_of(path: Path) -> str:
    """The package, or module at the top, of a file of the generator."""
    return path.relative_to(GENERATOR).parts[0].removesuffix(".py")


@pytest.mark.parametrize("page", ALL, ids=str)
def test_every_path_on_a_page_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    links = re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", text)
    assert not [link for link in links if not ((ROOT / page).parent / link).exists()]
    added = {file.path for file in followed.files(text)}
    added |= {str(folder) for path in added for folder in Path(path).parents}
    for word in sorted(quoted(text) - {"ip/cnv_axi/", "verif/mutants/invert.yaml"}):  # of a project; of nobody
        if re.fullmatch(rf"(?:{TOPS})/[\w./*<>-]*", word) and word.rstrip("/") not in added:
            pattern = re.sub(r"<\w+>", "*", word).rstrip("/")
            assert any(ROOT.glob(pattern)) or any((ROOT / page).parent.glob(pattern)), word


@pytest.mark.parametrize("page", ALL, ids=str)
def test_every_name_in_python_on_a_page_exists(page: str) -> None:
    for word in sorted(quoted((ROOT / page).read_text())):
        first, *parts = word.split(".")
        if first not in OURS or not parts or not re.fullmatch(r"\w+(\.\w+)+", word):
            continue
        found, name = importlib.import_module(first), first
        for part in parts:
            name += f".{part}"
            if not hasattr(found, part):
                importlib.import_module(name)
            found = getattr(found, part)


def test_the_page_has_every_package_of_the_generator() -> None:
    there = {package_of(path) for path in GENERATOR.rglob("*.py")} - {"__init__"}
    assert set(ORDER) == there


def test_no_package_imports_one_that_stands_below_it() -> None:
    rows = re.search(r"^\| importing \|.*\n\| --- .*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    exceptions = [[cell.strip(" `") for cell in row.split("|")[1:3]] for row in rows[1].splitlines()]
    allowed = {(path, package) for pattern, package in exceptions for path in ROOT.glob(pattern)}
    above = set()
    for path in GENERATOR.rglob("*.py"):
        for name in imported(path):
            mine, *rest = name.split(".")
            if mine == "finn_gen" and rest[0] in ORDER and path.parent != GENERATOR:
                package = rest[0]
                if ORDER.index(package) > ORDER.index(package_of(path)):
                    above.add((path, package))
    assert above <= allowed, sorted(f"{path}: {package}" for path, package in above - allowed)
    for pattern, package in exceptions:
        assert any((path, package) in above for path in ROOT.glob(pattern)), f"{pattern} needs {package} no more"


def test_layers_import_the_chain_for_its_type_alone() -> None:
    for path in (GENERATOR / "layers").glob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                node.body = []
        left = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [module for module in left if module.startswith("finn_gen.plan")], path


def test_no_ip_imports_another_and_no_kind_of_layer_another() -> None:
    for path in (GENERATOR / "ip").glob("*/**/*.py"):
        mine = path.relative_to(GENERATOR / "ip").parts[0]
        others = {name.split(".")[2] for name in imported(path) if name.startswith("finn_gen.ip.")}
        assert others & set(ip.NAMES) <= {mine, *ASKED.get(mine, ())}, path
    for path in (GENERATOR / "layers").glob("*.py"):
        others = {name.split(".")[2] for name in imported(path) if name.startswith("finn_gen.layers.")}
        assert not others & set(layers.NAMES), path


def test_a_family_is_named_by_itself_and_by_boards_alone() -> None:
    for path in GENERATOR.rglob("*.py"):
        named = {name for name in imported(path) for each in family.NAMES if name.startswith(f"finn_gen.family.{each}")}
        assert not named or package_of(path) in {"family", "board"}, path


@pytest.mark.parametrize("folder", HOUSES)
def test_a_house_imports_what_the_page_says(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        found = {name.split(".")[0] for name in imported(path)} & OURS
        assert found <= HOUSES[folder], path


def test_only_the_import_of_onnx_asks_the_reference() -> None:
    asking = {path for path in GENERATOR.rglob("*.py") if any(name.startswith("finn_verif") for name in imported(path))}
    assert {path.parent for path in asking} == {GENERATOR / "formats" / "onnx"}
    for path in asking:
        assert all(name.startswith("finn_verif.ref.") for name in imported(path) if name.startswith("finn_verif"))


def test_the_readme_leads_to_the_map() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in (*PAGES, "adding-a-board.md"):
        assert f"docs/{page}" in readme
