# SPDX-License-Identifier: Apache-2.0
"""Thresholds of every kind, also those that no sum or every sum reaches, on all small units.

All units of up to 5 columns, 1 to 8 input bits, 1 to 3 output bits, in every storage, compute what the reference
does. A run takes a sample of them that SEED chooses; EVERY_UNIT=1 in the environment takes them all (some 1,100 units,
half an hour of one core).
"""

import itertools
import os
import random
from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.ranges import Range, of_elements, of_sums
from finn_verif import seed
from tests.ip.mvtu import many_units
from tests.ip.mvtu.many_units import Unit
from tests.lib.testbench import skip_unless_asked

COLUMNS = range(1, 6)
FORMATS = [(1, 0), *((bits, signed) for bits in range(2, 9) for signed in (0, 1))]
OUT_BITS = (1, 2, 3)
STORAGES = [("constant", 0), ("lut", 0), ("block", 0), ("lut", 1), ("block", 1)]
ROWS = 64
EVERY = bool(os.environ.get("EVERY_UNIT"))
SAMPLE = 12
"""Units that a run takes for each number of columns."""
PARTS = 13
"""Simulations in which all units of a number of columns are, where a run takes them all."""

INT32 = (-(2**31), 2**31 - 1)
MOST_VECTORS = 1 << 10


def distinct_rows(rows: list[list[int]]) -> list[list[int]]:
    """Each of them once."""
    return [list(row) for row in dict.fromkeys(map(tuple, rows))]


