# SPDX-License-Identifier: Apache-2.0
"""Pieces of the model of Vivado: lists as Tcl has them, filters, the table of facts, a component that is damaged."""

import random
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from finn_verif import seed
from tests.lib.vivado_bench import toy_package, toy_project
from vivado_model import catalog, tcl_list, tclsh
from vivado_model.errors import VivadoError
from vivado_model.ip_xact import read
from vivado_model.objects import Thing, select

FACTS = yaml.safe_load(catalog.FACTS.read_text())["ips"]
CHARACTERS = 'ab {}[]$\\"; \t#-/1'


def words(count: int) -> list[list[str]]:
    """Lists of awkward words."""
    rng = random.Random(seed.choose())
    drawn = [
        ["".join(rng.choices(CHARACTERS, k=rng.randrange(6))) for _ in range(rng.randrange(4))] for _ in range(count)
    ]
    return [[""], ["", ""], ["#"], ["{"], ["}"], ["\\"], ["a\nb"], ["{a} b"], ["a\\\nb"], *drawn]


def test_lists_come_back_as_they_were() -> None:
    for given in words(2000):
        assert tcl_list.split(tcl_list.join(given)) == given


@pytest.mark.skipif(not tclsh.available(), reason="there is no tclsh (make setup installs it)")
def test_lists_are_those_of_tcl(tmp_path: Path) -> None:
    given = [each for each in words(300) if each]
    script = tmp_path / "lists.tcl"
    lines = [f"puts [string length [lindex $text {n}]]" for n in range(max(map(len, given)))]
    body = "".join(f"{line}\n" for line in lines)
    script.write_text(
        "while {[gets stdin hex] >= 0} {\nset text [encoding convertfrom utf-8 [binary format H* $hex]]\n"
        f"puts [llength $text]\n{body}puts [binary encode hex [encoding convertto utf-8 [list {{*}}$text]]]\n}}\n"
    )
    asked = "".join(tcl_list.join(each).encode().hex() + "\n" for each in given)
    command = ["tclsh", str(script)]
    said = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout.splitlines()
    size = len(lines) + 2
    blocks = [said[at : at + size] for at in range(0, len(said), size)]
    for each, block in zip(given, blocks, strict=True):
        assert int(block[0]) == len(each), each
        assert [int(length) for length in block[1:-1]][: len(each)] == [len(word) for word in each], each
        # And what Tcl writes is read.
        assert tcl_list.split(bytes.fromhex(block[-1]).decode()) == each


@pytest.mark.parametrize("text", ["{a", "{a}b", '"a'])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(VivadoError):
        tcl_list.split(text)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("DIR == I", "a c"),
        ("DIR != I", "b"),
        ("DIR==I&&TYPE==clk", "a"),
        ("DIR == I && (TYPE == clk || TYPE == rst)", "a c"),
        ("(DIR == O) || TYPE == rst", "b c"),
        ("NAME =~ *a*", "a"),
        ("VLNV !~ xilinx.com:*:one:*", "b c"),
        ('VLNV == "xilinx.com:ip:one:1.0"', "a"),
        ("dir == O", "b"),
    ],
)
def test_filters_select(expression: str, found: str) -> None:
    table = {"a": ("I", "clk", "one:1.0"), "b": ("O", "clk", "two:1.0"), "c": ("I", "rst", "three:1.0")}
    things = [
        Thing("bd_pin", name, name, lambda row=row: {"DIR": row[0], "TYPE": row[1], "VLNV": f"xilinx.com:ip:{row[2]}"})
        for name, row in table.items()
    ]
    assert [thing.text for thing in select(things, expression)] == found.split()


@pytest.mark.parametrize("expression", ["DIR", "DIR ==", "DIR == I &&", "(DIR == I", "DIR == I)", "== I", "DIR = I"])
def test_filters_that_cannot_be_read_are_refused(expression: str) -> None:
    with pytest.raises(VivadoError, match="cannot be read"):
        select([Thing("bd_pin", "a", "a", lambda: {"DIR": "I"})], expression)


@pytest.mark.parametrize("vlnv", catalog.xilinx())
def test_the_table_of_facts_names_only_what_it_has(vlnv: str) -> None:
    facts = {entry["vlnv"]: entry for entry in FACTS}[vlnv]
    known = set(facts.get("parameters") or {})
    for section in ("pins", "interfaces", "segments", "spaces"):
        for entry in facts.get(section) or ():
            assert set(entry.get("when") or {}) <= known, entry
    for preset in (facts.get("presets") or {}).values():
        assert set(preset) <= known
    ip = catalog.xilinx()[vlnv]
    values = {name: parameter.default for name, parameter in ip.parameters.items()}
    for name, parameter in ip.parameters.items():
        if not parameter.derived:
            parameter.check(vlnv, parameter.default)
        for value in parameter.values:
            shape = ip.shape({**values, name: value})
            for part in (*shape.pins.values(), *shape.interfaces.values()):
                assert not part.clock or shape.pins[part.clock].kind == "clk"
            assert {segment.interface for segment in shape.segments} <= set(shape.interfaces)
            assert {port for space in shape.spaces for port in space.windows} <= set(shape.interfaces)
            for interface in shape.interfaces.values():
                assert not interface.space or interface.space in {space.name for space in shape.spaces}


def test_a_damaged_component_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    toy_project(tmp_path)
    path = tmp_path / "ip" / "toy_axi" / "component.xml"
    text = toy_package()["component.xml"]
    values = re.findall(r">([^<>\n]+)<", text)
    elements = re.findall(r"<spirit:\w+[^>]*>[^<]*</spirit:\w+>", text)
    rng = random.Random(seed.choose())
    refused = 0
    for _ in range(300):
        if rng.random() < 0.5:
            old, new = rng.choice(values), rng.choice(["", "x", "-1", "0", "1e9", "9" * 20, "../x", rng.choice(values)])
            path.write_text(text.replace(f">{old}<", f">{new}<", 1))
        else:
            path.write_text(text.replace(rng.choice(elements), "", 1))
        try:
            read(path)
        except VivadoError as error:
            refused += 1
            assert str(error).startswith("component.xml: ")
    assert refused > 100
