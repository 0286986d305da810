# SPDX-License-Identifier: Apache-2.0
"""Machine code is kept and loaded whole, or made anew."""

import numpy as np
import pytest

from finn_gen.base import compiled

SOURCE = compiled.Path(__file__)
PLACE = "finn_gen"


@compiled.part
def _doubled(number: int) -> int:
    return 2 * number


def _sum_of_doubles():
    array = compiled.array()

    def entry(size, numbers, factors):
        total = 0
        for index in range(size[0]):
            total += _doubled(array(numbers, (size[0],))[index]) * int(array(factors, (size[0],))[index])
        return total

    return entry


def _called(native: compiled.Native) -> int:
    rows = np.array([3], np.int64), np.array([1, 2, 3], np.int64), np.array([1.0, 10.0, 100.0])
    return native.call(*(row.ctypes.data for row in rows))


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The user's cache, since the folder of the sources cannot be written to."""
    monkeypatch.setattr(compiled, "__file__", "/dev/null/compiled.py")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiled, "_digest", lambda sources: "test")
    return tmp_path / PLACE / "sum-test.o"


def test_code_is_kept_and_not_compiled_again(kept, monkeypatch):
    assert _called(compiled.load("sum", [SOURCE], _sum_of_doubles, "iif")) == 642
    assert kept.is_file()
    monkeypatch.setattr(compiled, "_compile", None)
    assert _called(compiled.load("sum", [SOURCE], _sum_of_doubles, "iif")) == 642


@pytest.mark.parametrize("left", (0, 40, 300))
def test_a_file_that_is_not_whole_is_written_anew(kept, left):
    compiled.load("sum", [SOURCE], _sum_of_doubles, "iif")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:left])
    assert _called(compiled.load("sum", [SOURCE], _sum_of_doubles, "iif")) == 642
    assert len(kept.read_bytes()) == len(whole)


def test_without_a_place_to_keep_it_code_is_compiled_each_time(kept, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert _called(compiled.load("sum", [SOURCE], _sum_of_doubles, "iif")) == 642


def test_other_sources_are_other_code(tmp_path):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("1")
    two.write_text("2")
    assert compiled._digest([one]) == compiled._digest([one])
    assert len({compiled._digest([one]), compiled._digest([two]), compiled._digest([one, two])}) == 3