def thresholds_of(sums: Range, levels: int, rng: random.Random) -> np.ndarray:
    """ROWS ascending rows: from below the smallest sum to above the largest, equal ones, and the ends of int32."""
    every = range(sums.low - 2, sums.high + 4)
    ends = [sums.low - 1, sums.low, sums.low + 1, sums.high - 1, sums.high, sums.high + 1, sums.high + 2]
    powers = [sign * (1 << bit) + one for bit in range(12) for sign in (-1, 1) for one in (-1, 0, 1)]
    inner = [t for t in powers if t in every]
    rows = [[t] * levels for t in (*ends, *INT32)]
    if levels > 1:
        for low, high in ((INT32[0], INT32[1]), (sums.low, sums.high + 1), (INT32[0], sums.high + 1)):
            rows += [[low] * k + [high] * (levels - k) for k in range(1, levels)]
        rows += [list(range(start, start + levels)) for start in (sums.low - 1, sums.high + 2 - levels)]
        rows += [[sums.low, *[sums.high] * (levels - 2), t] for t in (sums.high + 1, INT32[1])]
    rows = distinct_rows([sorted(row) for row in rows])
    single = list(every) if len(every) < ROWS - len(rows) else inner
    rng.shuffle(single)
    rows += [[t] * levels for t in single[: (ROWS - len(rows)) // (1 if levels == 1 else 2)]]
    while len(rows) < ROWS:
        rows.append(sorted(rng.choice((*INT32, *ends, *rng.sample(every, min(4, len(every))))) for _ in range(levels)))
    return np.array(rows, dtype=np.int64)


def weights_of(columns: int, rng: random.Random) -> np.ndarray:
    """ROWS rows of -1 and +1, every pattern as often, the rows with all of one sign more often."""
    patterns = list(itertools.product((-1, 1), repeat=columns))
    ends = [patterns[0], patterns[-1]]
    chosen = [*ends * (ROWS // 4), *itertools.islice(itertools.cycle(rng.sample(patterns, len(patterns))), ROWS // 2)]
    rng.shuffle(chosen)
    return np.array(chosen[:ROWS], dtype=np.int8)


def vectors_of(columns: int, bits: int, signed: int, rng: random.Random) -> np.ndarray:
    """Every vector where there are few; else one for each sum, all of lowest and highest elements, and random ones."""
    element = of_elements(bits, bool(signed))
    numbers = range(element.low, element.high + 1)
    if len(numbers) ** columns <= MOST_VECTORS:
        return np.array(list(itertools.product(numbers, repeat=columns)))
    found = []
    for total in range(columns * element.low, columns * element.high + 1):
        vector, left = [], total
        for rest in range(columns - 1, -1, -1):
            low, high = max(element.low, left - rest * element.high), min(element.high, left - rest * element.low)
            vector.append(rng.randint(low, high))
            left -= vector[-1]
        found.append(vector)
    found += itertools.product((element.low, element.high), repeat=columns)
    found += [[rng.choice(numbers) for _ in range(columns)] for _ in range(32)]
    return np.array(found)


def divisors(number: int) -> list[int]:
    """All of them."""
    return [each for each in range(1, number + 1) if number % each == 0]


def unit(columns: int, kind: tuple[int, int], out_bits: int, storage: tuple[str, int], rng: random.Random) -> Unit:
    """A unit of that shape with a random folding."""
    (bits, signed), (where, reload) = kind, storage
    simd = rng.choice(divisors(columns))
    most = 8 // (columns // simd) if where == "constant" else 16
    pe = rng.choice([pe for pe in (4, 8, 16, 32, 64) if ROWS // pe <= most])
    values = {"mw": columns, "mh": ROWS, "pe": pe, "simd": simd, "in_bits": bits, "in_signed": signed}
    sums = of_sums(columns, bits, bool(signed))
    return Unit(
        values | {"out_bits": out_bits, "storage": where, "reload": reload},
        weights_of(columns, rng),
        thresholds_of(sums, (1 << out_bits) - 1, rng),
        vectors_of(columns, bits, signed, rng),
    )


def shapes() -> list[tuple]:
    """All shapes: format, output bits, storage."""
    return list(itertools.product(FORMATS, OUT_BITS, STORAGES))


def sample(columns: int, rng: random.Random) -> list[tuple]:
    """Shapes in which formats, output bits and storages each occur about as often; bits with bits in every storage."""
    chosen = [(FORMATS[0], rng.choice((2, 3)), storage) for storage in STORAGES]
    formats, storages = rng.sample(FORMATS, len(FORMATS)), rng.sample(STORAGES, len(STORAGES))
    for index in range(SAMPLE - len(chosen)):
        out_bits = OUT_BITS[(index + columns) % len(OUT_BITS)]
        chosen.append((formats[index % len(formats)], out_bits, storages[index % len(storages)]))
    return chosen


def groups() -> list[tuple[int, int]]:
    """Numbers of columns, and the part of their units that one simulation takes."""
    return [(columns, part) for columns in COLUMNS for part in range(PARTS if EVERY else 1)]


def built(columns: int, chosen: list[tuple], rng: random.Random) -> dict[str, Unit]:
    """Units by names that say what they are."""
    found = {}
    for (bits, signed), out_bits, (where, reload) in chosen:
        name = f"c{columns}_{'s' if signed else 'u'}{bits}_o{out_bits}_{where}{'_reload' if reload else ''}"
        found[name] = unit(columns, (bits, signed), out_bits, (where, reload), rng)
    return found


@pytest.mark.parametrize(("columns", "part"), groups())
def test_small_units_compute_with_thresholds_of_every_kind(tmp_path: Path, columns: int, part: int) -> None:
    skip_unless_asked("icarus")
    rng = seed.rng(f"thresholds {columns} {part}")
    chosen = shapes()[part::PARTS] if EVERY else sample(columns, rng)
    many_units.run(tmp_path, "icarus", built(columns, chosen, rng))


def test_small_units_compute_with_thresholds_of_every_kind_on_verilator(tmp_path: Path) -> None:
    skip_unless_asked("verilator")
    rng = seed.rng("thresholds on verilator")
    chosen = [
        ((1, 0), 2, ("constant", 0)), ((1, 0), 3, ("lut", 1)), ((4, 1), 1, ("block", 1)), ((3, 0), 2, ("lut", 0)),
    ]  # fmt: skip
    many_units.run(tmp_path, "verilator", built(3, chosen, rng))


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_a_threshold_above_the_largest_sum_is_never_reached(tmp_path: Path, sim: str) -> None:
    """A row of three bits, whose sum is at most 3, with the thresholds 1, 2 and 4: no output is 3."""
    skip_unless_asked(sim)
    vectors = np.array(list(itertools.product((0, 1), repeat=3)))
    units = {}
    for where, reload in STORAGES:
        values = {"mw": 3, "mh": 1, "pe": 1, "simd": 3, "out_bits": 2, "storage": where, "reload": reload}
        weights, thresholds = np.ones((1, 3), np.int8), np.array([[1, 2, 4]])
        units[f"{where}{reload}"] = Unit(values, weights, thresholds, vectors)
    many_units.run(tmp_path, sim, units)
