# SPDX-License-Identifier: Apache-2.0
"""Boards: the page on adding one is followed with a ZedBoard, and a board.yaml that is wrong is refused by field."""

import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from finn_gen.base.errors import InputError
from finn_gen.board import facts
from finn_verif import seed
from tests.lib.paths import ROOT
from tests.lib.vivado_bench import BOARD, FRONT_ENDS, Bench, toy_project
from tools import project as tool
from vivado_model import catalog
from vivado_model.errors import VivadoError
from vivado_model.hardware_commands import VivadoWithHardware

PAGE = (ROOT / "docs" / "adding-a-board.md").read_text()


def page_board() -> str:
    """The board.yaml that the page shows."""
    (text,) = re.findall(r"```yaml\n(# board\.yaml.*?)```", PAGE, re.S)
    return text


def page_table(heading: str) -> list[str]:
    """The first column of the table behind a heading of the page, without its quotes."""
    part = PAGE[PAGE.index(heading) :]
    rows = re.search(r"\| --- .*\n((?:\|.*\n)+)", part)
    assert rows
    return [row.split("|")[1].strip(" `") for row in rows[1].splitlines()]


@pytest.fixture(scope="module")
def zedboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page says, outside of the repository: the ZC706 with another board.yaml."""
    folder = tmp_path_factory.mktemp("boards") / "zedboard"
    folder.mkdir()
    (folder / "board.yaml").write_text(page_board())
    shutil.copy(ROOT / "fpga" / "zc706" / "zc706.xdc", folder / "zedboard.xdc")
    (folder / "README.md").write_text("# ZedBoard\n")
    assert sorted(f"zedboard/{path.name}" for path in folder.iterdir()) == sorted(page_table("# Adding a board"))
    return folder


@pytest.fixture(scope="module")
def sfc(zedboard: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of SFC on the ZedBoard, as `make project NET=sfc BOARD=path/to/zedboard` writes it."""
    folder = tmp_path_factory.mktemp("project")
    assert tool.main(["sfc", "--board", str(zedboard), "-o", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_board_that_was_added_builds(front_end: object, zedboard: Path, sfc: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sfc"
    shutil.copytree(sfc, folder)
    bench = Bench(folder, front_end, VivadoWithHardware(board=facts.load(str(zedboard))))
    said = bench.run("project.tcl", "build.tcl")
    assert "no board files" not in said
    properties = bench.model.projects[str(folder / "vivado" / "sfc.xpr")].properties
    assert (properties["part"], properties["board_part"]) == ("xc7z020clg484-1", "avnet.com:zedboard:part0:1.4")
    design = bench.model.designs["system"]
    assert design.cells["ps7"].values["preset"] == "ZedBoard"
    memory = design.mappings[1]
    assert (memory.space, memory.offset, memory.size) == (("accelerator", "m_axi"), 0, 512 << 20)
    assert (folder / "out" / "sfc_axi.bit").is_file()
    assert "ZedBoard" in (folder / "design.tcl").read_text()
    assert not [path for path in folder.iterdir() if "zc706" in path.name]
    assert "zc706" not in "".join(path.read_text().lower() for path in folder.glob("*.tcl"))


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_memory_of_another_board_is_refused(front_end: object, zedboard: Path, tmp_path: Path) -> None:
    toy_project(tmp_path / "toy")  # the ZC706's, with twice the memory
    bench = Bench(tmp_path / "toy", front_end, VivadoWithHardware(board=facts.load(str(zedboard))))
    with pytest.raises(VivadoError, match=r"HP0_DDR_LOWOCM at 0x0, 0x40000000 bytes: outside of the slave's"):
        bench.run("project.tcl")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_board_without_constraints_builds(front_end: object, zedboard: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "board.yaml").write_text(re.sub("constraints:.*\n", "", page_board()))
    board = facts.load("bare", tmp_path)
    assert board.constraints is None
    toy_project(tmp_path / "toy", board)
    assert not list((tmp_path / "toy").glob("*.xdc"))
    bench = Bench(tmp_path / "toy", front_end, VivadoWithHardware(board=board))
    bench.run("project.tcl", "build.tcl")
    (project,) = bench.model.projects.values()
    assert "constrs_1" not in project.files.values()


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_board_without_a_preset_builds(front_end: object, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (shown,) = re.findall(r"```yaml\n(processor:.*?)```", PAGE, re.S)
    ours = "  PCW_USE_S_AXI_HP0: 0\n"  # as a preset may say it; the design needs the port
    (bare / "board.yaml").write_text(re.sub("(preset|constraints):.*\n", "", page_board()) + shown + ours)
    board = facts.load("bare", tmp_path)
    toy_project(tmp_path / "toy", board)
    bench = Bench(tmp_path / "toy", front_end, VivadoWithHardware(board=board))
    bench.run("project.tcl", "build.tcl")
    values = bench.model.designs["system"].cells["ps7"].values
    assert values["preset"] == "None"
    assert values["PCW_UIPARAM_DDR_PARTNO"] == "MT41K256M16 RE-125"
    assert values["PCW_UART0_UART0_IO"] == "MIO 14 .. 15"
    assert values["PCW_USE_S_AXI_HP0"] == "1"
    shutil.rmtree(tmp_path / "toy" / "vivado")
    bench.edit("design.tcl", "PCW_UIPARAM_DDR_PARTNO", "PCW_UIPARAM_DDX_PARTNO")
    with pytest.raises(VivadoError, match=r"no parameter CONFIG\.PCW_UIPARAM_DDX_PARTNO"):
        bench.run("project.tcl")


def test_a_board_needs_a_preset_or_its_settings(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "board.yaml").write_text(re.sub("(preset|constraints):.*\n", "", page_board()))
    with pytest.raises(InputError, match=r"board\.yaml: preset or processor must be there; presets: ZC702"):
        facts.load("bare", tmp_path)


def test_the_device_of_the_board_is_what_max_must_fit_into(
    zedboard: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["lfc", "--board", str(zedboard), "-o", str(tmp_path)]) == 0
    assert "more LUT than xc7z020 has" in capsys.readouterr().out  # the folding of this name is a file


def test_the_page_has_every_field(zedboard: Path) -> None:
    given = yaml.safe_load(page_board())
    assert [name for name in page_table("## Fields") if name != "processor"] == list(given)
    assert list(yaml.safe_load((ROOT / "fpga" / "zc706" / "board.yaml").read_text())) == list(given)


def test_the_page_names_the_presets_and_the_ranges() -> None:
    for rule in (", ".join(facts.PRESETS), f"{facts.LEAST_MIB} to {facts.MOST_MIB}", f"{facts.SLOWEST_PLL_MHZ} to"):
        assert f"{rule}" in PAGE
    known = catalog.xilinx()["xilinx.com:ip:processing_system7:5.5"]
    assert set(known.presets) == set(facts.PRESETS)


# ---- a board.yaml that is wrong

DAMAGE = ("", "[", "{", ":", "*a", "\n", "-", "1e99", "\x00", "é", "'")
WRONG = {
    "format": [2, "1", None],
    "title": ["", "a\nexit", "a\\", "[exit]", "{", 7, None, "x" * 61],
    "part": ["xc7z020", "xc7z999clg484-1", "xc7a100tcsg324-1", "xc7z020clg484-4", "xc7z020clg484-1 ", None, 7],
    "board_part": ["zedboard", "a:b:part0", "a:b:part0:1.0;exit", "a b:c:d:e", None],
    "preset": ["zedboard", "None", "ZC607", 1],
    "memory_mib": [0, 16, 2048, 500, 512.0, True, "512", None],
    "io_pll_mhz": [0, 779, 2001, True, "1000", float("nan"), None],
    "processor": [[], "PCW_X", {"pcw_x": 1}, {"PCW_X]": 1}, {1: 1}],
    "processor: PCW_X": [{"PCW_X": value} for value in (True, [1], "[exit]", "a}", "a\nb", "$a", "\\", "", "x" * 61)],
    "constraints": ["other.xdc", "../zedboard/zedboard.xdc", "/etc/passwd", "zedboard.tcl", "", 7, ["zedboard.xdc"]],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_field_is_refused_by_name(zedboard: Path, tmp_path: Path, field: str, value: object) -> None:
    folder = tmp_path / "zedboard"
    shutil.copytree(zedboard, folder)
    given = yaml.safe_load(page_board()) | {field.split(":", maxsplit=1)[0]: value}
    (folder / "board.yaml").write_text(yaml.safe_dump({name: each for name, each in given.items() if each is not None}))
    with pytest.raises(InputError, match=rf"{folder}/board\.yaml: {field}: .*; it must be "):
        facts.load(str(folder))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("part:", "prat:", "part: missing; it must be device, package and speed grade of a Zynq-7000"),
        ("format: 1", "format: 1\nprat: 1", "unknown field 'prat'; did you mean part?"),
        ("format: 1", "format: 1\nspeed: 1", "unknown field 'speed'; legal are format, title, part"),
        ("title: ZedBoard", "title: &a ZedBoard\nformat: 1", "not a YAML file that can be used: 'format' occurs twice"),
        ("format: 1", "!!python/object/apply:os.getcwd []", "not a YAML file that can be used"),
    ],
)
def test_a_file_that_is_no_board_is_refused(zedboard: Path, tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = tmp_path / "zedboard"
    shutil.copytree(zedboard, folder)
    (folder / "board.yaml").write_text(page_board().replace(old, new, 1))
    with pytest.raises(InputError, match=re.escape(message).replace("'", ".?'")):
        facts.load(str(folder))


def test_a_damaged_file_is_read_or_refused_and_nothing_else(zedboard: Path, tmp_path: Path) -> None:
    folder = tmp_path / "zedboard"
    shutil.copytree(zedboard, folder)
    rng = random.Random(seed.choose())
    for _ in range(200):
        text = list(page_board())
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(text))
            text[at : at + rng.randrange(6)] = rng.choice(
                ["", "[", "{", ":", "*a", "\n", "-", "1e99", "\x00", "é", "'"]
            )
        (folder / "board.yaml").write_text("".join(text))
        try:
            board = facts.load(str(folder))
        except InputError as error:
            assert len(str(error).splitlines()) <= 2
        else:
            assert board.device in facts.FAMILY.devices


def test_a_board_that_is_not_there_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main(["sfc", "--board", "zc607"]) == 2
    assert "board zc607: no folder with a board.yaml, and no board of that name; there are zc706" in (
        capsys.readouterr().err
    )


def test_a_folder_without_a_plain_name_is_refused(zedboard: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my board;exit"
    shutil.copytree(zedboard, folder)
    with pytest.raises(InputError, match="the folder's name 'my board;exit' names the board"):
        facts.load(str(folder))


def test_what_the_model_refuses_is_said_and_nothing_written(
    zedboard: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "zedboard"
    shutil.copytree(zedboard, folder)
    (folder / "board.yaml").write_text(page_board().replace("clg484", "ffg900"))  # not a package of this device
    assert tool.main(["sfc", "--board", str(folder), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("project: the model of Vivado refuses the scripts for ZedBoard: ")
    assert "part 'xc7z020ffg900-1' is not found" in said
    assert not (tmp_path / "out").exists()


# ---- FuseSoC


def generate(folder: Path, parameters: dict[str, object]) -> subprocess.CompletedProcess:
    """Call the generator as FuseSoC does, for a core in `folder`."""
    request = folder / "request.yaml"
    request.write_text(
        yaml.safe_dump({"vlnv": "acme:test:toy:1.0.0", "files_root": str(folder), "parameters": parameters})
    )
    output = folder / "generated"
    output.mkdir()
    command = [sys.executable, str(ROOT / "gen" / "fusesoc_zynq7.py"), str(request)]
    return subprocess.run(command, cwd=output, capture_output=True, text=True)


def test_the_generator_takes_a_board_beside_the_core(zedboard: Path, sfc: Path, tmp_path: Path) -> None:
    shutil.copytree(zedboard, tmp_path / "boards" / "zedboard")
    network = str(ROOT / "accel" / "sfc" / "sfc.yaml")
    result = generate(tmp_path, {"board": "boards/zedboard", "network": network})
    assert result.returncode == 0, result.stderr
    output = tmp_path / "generated"
    core = yaml.safe_load((output / "zedboard.core").read_text().removeprefix("CAPI=2:\n"))
    kinds = {name: entry["file_type"] for each in core["filesets"]["project"]["files"] for name, entry in each.items()}
    assert (kinds["system.tcl"], kinds["zedboard.xdc"], kinds["design.tcl"]) == ("tclSource", "xdc", "user")
    assert (output / "design.tcl").read_bytes() == (sfc / "design.tcl").read_bytes()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "parameter board is missing; it must be a folder or one of zc706"),
        ({"board": "zc607"}, "board zc607: no folder with a board.yaml"),
        ({"board": "zc706", "bord": 1}, "there is no parameter 'bord'"),
    ],
)
def test_the_generator_says_what_is_wrong(parameters: dict[str, object], message: str, tmp_path: Path) -> None:
    result = generate(tmp_path, parameters)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stderr.startswith("ERROR: finn_zynq7, asked by acme:test:toy:1.0.0: ")


@pytest.mark.parametrize("path", sorted((ROOT / "accel").glob("*/*.core")), ids=lambda path: path.stem)
def test_a_target_names_the_part_of_its_board(path: Path) -> None:
    core = yaml.safe_load(path.read_text().removeprefix("CAPI=2:\n"))
    boards = {
        name: each["parameters"]["board"] for name, each in core["generate"].items() if "zynq7" in each["generator"]
    }
    parts = [
        (facts.load(boards[name]).part, target["flow_options"]["part"])
        for target in core["targets"].values()
        for name in target.get("generate", ())
        if name in boards
    ]
    assert parts
    assert all(board == target for board, target in parts)


# ---- the model


def test_the_model_knows_parts_by_device_package_and_speed_grade() -> None:
    assert {BOARD.part, "xc7z020clg484-1", "xc7z010clg400-3", "xc7z007sclg225-2"} <= catalog.parts()
    for part in ("xc7z045ffg900-4", "xc7z020ffg900-1", "xc7z100ffg900-3", "xc7z045", ""):
        assert part not in catalog.parts()
    known = {name for name in facts.FAMILY.devices if name.startswith("xc7z")}
    assert {catalog.device(part) for part in catalog.parts()} == known


def test_the_chain_of_the_model_is_that_of_its_board(zedboard: Path) -> None:
    chain = VivadoWithHardware(board=facts.load(str(zedboard))).devices
    assert chain == {"arm_dap_0": "arm_dap", "xc7z020_1": "xc7z020"}
