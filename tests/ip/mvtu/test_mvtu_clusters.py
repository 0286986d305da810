# SPDX-License-Identifier: Apache-2.0
"""Trees of constants whose rows share sums, computed net by net, against the sums themselves."""

import os

import numpy as np
import pytest

from finn_gen.ip.mvtu.tree import ONE, ZERO, Kind, Shape, Tree, plan_constant_tree
from finn_gen.ip.mvtu.tree.cells import Cell
from finn_gen.ip.mvtu.tree.clusters import clustered, clusters

SEED = int(os.environ.get("SEED", "1"))
VECTORS = 256


def drawn(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Weights [rows, columns] as bits: random, alike, opposite to each other, or of few kinds of columns."""
    kind = rng.integers(4)
    bits = rng.integers(0, 2, (rows, columns))
    if kind == 1:
        bits = bits[:1] ^ (rng.random((rows, columns)) < 0.1)
    elif kind == 2:
        bits = bits[rng.integers(0, max(1, rows // 3), rows)] ^ rng.integers(0, 2, (rows, 1))
    elif kind == 3:
        bits = bits[:, rng.integers(0, max(1, columns // 4), columns)]
    return bits.astype(np.uint8)


def totals(tree: Tree, inputs: np.ndarray) -> np.ndarray:
    """What the addends of each row add up to [vectors, rows], for bits of the input word [vectors, bits]."""
    count = len(inputs)
    nets = {ZERO: np.zeros(count, np.int64), ONE: np.ones(count, np.int64)}
    nets |= {ONE + 1 + place: inputs[:, place].astype(np.int64) for place in range(tree.shape.bits)}
    registers = {register.output: register.source for register in tree.registers}

    made = {net: cell for cell in tree.cells for net in cell.outputs}

    def value(net: int) -> np.ndarray:
        if net in registers:  # time does not matter for a word that stays
            return value(registers[net])
        if net not in nets:
            nets.update(zip(made[net].outputs, outputs(made[net]), strict=True))
        return nets[net]

    def outputs(cell: Cell) -> list[np.ndarray]:
        given = [value(net) for net in cell.inputs]
        if cell.kind in (Kind.LUT, Kind.LUT_PAIR):
            place = sum(bit << index for index, bit in enumerate(given))
            return [np.array([table >> int(each) & 1 for each in place]) for table in cell.tables]
        *bits, carry = given
        bits = [bit ^ (cell.invert >> index & 1) for index, bit in enumerate(bits)]
        total = carry + (sum(bits) if cell.kind is Kind.COUNTER else sum(bits[:4]) + 2 * bits[4])
        return [total >> place & 1 for place in range(3)]

    found = []
    for row in tree.sums:
        addends = [value(net) << place for nets_of in (row.first, row.second) for place, net in enumerate(nets_of)]
        found.append((sum(addends) + value(row.carry)) % (1 << tree.shape.width))
    return np.stack(found, axis=1)


def sums(bits: np.ndarray, shape: Shape, inputs: np.ndarray) -> np.ndarray:
    """The sums of the products of each row [vectors, rows]."""
    total = 0
    for plane, flip in enumerate(shape.flips):
        x = inputs[:, plane * shape.simd : (plane + 1) * shape.simd].astype(np.int64)
        total += (x[:, None] ^ bits[None] ^ (not flip)).sum(axis=2) << plane
    return total


@pytest.mark.parametrize("seed", range(SEED, SEED + 60))
def test_the_totals_are_the_sums_and_the_offsets(seed):
    rng = np.random.default_rng(seed)
    rows, columns, planes = (int(rng.integers(*each)) for each in ((1, 20), (1, 70), (1, 5)))
    bits, signed = drawn(rng, rows, columns), bool(rng.integers(2)) and planes > 1
    largest = columns * ((1 << planes) - 1)
    # Differences with a threshold need one bit more than sums; a unit whose rows are alike may need fewer.
    width = largest.bit_length() + int(rng.integers(-1, 2))
    shape = Shape(columns, (False,) * (planes - 1) + (signed,), max(2, width), 6)
    print(f"SEED={seed}: {rows} x {columns}, {planes} planes, signed={signed}, {shape.width} bits")
    tree = clustered(bits, shape).finish()
    inputs = rng.integers(0, 2, (VECTORS, shape.bits), np.uint8)
    inputs[:2] = np.array([[0], [1]])
    expected = (sums(bits, shape, inputs) + np.array(tree.offsets)) % (1 << shape.width)
    assert (totals(tree, inputs) == expected).all()


@pytest.mark.parametrize("seed", range(SEED, SEED + 10))
def test_rows_of_a_cluster_agree_or_differ_in_all_columns_of_a_class(seed):
    rng = np.random.default_rng(seed)
    bits = drawn(rng, int(rng.integers(1, 30)), int(rng.integers(1, 100)))
    for size in (2, 3, 4, 5):
        found = clusters(bits, size)
        assert sorted(row for cluster in found for row in cluster.rows) == list(range(len(bits)))
        for cluster in found:
            assert sorted(lane for lanes in cluster.lanes for lane in lanes) == list(range(bits.shape[1]))
            for lanes in cluster.lanes:
                differs = bits[list(cluster.rows)][:, lanes] ^ bits[cluster.rows[0], lanes]
                assert (differs == differs[:, :1]).all()


def test_four_rows_of_256_columns_take_half_of_what_they_take_alone():
    bits = np.random.default_rng(SEED).integers(0, 2, (64, 256), np.uint8)
    shape = Shape(256, (False,), 10, 6)
    alone = clustered(bits[:1], shape).luts
    assert clustered(bits, shape).luts < 64 * alone / 2
    words = [[int("".join(map(str, row[::-1])), 2)] for row in bits]
    assert plan_constant_tree(words, shape).luts <= clustered(bits, shape).luts
