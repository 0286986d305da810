# SPDX-License-Identifier: Apache-2.0
"""Boards: the page on adding one is followed with a ZedBoard, a board.yaml that is wrong is refused by field, and all
boards of fpga/ lead to a bitstream in the model."""

import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from finn_gen import cli
from finn_gen.base.errors import InputError
from finn_gen.board import facts, project, zynq7
from finn_verif import seed
from tests.lib.paths import ROOT
from tests.lib.vivado_bench import BOARD, DESCRIPTION, FRONT_ENDS, Bench, toy_package, toy_project
from tools import project as tool
from vivado_model import catalog, trial
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
    assert "board zc607: no folder with a board.yaml, and no board of that name; there are arty-z7-20, pynq-z1" in (
        capsys.readouterr().err
    )


def test_a_board_may_be_named_by_its_file(zedboard: Path) -> None:
    assert facts.load(str(zedboard / "board.yaml")) == facts.load(f"{zedboard}/") == facts.load(str(zedboard))


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


# ---- the boards of fpga/

CARRIED = {name: facts.load(name) for name in facts.carried()}
OTHERS = [name for name in CARRIED if name != BOARD.name]
MISTAKES = yaml.safe_load((ROOT / "tests" / "board" / "zc706_mistakes.yaml").read_text())
FRONT_END = FRONT_ENDS[0]
"""One of the interpreters, where both would say the same."""
OWN_MISTAKES = {
    "memory": ("design.tcl", "0x00000000 0x20000000", "0x00000000 0x40000000", "outside of the slave's"),
    "part": ("settings.tcl", "part xc7z020", "part xc7z200", "part 'xc7z200clg4.*' is not found"),
    "port": ("design.tcl", "PCW_USE_S_AXI_HP0 1", "PCW_USE_S_AXI_HP0 0", "ps7/S_AXI_HP0_ACLK: no pin"),
    "read-only": (
        "design.tcl",
        "PCW_USE_S_AXI_HP0 1",
        "PCW_USE_S_AXI_HP0 1 PCW_DDR_RAM_HIGHADDR 0x3fffffff",
        "HIGHADDR",
    ),
    "setting": (
        "design.tcl",
        "PCW_UIPARAM_DDR_PARTNO",
        "PCW_UIPARAM_DDX_PARTNO",
        "no parameter CONFIG.PCW_UIPARAM_DDX",
    ),
    "pin": ("design.tcl", "PCW_MIO_53_SLEW", "PCW_MIO_53_SPEED", "no parameter CONFIG.PCW_MIO_53_SPEED"),
    "clock": ("design.tcl", "PCW_IOPLL_CTRL_FBDIV", "PCW_IOPL_CTRL_FBDIV", "no parameter CONFIG.PCW_IOPL_CTRL_FBDIV"),
    "preset": ("design.tcl", "preset ZedBoard", "preset Zedboard", "'Zedboard' of CONFIG.preset of /ps7"),
}
"""Planted into a board's own facts, where its scripts have the words: file, words, other words, what must be said."""


@pytest.mark.parametrize("name", CARRIED)
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_every_board_leads_to_a_bitstream(front_end: object, name: str, tmp_path: Path) -> None:
    board = CARRIED[name]
    toy_project(tmp_path, board)
    bench = Bench(tmp_path, front_end, VivadoWithHardware(board=board))
    bench.run("project.tcl", "build.tcl")
    assert (tmp_path / "out" / "toy_axi.bit").is_file()
    design = bench.model.designs["system"]
    assert design.mappings[1].size == board.memory_bytes
    assert board.processor.items() <= design.cells["ps7"].values.items()
    assert design.clock_of(("accelerator", "aclk")) == (("ps7", "FCLK_CLK0"), 200.0)


@pytest.mark.parametrize("front_end", [FRONT_END])
@pytest.mark.parametrize("name", OTHERS)
def test_mistakes_on_other_boards_are_refused_by_name(front_end: object, name: str, tmp_path: Path) -> None:
    """Those planted for the ZC706, dealt out to the boards, and those in the board's own facts."""
    dealt = list(MISTAKES.values())[OTHERS.index(name) :: len(OTHERS)]
    theirs, ours = (f"{board.memory_bytes:#x}" for board in (BOARD, CARRIED[name]))
    planted = [(each["file"], each["old"], each["new"].replace(theirs, ours), each["message"]) for each in dealt]
    tried = 0
    for file, old, new, message in (*planted, *OWN_MISTAKES.values()):
        folder = tmp_path / str(tried)
        toy_project(folder, CARRIED[name])
        if (folder / file).read_text().count(old) != 1:
            continue  # words of the ZC706, or of a board with other facts
        tried += 1
        bench = Bench(folder, front_end, VivadoWithHardware(board=CARRIED[name]))
        bench.edit(file, old, new)
        with pytest.raises(VivadoError, match=message):
            bench.run("project.tcl")
    assert tried >= 12


