# SPDX-License-Identifier: Apache-2.0
"""The generator's frame: parameters, rendering, files, the command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from finn_gen import ip
from finn_gen.base.digest import plan_json
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_if_changed
from finn_gen.base.library import twin
from finn_gen.base.template import environment, render
from finn_gen.cli import main
from finn_gen.emit.bundle import of_core
from finn_gen.package.verilog_ports import read_header
from tests.lib.paths import ROOT
from tools.docs import parameter_table, register_table, section

EXAMPLES = [(name, index) for name in ip.NAMES for index in range(len(ip.get(name).examples))]


@pytest.mark.parametrize("name", ip.NAMES)
def test_same_parameters_give_the_same_bytes(name):
    core = ip.get(name)
    for values in core.examples:
        assert of_core(core.build(values)).folder(plain=True) == of_core(core.build(dict(values))).folder(plain=True)


@pytest.mark.parametrize("name", ip.NAMES)
def test_a_plan_is_plain_json(name):
    core = ip.get(name)
    for values in core.examples:
        plan = core.build(values)
        assert json.loads(plan_json(plan))["module"] == plan.module


@pytest.mark.parametrize("name", ip.NAMES)
def test_a_generated_module_takes_the_name_it_is_given(name):
    plan = ip.get(name).build({"name": "cnv_l2_core"})
    files = of_core(plan).folder(plain=True)
    assert "module cnv_l2_core " in files["cnv_l2_core.v"]
    assert files["cnv_l2_core.f"].splitlines()[-1] == "cnv_l2_core.v"


BAD = [
    ("dwc", {"in_width": 0}, "in_width=0", "from 1 to 8192"),
    ("dwc", {"in_width": "8193"}, "in_width='8193'", "from 1 to 8192"),
    ("dwc", {"out_width": -8}, "out_width=-8", "from 1 to 8192"),
    ("dwc", {"in_width": "wide"}, "in_width='wide'", "whole number"),
    ("dwc", {"in_width": 8.5}, "in_width=8.5", "whole number"),
    ("dwc", {"in_width": True}, "in_width=True", "whole number"),
    ("dwc", {"in_width": None}, "in_width=None", "whole number"),
    ("dwc", {"tlast": "maybe"}, "tlast='maybe'", "0 or 1"),
    ("dwc", {"tlast": 2}, "tlast=2", "0 or 1"),
    ("dwc", {"inwidth": 8}, "'inwidth'", "in_width"),
    ("dwc", {"colour": 8}, "'colour'", "legal are name, in_width, out_width, tlast"),
    ("dwc", {"name": "8bit"}, "'8bit'", "letter"),
    ("dwc", {"name": "a b"}, "'a b'", "letter"),
    ("dwc", {"name": "../evil"}, "'../evil'", "letter"),
    ("dwc", {"name": "x" * 65}, "x", "letter"),
    ("dwc", {"name": "a\n"}, "'a\\n'", "letter"),
    ("dwc", {"name": "logic"}, "'logic'", "keyword"),
    ("dwc", {"name": "finn_reg_slice"}, "finn_reg_slice", "building block"),
    ("fifo", {"depth": 0}, "depth=0", "from 1 to 65536"),
    ("fifo", {"width": 0}, "width=0", "from 1 to 8192"),
    ("fifo", {"style": "bram"}, "style='bram'", "auto or reg or srl or lut or block"),
    ("fifo", {"style": "reg", "depth": 3}, "depth=3", "srl, lut or block"),
    ("fifo", {"style": "srl", "depth": 2}, "depth=2", "3 or more"),
    ("fifo", {"style": "block", "depth": 1}, "depth=1", "3 or more"),
    ("dma", {"mm2s_width": 24}, "mm2s_width=24", "8, 16, 32 or 64"),
    ("dma", {"s2mm_width": 12}, "s2mm_width=12", "8, 16, 32 or 64"),
    ("dma", {"burst": 12}, "burst=12", "2, 4, 8 or 16"),
    ("dma", {"address_width": 31}, "address_width=31", "from 32 to 64"),
]


@pytest.mark.parametrize(("name", "values", "value", "legal"), BAD)
def test_a_wrong_parameter_is_refused_with_value_and_legal_values(name, values, value, legal):
    with pytest.raises(InputError) as caught:
        ip.get(name).build(values)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert value in message
    assert legal in message
    assert message.count("\n") <= 1


def test_an_unknown_ip_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'dwcc'; legal are .*dwc, fifo"):
        ip.get("dwcc")


NEUTRAL = re.compile(r"(&&|\|\||!|\()\s*\(?1'b[01]\)?|1'b1\)? (&&|\|\||\?)|\{1\{|\? (\S+) : \S+ \? \3 :")


def verilog(core, values):
    """The rendered modules of a core, by path."""
    return [(path, text) for path, text in core.emit(core.build(values)).items() if path.endswith(".v")]


@pytest.mark.parametrize("name", ip.NAMES)
def test_no_term_that_changes_nothing_is_rendered(name):
    core = ip.get(name)
    for values in (*core.examples, *(benchmark.values for benchmark in core.benchmarks)):
        for path, text in verilog(core, values):
            # A constant as a whole port is a connection.
            terms = re.sub(r"^\s*\.\w+\s*\(1'b[01]\),?$", "", text, flags=re.M)
            assert not NEUTRAL.search(terms), f"{path} of {values}: {NEUTRAL.search(terms)[0]}"


@pytest.mark.parametrize("name", ip.NAMES)
def test_a_rendered_module_has_nothing_to_override(name):
    core = ip.get(name)
    for values in core.examples:
        for path, text in verilog(core, values):
            assert not read_header(path, text).parameters
            assert not re.search(r"^\s*parameter\b", text, re.M)


@pytest.mark.parametrize(
    ("depth", "width", "style"),
    [
        (1, 8, "reg"),
        (2, 8, "reg"),
        (16, 1, "srl"),
        (16, 32, "lut"),
        (33, 4, "srl"),
        (65, 3, "lut"),
        (4096, 32, "block"),
    ],
)
def test_auto_takes_the_cheapest_storage(depth, width, style):
    assert ip.get("fifo").build({"depth": depth, "width": width}).style == style


def test_an_unchanged_file_keeps_its_time_stamp(tmp_path):
    path = tmp_path / "deep" / "a.v"
    assert write_if_changed(path, "module a;\n")
    os.utime(path, (1, 1))
    assert not write_if_changed(path, b"module a;\n")
    assert path.stat().st_mtime == 1
    assert write_if_changed(path, "module b;\n")
    assert path.read_text() == "module b;\n"
    assert [file.name for file in path.parent.iterdir()] == ["a.v"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.v"
    path.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_if_changed(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_template_with_an_unknown_name_is_an_error():
    with pytest.raises(UndefinedError):
        environment().from_string("${plan.nothing}").render(plan={})
    with pytest.raises(UndefinedError):
        render("ip/dwc/dwc.v.j2")


def test_templates_keep_verilog_replication_and_blank_lines():
    text = environment().from_string("a\n//% if x\n\n    {{8{b}}, ${x}}\n//% endif\n\nc\n").render(x=3)
    assert "{{8{b}}, 3}" in text
    assert text.count("\n") == 5


def run_cli(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "finn_gen.cli", *arguments], capture_output=True, text=True, cwd=ROOT / "gen"
    )


def test_the_command_line_renders_a_core_that_stands_alone(tmp_path):
    result = run_cli("ip", "dwc", "--set", "in_width=16", "--set", "out_width=0x10", "-o", str(tmp_path / "out"))
    assert result.returncode == 0, result.stderr
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["finn_dwc.f", "finn_dwc.plan.json", "finn_dwc.v", "finn_reg_slice.v"]
    command = ["iverilog", "-g2005", "-Wall", "-s", "finn_dwc", "-f", "finn_dwc.f", "-o", "/dev/null"]
    assert subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True).stderr == ""


def test_the_command_line_writes_twins_in_primitives_where_there_are_some(tmp_path):
    result = run_cli("ip", "mvtu", "--set", "mw=64", "--set", "simd=64", "-o", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "finn_mvtu.xc7.f" in result.stdout
    plain = (tmp_path / "finn_mvtu.f").read_text().split()
    cells = (tmp_path / "finn_mvtu.xc7.f").read_text().split()
    assert [path.removeprefix("xc7/") for path in cells] == plain
    twins = [path for path in cells if path.startswith("xc7/")]
    assert twins
    for path in cells:
        assert (tmp_path / path).is_file()
    for path in twins:
        assert (tmp_path / path).read_text() == twin("xc7", Path(path).stem).read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ip", "dwc", "--set", "in_width=0"], "in_width='0'"),
        (["ip", "dwc", "--set", "in_width"], "NAME=VALUE"),
        (["ip", "dwc", "--set", "in_width=8", "--set", "in_width=9"], "twice"),
        (["ip", "nothing"], "dwc, fifo"),
    ],
)
def test_bad_input_exits_with_2_one_sentence_and_no_file(arguments, words, tmp_path, capsys):
    folder = tmp_path / "out"
    assert main([*arguments, "-o", str(folder)]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.startswith("finn-gen: ")
    assert said.err.count("\n") == 1
    assert not folder.exists()


def test_an_output_that_is_a_file_is_an_error_without_traceback(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["ip", "dwc", "-o", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_describe_names_every_ip_and_every_parameter(capsys):
    assert main(["describe"]) == 0
    listed = capsys.readouterr().out
    for name in ip.NAMES:
        assert ip.get(name).summary in listed
        assert main(["describe", name]) == 0
        described = capsys.readouterr().out
        for param in ip.get(name).params.declared():
            assert param.name in described
            assert param.doc in described
            assert param.legal in described


@pytest.mark.parametrize("name", ip.NAMES)
def test_the_page_lists_the_parameters_as_they_are(name):
    page = (ROOT / "ip" / name / "README.md").read_text()
    assert section(page, "parameters") == parameter_table(ip.get(name)), "make docs writes it anew"
    if table := register_table(ip.get(name)):
        assert section(page, "registers") == table, "make docs writes it anew"
    assert section(page, "size").count("\n") == 2 + len(ip.get(name).benchmarks), "make docs measures them"


@pytest.mark.parametrize(
    ("core", "values"),
    [
        ("fifo", {"width": 8192, "depth": 65536}),
        ("swg", {"ifm_ch": 4096, "bits": 32, "simd": 1, "ifm_h": 4096, "ifm_w": 4096}),
    ],
)
def test_a_core_that_no_fpga_can_hold_is_refused_in_a_sentence(core: str, values: dict[str, int]) -> None:
    with pytest.raises(InputError, match=rf"^{core} finn_\w+: it would take [\d,]+ LUTs.*no FPGA has more than"):
        of_core(ip.get(core).build(values))
