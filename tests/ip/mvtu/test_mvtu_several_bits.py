# SPDX-License-Identifier: Apache-2.0
"""Weights of several bits: every weight with every input, in every format, storage and form, on small units.

Units have two columns, a row for each pair of weights (of 4 bits for a sample), and get every pair of inputs. A run
takes a sample of formats and storages that SEED chooses; EVERY_UNIT=1 in the environment takes all.
"""

import itertools
import os
import random
from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.ranges import WeightFormat, of_elements, of_sums
from finn_gen.ip.mvtu.tree import offsets, products
from finn_verif import seed
from tests.ip.mvtu import many_units
from tests.ip.mvtu.many_units import Unit
from tests.ip.mvtu.test_mvtu_thresholds import STORAGES, thresholds_of
from tests.lib.testbench import skip_unless_asked

WEIGHTS = [WeightFormat(bits, narrow) for bits in (2, 3, 4) for narrow in (True, False)]
INPUTS = [(1, 0), *((bits, signed) for bits in (2, 3, 4) for signed in (0, 1))]
EVERY = bool(os.environ.get("EVERY_UNIT"))
SAMPLE = 16
ROWS = 64


def unit(weights: WeightFormat, kind: tuple[int, int], storage: tuple[str, int], rng: random.Random) -> Unit:
    """A unit of two columns with a random folding, and outputs of 1 to 4 bits."""
    (bits, signed), (where, reload) = kind, storage
    pairs = list(itertools.product(range(weights.range.low, weights.range.high + 1), repeat=2))
    rows = [*itertools.islice(itertools.cycle(rng.sample(pairs, len(pairs))), ROWS - 1), (0, weights.range.low)]
    out_bits, simd = rng.randint(1, 4), rng.choice((1, 2))
    pe = rng.choice((16, 32, 64) if where == "constant" else (4, 16, 64))
    values = {"mw": 2, "mh": ROWS, "pe": pe, "simd": simd, "in_bits": bits, "in_signed": signed}
    values |= {"out_bits": out_bits, "storage": where, "reload": reload}
    values |= {"w_bits": weights.bits, "w_narrow": int(weights.narrow)}
    element = of_elements(bits, bool(signed))
    sums = of_sums(2, bits, bool(signed), weights)
    vectors = np.array(list(itertools.product(range(element.low, element.high + 1), repeat=2)))
    return Unit(values, np.array(rows, np.int8), thresholds_of(sums, (1 << out_bits) - 1, rng), vectors)


def units(count: int, rng: random.Random) -> dict[str, Unit]:
    """Units of so many combinations, by names that say what they are."""
    chosen = list(itertools.product(WEIGHTS, INPUTS, STORAGES))
    found = {}
    for weights, kind, (where, reload) in chosen if EVERY else rng.sample(chosen, count):
        name = f"w{weights.bits}{'n' * weights.narrow}_{'us'[kind[1]]}{kind[0]}_{where}{'_reload' * reload}"
        found[name] = unit(weights, kind, (where, reload), rng)
    return found


def test_every_weight_with_every_input(tmp_path: Path) -> None:
    skip_unless_asked("icarus")
    many_units.run(tmp_path, "icarus", units(SAMPLE, seed.rng("several bits")))


@pytest.mark.lengthy
def test_every_weight_with_every_input_on_verilator(tmp_path: Path) -> None:
    skip_unless_asked("verilator")
    many_units.run(tmp_path, "verilator", units(4, seed.rng("several bits on verilator")))


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_bits_of_a_product_exceed_it_by_what_depends_on_the_weight_alone(weights: WeightFormat) -> None:
    for bits, signed in [(1, False), *itertools.product(range(2, 9), (False, True))]:
        element = of_elements(bits, signed)
        for weight in range(weights.range.low, weights.range.high + 1):
            code = weight & (1 << weights.bits) - 1
            for x in range(element.low, element.high + 1):
                total = sum(p.value(x, code) << p.column for p in products(weights, bits, signed))
                number = 2 * x - 1 if bits == 1 else x
                assert total == weight * number + offsets(weights, bits, signed)[code]