def test_each_mistake_of_a_board_is_planted_somewhere() -> None:
    texts = [zynq7.scripts(zynq7.plan(DESCRIPTION, board)) for board in CARRIED.values()]
    for file, old, _, _ in OWN_MISTAKES.values():
        assert any(text[file].count(old) == 1 for text in texts), old


def test_the_zedboard_of_the_page_is_the_one_that_is_carried(zedboard: Path) -> None:
    assert replace(facts.load(str(zedboard)), constraints=None) == CARRIED["zedboard"]


@pytest.mark.parametrize("name", CARRIED)
def test_a_board_names_its_sources(name: str) -> None:
    text = (facts.carried()[name] / "board.yaml").read_text()
    about = text[: text.index("format: 1")]
    assert "Sources:" in about
    for field in ("part", "board_part", "processor" if CARRIED[name].processor else "preset", "memory", "PLL"):
        assert re.search(rf"^#   .*\b{field}\b", about, re.M), field
    assert (facts.carried()[name] / "README.md").is_file()


# ---- a board that says a thing twice

WHOLE = """
processor:
  PCW_CRYSTAL_PERIPHERAL_FREQMHZ: 50
  PCW_IOPLL_CTRL_FBDIV: 20
  PCW_IO_IO_PLL_FREQMHZ: 1000.000
  PCW_DDR_RAM_BASEADDR: 0x00100000
  PCW_DDR_RAM_HIGHADDR: 0x1FFFFFFF
  PCW_UIPARAM_DDR_DEVICE_CAPACITY: 4096 MBits
  PCW_UIPARAM_DDR_BUS_WIDTH: 16 Bit
  PCW_UIPARAM_DDR_DRAM_WIDTH: 16 Bits
  PCW_UIPARAM_DDR_ECC: Disabled
  PCW_PACKAGE_NAME: clg484
  PCW_APU_CLK_RATIO_ENABLE: "6:2:1"
  PCW_MIO_TREE_SIGNALS: gpio[0]#qspi0_ss_b#qspi0_io[0]#qspi0_io[1]#qspi0_io[2]#qspi0_io[3]#qspi0_sclk#gpio[7]#qspi_fbclk
  PCW_MIO_TREE_PERIPHERALS: GPIO#Quad SPI Flash#Quad SPI Flash#Quad SPI Flash#Quad SPI Flash#Quad SPI Flash#GPIO
  PCW_S_AXI_HP0_FREQMHZ: 10
  PCW_UART0_BASEADDR: 0xE0000000
  PCW_ACT_APU_PERIPHERAL_FREQMHZ: 650.000000
  PCW_EN_EMIO_CD_SDIO0: 0
  PCW_NOR_SRAM_CS0_T_CEOE: 1
  PCW_NAND_CYCLES_T_RR: 1
  PCW_SMC_CYCLE_T0: NA
  PCW_P2F_DMAC_ABORT_INTR: 0
  PCW_USE_DMA0: 0
  PCW_M_AXI_GP0_THREAD_ID_WIDTH: 12
  PCW_S_AXI_HP3_DATA_WIDTH: 64
"""
"""Lines as whole presets have them."""
TWICE = [
    ("memory_mib: 512", "memory_mib: 1024", r"memory_mib: 1024; it must be 512, as PCW_UIPARAM_DDR_DEVICE_CAPACITY, "),
    ("4096 MBits", "2048 MBits", r"memory_mib: 512; it must be 256, as PCW_UIPARAM_DDR_DEVICE_CAPACITY, .* say;"),
    ("16 Bit\n", "32 Bit\n", r"memory_mib: 512; it must be 1024, as"),
    ("0x1FFFFFFF", "0x0FFFFFFF", r"memory_mib: 512; it must be 256, as PCW_DDR_RAM_HIGHADDR of processor says;"),
    ("io_pll_mhz: 1000", "io_pll_mhz: 1600", r"io_pll_mhz: 1600; it must be 1000, as PCW_CRYSTAL_PERIPHERAL_FREQMHZ, "),
    ("FBDIV: 20", "FBDIV: 32", r"io_pll_mhz: 1000; it must be 1600, as PCW_CRYSTAL_PERIPHERAL_FREQMHZ, "),
    ("PLL_FREQMHZ: 1000.000", "PLL_FREQMHZ: 1600.0", r"io_pll_mhz: 1000; it must be 1600, as PCW_IO_IO_PLL_FREQMHZ "),
    ("clg484\n", "clg400\n", r"part: 'xc7z020clg484-1'; it must be one in the package clg400, as PCW_PACKAGE_NAME "),
    (
        '"6:2:1"',
        "6:2:1",
        r"PCW_APU_CLK_RATIO_ENABLE: 22\d+|PCW_APU_CLK_RATIO_ENABLE: \d+; it must be a ratio in quotes",
    ),
    ("512\n", "2048\n", r"memory_mib: 2048; it must be a power of two from 32 to 1024, MiB; a Zynq-7000 addresses no"),
    ("FREQMHZ: 650.000000", "FREQMHZ: .nan", r"PCW_ACT_APU_PERIPHERAL_FREQMHZ: nan; it must be a number or"),
]


