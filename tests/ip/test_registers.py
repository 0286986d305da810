# SPDX-License-Identifier: Apache-2.0
"""Register maps: wrong tables are refused, and every form says the same."""

import re
import subprocess

import pytest

from finn_gen.base import registers
from finn_gen.base.registers import Field, Register, RegisterMap

GO = Field("go", 0, 1, "pulse", "start")
LEVEL = Field("level", 4, 3, "rw", "how much", reset=5)
TABLE = RegisterMap(
    "toy",
    "A toy",
    0x100,
    (
        Register("IDENTITY", 0x0, "ro", "who it is", reset=0x1234),
        Register("CONTROL", 0x4, "rw", "what to do", fields=(GO, LEVEL)),
        Register("BUSY", 0x40, "ro", "cycles", count=3, stride=16),
        Register("STALLED", 0x44, "ro", "cycles", count=3, stride=16),
    ),
)


def changed(**values):
    return Register(**{"name": "A", "offset": 0, "access": "rw", "doc": "x"} | values)


@pytest.mark.parametrize(
    ("size", "table", "words"),
    [
        (48, (changed(),), "power of two"),
        (64, (changed(name="a"),), "capitals"),
        (64, (changed(access="r"),), "legal are ro"),
        (64, (changed(offset=2),), "multiples of 4"),
        (64, (changed(stride=6, count=2),), "multiples of 4"),
        (64, (changed(count=0),), "at least 1"),
        (64, (changed(offset=64),), "ends beyond"),
        (64, (changed(count=3), changed(name="B", offset=8)), "both lie at 0x8"),
        (64, (changed(), changed(offset=4)), "stands twice"),
        (64, (changed(fields=(GO, Field("x", 0, 2, "ro", "y"))),), "overlaps"),
        (64, (changed(fields=(Field("x", 31, 2, "ro", "y"),)),), "does not fit"),
        (64, (changed(fields=(Field("x", 3, 2, "ro", "y", reset=4),)),), "does not fit"),
        (64, (changed(fields=(Field("X", 3, 2, "ro", "y"),)),), "small letters"),
        (64, (changed(fields=(Field("x", 3, 2, "w", "y"),)),), "legal are ro"),
    ],
)
def test_a_wrong_table_is_refused(size, table, words):
    with pytest.raises(ValueError, match=words):
        RegisterMap("wrong", "x", size, table)


def test_value_after_reset_comes_from_the_fields():
    assert TABLE["CONTROL"].value == 5 << 4
    assert TABLE["IDENTITY"].value == 0x1234


def test_c_header_gives_the_compiler_the_same_numbers(tmp_path):
    header = registers.c_header("toy", {"TOY": (0x1000, TABLE)}, [("TOY_WORDS", 7, "words")])
    names = dict(registers.constants(TABLE))
    checks = "".join(
        f"_Static_assert(TOY_{name} == {value + (0 if re.search('_(SHIFT|MASK|COUNT|STRIDE)$', name) else 0x1000)}u, "
        f'"{name}");\n'
        for name, value in names.items()
    )
    (tmp_path / "toy.h").write_text(header)
    (tmp_path / "toy.c").write_text('#include "toy.h"\n#include "toy.h"\n' + checks)
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Werror", "-pedantic", "-c", "toy.c"], cwd=tmp_path, check=True)
    assert len(names) == 4 + 4 + 4


def test_literals_for_rtl_have_the_asked_width():
    assert ("BUSY", "12'h40") in registers.localparams(TABLE, 12)
    assert ("CONTROL_LEVEL", "4") in registers.localparams(TABLE, 12)


def test_table_for_python_holds_every_register_and_field():
    table = registers.to_json(TABLE)["registers"]
    assert table["BUSY"] == {"offset": 0x40, "access": "ro", "doc": "cycles", "count": 3, "stride": 16}
    assert table["CONTROL"]["fields"]["level"] == {"low": 4, "width": 3, "access": "rw", "doc": "how much"}


def test_page_states_offset_access_and_reset_of_everything():
    lines = registers.markdown(TABLE).splitlines()
    assert "| `0x040` + 16 n | **BUSY** | ro | 0x0 | cycles |" in lines
    assert "| 6:4 | level | rw | 0x5 | how much |" in lines
    assert len(lines) == 2 + 4 + 2
