# SPDX-License-Identifier: Apache-2.0
"""Write what is generated on pages: parameters, registers, measured sizes of the IPs; the list of building blocks;
estimates and the picture of the systems on boards; how far foldings are from their bounds; clocks, as
build/bench/timing.json has them. `make docs` calls it.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from finn_gen import ip
from finn_gen.base import registers
from finn_gen.base.files import write_if_changed
from finn_gen.base.library import building_block, building_blocks
from finn_gen.board import facts, zynq7
from finn_gen.board.project import PICTURE
from finn_gen.ip import Ip
from finn_gen.package import packages
from finn_gen.report import roofline
from finn_gen.request import FIX, Request, carried_networks
from tools.bench import timing as clocks
from tools.bench.timing import Row
from tools.project import carried_plan, estimate_row
from tools.report import ROOT
from tools.synth import measure_core
from vivado_model.trial import picture

SIZE_COLUMNS = {"lc": "LC", "memory_luts": "LUTs of memory", "ff": "FF", "bram36": "BRAM36", "dsp": "DSP"}


WEIGHED = (
    ("sfc", 16, ""),
    ("sfc", 16, "lut=1,bram36=400"),
    ("lfc", 128, ""),
    ("lfc", 128, "lut=1,bram36=120"),
    ("cnv", 8_192, ""),
)
"""Networks, cycles an image, and weights, whose sizes docs/roofline.md shows."""


def markdown(header: list[str], rows: list[list[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def parameter_table(core: Ip) -> str:
    """The parameters of an IP, as its page shows them."""
    rows = [
        [f"`{param.name}`", f"`{int(param.default) if param.kind is bool else param.default}`", param.legal, param.doc]
        for param in core.params.declared()
    ]
    return markdown(["parameter", "default", "legal values", "meaning"], rows)


def size_table(core: Ip) -> str:
    """The measured sizes of an IP, as its page shows them."""
    areas = [
        measure_core(core.name, benchmark, ROOT / "build" / "synth" / core.name / str(index))
        for index, benchmark in enumerate(core.benchmarks)
    ]
    columns = {column: title for column, title in SIZE_COLUMNS.items() if any(getattr(area, column) for area in areas)}
    rows = [
        [benchmark.name, *(f"{getattr(area, column):g}" for column in columns)]
        for benchmark, area in zip(core.benchmarks, areas, strict=True)
    ]
    return markdown(["configuration", *columns.values()], rows)


def register_table(core: Ip) -> str:
    """The registers of an IP with its default parameters, or of the first example that has some; empty if none has."""
    tables = (core.registers(core.build(values)) for values in ({}, *core.examples))
    return next((registers.markdown(table) for table in tables if table), "")


def building_block_table() -> str:
    """The building blocks folder by folder: what each does, as its file says, and what instantiates it."""
    blocks = {name: building_block(name) for name in building_blocks()}
    inside = {name: _building_blocks_in(path) - {name} for name, path in blocks.items()}
    users = {f"`{name}`": used for name, used in inside.items()}
    for name in ip.NAMES:
        core = ip.get(name)
        taken = {module for values in core.examples for module in core.build(values).modules}
        users[name] = taken.difference(*(inside[module] for module in taken))
    users["accelerators"] = set().union(*map(_building_blocks_in, (ROOT / "accel" / "common").glob("*.v.j2")))
    rows = []
    for name, path in sorted(blocks.items(), key=lambda block: block[1]):
        what = re.match(r"[^\n]*\n//\n// \w+: (.*?)[.:]\n", path.read_text(), re.S)
        used = ", ".join(sorted(user for user, names in users.items() if name in names))
        rows.append(
            [f"[`{name}`]({path.relative_to(ROOT / 'rtl')})", what[1].replace("\n// ", " ") if what else "", used]
        )
    return markdown(["building block", "what it does", "used by"], rows)


def _building_blocks_in(path: Path) -> set[str]:
    """Building blocks that a Verilog file or template names outside comments."""
    return set(re.findall(r"\bfinn_\w+", re.sub(r"//[^%].*", "", path.read_text()))) & building_blocks()


def section(page: str, name: str) -> str:
    """The text of the section `name` of a page; ValueError if it has none."""
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", page, re.S)
    if not match:
        raise ValueError(f"no section <!-- {name} -->")
    return match[1]


def with_section(page: str, name: str, text: str) -> str:
    """The page with another text in the section `name`."""
    return page.replace(f"<!-- {name} -->\n{section(page, name)}", f"<!-- {name} -->\n{text}")


def board_page(board: facts.Board) -> None:
    """Estimates and picture of fpga/<board>, as far as its page shows them."""
    folder = facts.carried()[board.name]
    page = (folder / "README.md").read_text()
    texts = {}
    if "<!-- estimate -->" in page:
        rows = [estimate_row(name, board) for name in ("sfc", "lfc", "cnv")]
        table = markdown(["", "LUT", "FF", "BRAM36", f"of the {board.device.upper()}"], rows)
        texts["README.md"] = with_section(page, "estimate", table)
    if f"({PICTURE})" in page:
        package = packages.system_package(carried_plan("cnv", board))
        texts[PICTURE] = picture(zynq7.project(package, board), board, zynq7.DESIGN)
    for path, text in texts.items():
        if text and write_if_changed(folder / path, text):
            print(f"fpga/{board.name}/{path}: written")


def clock_rows(section_text: str, rows: Mapping[str, Row]) -> str:
    """A table of clocks: the rows of `rows` as measured, the others as the page has them, in the order of the cases."""
    old = {line.split(" | ")[0].removeprefix("| "): line for line in section_text.splitlines()[2:]}
    new = {name: markdown([], [list(clocks.cells(row))]).splitlines()[-1] for name, row in rows.items()}
    known = old | new
    lines = section_text.splitlines()[:2] + [known[case.name] for case in clocks.cases() if case.name in known]
    return "".join(f"{line}\n" for line in lines)


def clock_pages() -> None:
    """Clocks that `make bench-timing` measured: all of them on their page, networks on the front page too."""
    networks = {case.name for case in clocks.NETWORKS}
    for name, rows in (
        ("docs/timing.md", clocks.kept()),
        ("README.md", {name: row for name, row in clocks.kept().items() if name in networks}),
    ):
        path = ROOT / name
        page = path.read_text()
        if write_if_changed(path, with_section(page, "clocks", clock_rows(section(page, "clocks"), rows))):
            print(f"{name}: written")


def bounds_table() -> str:
    """How far the carried foldings are from what bounds their rate on the default device."""
    rows = []
    for name, path in carried_networks().items():
        for folding in (*sorted(file.stem for file in (path.parent / "foldings").glob("*.yaml")), FIX):
            asked = Request(name, folding=folding)
            plan = asked.plan()
            times = {roof.name: roof.fps / plan.fps for roof in roofline.bounds(plan, asked.limit, asked.device)}
            nearest = min(times, key=times.__getitem__)
            cells = [f"{times[kind]:,.3g}" if kind in times else "" for kind in ("LUT", "FF", "BRAM", "memory")]
            rows.append([f"{name} {folding}", f"{plan.fps:,.0f}", *cells, nearest, f"{100 / times[nearest]:.1f} %"])
    return markdown(["", "images/s", "LUT", "FF", "BRAM", "memory port", "nearest", "reached of it"], rows)


def weights_table() -> str:
    """What rates of the carried networks take, by the weights of the default device and by others."""
    rows = []
    for name, interval, weight in WEIGHED:
        asked = Request(name, fps=200e6 / interval, weight=weight)
        used, fps = asked.plan().resources, f"{asked.fps:,.0f}"
        rows.append(
            [name, fps, f"`{weight}`" if weight else "", f"{used.lut:,}", f"{used.ff:,}", f"{used.bram18 / 2:g}"]
        )
    return markdown(["", "images/s", "`--weight`", "LUT", "FF", "BRAM36"], rows)


def bounds_page() -> None:
    """The tables of docs/roofline.md."""
    path = ROOT / "docs" / "roofline.md"
    page = with_section(path.read_text(), "bounds", bounds_table())
    if write_if_changed(path, with_section(page, "weights", weights_table())):
        print("docs/roofline.md: written")


def main() -> int:
    """Rewrite all pages."""
    for name in facts.carried():
        board_page(facts.load(name))
    clock_pages()
    bounds_page()
    page = ROOT / "rtl" / "README.md"
    if write_if_changed(page, with_section(page.read_text(), "building blocks", building_block_table())):
        print("rtl/README.md: written")
    for name in ip.NAMES:
        core, path = ip.get(name), ROOT / "ip" / name / "README.md"
        page = with_section(path.read_text(), "parameters", parameter_table(core))
        if table := register_table(core):
            page = with_section(page, "registers", table)
        if write_if_changed(path, with_section(page, "size", size_table(core))):
            print(f"{path.relative_to(ROOT)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