def whole_preset(folder: Path) -> str:
    """A board with the lines of a whole preset, in `folder`; its text."""
    folder.mkdir()
    text = re.sub("(preset|constraints):.*\n", "", page_board()) + WHOLE
    (folder / "board.yaml").write_text(text)
    return text


def test_lines_of_a_whole_preset_are_taken(tmp_path: Path) -> None:
    whole_preset(tmp_path / "whole")
    board = facts.load("whole", tmp_path)
    assert not board.processor.keys() & set(facts.DERIVED)
    assert board.processor["PCW_APU_CLK_RATIO_ENABLE"] == "6:2:1"
    files = zynq7.project(toy_package(), board)
    assert trial.trial(files, board, "system")[2] == ""


@pytest.mark.parametrize(("old", "new", "message"), TWICE)
def test_what_is_said_twice_must_agree(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = whole_preset(tmp_path / "whole")
    assert old in text
    (tmp_path / "whole" / "board.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        facts.load("whole", tmp_path)


@pytest.mark.parametrize("mib", [256, 512, 1024])
def test_the_memory_is_what_the_board_says_and_nothing_else(mib: int, zedboard: Path, tmp_path: Path) -> None:
    folder = tmp_path / "another"
    folder.mkdir()
    text = re.sub("constraints:.*\n", "", page_board()).replace("memory_mib: 512", f"memory_mib: {mib}")
    (folder / "board.yaml").write_text(text)
    board = facts.load(str(folder))
    files = zynq7.project(toy_package(), board)
    assert f"0x00000000 {mib << 20:#x}" in files["design.tcl"]
    assert trial.trial(files, board, "system")[2] == ""


# ---- finn-gen


def test_the_plan_warns_where_a_network_is_too_large_for_the_board(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "lfc", "--board", "pynq-z2"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^xc7z020 .* of 53,200 LUT.*\(with control and DMA, ", said, re.M)
    assert "warning   more LUT than xc7z020 has" in said
    assert cli.main(["plan", "sfc", "--board", "pynq-z2", "--clock", "150"]) == 0
    said = capsys.readouterr().out
    assert "warning" not in said and "clock     the PYNQ-Z2 gives 142.857 MHz, the next below" in said
    assert cli.main(["plan", "lfc", "--folding", "bnn-pynq", "--board", "zc706", "--clock", "260"]) == 0
    assert "warning   clock 260 MHz: FCLK_CLK0 of this board gives 0.252 to 250 MHz" in capsys.readouterr().out


def test_the_command_writes_what_the_tool_writes(
    zedboard: Path, sfc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["project", "sfc", "--board", str(zedboard), "-o", str(tmp_path / "out")]) == 0
    first, second = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        for top in (sfc, tmp_path / "out")
    )
    assert first == second and Path("system.svg") in first
    assert cli.main(["project", "sfc", "--board", "zc607"]) == 2
    assert "finn-gen: board zc607: no folder with a board.yaml" in capsys.readouterr().err


def test_without_the_model_there_is_a_project_and_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(project, "entry_points", lambda group: ())
    monkeypatch.chdir(tmp_path)
    assert cli.main(["project", "sfc", "--board", "pynq-z1"]) == 0
    assert "no picture, for finn-verif is not installed" in capsys.readouterr().out
    written = tmp_path / "build" / "pynq-z1" / "sfc"
    assert (written / "project.tcl").is_file() and not (written / "system.svg").exists()


def test_the_wheel_carries_the_boards(tmp_path: Path) -> None:
    """Its library is made of the folders that pyproject.toml lists, among them fpga; a project needs no checkout."""
    site = tmp_path / "site"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for source in settings["only-include"]:
        shutil.copytree(ROOT / source, site / settings["sources"][source], ignore=shutil.ignore_patterns("__pycache__"))
    # Machine code of this checkout is that of the same sources; tests/tools/test_dist.py compiles it from a wheel.
    kept = site / "finn_gen" / "base" / "__pycache__"
    kept.mkdir()
    for file in (ROOT / "gen" / "finn_gen" / "base" / "__pycache__").glob("*.o"):
        shutil.copy(file, kept)
    command = [sys.executable, "-m", "finn_gen.cli", "project", "sfc", "--board", "arty-z7-20", "-o", "out"]
    found = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(site)}, cwd=tmp_path, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    assert "system.svg shows the block design" in found.stdout
    assert "part xc7z020clg400-1" in (tmp_path / "out" / "settings.tcl").read_text()


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
        ({}, "parameter board is missing; it must be a folder or one of arty-z7-20"),
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
